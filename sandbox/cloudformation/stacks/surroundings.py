"""What a deployment needs of its account and region, and the values that it works with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.resources.resource_type import Instance, ResourceType
from sandbox.cloudformation.stacks.stack import Stack
from sandbox.hosting.timing import Timing


class Surroundings(Protocol):
    """What a deployment needs of its account and region."""

    @property
    def timing(self) -> Timing:
        """How patient handlers are treated."""

    def resource_type(self, type_name: str) -> ResourceType:
        """The implementation of a type. Raises ResourceFailed: nobody knows it any more."""

    def import_value(self, stack: Stack, name: str) -> Any:
        """The value of an export, noting who imports it. Raises ValidationError: none."""

    def publish(self, stack: Stack, outputs: Sequence[Mapping[str, Any]]) -> None:
        """Make outputs a stack's exports.

        raises DeploymentFailed: taken by another stack, or in use and about to change.
        """

    def keep_imports(self, stack: Stack, names: set[str]) -> None:
        """Take note of the exports that a stack uses, and of no others."""

    def retire(self, stack: Stack) -> None:
        """Take note that a stack is deleted."""


class StackValues:
    """What Ref, GetAtt and ImportValue give while a deployment is under way."""

    def __init__(self, stack: Stack, surroundings: Surroundings) -> None:
        self.stack = stack
        self.surroundings = surroundings
        self.imported: set[str] = set()

    def ref(self, logical_id: str) -> Any:
        """The physical id of a resource."""
        return self._instance(logical_id).physical_id

    def get_att(self, logical_id: str, attribute: str) -> Any:
        """An attribute of a resource. Raises ResourceFailed: it has none of that name."""
        instance = self._instance(logical_id)
        resource = self.stack.resources[logical_id]
        return self.surroundings.resource_type(resource.type_name).attribute(instance, attribute)

    def import_value(self, name: str) -> Any:
        """The value of an export."""
        self.imported.add(name)
        return self.surroundings.import_value(self.stack, name)

    def _instance(self, logical_id: str) -> Instance:
        resource = self.stack.resources.get(logical_id)
        if resource is None or resource.instance is None:
            raise ValidationError(f"Unresolved resource dependency [{logical_id}]")
        return resource.instance
