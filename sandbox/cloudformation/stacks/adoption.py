"""Takes existing resources into a stack, and gives them up again if that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.resources.resource_type import (
    Operation,
    ResourceFailed,
    ResourceType,
)
from sandbox.cloudformation.stacks.errors import DeploymentFailed
from sandbox.cloudformation.stacks.importing import ResourceToImport
from sandbox.cloudformation.stacks.provisioning import Provisioning
from sandbox.cloudformation.stacks.stack import LogicalResource, Stack
from sandbox.cloudformation.stacks.surroundings import Surroundings
from sandbox.cloudformation.template.configuration import Configuration


class Adoption:
    """One import into one stack.

    operation: makes the operation on a resource, for a configuration.
    desired: returns the desired properties of a resource; raises ResourceFailed.
    """

    def __init__(
        self,
        stack: Stack,
        surroundings: Surroundings,
        operation: Callable[[LogicalResource, Configuration], Operation],
        desired: Callable[[LogicalResource, ResourceType, Configuration], dict[str, Any]],
    ) -> None:
        self._stack = stack
        self._surroundings = surroundings
        self._operation = operation
        self._desired = desired
        self._replaced: dict[str, LogicalResource | None] = {}

    def run(self, target: Configuration, imports: Iterable[ResourceToImport]) -> None:
        """Import the resources, then apply the stack's tags to each.

        No resource is changed before all of them are imported.

        Raises DeploymentFailed if a resource cannot be imported or updated.
        """
        by_id = {each.logical_id: each for each in imports}
        resources = [
            self._import(by_id[logical_id], target)
            for logical_id in target.order
            if logical_id in by_id
        ]
        for resource in resources:
            self._apply_tags(resource, target)

    def give_up(self) -> None:
        """Remove the resources from the stack again. They stay as they are."""
        for logical_id, before in reversed(self._replaced.items()):
            resource = self._stack.resources.pop(logical_id)
            self._stack.enter_resource(resource, "IMPORT_ROLLBACK_IN_PROGRESS")
            self._stack.enter_resource(resource, "IMPORT_ROLLBACK_COMPLETE")
            if before:
                self._stack.resources[logical_id] = before

    def _import(self, wanted: ResourceToImport, target: Configuration) -> LogicalResource:
        logical_id = wanted.logical_id
        before = self._replaced[logical_id] = self._stack.resources.get(logical_id)
        resource = LogicalResource(
            logical_id, target.active[logical_id], target.dependencies[logical_id]
        )
        # What a failed creation left behind is still the stack's to delete.
        resource.obsolete = list(before.obsolete) if before else []
        self._stack.resources[logical_id] = resource
        self._stack.enter_resource(resource, "IMPORT_IN_PROGRESS", status_reasons.IMPORT_STARTED)
        try:
            kind = self._surroundings.resource_type(resource.type_name)
            operation = self._operation(resource, target)
            existing = kind.read_existing(operation, wanted.identifier)
            self._surroundings.claim(resource, existing)
            self._stack.enter_resource(resource, "IMPORT_IN_PROGRESS")
            properties = self._desired(resource, kind, target)
            values = Provisioning(kind, operation).values(properties)
        except ResourceFailed as failure:
            self._stack.enter_resource(resource, "IMPORT_FAILED", failure.reason)
            raise DeploymentFailed(status_reasons.failed("import", [logical_id])) from failure
        resource.instance = replace(existing, properties=properties, reference_values=values)
        self._stack.enter_resource(resource, "IMPORT_COMPLETE", status_reasons.IMPORT_COMPLETED)
        return resource

    def _apply_tags(self, resource: LogicalResource, target: Configuration) -> None:
        instance = resource.instance
        assert instance is not None  # noqa: S101 - for mypy; `_import` has set it
        self._stack.enter_resource(resource, "UPDATE_IN_PROGRESS", status_reasons.IMPORT_TAGS)
        try:
            kind = self._surroundings.resource_type(resource.type_name)
            provisioning = Provisioning(kind, self._operation(resource, target))
            resource.instance = provisioning.apply_stack_tags(instance)
        except ResourceFailed as failure:
            self._stack.enter_resource(resource, "UPDATE_FAILED", failure.reason)
            reason = status_reasons.failed("update", [resource.logical_id])
            raise DeploymentFailed(reason) from failure
        self._stack.enter_resource(resource, "UPDATE_COMPLETE")
