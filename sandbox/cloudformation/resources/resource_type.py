"""The interface of all resource types.

A deployment creates, updates and deletes *instances*: the physical resources of a logical resource.
`hosted` implements the types with handlers, and `moto` those that moto models; `bucket` and `role`
set what those models leave out. The sandbox itself implements those in `custom_resource`,
`registry_types`, `bucket_policy` and `monitoring_schedule`. Nested stacks are in stacks/nested.py.
The catalog finds the implementation of a type by its name.
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

    properties: the last requested properties, converted to the types of the schema. In a stack,
        they contain dynamic references as the template has them; a type's methods receive
        instances and properties with the values instead.
    stack_tags: the stack's tags at the last operation.
    state: data that belongs to the type: a model, moto's object, or a child stack.
    """

    physical_id: str
    properties: Mapping[str, Any]
    stack_tags: Mapping[str, str] = field(default_factory=dict)
    state: Any = None
    reference_values: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The values that the dynamic references had at the last operation. They are never shown."""
    note: str | None = None
    """What the event says that the last operation is complete, where something was left out."""


class ResourceFailed(Exception):
    """An operation on one resource failed. The message is its status reason.

    instance: after a failed creation, an instance that exists anyway and must be deleted.
    """

    def __init__(self, reason: str, instance: Instance | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.instance = instance


class ResourceGone(ResourceFailed):
    """The physical resource does not exist any more."""


class DeletionSkipped(Exception):
    """The sandbox cannot delete the resource, which stays. The message is the status reason."""


@dataclass(frozen=True)
class Operation:
    """The part of a deployment that a resource type may use.

    identified: must be called with the instance as soon as its physical id is known.
    interruption: ends the stack operation early; use its `wait` to sleep.
    """

    stack: StackIdentity
    logical_id: str
    stack_tags: Mapping[str, str]
    timing: Timing
    interruption: Interruption
    identified: Callable[[Instance], None] = lambda _: None


class ResourceType(ABC):
    """A resource type. `create`, `update` and `delete` raise ResourceFailed if they fail."""

    takes_stack_tags = False
    takes_secrets = True
    """Whether it receives the values of secure dynamic references, and not the references."""
    update_may_replace = False
    """Whether an update may return an instance of another physical resource, which replaces the
    one before. The cleanup at the end of the operation deletes that one."""
    import_identifier: tuple[str, ...] = ()
    """The properties that identify a resource to import; empty if the type cannot be imported."""
    identifier_is_read_only = False
    """Whether a template cannot state all of them, because some are read-only."""

    can_update = True
    """Whether the sandbox can update a resource in place."""
    can_delete = True
    """Whether the sandbox can delete a resource."""

    @abstractmethod
    def has_attribute(self, name: str) -> bool:
        """Return whether the type has the attribute `name` for Fn::GetAtt."""

    def without_attribute(self, logical_id: str, name: str) -> str:
        """Return the message for a Fn::GetAtt of an attribute that the type does not have."""
        return (
            f"Template error: resource {logical_id} does not support attribute type {name} in "
            "Fn::GetAtt"
        )

    @abstractmethod
    def attribute(self, instance: Instance, name: str) -> Any:
        """Return the value of an attribute. Raises ResourceFailed if the instance lacks it."""

    @abstractmethod
    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Create a physical resource. Returns its instance."""

    @abstractmethod
    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Update a physical resource in place. Returns its new instance."""

    @abstractmethod
    def delete(self, operation: Operation, instance: Instance) -> None:
        """Delete a physical resource. Succeeds if it does not exist any more.

        Raises DeletionSkipped if the sandbox has no way to delete a resource of this type.
        """

    def actual(self, _operation: Operation, _instance: Instance) -> Mapping[str, Any] | None:
        """Return the model of a physical resource as it is now, or None if the type has no read.

        Raises ResourceGone if the resource does not exist any more, and ResourceFailed, with the
        handler's own message, if it cannot be read.
        """
        return None

    def convert(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return resolved properties, converted to the types of the schema."""
        return dict(properties)

    def violations(self, _properties: Mapping[str, Any]) -> list[str]:
        """Return one message for each violation in converted properties."""
        return []

    @property
    def create_only(self) -> tuple[Pointer, ...]:
        """The properties that cannot be updated in place."""
        return ()

    def replacing(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Pointer]:
        """Return the changed properties that require a replacement."""
        return [pointer for pointer in self.create_only if dig(old, pointer) != dig(new, pointer)]

    def is_current(
        self, instance: Instance, properties: Mapping[str, Any], stack_tags: Mapping[str, str]
    ) -> bool:
        """Return whether an update would change nothing."""
        return instance.properties == properties and (
            not self.takes_stack_tags or instance.stack_tags == stack_tags
        )

    def read_existing(self, _operation: Operation, _identifier: Mapping[str, str]) -> Instance:
        """Read a resource to import. Returns an instance without properties and stack tags.

        identifier: a value for each name in `import_identifier`; not called if there is none.

        Raises ResourceFailed if it does not exist or cannot be read, with the handler's own words.
        """
        raise NotImplementedError  # an import is refused before, as there is no import_identifier

    def apply_stack_tags(self, _operation: Operation, _instance: Instance) -> Instance:
        """Apply the stack's tags to an imported resource. Returns its new instance.

        Not called for a type that cannot be imported.

        Raises ResourceFailed if that fails.
        """
        raise NotImplementedError  # as for read_existing

    def check_updatable(self) -> None:  # noqa: B027  # most types can be updated
        """Raise ResourceFailed if the type does not support updates. Called before each update."""
