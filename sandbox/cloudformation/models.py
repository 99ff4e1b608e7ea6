"""CloudFormation in one account and region: moto's backend with stacks that are really deployed.

moto's engine works inside the API call, keeps one status for all resources, and has neither
rollback nor replacement. This backend keeps moto's place in the process (its accounts, regions,
wire layer, stack sets) and moto's method names where moto itself calls them, and does the rest by
`Deployment`. The module's name is moto's convention: a backend's URLs are looked up beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import RLock
from typing import Any
from urllib.parse import urlparse
from uuid import uuid4

from moto.cloudformation import models as moto_models
from moto.cloudformation.exceptions import AlreadyExistsException
from moto.cloudformation.utils import generate_changeset_id, generate_stack_id, random_suffix
from moto.core.utils import utcnow
from moto.s3.models import s3_backends

from sandbox.cloudformation.catalog import Catalog
from sandbox.cloudformation.errors import (
    ChangeSetNotFound,
    InsufficientCapabilities,
    InvalidChangeSetStatus,
    NoUpdates,
    ResourceFailed,
    ValidationError,
)
from sandbox.cloudformation.resources.moto import MOTO_LOCK
from sandbox.cloudformation.resources.resource_type import Operation, ResourceType
from sandbox.cloudformation.stacks.deployment import CreateOptions, Deployment, UpdateOptions
from sandbox.cloudformation.stacks.exports import Exports
from sandbox.cloudformation.stacks.plan import Change, has_updates, plan
from sandbox.cloudformation.stacks.stack import Resource, Stack
from sandbox.cloudformation.template.configuration import Configuration, StackIdentity
from sandbox.cloudformation.template.intrinsics import text
from sandbox.cloudformation.template.parameters import resolve_parameters
from sandbox.cloudformation.template.template import Template, references
from sandbox.hosting.handler_client import Timing
from sandbox.process_wide import ENGINE, Worker, end
from sandbox.registry.registrations import Registrations

UPDATABLE = frozenset(
    (
        "CREATE_COMPLETE",
        "CREATE_FAILED",
        "UPDATE_COMPLETE",
        "UPDATE_FAILED",
        "UPDATE_ROLLBACK_COMPLETE",
    )
)
DELETABLE_IN_PROGRESS = frozenset(("CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"))
MAX_TAGS = 50
NO_UPDATES = "No updates are to be performed."
NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)


@dataclass(frozen=True)
class StackRequest:
    """What CreateStack, UpdateStack and CreateChangeSet ask a stack to be.

    template: its text. parameters: as in the API, with ParameterValue or UsePreviousValue.
    capabilities: those that the caller acknowledges; None leaves them unchecked.
    In an update, a None stands for what the stack has already.
    """

    template: str | None
    parameters: Sequence[Mapping[str, Any]] = ()
    tags: Mapping[str, str] | None = None
    role_arn: str | None = None
    notification_arns: Sequence[str] | None = None
    capabilities: Sequence[str] | None = None


@dataclass
class ChangeSet:
    """A planned create or update. An empty one has failed, as CloudFormation has it."""

    change_set_id: str
    name: str
    kind: str
    stack: Stack
    target: Configuration
    changes: list[Change]
    empty: bool
    description: str | None = None
    on_stack_failure: str = "ROLLBACK"
    executed: bool = False
    creation_time: datetime = field(default_factory=utcnow)

    @property
    def status(self) -> str:
        """CREATE_COMPLETE or FAILED."""
        return "FAILED" if self.empty else "CREATE_COMPLETE"

    @property
    def status_reason(self) -> str | None:
        """Why it failed; the words are those that the AWS CLI looks for."""
        return NO_CHANGES if self.empty else None

    @property
    def execution_status(self) -> str:
        """AVAILABLE, UNAVAILABLE or EXECUTE_COMPLETE."""
        if self.executed:
            return "EXECUTE_COMPLETE"
        return "UNAVAILABLE" if self.empty else "AVAILABLE"


class CloudFormationBackend(moto_models.CloudFormationBackend):
    """Implements `Surroundings` for its deployments and `NestedHost` for their nested stacks.

    stacks and deleted_stacks are keyed by stack id; a name stands for the one live stack that has
    it. Everything that an API call decides and then begins is done under `lock`, so that two
    requests cannot both find a stack idle.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.stacks: dict[str, Stack] = {}  # type: ignore[assignment]  # in place of moto's Stack
        self.deleted_stacks: dict[str, Stack] = {}  # type: ignore[assignment]
        self.change_sets: dict[str, ChangeSet] = {}  # type: ignore[assignment]
        self.lock = RLock()
        self.catalog = Catalog(ENGINE.registry, self, (account_id, region_name))
        self.export_index = Exports(self.exports, lambda stack_id: self.stacks[stack_id].name)
        self.registrations = Registrations(
            ENGINE.registry, self.object_at, account_id, region_name, self.partition
        )
        self._ids_by_name: dict[str, str] = {}
        self._change_sets_of: dict[str, dict[str, ChangeSet]] = {}
        self._workers: dict[str, Worker] = {}

    def reset(self) -> None:
        """Forget everything, running operations before all."""
        end(list(self._workers.values()), timeout=2.0)
        self.registrations.clear()
        super().reset()

    # -- stacks -----------------------------------------------------------------------------------

    def create_stack(  # type: ignore[override]  # what moto's stack sets call it with, and no more
        self, name: str, template: str, parameters: Mapping[str, str]
    ) -> Stack:
        """Begin to create a stack of a stack set, under a name that a stack may have."""
        name = f"{name.replace(':', '-')}-{uuid4()}"
        return self.create(name, StackRequest(template, _given(parameters)))

    def update_stack_set(self, stackset_name: str, **request: Any) -> dict[str, Any]:  # type: ignore[override]  # the rest is moto's to read
        """Change a stack set and its instances, all of them or those asked for.

        moto notes the change, and leaves the stacks as they are.
        """
        stack_set = self.describe_stack_set(stackset_name)
        # moto says that parameters are a list; they are a mapping, unless overridden.
        parts: Any = stack_set.instances
        inheriting = [each for each in parts.stack_instances if each.parameters == parts.parameters]
        operation: dict[str, Any] = super().update_stack_set(stackset_name, **request)
        parts.template, parts.parameters = stack_set.template, stack_set.parameters
        accounts, regions = request["accounts"], request["regions"]
        for instance in parts.stack_instances:
            if instance in inheriting:
                instance.parameters = parts.parameters
            if (not accounts or instance.account_id in accounts) and (
                not regions or instance.region_name in regions
            ):
                _update_instance(instance, stack_set.template)
        return operation

    def create(  # noqa: PLR0913  # one for each part of the API's request
        self,
        name: str,
        request: StackRequest,
        options: CreateOptions | None = None,
        *,
        timeout_in_minutes: int | None = None,
        enable_termination_protection: bool = False,
        policy: str | None = None,
        token: str | None = None,
    ) -> Stack:
        """Begin to create a stack.

        raises AlreadyExistsException, ValidationError, InsufficientCapabilities.
        """
        options = options or CreateOptions()
        with self.lock:
            existing = self._live(name)
            if existing and token and existing.client_request_token == token:
                return existing
            if existing:
                raise AlreadyExistsException(f"Stack [{name}] already exists")
            stack = Stack(self._configuration(self._new_identity(name), request))
            stack.timeout_in_minutes = timeout_in_minutes
            stack.enable_termination_protection = enable_termination_protection
            stack.policy = policy or ""
            stack.disable_rollback = options.on_failure == "DO_NOTHING"
            self._add(stack)
            self._begin(stack, "CREATE_IN_PROGRESS", token)
            deployment = Deployment(stack, self)
            self._start(deployment, partial(deployment.create, options))
            return stack

    def update(
        self,
        name: str,
        request: StackRequest,
        options: UpdateOptions | None = None,
        token: str | None = None,
    ) -> Stack:
        """Begin to update a stack.

        raises ValidationError, InsufficientCapabilities; also where there is nothing to do.
        """
        with self.lock:
            stack = self.get_stack(name)
            if token and stack.client_request_token == token:
                return stack
            self._check_updatable(stack)
            target = self._configuration(stack.identity, request, stack.configuration)
            if not self._has_updates(stack, target, self._plan(stack, target)):
                raise NoUpdates(NO_UPDATES)
            self._begin(stack, "UPDATE_IN_PROGRESS", token)
            deployment = Deployment(stack, self)
            self._start(deployment, partial(deployment.update, target, options or UpdateOptions()))
            return stack

    def delete_stack(
        self,
        name_or_stack_id: str,
        retain: Sequence[str] = (),
        force: bool = False,
        token: str | None = None,
    ) -> None:
        """Begin to delete a stack; one that is not there is deleted.

        A creation under way is cut short. raises ValidationError: not in its present status.
        """
        with self.lock:
            stack = self._live(name_or_stack_id)
            if stack is None or stack.status == "DELETE_IN_PROGRESS":
                return
            self._check_deletable(stack, retain)
            self._drop_change_sets(stack)
            deployment, previous = Deployment(stack, self), stack.status
            running = self._workers.get(stack.stack_id)
            if running is None:
                self._begin(stack, "DELETE_IN_PROGRESS", token)
                self._start(deployment, partial(deployment.delete, previous, retain, force))
                return
            if previous == "CREATE_IN_PROGRESS":
                running.deployment.interruption.cancel()

            def take_over() -> None:
                self._begin(stack, "DELETE_IN_PROGRESS", token)
                deployment.delete(previous, retain, force)

            self._start(deployment, take_over, after=running)

    def cancel_update_stack(self, name: str) -> None:
        """Have a running update rolled back. Raises ValidationError: none is running."""
        with self.lock:
            stack = self.get_stack(name)
            worker = self._workers.get(stack.stack_id)
            if stack.status != "UPDATE_IN_PROGRESS" or worker is None:
                raise ValidationError(
                    "CancelUpdateStack cannot be called from current stack status"
                )
            worker.deployment.interruption.cancel()

    def continue_update_rollback(self, name: str, skip: Sequence[str]) -> None:
        """Take up a rollback that failed. Raises ValidationError: none has failed."""
        with self.lock:
            stack = self.get_stack(name)
            if stack.status != "UPDATE_ROLLBACK_FAILED":
                raise ValidationError(
                    f"Stack:{stack.stack_id} is in {stack.status} state and can not continue "
                    "update rollback."
                )
            stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
            deployment = Deployment(stack, self)
            self._start(deployment, partial(deployment.continue_rollback, skip))

    def get_stack(self, name_or_stack_id: str) -> Stack:  # type: ignore[override]  # ours
        """A live stack by name or id, or a deleted one by id. Raises ValidationError: none."""
        stack = self._live(name_or_stack_id) or self.deleted_stacks.get(name_or_stack_id)
        if stack is None:
            raise ValidationError(f"Stack with id {name_or_stack_id} does not exist")
        return stack

    def resources(self, name: str, logical_id: str | None = None) -> list[Resource]:
        """The resources of a stack, or the one asked for. Raises ValidationError: no such one."""
        resources = self.get_stack(name).described_resources
        if logical_id is None:
            return resources
        found = [resource for resource in resources if resource.logical_id == logical_id]
        if not found:
            raise ValidationError(f"Resource {logical_id} does not exist for stack {name}")
        return found

    def check_template(self, source: str) -> Template:
        """A parsed template. Raises ValidationError: malformed, or of types nobody knows."""
        template = Template.parse(source)
        self._check_types(template)
        return template

    # -- change sets ------------------------------------------------------------------------------

    def plan_change_set(  # noqa: PLR0913, PLR0917  # one for each part of the API's request
        self,
        stack_name: str,
        name: str,
        kind: str,
        request: StackRequest,
        description: str | None = None,
        on_stack_failure: str = "ROLLBACK",
    ) -> ChangeSet:
        """A new change set; one of kind CREATE brings its stack along.

        raises AlreadyExistsException, ValidationError, InsufficientCapabilities.
        """
        with self.lock:
            if kind == "CREATE":
                stack, target = self._reviewed(stack_name, request)
            else:
                stack = self.get_stack(stack_name)
                self._check_updatable(stack)
                target = self._configuration(stack.identity, request, stack.configuration)
            of_stack = self._change_sets_of.setdefault(stack.stack_id, {})
            if name in of_stack and not of_stack[name].executed:
                raise AlreadyExistsException(f"ChangeSet {name} already exists")
            changes = self._plan(stack, target)
            change_set = ChangeSet(
                change_set_id=generate_changeset_id(name, self.region_name, self.account_id),
                name=name,
                kind=kind,
                stack=stack,
                target=target,
                changes=changes,
                empty=not self._has_updates(stack, target, changes),
                description=description,
                on_stack_failure=on_stack_failure,
            )
            self.change_sets[change_set.change_set_id] = of_stack[name] = change_set
            return change_set

    def get_change_set(self, name: str, stack_name: str | None) -> ChangeSet:
        """By ARN, or by name and stack. Raises ChangeSetNotFound, ValidationError."""
        found = self.change_sets.get(name)
        if found is None and not name.startswith("arn:"):
            if not stack_name:
                raise ValidationError(
                    "StackName must be specified if ChangeSetName is not specified as an ARN."
                )
            found = self._change_sets_of.get(self.get_stack(stack_name).stack_id, {}).get(name)
        if found is None:
            raise ChangeSetNotFound(f"ChangeSet [{name}] does not exist")
        return found

    def change_sets_of(self, stack_name: str) -> list[ChangeSet]:
        """The change sets of a stack, oldest first."""
        return list(self._change_sets_of.get(self.get_stack(stack_name).stack_id, {}).values())

    def delete_change_set(self, change_set_name: str, stack_name: str | None = None) -> None:
        """Forget a change set; one that is not there is deleted."""
        with self.lock:
            try:
                change_set = self.get_change_set(change_set_name, stack_name)
            except ChangeSetNotFound:
                return
            del self.change_sets[change_set.change_set_id]
            del self._change_sets_of[change_set.stack.stack_id][change_set.name]

    def execute(
        self,
        change_set: ChangeSet,
        *,
        disable_rollback: bool = False,
        retain_except_on_create: bool = False,
        token: str | None = None,
    ) -> None:
        """Begin what a change set has planned. Raises InvalidChangeSetStatus, ValidationError."""
        with self.lock:
            if change_set.execution_status != "AVAILABLE":
                raise InvalidChangeSetStatus(
                    f"ChangeSet [{change_set.change_set_id}] cannot be executed in its current "
                    f"status of [{change_set.status}]"
                )
            stack = change_set.stack
            deployment = Deployment(stack, self)
            on_failure = "DO_NOTHING" if disable_rollback else change_set.on_stack_failure
            work: Callable[[], None]
            if change_set.kind == "CREATE":
                stack.configuration = change_set.target
                stack.disable_rollback = on_failure == "DO_NOTHING"
                creation = CreateOptions(on_failure, retain_except_on_create)
                work = partial(deployment.create, creation)
            else:
                self._check_updatable(stack)
                changing = UpdateOptions(on_failure == "DO_NOTHING", retain_except_on_create)
                work = partial(deployment.update, change_set.target, changing)
            self._begin(stack, f"{change_set.kind}_IN_PROGRESS", token)
            stack.change_set_id = change_set.change_set_id
            change_set.executed = True
            self._drop_change_sets(stack, but=change_set)
            self._start(deployment, work)

    # -- what deployments need --------------------------------------------------------------------

    @property
    def timing(self) -> Timing:
        """How patient handlers are treated."""
        return ENGINE.timing

    def resource_type(self, type_name: str) -> ResourceType:
        """The implementation of a type. Raises ResourceFailed: nobody knows it any more."""
        found = self.catalog.find(type_name)
        if found is None:
            raise ResourceFailed(f"Resource type {type_name} is not registered")
        return found

    def import_value(self, stack: Stack, name: str) -> str:
        """The value of an export, noting who imports it. Raises ValidationError."""
        with self.lock:
            return self.export_index.use(stack.stack_id, name)

    def publish(self, stack: Stack, outputs: Sequence[Mapping[str, Any]]) -> None:
        """Make outputs a stack's exports. Raises DeploymentFailed."""
        with self.lock:
            self.export_index.publish(stack.stack_id, outputs)

    def keep_imports(self, stack: Stack, names: set[str]) -> None:
        """Take note of the exports that a stack uses, and of no others."""
        with self.lock:
            self.export_index.keep_uses(stack.stack_id, names)

    def retire(self, stack: Stack) -> None:
        """Take note that a stack is deleted, which frees its name."""
        with self.lock:
            self.export_index.keep_uses(stack.stack_id, ())
            self.stacks.pop(stack.stack_id, None)
            self._ids_by_name.pop(stack.name, None)
            self.deleted_stacks[stack.stack_id] = stack

    def add_nested(self, operation: Operation, properties: Mapping[str, Any]) -> Stack:
        """A nested stack in CREATE_IN_PROGRESS. Raises ValidationError, KeyError."""
        parent = operation.deployment.stack
        name = f"{parent.name}-{operation.logical_id}-{random_suffix()}"
        request = self._nested_request(parent, properties)
        with self.lock:
            stack = Stack(self._configuration(self._new_identity(name), request), parent)
            stack.timeout_in_minutes = int(properties.get("TimeoutInMinutes", 0)) or None
            self._add(stack)
            self._begin(stack, "CREATE_IN_PROGRESS", parent.client_request_token)
            return stack

    def nested_target(self, child: Stack, properties: Mapping[str, Any]) -> Configuration | None:
        """What a nested stack should become; None where it is that. Raises as `add_nested`."""
        request = self._nested_request(child.parent or child, properties)
        target = self._configuration(child.identity, request)
        return target if self._has_updates(child, target, self._plan(child, target)) else None

    def template_at(self, url: str) -> str:
        """The template in the sandbox's S3 behind a path-style or virtual-host URL.

        raises ValidationError: there is nothing.
        """
        return self.object_at(url).decode()

    def object_at(self, url: str) -> bytes:
        """What the sandbox's S3 holds behind an s3: URL, or a path-style or virtual-host one.

        raises ValidationError: there is nothing.
        """
        parsed = urlparse(url)
        host, path = parsed.hostname or "", parsed.path.lstrip("/")
        if parsed.scheme == "s3":
            bucket, key = host, path
        elif host.endswith(".amazonaws.com") and not re.match(r"s3[.-]", host):
            bucket, key = re.split(r"\.s3[.-]", host)[0], path
        else:
            bucket, _, key = path.partition("/")
        try:
            with MOTO_LOCK:
                stored = s3_backends[self.account_id][self.partition].get_object(bucket, key)
        except Exception as error:  # noqa: BLE001  # moto has an error for each way to miss
            raise ValidationError(f"S3 error: {error}") from None
        if stored is None:
            raise ValidationError(f"S3 error: The specified key does not exist: {url}")
        body: bytes = stored.value
        return body

    # -- helpers ----------------------------------------------------------------------------------

    def _live(self, name_or_stack_id: str) -> Stack | None:
        stack_id = self._ids_by_name.get(name_or_stack_id, name_or_stack_id)
        return self.stacks.get(stack_id)

    def _new_identity(self, name: str) -> StackIdentity:
        stack_id = generate_stack_id(name, self.region_name, self.account_id)
        return StackIdentity(stack_id, name, self.account_id, self.region_name)

    def _add(self, stack: Stack) -> None:
        self.stacks[stack.stack_id] = stack
        self._ids_by_name[stack.name] = stack.stack_id

    @staticmethod
    def _begin(stack: Stack, status: str, token: str | None) -> None:
        stack.client_request_token = token
        stack.enter(status, "User Initiated")

    def _start(
        self, deployment: Deployment, work: Callable[[], None], after: Worker | None = None
    ) -> None:
        stack_id = deployment.stack.stack_id

        def done(worker: Worker) -> None:
            with self.lock:
                if self._workers.get(stack_id) is worker:
                    del self._workers[stack_id]

        self._workers[stack_id] = ENGINE.start(Worker(deployment, work, after, done))

    @staticmethod
    def _check_updatable(stack: Stack) -> None:
        if stack.status not in UPDATABLE:
            raise ValidationError(
                f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated."
            )

    @staticmethod
    def _check_deletable(stack: Stack, retain: Sequence[str]) -> None:
        if stack.enable_termination_protection:
            raise ValidationError(
                f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            )
        if stack.in_progress and stack.status not in DELETABLE_IN_PROGRESS:
            raise ValidationError(
                f"Stack [{stack.stack_id}] cannot be deleted while in status {stack.status}"
            )
        if retain and stack.status != "DELETE_FAILED":
            raise ValidationError(
                f"Invalid operation on stack [{stack.stack_id}]. Specify resources to retain "
                "only when the stack is in the DELETE_FAILED state."
            )

    def _plan(self, stack: Stack, target: Configuration) -> list[Change]:
        return plan(stack, target, self.resource_type, self.export_index.planned_value)

    def _has_updates(self, stack: Stack, target: Configuration, changes: list[Change]) -> bool:
        known = self.export_index.planned_value
        return has_updates(stack, target, changes, self.resource_type, known)

    def _reviewed(self, name: str, request: StackRequest) -> tuple[Stack, Configuration]:
        """The stack that a change set of type CREATE is for, made now if need be."""
        stack = self._live(name)
        if stack and stack.status != "REVIEW_IN_PROGRESS":
            raise ValidationError(
                f"Stack [{stack.name}] already exists and cannot be created again with the "
                f"changeSet [{stack.status}]."
            )
        identity = stack.identity if stack else self._new_identity(name)
        target = self._configuration(identity, request)
        if stack is None:
            stack = Stack(target)
            self._add(stack)
            stack.enter("REVIEW_IN_PROGRESS", "User Initiated")
        return stack, target

    def _nested_request(self, parent: Stack, properties: Mapping[str, Any]) -> StackRequest:
        parameters = properties.get("Parameters", {})
        own_tags = {tag["Key"]: text(tag["Value"]) for tag in properties.get("Tags", [])}
        return StackRequest(
            template=self.template_at(properties["TemplateURL"]),
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

    def _configuration(
        self, identity: StackIdentity, request: StackRequest, current: Configuration | None = None
    ) -> Configuration:
        """What a request makes of a stack, with all that CloudFormation refuses before it begins.

        raises ValidationError, InsufficientCapabilities.
        """
        current = current or Configuration(identity, Template("", {}))
        source = current.template.text if request.template is None else request.template
        template = self.check_template(source)
        if request.capabilities is not None:
            _check_capabilities(template, request.capabilities)
        tags = current.tags if request.tags is None else request.tags
        _check_tags(tags)
        arns = request.notification_arns
        configuration = Configuration(
            stack=identity,
            template=template,
            parameters=resolve_parameters(
                template.parameters,
                request.parameters,
                current.parameters,
                self.account_id,
                self.region_name,
            ),
            tags=dict(tags),
            role_arn=request.role_arn or current.role_arn,
            notification_arns=current.notification_arns if arns is None else tuple(arns),
            capabilities=tuple(request.capabilities or ()),
        )
        configuration.check()
        return configuration

    def _check_types(self, template: Template) -> None:
        """Raise ValidationError for unknown types, and attributes that a type does not have."""
        kinds = {name: self.catalog.find(name) for name in template.resource_types}
        if unknown := [name for name, kind in kinds.items() if kind is None]:
            raise ValidationError(
                f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]"
            )
        for reference in references([dict(template.resources), dict(template.outputs)]):
            if reference.attribute and reference.name in template.resources:
                kind = kinds[template.resources[reference.name]["Type"]]
                if kind and not kind.has_attribute(reference.attribute):
                    raise ValidationError(
                        f"Template error: resource {reference.name} does not support attribute "
                        f"type {reference.attribute} in Fn::GetAtt"
                    )

    def _drop_change_sets(self, stack: Stack, but: ChangeSet | None = None) -> None:
        """Forget a stack's change sets: an executed one takes the others, a deleted stack all."""
        for change_set in self._change_sets_of.pop(stack.stack_id, {}).values():
            if change_set is but:
                self._change_sets_of[stack.stack_id] = {change_set.name: change_set}
            else:
                self.change_sets.pop(change_set.change_set_id, None)


