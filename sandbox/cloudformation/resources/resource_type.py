"""Resource types under one interface.

A deployment asks a type to create, update and delete *instances*: the physical resources that
belong to a logical one. `hosted` has the types with handlers, and `moto` those that moto models.
The sandbox works those in `registry_types`, `bucket_policy` and `monitoring_schedule` itself.
Nested stacks are in stacks/nested.py. The catalog finds the type behind a name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.cloudformation.identity import StackIdentity
from sandbox.hosting.interruption import Interruption
from sandbox.hosting.pointers import Pointer, dig
from sandbox.hosting.timing import Timing

NESTED_STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, eq=False)
class Instance:
    """One physical resource.

    properties: as last asked for, in the types of the schema. stack_tags: as last handed over.
    state: what the type itself remembers (a model, moto's object, a child stack).
    """

    physical_id: str
    properties: Mapping[str, Any]
    stack_tags: Mapping[str, str] = field(default_factory=dict)
    state: Any = None


class ResourceFailed(Exception):
    """An operation on one resource has failed; the text is its status reason.

    error_code: the handler error code, where a handler gave one.
    instance: after a failed create, what exists all the same and a rollback has to delete.
    """

    def __init__(
        self, reason: str, error_code: str | None = None, instance: Instance | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error_code = error_code
        self.instance = instance


@dataclass(frozen=True)
class Operation:
    """The part of a deployment that a type's operation may use.

    identified: told of the instance as soon as its physical id is known.
    interruption: ends the stack operation early; waiting is done by it.
    """

    stack: StackIdentity
    logical_id: str
    stack_tags: Mapping[str, str]
    identified: Callable[[Instance], None]
    timing: Timing
    interruption: Interruption


class ResourceType(ABC):
    """What a deployment knows of a type. Operations raise ResourceFailed."""

    takes_stack_tags = False

    @abstractmethod
    def has_attribute(self, name: str) -> bool:
        """Whether Fn::GetAtt may ask for `name`."""

    @abstractmethod
    def attribute(self, instance: Instance, name: str) -> Any:
        """What Fn::GetAtt gives."""

    @abstractmethod
    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Make a physical resource."""

    @abstractmethod
    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Change a physical resource in place."""

    @abstractmethod
    def delete(self, operation: Operation, instance: Instance) -> None:
        """Remove a physical resource; one that is gone is removed."""

    def convert(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Resolved properties in the types of the schema."""
        return dict(properties)

    def violations(self, _properties: Mapping[str, Any]) -> list[str]:
        """What is wrong with converted properties."""
        return []

    @property
    def create_only(self) -> tuple[Pointer, ...]:
        """The properties that only a new physical resource can take on."""
        return ()

    def replacing(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Pointer]:
        """The create-only properties that differ."""
        return [pointer for pointer in self.create_only if dig(old, pointer) != dig(new, pointer)]

    def is_current(
        self, instance: Instance, properties: Mapping[str, Any], stack_tags: Mapping[str, str]
    ) -> bool:
        """Whether nothing would change."""
        return instance.properties == properties and (
            not self.takes_stack_tags or instance.stack_tags == stack_tags
        )

    def check_updatable(self) -> None:  # noqa: B027  # most types are, and have nothing to say
        """Raise ResourceFailed where the type cannot be updated at all: nothing was tried."""
