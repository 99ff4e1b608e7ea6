"""Deletes what a stack does not keep, each resource before those that it depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from sandbox.cloudformation.resources.resource_type import (
    DeletionSkipped,
    Instance,
    Operation,
    ResourceFailed,
)
from sandbox.cloudformation.stacks import retention
from sandbox.cloudformation.stacks.provisioning import Provisioning
from sandbox.cloudformation.stacks.stack import LogicalResource, Stack
from sandbox.cloudformation.stacks.surroundings import Surroundings
from sandbox.cloudformation.template.configuration import Configuration


class Cleanup:
    """Deletes physical resources of one stack.

    operation: makes the operation on a resource, for a configuration.
    """

    def __init__(
        self,
        stack: Stack,
        surroundings: Surroundings,
        operation: Callable[[LogicalResource, Configuration], Operation],
    ) -> None:
        self._stack = stack
        self._surroundings = surroundings
        self._operation = operation

    def run(
        self,
        retained: retention.Retained,
        keep: Iterable[str] = (),
        replaced_retained: retention.Retained | None = None,
    ) -> list[str]:
        """Delete every obsolete instance, and every resource not in `keep`.

        replaced_retained: whether to retain obsolete instances; by default, UpdateReplacePolicy
            decides.
        Returns the logical ids of the resources that could not be deleted. The resources that they
        depend on are not deleted either.
        """
        replaced_retained = replaced_retained or retention.when_replaced
        kept = set(keep)
        failed: list[str] = []
        needed: set[str] = set()
        for logical_id in self._stack.deletion_order():
            resource = self._stack.resources[logical_id]
            if logical_id in kept:
                if not self._drop_obsolete(resource, replaced_retained(resource)):
                    failed.append(logical_id)
            elif logical_id in needed:
                needed |= resource.dependencies
            elif self._drop(resource, retained(resource)):
                self._stack.former_resources[logical_id] = self._stack.resources.pop(logical_id)
            else:
                failed.append(logical_id)
                needed |= resource.dependencies
        return failed

    def _drop(self, resource: LogicalResource, retained: bool) -> bool:
        """Delete a resource and all its instances. Returns whether that succeeded."""
        resource.obsolete = [
            instance
            for instance in resource.obsolete
            if not self._delete_instance(resource, instance, retained=False)
        ]
        return not resource.obsolete and self._delete_instance(
            resource, resource.instance, retained
        )

    def _drop_obsolete(self, resource: LogicalResource, retained: bool) -> bool:
        """Delete the obsolete instances of a resource and keep its current one.

        The resource keeps its status. An instance that could not be deleted is no longer tracked,
        as in CloudFormation. Returns whether all were deleted.
        """
        status, reason, changed = resource.status, resource.reason, resource.changed
        gone = [
            self._delete_instance(resource, instance, retained) for instance in resource.obsolete
        ]
        resource.obsolete = []
        resource.status, resource.reason, resource.changed = status, reason, changed
        return all(gone)

    def _delete_instance(
        self, resource: LogicalResource, instance: Instance | None, retained: bool
    ) -> bool:
        """Delete an instance. Returns whether it was deleted, or stays without a failure."""

        def enter(status: str, reason: str | None = None) -> None:
            self._stack.enter_resource(resource, status, reason, instance=instance)

        if instance is None:
            enter("DELETE_COMPLETE")
            return True
        if retained:
            enter("DELETE_SKIPPED")
            return True
        enter("DELETE_IN_PROGRESS")
        operation = self._operation(resource, self._stack.configuration)
        try:
            kind = self._surroundings.resource_type(resource.type_name)
            operation = replace(operation, stack_tags=instance.stack_tags)
            Provisioning(kind, operation).delete(instance)
        except DeletionSkipped as skipped:
            enter("DELETE_SKIPPED", str(skipped))
            return True
        except ResourceFailed as failure:
            enter("DELETE_FAILED", failure.reason)
            return False
        enter("DELETE_COMPLETE")
        return True