def _check_capabilities(template: Template, acknowledged: Sequence[str]) -> None:
    needed, _ = template.needed_capabilities
    missing = set(needed) - set(acknowledged)
    if missing and "CAPABILITY_NAMED_IAM" not in acknowledged:  # which covers CAPABILITY_IAM
        raise InsufficientCapabilities(f"Requires capabilities : [{', '.join(sorted(missing))}]")


def _given(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": parameters[key]} for key in parameters]


def _update_instance(instance: Any, template: str) -> None:
    """Begin to update the stack of an instance, where it is not what it should be already."""
    backend = moto_models.cloudformation_backends[instance.account_id][instance.region_name]
    assert isinstance(backend, CloudFormationBackend)  # noqa: S101 - tells mypy what install did
    parameters = instance.parameters
    if not isinstance(parameters, Mapping):  # overrides, in the API's form
        parameters = {each["ParameterKey"]: each["ParameterValue"] for each in parameters}
    with suppress(NoUpdates):
        backend.update(instance.stack.name, StackRequest(template, _given(parameters)))


def _check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise ValidationError(f"Only {MAX_TAGS} tags are allowed on a stack, and not {len(tags)}")
    if reserved := [key for key in tags if key.lower().startswith("aws:")]:
        raise ValidationError(
            f"aws: prefixed tag key names are not allowed for external use: [{reserved[0]}]"
        )
