"""Types that make nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.cloudformation.resources.resource_type import Instance, Operation, ResourceType


class InertResource(ResourceType):
    """A type that makes nothing: metadata, and the wait conditions that moto leaves out too."""

    def has_attribute(self, name: str) -> bool:
        """Whether it is the data of a wait condition."""
        return name == "Data"

    def attribute(self, _instance: Instance, _name: str) -> Any:
        """No data."""
        return "{}"

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Make up a physical id."""
        return Instance(f"{operation.stack.name}-{operation.logical_id}", properties)

    def update(
        self, _operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Remember other properties."""
        return replace(instance, properties=properties)

    def delete(self, _operation: Operation, _instance: Instance) -> None:
        """Nothing was made."""
