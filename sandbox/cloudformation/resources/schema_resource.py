"""The base of resource types that have a registry schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.resources.resource_type import Instance, ResourceFailed, ResourceType
from sandbox.hosting.conversion import convert
from sandbox.hosting.pointers import Pointer, dig
from sandbox.hosting.type_schema import TypeSchema
from sandbox.hosting.validation import violations


class SchemaResource(ResourceType):
    """A type with a registry schema. The state of an instance is its model."""

    def __init__(self, schema: TypeSchema) -> None:
        self.schema = schema

    @property
    def create_only(self) -> tuple[Pointer, ...]:
        """The schema's create-only properties."""
        return self.schema.create_only

    def has_attribute(self, name: str) -> bool:
        """Return whether `name` is a read-only property: CloudFormation returns no others."""
        return tuple(name.split(".")) in self.schema.read_only

    def attribute(self, instance: Instance, name: str) -> Any:
        """Return a property of the model. Raises ResourceFailed if the model does not have it."""
        value = dig(instance.state, tuple(name.split(".")))
        if value is None:
            raise ResourceFailed(status_reasons.no_attribute(name))
        return value

    def convert(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return resolved properties, converted to the types of the schema."""
        converted: dict[str, Any] = convert(dict(properties), self.schema.schema)
        return converted

    def violations(self, properties: Mapping[str, Any]) -> list[str]:
        """Return one message for each violation of the schema."""
        return violations(properties, self.schema)

    def replacing(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Pointer]:
        """Return the changed properties that require a replacement.

        These are the create-only properties, or all properties without an update handler.
        """
        changed = super().replacing(old, new)
        if changed or self.schema.can_update:
            return changed
        return [(name,) for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
