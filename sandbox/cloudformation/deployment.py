"""One operation on one stack: create, update, delete, and the rollbacks.

All of them are two movements. *Converging* takes the resources of a configuration in dependency
order and makes each what it should be, new instances before old ones go. *Cleaning up* takes the
stack's resources in the opposite order and deletes the instances that are not wanted any more. A
rollback is the same two movements towards the state before.

Sources for statuses, reasons and their order: CloudFormation user guide, "Update behaviors of stack
resources", "Stack failure options" and the stack event logs in AWS's own issues and documentation.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from moto.core.utils import utcnow

from .configuration import Configuration
from .errors import (
    Cancelled,
    DeploymentFailed,
    ResourceFailed,
    Stopped,
    ValidationError,
)
from .handler_client import Timing
from .resources import Instance, Operation, ResourceType
from .stack import Resource, RollbackTarget, Stack

LOG = logging.getLogger(__name__)

REPLACEMENT_REASON = (
    "Requested update requires the creation of a new physical resource; hence creating one."
)


@dataclass(frozen=True)
class CreateOptions:
    """What a CreateStack says of failures: ROLLBACK, DELETE or DO_NOTHING on one."""

    on_failure: str = "ROLLBACK"
    retain_except_on_create: bool = False


@dataclass(frozen=True)
class UpdateOptions:
    """What an UpdateStack says of failures."""

    disable_rollback: bool = False
    retain_except_on_create: bool = False


class Surroundings(Protocol):
    """What a deployment needs of its account and region."""

    timing: Timing

    def resource_type(self, type_name: str) -> ResourceType:
        """Raises ResourceFailed: nobody knows the type any more."""

    def import_value(self, stack: Stack, name: str) -> Any:
        """The value of an export, noting who imports it. raises ValidationError: no such export."""

    def publish(self, stack: Stack, outputs: Iterable[Mapping[str, Any]]) -> None:
        """Raises DeploymentFailed: taken by another stack, or in use and about to change."""

    def keep_imports(self, stack: Stack, names: Iterable[str]) -> None:
        """Takes note of the exports that a stack uses, and of no others."""

    def retire(self, stack: Stack) -> None:
        """Takes note that a stack is deleted."""


class StackValues:
    """What Ref, GetAtt and ImportValue give while a deployment is under way."""

    def __init__(self, stack: Stack, surroundings: Surroundings) -> None:
        self.stack = stack
        self.surroundings = surroundings
        self.imported: set[str] = set()

    def ref(self, logical_id: str) -> Any:
        return self._instance(logical_id).physical_id

    def get_att(self, logical_id: str, attribute: str) -> Any:
        instance = self._instance(logical_id)
        resource = self.stack.resources[logical_id]
        return self.surroundings.resource_type(resource.type_name).attribute(instance, attribute)

    def import_value(self, name: str) -> Any:
        self.imported.add(name)
        return self.surroundings.import_value(self.stack, name)

    def _instance(self, logical_id: str) -> Instance:
        resource = self.stack.resources.get(logical_id)
        if resource is None or resource.instance is None:
            raise ValidationError(f"Unresolved resource dependency [{logical_id}]")
        return resource.instance


class Deployment:
    """Runs in the thread of its caller; `create`, `update` and `delete` return when the stack has
    its final status.

    parent: the deployment of the stack that this one is nested in; it shares that one's end.
    """

    def __init__(
        self, stack: Stack, surroundings: Surroundings, parent: Deployment | None = None
    ) -> None:
        self.stack = stack
        self.surroundings = surroundings
        self.values = StackValues(stack, surroundings)
        self.deadline = float("inf")
        self._cancelled = parent._cancelled if parent else threading.Event()
        self._stopped = parent._stopped if parent else threading.Event()
        self._wake = parent._wake if parent else threading.Event()

    def cancel(self) -> None:
        """Ends the operation as the user asks: at its next wait or next resource."""
        self._cancelled.set()
        self._wake.set()

    def stop(self) -> None:
        """Ends the operation wherever it is, leaving the stack as it stands."""
        self._stopped.set()
        self._wake.set()

    # -- the operations ---------------------------------------------------------------------------

    def create(self, on_failure: str = "ROLLBACK", retain_except_on_create: bool = False) -> None:
        """on_failure: ROLLBACK, DELETE or DO_NOTHING, as in CreateStack."""
        stack = self.stack
        if stack.timeout_in_minutes:
            self.deadline = time.monotonic() + stack.timeout_in_minutes * 60
        try:
            self._converge(stack.configuration)
            self._conclude(stack.configuration)
        except Cancelled:
            return  # a DeleteStack waits for this deployment to end and takes over
        except _Failures as failures:
            self.deadline = float("inf")
            if on_failure == "DO_NOTHING":
                stack.enter("CREATE_FAILED", failures.reason)
            elif on_failure == "DELETE":
                stack.enter("DELETE_IN_PROGRESS", f"{failures.reason}Delete requested by user.")
                self._delete(retain_except_on_create=retain_except_on_create, is_rollback=True)
            else:
                stack.enter("ROLLBACK_IN_PROGRESS", f"{failures.reason}Rollback requested by user.")
                left = self._clean_up(
                    lambda resource: _retained_on_rollback(resource, retain_except_on_create)
                )
                if left:
                    stack.enter("ROLLBACK_FAILED", _failed("delete", left))
                else:
                    stack.outputs = []
                    stack.enter("ROLLBACK_COMPLETE")
            return
        stack.enter("CREATE_COMPLETE")

    def update(
        self,
        target: Configuration,
        disable_rollback: bool = False,
        retain_except_on_create: bool = False,
    ) -> None:
        stack = self.stack
        before = RollbackTarget(
            stack.configuration,
            {logical_id: resource.copy() for logical_id, resource in stack.resources.items()},
            list(stack.outputs),
        )
        stack.last_updated_time = utcnow()
        stack.configuration = target
        try:
            self._converge(target)
            self._conclude(target)
        except (Cancelled, _Failures) as failure:
            self._cancelled.clear()
            self._wake.clear()
            reason = failure.reason if isinstance(failure, _Failures) else "User Initiated"
            if disable_rollback and isinstance(failure, _Failures):
                stack.enter("UPDATE_FAILED", reason)
            else:
                stack.rollback_target = before
                self._roll_back(reason, (), retain_except_on_create)
            return
        stack.enter("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        left = self._clean_up(_retained, keep=target.active)
        reason = "Update successful. One or more resources could not be deleted." if left else None
        stack.enter("UPDATE_COMPLETE", reason)

    def continue_rollback(self, skip: Iterable[str]) -> None:
        """Takes up a rollback that failed; the resources to skip are taken to be rolled back."""
        self._roll_back("User Initiated", tuple(skip), False)

    def delete(self, previous: str, retain: Iterable[str] = (), force: bool = False) -> None:
        """previous: the status to go back to where the stack is still needed. retain: resources to
        leave alone, of a stack whose deletion has failed before. force: leave alone whatever cannot
        be deleted (DeletionMode FORCE_DELETE_STACK).
        """
        try:
            self.surroundings.publish(self.stack, [])
        except DeploymentFailed as failure:
            self.stack.enter(previous, f"Delete canceled. {failure}")
            return
        self._delete(retain, force)

    # -- converging -------------------------------------------------------------------------------

    def _converge(self, target: Configuration) -> None:
        """Raises _Failures: a resource failed; Cancelled."""
        for logical_id in target.order:
            self._check()
            definition = target.active[logical_id]
            resource = self.stack.resources.get(logical_id)
            fresh = resource is None
            if resource is None:
                resource = Resource(logical_id, definition, target.dependencies[logical_id])
                self.stack.resources[logical_id] = resource
            if resource.status == "CREATE_FAILED" and resource.instance:
                resource.obsolete.append(resource.instance)
                resource.instance = None
            try:
                if resource.instance is None:
                    self._create(resource, target)
                else:
                    self._change(resource, target)
            except Cancelled:
                if self._is_changing(resource):
                    verb = "creation" if fresh else "update"
                    status = "CREATE_FAILED" if fresh else "UPDATE_FAILED"
                    self.stack.enter_resource(resource, status, f"Resource {verb} cancelled")
                raise

    def _create(self, resource: Resource, target: Configuration) -> None:
        resource.definition = target.active[resource.logical_id]
        resource.dependencies = target.dependencies[resource.logical_id]
        properties: dict[str, Any] | None = None
        try:
            resource_type = self._resource_type(resource)
            properties = self._desired(resource, resource_type, target)
            self.stack.enter_resource(resource, "CREATE_IN_PROGRESS", properties=properties)

            def identified(instance: Instance) -> None:
                known, resource.instance = resource.instance, instance
                if known is None:
                    self.stack.enter_resource(
                        resource, "CREATE_IN_PROGRESS", "Resource creation Initiated"
                    )

            instance = resource_type.create(
                self._operation(resource, target, identified), properties
            )
            identified(instance)
        except ResourceFailed as failure:
            if properties is None:
                self.stack.enter_resource(resource, "CREATE_IN_PROGRESS")
            resource.instance = failure.instance
            self.stack.enter_resource(
                resource, "CREATE_FAILED", failure.reason, properties=properties
            )
            raise _Failures("create", resource) from failure
        self.stack.enter_resource(resource, "CREATE_COMPLETE")

    def _change(self, resource: Resource, target: Configuration) -> None:
        """Updates an existing resource, in place or by a new instance, or leaves it as it is."""
        old = resource.instance
        assert old is not None
        previous_status = resource.status
        properties: dict[str, Any] | None = None
        try:
            resource.definition = target.active[resource.logical_id]
            resource.dependencies = target.dependencies[resource.logical_id]
            resource_type = self._resource_type(resource)
            properties = self._desired(resource, resource_type, target)
            unfinished = previous_status.endswith("FAILED")
            if resource_type.is_current(old, properties, target.tags) and not unfinished:
                return
            if resource_type.replacing(old.properties, properties):
                self._replace(resource, resource_type, target, properties)
                return
            self.stack.enter_resource(resource, "UPDATE_IN_PROGRESS", properties=properties)
            resource_type.check_updatable()
            # What a rollback has to undo, should this operation end half-way.
            resource.instance = replace(old, properties=properties, stack_tags=target.tags)
            resource.instance = resource_type.update(
                self._operation(resource, target), old, properties
            )
        except ResourceFailed as failure:
            self.stack.enter_resource(
                resource, "UPDATE_FAILED", failure.reason, properties=properties
            )
            raise _Failures("update", resource) from failure
        self.stack.enter_resource(resource, "UPDATE_COMPLETE")

    def _replace(
        self,
        resource: Resource,
        resource_type: ResourceType,
        target: Configuration,
        properties: dict[str, Any],
    ) -> None:
        """Makes the new instance; the old one waits for the cleanup, which comes last."""
        old = resource.instance
        assert old is not None
        self.stack.enter_resource(
            resource, "UPDATE_IN_PROGRESS", REPLACEMENT_REASON, properties=properties
        )

        def identified(instance: Instance) -> None:
            known, resource.instance = resource.instance, instance
            if known is old:
                resource.obsolete.append(old)
                self.stack.enter_resource(
                    resource, "UPDATE_IN_PROGRESS", "Resource creation Initiated"
                )

        try:
            identified(
                resource_type.create(self._operation(resource, target, identified), properties)
            )
        except ResourceFailed as failure:
            if failure.instance:
                identified(failure.instance)
            elif resource.instance is not old:
                resource.obsolete.remove(old)
                resource.instance = old
            raise
        self.stack.enter_resource(resource, "UPDATE_COMPLETE")

    def _desired(
        self, resource: Resource, resource_type: ResourceType, target: Configuration
    ) -> dict[str, Any]:
        """Raises ResourceFailed: the properties cannot be resolved, or are not what the type
        allows.
        """
        try:
            resolved = target.properties(resource.logical_id, self.values)
        except ValidationError as error:
            raise ResourceFailed(error.message) from error
        properties = resource_type.convert(resolved)
        found = resource_type.violations(properties)
        if found:
            lines = "\n".join(found)
            raise ResourceFailed(
                f"Properties validation failed for resource {resource.logical_id} with message:\n"
                f"{lines}"
            )
        return properties

    def _conclude(self, target: Configuration) -> None:
        """Sets outputs and exports. raises _Failures."""
        try:
            outputs = target.outputs(self.values)
            self.surroundings.publish(self.stack, outputs)
        except (DeploymentFailed, ResourceFailed, ValidationError) as error:
            raise _Failures.of_stack(str(error)) from error
        self.surroundings.keep_imports(self.stack, self.values.imported)
        self.stack.outputs = outputs

    # -- rolling back an update -------------------------------------------------------------------

    def _roll_back(self, reason: str, skip: tuple[str, ...], retain_except_on_create: bool) -> None:
        """Every resource becomes what it was before the update; what is new goes."""
        stack, target = self.stack, self.stack.rollback_target
        assert target is not None
        stack.enter("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        stack.configuration = target.configuration
        failed = []
        for logical_id in target.configuration.order:
            before = target.resources.get(logical_id)
            resource = stack.resources.get(logical_id)
            if before is None or resource is None or resource.instance is before.instance:
                self._restore_unchanged(resource, before)
                continue
            try:
                self._restore(resource, before, target, skipped=logical_id in skip)
            except ResourceFailed as failure:
                stack.enter_resource(resource, "UPDATE_FAILED", failure.reason)
                failed.append(logical_id)
        if failed:
            stack.enter("UPDATE_ROLLBACK_FAILED", _failed("update", failed))
            return
        try:
            self.surroundings.publish(stack, target.outputs)
        except DeploymentFailed as failure:
            LOG.warning("%s: %s", stack.name, failure)
        stack.outputs = [dict(output) for output in target.outputs]
        stack.enter("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        left = self._clean_up(
            lambda resource: (
                resource.logical_id not in target.resources
                and _retained_on_rollback(resource, retain_except_on_create)
            ),
            keep=target.resources,
            retain_replaced=lambda resource: False,
        )
        stack.rollback_target = None
        text = "One or more resources could not be deleted." if left else None
        stack.enter("UPDATE_ROLLBACK_COMPLETE", text)

    def _restore_unchanged(self, resource: Resource | None, before: Resource | None) -> None:
        """A resource whose instance the update never touched: at most its status shows."""
        if resource is None or before is None:
            return
        resource.definition, resource.dependencies = before.definition, before.dependencies
        if resource.status == "UPDATE_FAILED":
            self.stack.enter_resource(resource, "UPDATE_COMPLETE")

    def _restore(
        self, resource: Resource, before: Resource, target: RollbackTarget, skipped: bool
    ) -> None:
        current, old = resource.instance, before.instance
        resource.definition, resource.dependencies = before.definition, before.dependencies
        if skipped or current is None:
            resource.instance = old
        elif old is None:
            resource.obsolete.append(current)
            resource.instance = None
        elif current.physical_id != old.physical_id and old in resource.obsolete:
            resource.obsolete.remove(old)
            resource.obsolete.append(current)
            resource.instance = old
        else:
            self.stack.enter_resource(resource, "UPDATE_IN_PROGRESS", properties=old.properties)
            operation = replace(
                self._operation(resource, target.configuration), stack_tags=old.stack_tags
            )
            resource.instance = self._resource_type(resource).update(
                operation, current, old.properties
            )
        self.stack.enter_resource(resource, "UPDATE_COMPLETE")

    # -- cleaning up ------------------------------------------------------------------------------

    def _delete(
        self,
        retain: Iterable[str] = (),
        force: bool = False,
        retain_except_on_create: bool = False,
        is_rollback: bool = False,
    ) -> None:
        kept = set(retain)

        def retained(resource: Resource) -> bool:
            if resource.logical_id in kept:
                return True
            if is_rollback:
                return _retained_on_rollback(resource, retain_except_on_create)
            return _retained(resource)

        left = self._clean_up(retained)
        if left and not force:
            self.stack.enter("DELETE_FAILED", _failed("delete", left))
            return
        self.stack.deletion_time = utcnow()
        self.surroundings.retire(self.stack)
        self.stack.enter("DELETE_COMPLETE")

    def _clean_up(
        self,
        retained: Callable[[Resource], bool],
        keep: Iterable[str] = (),
        retain_replaced: Callable[[Resource], bool] | None = None,
    ) -> list[str]:
        """Deletes every obsolete instance, and every resource not in `keep`.

        retained: whether the physical resource stays although the logical one goes.
        retain_replaced: the same for obsolete instances; by UpdateReplacePolicy where left out.
        Gives the logical ids that could not be deleted. What they depend on is left alone too.
        """
        kept = set(keep)
        failed: list[str] = []
        needed: set[str] = set()
        retain_replaced = retain_replaced or _retained_when_replaced
        for logical_id in self.stack.deletion_order():
            resource = self.stack.resources[logical_id]
            if logical_id in needed:
                needed |= resource.dependencies
                continue
            going = logical_id not in kept
            replaced_retained = not going and retain_replaced(resource)
            leftover: list[Instance | None] = []
            for instance in resource.obsolete:
                if not self._delete_instance(
                    resource, instance, replaced_retained, quiet=not going
                ):
                    leftover.append(instance)
            # A stack that lives on forgets what it could not clean up, as CloudFormation does.
            resource.obsolete = [i for i in leftover if i] if going else []
            if going and not leftover:
                if self._delete_instance(resource, resource.instance, retained(resource)):
                    self.stack.former_resources[logical_id] = self.stack.resources.pop(logical_id)
                    continue
                leftover.append(resource.instance)
            if leftover:
                failed.append(logical_id)
                needed |= resource.dependencies if going else frozenset()
        return failed

    def _delete_instance(
        self, resource: Resource, instance: Instance | None, retained: bool, quiet: bool = False
    ) -> bool:
        """Whether the instance is gone, or left alone on purpose.

        quiet: the resource lives on with another instance, whose status is not this one's.
        """
        stack = self.stack
        status, reason = resource.status, resource.reason
        physical_id = instance.physical_id if instance else ""
        properties = instance.properties if instance else None

        def enter(new_status: str, new_reason: str | None = None) -> None:
            stack.enter_resource(
                resource, new_status, new_reason, physical_id=physical_id, properties=properties
            )

        try:
            if instance is None:
                enter("DELETE_COMPLETE")
                return True
            if retained:
                enter("DELETE_SKIPPED")
                return True
            enter("DELETE_IN_PROGRESS")
            operation = replace(
                self._operation(resource, stack.configuration), stack_tags=instance.stack_tags
            )
            self._resource_type(resource).delete(operation, instance)
            enter("DELETE_COMPLETE")
            return True
        except ResourceFailed as failure:
            enter("DELETE_FAILED", failure.reason)
            return False
        finally:
            if quiet:
                resource.status, resource.reason = status, reason

    # -- helpers ----------------------------------------------------------------------------------

    def _resource_type(self, resource: Resource) -> ResourceType:
        return self.surroundings.resource_type(resource.type_name)

    def _operation(
        self,
        resource: Resource,
        target: Configuration,
        identified: Callable[[Instance], None] = lambda instance: None,
    ) -> Operation:
        return Operation(
            stack=self.stack.identity,
            logical_id=resource.logical_id,
            stack_tags=target.tags,
            wait=self.wait,
            identified=identified,
            timing=self.surroundings.timing,
            deployment=self,
        )

    @staticmethod
    def _is_changing(resource: Resource) -> bool:
        return resource.status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")

    def _check(self) -> None:
        """Raises Stopped, Cancelled or _Failures where the operation should end here."""
        if self._stopped.is_set():
            raise Stopped
        if self._cancelled.is_set():
            raise Cancelled
        if time.monotonic() > self.deadline:
            raise _Failures.of_stack("Stack creation time exceeded the specified timeout.")

    def wait(self, seconds: float) -> None:
        """Sleeps; ends early, with an exception, where the operation is to end.

        raises ResourceFailed: the stack's time is up.
        """
        end = time.monotonic() + seconds
        while True:
            try:
                self._check()
            except _Failures as failures:
                raise ResourceFailed("Resource creation cancelled") from failures
            left = min(end, self.deadline) - time.monotonic()
            if left <= 0 and end <= self.deadline:
                return
            self._wake.wait(max(0.0, left))


class _Failures(Exception):
    """Why converging ended: the stack's status reason, with a space at its end to go on from."""

    def __init__(self, verb: str, resource: Resource) -> None:
        super().__init__(resource.logical_id)
        self.reason = _failed(verb, [resource.logical_id])

    @classmethod
    def of_stack(cls, reason: str) -> _Failures:
        failures = cls.__new__(cls)
        Exception.__init__(failures, reason)
        failures.reason = f"{reason.rstrip('. ')}. "
        return failures


def _failed(verb: str, logical_ids: Iterable[str]) -> str:
    return f"The following resource(s) failed to {verb}: [{', '.join(logical_ids)}]. "


def _retained(resource: Resource) -> bool:
    policy = resource.definition.get("DeletionPolicy", "Delete")
    return policy in ("Retain", "RetainExceptOnCreate")


def _retained_when_replaced(resource: Resource) -> bool:
    return bool(resource.definition.get("UpdateReplacePolicy", "Delete") == "Retain")


def _retained_on_rollback(resource: Resource, retain_except_on_create: bool) -> bool:
    """A resource that the operation being rolled back has made itself."""
    policy = resource.definition.get("DeletionPolicy", "Delete")
    return bool(policy == "Retain") and not retain_except_on_create
