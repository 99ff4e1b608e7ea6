"""Resource types that create nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.cloudformation.resources.resource_type import Instance, Operation, ResourceType


class InertResource(ResourceType):
    """A type that creates nothing: metadata, and wait conditions, which moto also leaves out."""

    def has_attribute(self, name: str) -> bool:
        """Return whether `name` is Data, the attribute of a wait condition."""
        return name == "Data"

    def attribute(self, _instance: Instance, _name: str) -> Any:
        """Return an empty JSON object."""
        return "{}"

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Return an instance with a generated physical id."""
        return Instance(f"{operation.stack.name}-{operation.logical_id}", properties)

    def update(
        self, _operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Return the instance with the new properties."""
        return replace(instance, properties=properties)

    def delete(self, _operation: Operation, _instance: Instance) -> None:
        """Do nothing, because nothing was created."""
