"""Start operations on the stacks of one account and region.

Each request is validated while the caller waits. A deployment then runs in the background.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from typing import Any

from moto.cloudformation.exceptions import AlreadyExistsException
from moto.cloudformation.utils import random_suffix

from sandbox.background import Worker, end
from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.errors import InvalidChangeSetStatus, NoUpdates, ValidationError
from sandbox.cloudformation.resources.resource_type import (
    Instance,
    Operation,
    ResourceFailed,
    ResourceType,
)
from sandbox.cloudformation.stacks.change_sets import ChangeSet, ChangeSets
from sandbox.cloudformation.stacks.deployment import CreateOptions, Deployment, UpdateOptions
from sandbox.cloudformation.stacks.errors import ValidationFailed
from sandbox.cloudformation.stacks.exports import Exports
from sandbox.cloudformation.stacks.findings import failures
from sandbox.cloudformation.stacks.importing import ImportPlanner
from sandbox.cloudformation.stacks.notifications import check_topics
from sandbox.cloudformation.stacks.plan import Planner
from sandbox.cloudformation.stacks.records import StackRecords
from sandbox.cloudformation.stacks.requests import RequestReader, StackRequest
from sandbox.cloudformation.stacks.stack import (
    LogicalResource,
    Stack,
    check_deletable,
    check_updatable,
)
from sandbox.cloudformation.stacks.stack_policy import StackPolicy
from sandbox.cloudformation.stacks.validation import Validation
from sandbox.cloudformation.stored_objects import object_at
from sandbox.cloudformation.template.configuration import Configuration
from sandbox.cloudformation.template.reading import decode
from sandbox.hosting.interruption import Interruption
from sandbox.hosting.scalars import text
from sandbox.hosting.timing import Timing
from sandbox.process_wide import PROCESS

NO_UPDATES = "No updates are to be performed."


class StackOperations:
    """The operations of the API. Also serves its deployments and nested stacks as `NestedHost`.

    find: returns the implementation of a type, or None if the type is unknown.
    """

    def __init__(
        self,
        records: StackRecords,
        exports: Exports,
        find: Callable[[str], ResourceType | None],
    ) -> None:
        self._records = records
        self._exports = exports
        self._find = find
        self._requests = RequestReader(records.place, find)
        self._planner = Planner(self.resource_type, exports.planned_value)
        importer = ImportPlanner(records, self._planner, find)
        self._validation = Validation(records.place, self._planner, find)
        self._change_sets = ChangeSets(
            records, self._requests, self._planner, importer, self._validation
        )
        self._workers: dict[str, Worker] = {}

    @property
    def requests(self) -> RequestReader:
        """The reader that turns requests into configurations."""
        return self._requests

    @property
    def change_sets(self) -> ChangeSets:
        """The change sets of the stacks."""
        return self._change_sets

    def stop(self) -> None:
        """Stop all running operations."""
        end(self._workers.values())

    def create(  # noqa: PLR0913  # one for each part of the API's request
        self,
        name: str,
        request: StackRequest,
        options: CreateOptions | None = None,
        *,
        timeout_in_minutes: int | None = None,
        enable_termination_protection: bool = False,
        policy: StackPolicy | None = None,
        disable_validation: bool = False,
        token: str | None = None,
    ) -> Stack:
        """Start to create a stack. Returns it; a repeated `token` returns the existing stack.

        Raises AlreadyExistsException if there is a stack of this name.
        Raises ValidationError or InsufficientCapabilities if CloudFormation rejects the request.
        """
        options = options or CreateOptions()
        with self._records.lock:
            existing = self._records.find(name)
            if existing and token and existing.client_request_token == token:
                return existing
            if existing:
                raise AlreadyExistsException(f"Stack [{name}] already exists")
            check_topics(self._records.place, request.notification_arns or ())
            stack = Stack(self._requests.configuration(self._records.new_identity(name), request))
            request.check_resource_types(stack.configuration.active_types)
            stack.timeout_in_minutes = timeout_in_minutes
            stack.enable_termination_protection = enable_termination_protection
            if policy:
                policy.check_resources(stack.configuration.template.resources)
            stack.policy = policy
            stack.disable_validation = disable_validation
            stack.disable_rollback = options.on_failure == "DO_NOTHING"
            self._records.add(stack)
            self._begin(stack, "CREATE_IN_PROGRESS", token)
            deployment = self._deployment(stack)
            self._start(deployment, partial(deployment.create, options))
            return stack

    def update(
        self,
        name: str,
        request: StackRequest,
        options: UpdateOptions | None = None,
        token: str | None = None,
        *,
        disable_validation: bool = False,
    ) -> Stack:
        """Start to update a stack. Returns it; a repeated `token` does not start another update.

        Raises NoUpdates if nothing would change.
        Raises ValidationError or InsufficientCapabilities if CloudFormation rejects the request.
        """
        with self._records.lock:
            stack = self._records.get(name)
            if token and stack.client_request_token == token:
                return stack
            check_updatable(stack)
            self._records.check_family(stack)
            known = stack.configuration.notification_arns
            check_topics(self._records.place, request.notification_arns or (), known)
            target = self._requests.configuration(stack.identity, request, stack.configuration)
            changes = self._planner.changes(stack, target)
            if not self._planner.has_updates(stack, target, changes):
                raise NoUpdates(NO_UPDATES)
            request.check_resource_types(change.type_name for change in changes)
            options = options or UpdateOptions()
            for policy in (options.policy, options.policy_during_update):
                if policy:
                    policy.check_resources(target.template.resources)
            stack.policy_during_update = options.policy_during_update
            stack.disable_validation = disable_validation
            self._begin(stack, "UPDATE_IN_PROGRESS", token)
            deployment = self._deployment(stack)
            self._start(deployment, partial(deployment.update, target, options))
            return stack

    def set_policy(self, name: str, policy: StackPolicy) -> None:
        """Set the policy of a stack.

        Raises ValidationError if there is no such stack, or if it lacks a resource that is named.
        """
        with self._records.lock:
            stack = self._records.find(name)
            if stack is None:
                raise ValidationError(f"Stack with id {name} does not exist")
            policy.check_resources(stack.configuration.template.resources)
            stack.policy = policy

    def delete(
        self,
        name_or_stack_id: str,
        retain: Sequence[str] = (),
        force: bool = False,
        token: str | None = None,
    ) -> None:
        """Start to delete a stack. Does nothing if it does not exist.

        If the stack is still being created, the creation is cancelled first.

        Raises ValidationError if the stack is protected or its status does not allow a deletion.
        """
        with self._records.lock:
            stack = self._records.find(name_or_stack_id)
            if stack is None or stack.status == "DELETE_IN_PROGRESS":
                return
            check_deletable(stack, retain)
            self._records.check_family(stack)
            self._change_sets.drop(stack)
            deployment, previous = self._deployment(stack), stack.status
            running = self._workers.get(stack.stack_id)
            if running is None:
                self._begin(stack, "DELETE_IN_PROGRESS", token)
                self._start(deployment, partial(deployment.delete, previous, retain, force))
                return
            if previous == "CREATE_IN_PROGRESS":
                running.interruption.cancel()

            def take_over() -> None:
                self._begin(stack, "DELETE_IN_PROGRESS", token)
                deployment.delete(previous, retain, force)

            self._start(deployment, take_over, after=running)

    def cancel_update(self, name: str, token: str | None = None) -> None:
        """Cancel a running update and roll it back. Later events show the token.

        Raises ValidationError if no update is running.
        """
        with self._records.lock:
            stack = self._records.get(name)
            worker = self._workers.get(stack.stack_id)
            if stack.status != "UPDATE_IN_PROGRESS" or worker is None:
                raise ValidationError(
                    "CancelUpdateStack cannot be called from current stack status"
                )
            stack.client_request_token = token or stack.client_request_token
            worker.interruption.cancel()

    def continue_update_rollback(
        self, name: str, skip: Sequence[str], token: str | None = None
    ) -> None:
        """Continue a failed rollback. The resources in `skip` count as rolled back.

        A repeated `token` does not continue it again.

        Raises ValidationError if the stack is not in UPDATE_ROLLBACK_FAILED.
        """
        with self._records.lock:
            stack = self._records.get(name)
            self._records.check_family(stack)
            if stack.status != "UPDATE_ROLLBACK_FAILED":
                if token and stack.client_request_token == token:
                    return
                raise ValidationError(
                    f"Stack:{stack.stack_id} is in {stack.status} state and can not continue "
                    "update rollback."
                )
            self._begin(stack, "UPDATE_ROLLBACK_IN_PROGRESS", token)
            deployment = self._deployment(stack)
            self._start(deployment, partial(deployment.continue_rollback, skip))

    def execute(
        self,
        change_set: ChangeSet,
        *,
        disable_rollback: bool = False,
        retain_except_on_create: bool = False,
        token: str | None = None,
    ) -> None:
        """Start to execute a change set. A repeated `token` does not execute it again.

        Raises InvalidChangeSetStatus if it has failed, was executed before, or if another operation
            has started on the stack since it was created.
        Raises ValidationError if the stack's status does not allow it, if a topic is gone, or for
            an import that shall not roll back.
        """
        with self._records.lock:
            if change_set.executed and token and change_set.stack.client_request_token == token:
                return
            if change_set.execution_status != "AVAILABLE":
                current = (
                    f"status of [{change_set.status}]"
                    if change_set.failure
                    else f"execution status of [{change_set.execution_status}]"
                )
                raise InvalidChangeSetStatus(
                    f"ChangeSet [{change_set.change_set_id}] cannot be executed in its current "
                    f"{current}"
                )
            if change_set.kind == "IMPORT" and disable_rollback:
                raise ValidationError(
                    "The sandbox does not support DisableRollback for a change set of type IMPORT: "
                    "an import that fails always rolls back."
                )
            stack = change_set.stack
            self._records.check_family(stack)
            check_topics(self._records.place, change_set.target.notification_arns)
            deployment = self._deployment(stack)
            on_failure = "DO_NOTHING" if disable_rollback else change_set.on_stack_failure
            work: Callable[[], None]
            if change_set.kind == "CREATE":
                stack.configuration = change_set.target
                stack.disable_rollback = on_failure == "DO_NOTHING"
                creation = CreateOptions(on_failure, retain_except_on_create, validated=True)
                work = partial(deployment.create, creation)
            elif change_set.kind == "IMPORT":
                into_new = stack.is_undeployed
                if not into_new:
                    check_updatable(stack)
                work = partial(
                    deployment.import_resources,
                    change_set.target,
                    change_set.imports,
                    into_new=into_new,
                )
            else:
                check_updatable(stack)
                changing = UpdateOptions(
                    on_failure == "DO_NOTHING", retain_except_on_create, validated=True
                )
                work = partial(deployment.update, change_set.target, changing)
            stack.disable_validation = change_set.disable_validation
            self._begin(stack, f"{change_set.kind}_IN_PROGRESS", token)
            stack.change_set_id = change_set.change_set_id
            change_set.executed = True
            self._change_sets.drop(stack, but=change_set)
            self._start(deployment, work)

    # -- what deployments need --------------------------------------------------------------------

    @property
    def timing(self) -> Timing:
        """Retries, delays and time limits."""
        return PROCESS.timing

    def resource_type(self, type_name: str) -> ResourceType:
        """Return the implementation of a type. Raises ResourceFailed if it is unknown."""
        found = self._find(type_name)
        if found is None:
            raise ResourceFailed(status_reasons.type_not_registered(type_name))
        return found

    def validate(self, stack: Stack, target: Configuration) -> None:
        """Validate what a stack is to become, before anything is provisioned.

        A stack in another one is validated when its own operation begins.

        Raises ValidationFailed if a resource is not valid, unless the validation is disabled.
        """
        if stack.root.disable_validation:
            return
        found = self._validation.findings(stack, target)
        if stack.history.current:
            stack.history.current.validated(found)
        if failed := failures(found):
            raise ValidationFailed(failed)

    def import_value(self, stack: Stack, name: str) -> str:
        """Record that a stack imports an export. Returns the export's value.

        Raises ValidationError if there is no such export.
        """
        with self._records.lock:
            return self._exports.use(stack.stack_id, name)

    def publish(self, stack: Stack, outputs: Sequence[Mapping[str, Any]]) -> None:
        """Replace the exports of a stack by those among `outputs`.

        Raises DeploymentFailed if a name is taken, or if an export in use would change.
        """
        with self._records.lock:
            self._exports.publish(stack.stack_id, outputs)

    def used_exports(self, stack: Stack) -> frozenset[str]:
        """Return the names of the exports that a stack imports."""
        with self._records.lock:
            return self._exports.uses(stack.stack_id)

    def keep_used_exports(self, stack: Stack, names: Set[str]) -> None:
        """Record that the stack imports only the exports `names`."""
        with self._records.lock:
            self._exports.keep_uses(stack.stack_id, names)

    def claim(self, resource: LogicalResource, existing: Instance) -> None:
        """Make `existing` the instance of `resource`, whose stack imports it.

        Raises ResourceFailed if a stack has it already.
        """
        with self._records.lock:
            holder = self._records.holders().get((resource.type_name, existing.physical_id))
            if holder:
                reason = status_reasons.in_a_stack(existing.physical_id, holder.stack_id)
                raise ResourceFailed(reason)
            resource.instance = existing

    def retire(self, stack: Stack) -> None:
        """Record that a stack is deleted. Its name can be used again."""
        with self._records.lock:
            self._exports.keep_uses(stack.stack_id, ())
            self._records.retire(stack)

    def add_nested(self, operation: Operation, properties: Mapping[str, Any]) -> Stack:
        """Add a nested stack in CREATE_IN_PROGRESS and return it.

        Raises KeyError if a required property is missing.
        Raises ValidationError if the template or another property is not valid.
        """
        parent = self._records.get(operation.stack.stack_id)
        name = f"{parent.name}-{operation.logical_id}-{random_suffix()}"
        request = self._nested_request(parent, properties)
        check_topics(self._records.place, request.notification_arns or ())
        with self._records.lock:
            stack = Stack(
                self._requests.configuration(self._records.new_identity(name), request), parent
            )
            stack.timeout_in_minutes = int(properties.get("TimeoutInMinutes", 0)) or None
            self._records.add(stack)
            self._begin(stack, "CREATE_IN_PROGRESS", parent.client_request_token)
            return stack

    def nested_target(self, child: Stack, properties: Mapping[str, Any]) -> Configuration | None:
        """Return the desired configuration of a nested stack, or None if it is up to date.

        Raises as `add_nested` does.
        """
        request = self._nested_request(child.parent or child, properties)
        known = child.configuration.notification_arns
        check_topics(self._records.place, request.notification_arns or (), known)
        target = self._requests.configuration(child.identity, request)
        return target if self._planner.has_updates(child, target) else None

    @staticmethod
    def _begin(stack: Stack, status: str, token: str | None) -> None:
        stack.client_request_token = token
        stack.enter(status, status_reasons.USER_INITIATED)

    def _deployment(self, stack: Stack) -> Deployment:
        return Deployment(stack, self, Interruption())

    def _start(
        self, deployment: Deployment, work: Callable[[], None], after: Worker | None = None
    ) -> None:
        stack = deployment.stack

        def failed(error: Exception) -> None:
            # A sandbox bug must not leave a stack IN_PROGRESS.
            stack.enter(
                stack.status.replace("IN_PROGRESS", "FAILED").replace("_CLEANUP", ""),
                status_reasons.internal_failure(error),
            )

        def done(worker: Worker) -> None:
            with self._records.lock:
                if self._workers.get(stack.stack_id) is worker:
                    del self._workers[stack.stack_id]

        name = f"cloudformation:{stack.name}"
        worker = Worker(name, work, deployment.interruption, failed, after)
        worker.done.append(done)
        self._workers[stack.stack_id] = PROCESS.workers.start(worker)

    def _nested_request(self, parent: Stack, properties: Mapping[str, Any]) -> StackRequest:
        parameters = properties.get("Parameters", {})
        own_tags = {tag["Key"]: text(tag["Value"]) for tag in properties.get("Tags", [])}
        return StackRequest(
            template=decode(object_at(self._records.place, properties["TemplateURL"])),
            parameters=[
                {
                    "ParameterKey": key,
                    "ParameterValue": ",".join(map(text, value))
                    if isinstance(value, list)
                    else text(value),
                }
                for key, value in parameters.items()
            ],
            tags={**parent.tags, **own_tags},
            role_arn=parent.configuration.role_arn,
            notification_arns=properties.get("NotificationARNs", ()),
        )
