"""A type by its registry schema, whoever makes its resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.cloudformation.resources.resource_type import Instance, ResourceFailed, ResourceType
from sandbox.hosting.conversion import convert
from sandbox.hosting.pointers import Pointer, dig
from sandbox.hosting.type_schema import TypeSchema
from sandbox.hosting.validation import violations


class SchemaResource(ResourceType):
    """An instance's state is its model: the properties that it has."""

    def __init__(self, schema: TypeSchema) -> None:
        self.schema = schema

    @property
    def create_only(self) -> tuple[Pointer, ...]:
        """As the schema says."""
        return self.schema.create_only

    def has_attribute(self, name: str) -> bool:
        """Whether it is a read-only property: CloudFormation gives no other."""
        return tuple(name.split(".")) in self.schema.read_only

    def attribute(self, instance: Instance, name: str) -> Any:
        """A property of the model."""
        value = dig(instance.state, tuple(name.split(".")))
        if value is None:
            raise ResourceFailed(f"Attribute '{name}' does not exist")
        return value

    def convert(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Resolved properties in the types of the schema."""
        converted: dict[str, Any] = convert(dict(properties), self.schema.schema)
        return converted

    def violations(self, properties: Mapping[str, Any]) -> list[str]:
        """What the schema says against the properties."""
        return violations(properties, self.schema)

    def replacing(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Pointer]:
        """The changed create-only properties; without an update handler, all changed ones."""
        changed = super().replacing(old, new)
        if changed or self.schema.can_update:
            return changed
        return [(name,) for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
