"""Registry types, worked through their handlers."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from sandbox.cloudformation.errors import ResourceFailed
from sandbox.cloudformation.resources.resource_type import Instance, Operation, ResourceType
from sandbox.hosting.conversion import convert
from sandbox.hosting.handler_client import HandlerFailed, HandlerOperation, run
from sandbox.hosting.validation import violations
from sandbox.registry.type_registry import HostedType, Pointer, dig


class HostedResource(ResourceType):
    """A type in the registry. An instance's state is the model that its handlers answered last."""

    def __init__(self, hosted: HostedType) -> None:
        self.hosted = hosted
        self.takes_stack_tags = hosted.takes_stack_tags

    @property
    def create_only(self) -> tuple[Pointer, ...]:
        """As the schema says."""
        return self.hosted.create_only

    def has_attribute(self, name: str) -> bool:
        """Whether it is a read-only property: CloudFormation gives no other."""
        return tuple(name.split(".")) in self.hosted.read_only

    def attribute(self, instance: Instance, name: str) -> Any:
        """A property of the model."""
        value = dig(instance.state, tuple(name.split(".")))
        if value is None:
            raise ResourceFailed(f"Attribute '{name}' does not exist")
        return value

    def convert(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Resolved properties in the types of the schema."""
        converted: dict[str, Any] = convert(dict(properties), self.hosted.schema)
        return converted

    def violations(self, properties: Mapping[str, Any]) -> list[str]:
        """What the schema says against the properties."""
        return violations(properties, self.hosted)

    def replacing(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Pointer]:
        """The changed create-only properties; without an update handler, all changed ones."""
        changed = super().replacing(old, new)
        if changed or self.hosted.can_update:
            return changed
        return [(name,) for name in sorted({*old, *new}) if old.get(name) != new.get(name)]

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Have the CREATE handler make it."""
        made: list[Instance] = []

        def on_model(model: Mapping[str, Any]) -> None:
            made.append(self._instance(operation, properties, model))
            operation.identified(made[-1])

        try:
            model = run(self.hosted, _handler_operation("CREATE", operation, properties), on_model)
        except HandlerFailed as failure:
            # A handler that says FAILED also says what it leaves behind: a model to delete, or
            # none. One that broke off says nothing, and what it named before is all there is.
            if self.hosted.identifier(failure.model):
                failure.instance = self._instance(operation, properties, failure.model or {})
            elif not failure.answered and made:
                failure.instance = made[-1]
            raise
        return self._instance(operation, properties, model)

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Have the UPDATE handler change it."""
        model = run(
            self.hosted,
            _handler_operation(
                "UPDATE",
                operation,
                self._with_known(properties, instance),
                previous=Instance(
                    instance.physical_id,
                    self._with_known(instance.properties, instance),
                    instance.stack_tags,
                ),
            ),
        )
        updated = self._instance(operation, properties, model)
        if updated.physical_id != instance.physical_id:
            raise ResourceFailed(
                f"UPDATE changed the primary identifier from {instance.physical_id} "
                f"to {updated.physical_id}"
            )
        return updated

    def delete(self, operation: Operation, instance: Instance) -> None:
        """Have the DELETE handler remove it."""
        properties = self._with_known(instance.properties, instance)
        try:
            run(self.hosted, _handler_operation("DELETE", operation, properties))
        except HandlerFailed as failure:
            if failure.error_code != "NotFound":
                raise

    def _instance(
        self, operation: Operation, properties: Mapping[str, Any], model: Mapping[str, Any]
    ) -> Instance:
        # handler_client lets no model without an identifier through.
        physical_id = self.hosted.identifier(model) or ""
        return Instance(physical_id, properties, operation.stack_tags, dict(model))

    def _with_known(self, properties: Mapping[str, Any], instance: Instance) -> dict[str, Any]:
        """Properties as CloudFormation sends them for a resource that exists.

        To the template's it adds what only the resource could tell, its identifier before all.
        """
        merged = copy.deepcopy(dict(properties))
        for pointer in (*self.hosted.primary_identifier, *self.hosted.read_only):
            value = None if "*" in pointer else dig(instance.state, pointer)
            if value is not None:
                place = merged
                for name in pointer[:-1]:
                    place = place.setdefault(name, {})
                place.setdefault(pointer[-1], value)
        return merged


def _handler_operation(
    action: str,
    operation: Operation,
    properties: Mapping[str, Any],
    previous: Instance | None = None,
) -> HandlerOperation:
    return HandlerOperation(
        action=action,
        stack=operation.stack,
        logical_id=operation.logical_id,
        properties=properties,
        previous_properties=previous.properties if previous else None,
        stack_tags=operation.stack_tags,
        previous_stack_tags=previous.stack_tags if previous else None,
        wait=operation.wait,
        timing=operation.timing,
    )
