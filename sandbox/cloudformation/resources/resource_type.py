"""Resource types under one interface.

A deployment asks a type to create, update and delete *instances*, physical resources that belong to
a logical one. `hosted` has the types with handlers, `moto_types` those that moto models, `nested`
the nested stacks; `catalog` finds the one behind a name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sandbox.cloudformation.template.configuration import StackIdentity
from sandbox.hosting.handler_client import Timing
from sandbox.registry.type_registry import Pointer, dig

if TYPE_CHECKING:
    from sandbox.cloudformation.stacks.deployment import Deployment

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


@dataclass(frozen=True)
class Operation:
    """The part of a deployment that a type's operation may use.

    wait: sleeps, and raises where the stack operation ends meanwhile.
    identified: told of the instance as soon as its physical id is known.
    """

    stack: StackIdentity
    logical_id: str
    stack_tags: Mapping[str, str]
    wait: Callable[[float], None]
    identified: Callable[[Instance], None]
    timing: Timing
    deployment: Deployment


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
