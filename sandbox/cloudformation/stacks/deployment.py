"""Run one operation on one stack: create, update, import, delete, or a rollback.

Every operation has up to two phases. *Converging* visits the resources of a configuration in
dependency order and brings each to its desired state. It creates new instances and leaves old ones
in place. *Cleaning up* visits the stack's resources in reverse order and deletes the instances
that are no longer needed. A rollback runs the same two phases towards the previous state.

Sources for statuses, reasons and their order: CloudFormation user guide, "Update behaviors of stack
resources", "Choose how to handle failures when provisioning resources" and "Understand update
behaviors of stack resources".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from moto.core.utils import utcnow

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.resources.resource_type import (
    Instance,
    Operation,
    ResourceFailed,
    ResourceType,
)
from sandbox.cloudformation.stacks import retention
from sandbox.cloudformation.stacks.adoption import Adoption
from sandbox.cloudformation.stacks.cleanup import Cleanup
from sandbox.cloudformation.stacks.decision import Create, Decision, Replace, Update, decide
from sandbox.cloudformation.stacks.errors import DeploymentFailed, ValidationFailed
from sandbox.cloudformation.stacks.importing import ResourceToImport
from sandbox.cloudformation.stacks.provisioning import (
    Provisioning,
    comparable,
    comparable_resource,
    plain_values,
    without_secure,
)
from sandbox.cloudformation.stacks.stack import LogicalResource, RollbackTarget, Stack
from sandbox.cloudformation.stacks.stack_policy import Action, StackPolicy
from sandbox.cloudformation.stacks.surroundings import StackValues, Surroundings
from sandbox.cloudformation.template import dynamic_references
from sandbox.cloudformation.template.configuration import Configuration
from sandbox.hosting.interruption import Cancelled, Interruption, OutOfTime

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class CreateOptions:
    """How CreateStack handles failures.

    on_failure: ROLLBACK, DELETE or DO_NOTHING.
    validated: whether the template was validated before, when a change set was created.
    """

    on_failure: str = "ROLLBACK"
    retain_except_on_create: bool = False
    validated: bool = False


@dataclass(frozen=True)
class UpdateOptions:
    """How UpdateStack handles failures, and its stack policies.

    policy: the stack's policy after the update; None keeps the current one.
    policy_during_update: the policy that applies to this update instead of the stack's.
    validated: as in `CreateOptions`.
    """

    disable_rollback: bool = False
    retain_except_on_create: bool = False
    policy: StackPolicy | None = None
    policy_during_update: StackPolicy | None = None
    validated: bool = False


class Deployment:
    """Runs operations in the caller's thread. Each returns when the stack has its final status.

    Failures of resources do not raise; they show in the stack's status and events. Every operation
    raises Stopped if the sandbox shuts down.

    interruption: ends the operation early; a nested stack shares that of its parent.
    """

    def __init__(
        self, stack: Stack, surroundings: Surroundings, interruption: Interruption
    ) -> None:
        self.stack = stack
        self.surroundings = surroundings
        self.values = StackValues(stack, surroundings)
        self.interruption = interruption
        self._policy: StackPolicy | None = None
        self._cleanup = Cleanup(stack, surroundings, self._operation)

    # -- the operations ---------------------------------------------------------------------------

    def create(self, options: CreateOptions = CreateOptions()) -> None:  # immutable
        """Create the resources in the stack's configuration."""
        stack, deadline = self.stack, self.interruption.deadline
        if stack.timeout_in_minutes:
            own = time.monotonic() + stack.timeout_in_minutes * 60
            self.interruption.deadline = min(own, deadline)
        try:
            if not options.validated:
                self.surroundings.validate(stack, stack.configuration)
            self._converge(stack.configuration)
        except Cancelled:
            return  # a DeleteStack waits for this deployment to end, then takes over
        except DeploymentFailed as failure:
            self.interruption.absorb()
            self._give_up_creation(failure, options)
        else:
            self.interruption.deadline = deadline
            stack.enter("CREATE_COMPLETE")

    def update(
        self,
        target: Configuration,
        options: UpdateOptions = UpdateOptions(),  # immutable
    ) -> None:
        """Update the stack to `target`. Rolls back on failure unless `options` disable it."""
        stack = self.stack
        try:
            if not options.validated:
                self.surroundings.validate(stack, target)
        except ValidationFailed as failure:
            # Nothing has changed, so that there is nothing to roll back.
            if options.disable_rollback:
                stack.reject(failure.findings, "UPDATE_FAILED")
            else:
                stack.reject(failure.findings, "UPDATE_ROLLBACK_IN_PROGRESS")
                stack.enter("UPDATE_ROLLBACK_COMPLETE")
            return
        before = RollbackTarget(
            stack.configuration,
            {logical_id: resource.copy() for logical_id, resource in stack.resources.items()},
            list(stack.outputs),
            self.surroundings.used_exports(stack),
            options.retain_except_on_create,
        )
        stack.last_updated_time = utcnow()
        stack.configuration = target
        if not any(each.status == "UPDATE_ROLLBACK_IN_PROGRESS" for each in stack.ancestors):
            self._policy = stack.current_policy
        try:
            self._refuse_protected_removals(target)
            self._converge(target)
        except (Cancelled, DeploymentFailed) as failure:
            self.interruption.absorb()
            # A rollback is not subject to it.
            self._policy = stack.policy_during_update = None
            if options.disable_rollback and isinstance(failure, DeploymentFailed):
                stack.enter("UPDATE_FAILED", str(failure))
            else:
                stack.rollback_target = before
                stack.enter(
                    "UPDATE_ROLLBACK_IN_PROGRESS", str(failure) or status_reasons.USER_INITIATED
                )
                self._roll_back()
            return
        stack.enter("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        left = self._cleanup.run(retention.when_removed, keep=target.active)
        reason = status_reasons.UPDATED_BUT_NOT_ALL_DELETED if left else None
        stack.policy, stack.policy_during_update = options.policy or stack.policy, None
        stack.enter("UPDATE_COMPLETE", reason)

    def import_resources(
        self, target: Configuration, imports: Sequence[ResourceToImport], *, into_new: bool
    ) -> None:
        """Import existing resources. On failure the stack becomes as it was, and they stay.

        target: the stack's configuration with them. into_new: whether the stack is new.

        An import always rolls back: no status stands for a failed import that has not.
        """
        stack, before = self.stack, self.stack.configuration
        used_exports = self.surroundings.used_exports(stack)
        stack.last_updated_time = stack.last_updated_time if into_new else utcnow()
        stack.configuration = target
        adoption = Adoption(stack, self.surroundings, self._operation, self._desired)
        try:
            adoption.run(target, imports)
        except DeploymentFailed as failure:
            reason = str(failure)
        except Exception as error:
            LOG.exception("%s: internal error", stack.name)
            reason = status_reasons.internal_failure(error)
        else:
            stack.enter("IMPORT_COMPLETE")
            return
        stack.enter("IMPORT_ROLLBACK_IN_PROGRESS", reason)
        adoption.give_up()
        self.surroundings.keep_used_exports(stack, used_exports)
        stack.configuration = target if into_new else before
        stack.enter("ROLLBACK_COMPLETE" if into_new else "IMPORT_ROLLBACK_COMPLETE")

    def continue_rollback(self, skip: Sequence[str]) -> None:
        """Continue a failed rollback. The resources in `skip` count as rolled back.

        Raises DeploymentFailed if there is no rollback to continue.
        """
        self._roll_back(skip)

    def delete(self, previous: str, retain: Sequence[str] = (), force: bool = False) -> None:
        """Delete the stack.

        previous: the status to restore if another stack needs this stack's exports.
        retain: resources to retain, for a stack whose deletion failed before.
        force: ignore resources that cannot be deleted (DeletionMode FORCE_DELETE_STACK).
        """
        try:
            self.surroundings.publish(self.stack, [])
        except DeploymentFailed as failure:
            self.stack.enter(previous, status_reasons.deletion_cancelled(str(failure)))
            return
        self._delete(
            lambda resource: resource.logical_id in retain or retention.when_removed(resource),
            force,
        )

    # -- converging -------------------------------------------------------------------------------

    def _converge(self, target: Configuration) -> None:
        """Bring every resource to its desired state, then set outputs and exports.

        Raises DeploymentFailed if a resource, an output or an export fails, or time runs out.
        Raises Cancelled if the user cancels the operation.
        """
        try:
            for logical_id in target.order:
                self.interruption.check()
                self._converge_resource(logical_id, target)
            outputs = target.outputs(self.values)
            self.surroundings.publish(self.stack, outputs)
        except OutOfTime:
            raise DeploymentFailed(status_reasons.OUT_OF_TIME) from None
        except (ResourceFailed, ValidationError) as error:
            raise DeploymentFailed(f"{error} ") from error
        except (Cancelled, DeploymentFailed):
            raise
        except Exception as error:
            LOG.exception("%s: internal error", self.stack.name)
            reason = f"{status_reasons.internal_failure(error)} "
            raise DeploymentFailed(reason) from error
        self.surroundings.keep_used_exports(self.stack, self.values.used_exports)
        self.stack.outputs = outputs

    def _converge_resource(self, logical_id: str, target: Configuration) -> None:
        """Create, update or replace one resource, if necessary.

        Raises DeploymentFailed if that fails.
        Raises Cancelled or OutOfTime if the operation is interrupted.
        """
        resource = self.stack.resources.get(logical_id)
        if resource is None:
            resource = LogicalResource(logical_id, target.active[logical_id])
            self.stack.resources[logical_id] = resource
        exists = resource.is_complete
        resource.definition = target.active[logical_id]
        resource.dependencies = target.dependencies[logical_id]
        properties = None
        try:
            kind = self._resource_type(resource)
            properties = self._desired(resource, kind, target)
            match self._decide(resource, kind, properties, target):
                case Create():
                    self._create(resource, kind, target, properties)
                case Replace(unfinished=True):
                    resource.obsolete.extend([resource.instance] if resource.instance else [])
                    resource.instance = None
                    self._create(resource, kind, target, properties)
                case Replace():
                    self._replace(resource, kind, target, properties)
                case Update():
                    self._update(resource, kind, target, properties)
        except ResourceFailed as failure:
            if not exists and resource.status != "CREATE_IN_PROGRESS":
                self.stack.enter_resource(resource, "CREATE_IN_PROGRESS", properties=properties)
            verb = "update" if exists else "create"
            status = f"{verb.upper()}_FAILED"
            self.stack.enter_resource(resource, status, failure.reason, properties=properties)
            raise DeploymentFailed(status_reasons.failed(verb, [logical_id])) from failure
        except (Cancelled, OutOfTime):
            noun = "update" if exists else "creation"
            status = "UPDATE_FAILED" if exists else "CREATE_FAILED"
            self.stack.enter_resource(resource, status, status_reasons.cancelled(noun))
            raise

    def _denial(self, action: Action, resource: LogicalResource) -> str | None:
        """Why the stack policy does not allow an action on a resource; None if it does."""
        if self._policy is None:
            return None
        return self._policy.denial(action, resource.logical_id, resource.type_name)

    def _refuse_if_protected(self, action: Action, resource: LogicalResource) -> None:
        """Raise ResourceFailed if the stack policy does not allow an action on a resource."""
        if reason := self._denial(action, resource):
            raise ResourceFailed(reason)

    def _refuse_protected_removals(self, target: Configuration) -> None:
        """Raise DeploymentFailed if the stack policy protects a resource that would be deleted.

        This comes first, because the cleanup that deletes cannot be rolled back.
        """
        denied = []
        for logical_id, resource in self.stack.resources.items():
            reason = self._denial("Update:Delete", resource)
            if reason and logical_id not in target.active:
                self.stack.enter_resource(resource, "UPDATE_FAILED", reason)
                denied.append(logical_id)
        if denied:
            raise DeploymentFailed(status_reasons.failed("update", denied))

    def _create(
        self,
        resource: LogicalResource,
        kind: ResourceType,
        target: Configuration,
        properties: dict[str, Any],
    ) -> None:
        self.stack.enter_resource(resource, "CREATE_IN_PROGRESS", properties=properties)

        def identified(instance: Instance) -> None:
            known, resource.instance = resource.instance, instance
            if known is None:
                self.stack.enter_resource(
                    resource, "CREATE_IN_PROGRESS", status_reasons.CREATION_INITIATED
                )

        try:
            operation = self._operation(resource, target, identified)
            identified(Provisioning(kind, operation).create(properties))
        except ResourceFailed as failure:
            resource.instance = failure.instance
            raise
        self._complete(resource, "CREATE_COMPLETE")

    def _update(
        self,
        resource: LogicalResource,
        kind: ResourceType,
        target: Configuration,
        properties: dict[str, Any],
    ) -> None:
        """Update the resource in place."""
        old = resource.instance
        assert old is not None  # noqa: S101 - for mypy; `decide` guarantees it
        self._refuse_if_protected("Update:Modify", resource)
        self.stack.enter_resource(resource, "UPDATE_IN_PROGRESS", properties=properties)
        kind.check_updatable()
        provisioning = Provisioning(kind, self._operation(resource, target))
        values = provisioning.values(properties)
        # What a rollback has to undo if this operation does not finish.
        resource.instance = replace(
            old, properties=properties, stack_tags=target.tags, reference_values=values
        )
        resource.instance = provisioning.update(old, properties, values)
        if kind.update_may_replace and resource.instance.physical_id != old.physical_id:
            resource.obsolete.append(old)
        self._complete(resource, "UPDATE_COMPLETE")

    def _replace(
        self,
        resource: LogicalResource,
        kind: ResourceType,
        target: Configuration,
        properties: dict[str, Any],
    ) -> None:
        """Create the new instance. The cleanup at the end of the operation deletes the old one."""
        old = resource.instance
        self._refuse_if_protected("Update:Replace", resource)
        self.stack.enter_resource(
            resource, "UPDATE_IN_PROGRESS", status_reasons.REPLACEMENT, properties=properties
        )

        def identified(instance: Instance) -> None:
            known, resource.instance = resource.instance, instance
            if known is old:
                resource.obsolete.extend([old] if old else [])
                self.stack.enter_resource(
                    resource, "UPDATE_IN_PROGRESS", status_reasons.CREATION_INITIATED
                )

        try:
            operation = self._operation(resource, target, identified)
            identified(Provisioning(kind, operation).create(properties))
        except ResourceFailed as failure:
            if failure.instance:
                identified(failure.instance)
            elif old and resource.instance is not old:
                resource.obsolete.remove(old)
                resource.instance = old
            raise
        self._complete(resource, "UPDATE_COMPLETE")

    def _complete(self, resource: LogicalResource, status: str) -> None:
        note = resource.instance.note if resource.instance else None
        self.stack.enter_resource(resource, status, note)

    def _desired(
        self, resource: LogicalResource, kind: ResourceType, target: Configuration
    ) -> dict[str, Any]:
        """The desired properties of a resource, converted to the types of its schema.

        They contain dynamic references as the template has them. Whether their values satisfy the
        schema shows when they are read.

        Raises ResourceFailed if they cannot be resolved or violate the schema.
        """
        try:
            resolved = target.properties(resource.logical_id, self.values)
            # Those that a value of another resource completes are known only now.
            paths = dynamic_references.check_references(resource.type_name, resolved)
            if paths:
                raise dynamic_references.misplaced(paths)
        except ValidationError as error:
            raise ResourceFailed(str(error.message)) from error
        properties = kind.convert(resolved)
        found = [] if dynamic_references.contains(properties) else kind.violations(properties)
        if found:
            raise ResourceFailed(status_reasons.invalid_properties(resource.logical_id, found))
        return properties

    @staticmethod
    def _decide(
        resource: LogicalResource,
        kind: ResourceType,
        properties: Mapping[str, Any],
        target: Configuration,
    ) -> Decision:
        """Decide how a resource gets the desired properties.

        Raises ResourceFailed if an `ssm` reference leads nowhere.
        """
        values = plain_values(properties, target.stack.place)
        wanted = comparable(kind, properties, values)
        return decide(comparable_resource(kind, resource), kind, wanted, target.tags)

    # -- rolling back -----------------------------------------------------------------------------

    def _give_up_creation(self, failure: DeploymentFailed, options: CreateOptions) -> None:
        stack = self.stack

        def enter(status: str, request: str = "") -> None:
            if isinstance(failure, ValidationFailed):
                stack.reject(failure.findings, status)
            else:
                stack.enter(status, f"{failure}{request}")

        def retained(resource: LogicalResource) -> bool:
            return retention.on_rollback(resource, options.retain_except_on_create)

        if options.on_failure == "DO_NOTHING":
            enter("CREATE_FAILED")
        elif options.on_failure == "DELETE":
            enter("DELETE_IN_PROGRESS", status_reasons.DELETE_REQUESTED)
            self._delete(retained)
        else:
            enter("ROLLBACK_IN_PROGRESS", status_reasons.ROLLBACK_REQUESTED)
            left = self._cleanup.run(retained)
            if left:
                stack.enter("ROLLBACK_FAILED", status_reasons.failed("delete", left))
            else:
                stack.enter("ROLLBACK_COMPLETE")

    def _roll_back(self, skip: Sequence[str] = ()) -> None:
        """Restore every resource to its state before the update, and delete new resources."""
        stack, target = self.stack, self.stack.rollback_target
        if target is None:
            raise DeploymentFailed(f"Stack {stack.name} has nothing to roll back to")
        stack.configuration = target.configuration
        failed = []
        for logical_id in target.configuration.order:
            before, resource = target.resources.get(logical_id), stack.resources.get(logical_id)
            if before is None or resource is None:
                continue
            try:
                self._restore(resource, before, target, skipped=logical_id in skip)
            except ResourceFailed as failure:
                stack.enter_resource(resource, "UPDATE_FAILED", failure.reason)
                failed.append(logical_id)
        if failed:
            stack.enter("UPDATE_ROLLBACK_FAILED", status_reasons.failed("update", failed))
            return
        try:
            self.surroundings.publish(stack, target.outputs)
        except DeploymentFailed as failure:
            LOG.warning("%s: could not restore its exports: %s", stack.name, failure)
        stack.outputs = list(target.outputs)
        self.surroundings.keep_used_exports(stack, target.used_exports)
        stack.enter("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        left = self._cleanup.run(
            lambda resource: retention.on_rollback(resource, target.retain_except_on_create),
            keep=target.resources,
            replaced_retained=lambda _: False,
        )
        stack.rollback_target = None
        stack.enter(
            "UPDATE_ROLLBACK_COMPLETE",
            status_reasons.NOT_ALL_DELETED if left else None,
        )

    def _restore(
        self,
        resource: LogicalResource,
        before: LogicalResource,
        target: RollbackTarget,
        skipped: bool,
    ) -> None:
        """Restore one resource. Raises ResourceFailed if its update fails."""
        current, old = resource.instance, before.instance
        resource.definition, resource.dependencies = before.definition, before.dependencies
        if current is old and resource.status != "UPDATE_FAILED":
            return
        if skipped or current is None or current is old:
            resource.instance = old
        elif old is None or old in resource.obsolete:
            resource.obsolete = [one for one in resource.obsolete if one is not old] + [current]
            resource.instance = old
        else:
            self.stack.enter_resource(resource, "UPDATE_IN_PROGRESS", properties=old.properties)
            operation = self._operation(resource, target.configuration)
            provisioning = Provisioning(
                self._resource_type(resource), replace(operation, stack_tags=old.stack_tags)
            )
            # CloudFormation does not keep secrets, so a rollback reads them again, and fails if
            # they are gone.
            values = provisioning.values(old.properties, without_secure(old.reference_values))
            resource.instance = provisioning.update(current, old.properties, values)
        self.stack.enter_resource(resource, "UPDATE_COMPLETE")

    # -- cleaning up ------------------------------------------------------------------------------

    def _delete(self, retained: retention.Retained, force: bool = False) -> None:
        left = self._cleanup.run(retained)
        if left and not force:
            self.stack.enter("DELETE_FAILED", status_reasons.failed("delete", left))
            return
        self.stack.deletion_time = utcnow()
        self.surroundings.retire(self.stack)
        self.stack.enter("DELETE_COMPLETE")

    # -- helpers ----------------------------------------------------------------------------------

    def _resource_type(self, resource: LogicalResource) -> ResourceType:
        return self.surroundings.resource_type(resource.type_name)

    def _operation(
        self,
        resource: LogicalResource,
        target: Configuration,
        identified: Callable[[Instance], None] = lambda _: None,
    ) -> Operation:
        return Operation(
            stack=self.stack.identity,
            logical_id=resource.logical_id,
            stack_tags=target.tags,
            identified=identified,
            timing=self.surroundings.timing,
            interruption=self.interruption,
        )
