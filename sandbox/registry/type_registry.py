"""The resource types that the sandbox's CloudFormation hosts by the handler contract.

A hosted type is a registry schema and a way to invoke its handlers. The types that moto brings
along are not in here: see `resources.py` for how the two kinds come under one interface.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

Pointer = tuple[str, ...]
"""A path below a schema's `properties`, such as `("Endpoint", "Name")`."""

Invoke = Callable[[dict[str, Any]], dict[str, Any]]
"""Hands a handler one CloudFormation event and gives back its progress event."""

DEFAULT_TIMEOUT_MINUTES = 120
"""How long a handler may stay IN_PROGRESS where its schema does not say (resource type schema,
`handlers.<name>.timeoutInMinutes`)."""


@dataclass(frozen=True, eq=False)
class HostedType:
    """One version of a resource type.

    schema: the registry schema as a parsed JSON document.
    invoke: runs a handler; may raise, which CloudFormation reports as an internal failure.
    version: what the event names as `resourceTypeVersion`.
    log_group, log_role_arn: the log group of the type's logging configuration, and the role that
        writes to it, if it has one.
    execution_role_arn: the role whose credentials the handlers receive; where None, a role named
        after the type in the account of the stack.
    """

    schema: Mapping[str, Any]
    invoke: Invoke
    version: str = "00000001"
    log_group: str | None = None
    log_role_arn: str | None = None
    execution_role_arn: str | None = None

    @property
    def type_name(self) -> str:
        """Such as AWS::SageMaker::ModelQualityJobDefinition."""
        name: str = self.schema["typeName"]
        return name

    @cached_property
    def primary_identifier(self) -> tuple[Pointer, ...]:
        """The properties that name a resource."""
        return pointers(self.schema.get("primaryIdentifier", ()))

    @cached_property
    def create_only(self) -> tuple[Pointer, ...]:
        """The properties that cannot change."""
        return pointers(self.schema.get("createOnlyProperties", ()))

    @cached_property
    def read_only(self) -> tuple[Pointer, ...]:
        """The properties that only the resource can tell."""
        return pointers(self.schema.get("readOnlyProperties", ()))

    @cached_property
    def write_only(self) -> tuple[Pointer, ...]:
        """The properties that no handler gives back."""
        return pointers(self.schema.get("writeOnlyProperties", ()))

    @property
    def takes_stack_tags(self) -> bool:
        """Whether a change of the stack's tags alone is an update of the resource.

        `taggable` and `tagUpdatable` are true where the schema is silent (provider definition
        meta-schema of the CloudFormation CLI).
        """
        tagging = self.schema.get("tagging", {})
        return (
            bool(tagging.get("taggable", True))
            and bool(tagging.get("tagUpdatable", True))
            and self.can_update
        )

    @property
    def can_update(self) -> bool:
        """Whether there is an update handler; assumed of a schema without handlers."""
        return "update" in self.schema.get("handlers", {"update": {}})

    def timeout_minutes(self, action: str) -> float:
        """How many minutes `action` (CREATE, UPDATE, DELETE) may take in all."""
        handler = self.schema.get("handlers", {}).get(action.lower(), {})
        return float(handler.get("timeoutInMinutes", DEFAULT_TIMEOUT_MINUTES))

    def identifier(self, model: Mapping[str, Any] | None) -> str | None:
        """The primary identifier of a model as one text, or None where a part is missing.

        Several parts are joined by `|`, as Cloud Control does.
        """
        values = [dig(model or {}, pointer) for pointer in self.primary_identifier]
        if not values or any(value in (None, "") for value in values):
            return None
        return "|".join(str(value) for value in values)


class TypeRegistry:
    """Which hosted type a type name stands for, everywhere or in one account and region.

    Private registrations of an account and region come before those that hold everywhere.
    """

    def __init__(self) -> None:
        self._types: dict[tuple[str, str | None, str | None], HostedType] = {}
        self._lock = Lock()

    def register(
        self, hosted: HostedType, account_id: str | None = None, region: str | None = None
    ) -> None:
        """Add a type, or take a new version of it into use; stacks meet it from now on."""
        with self._lock:
            self._types[hosted.type_name, account_id, region] = hosted

    def deregister(
        self, type_name: str, account_id: str | None = None, region: str | None = None
    ) -> None:
        """Forget a type; nothing happens where it was not registered."""
        with self._lock:
            self._types.pop((type_name, account_id, region), None)

    def lookup(self, type_name: str, account_id: str, region: str) -> HostedType | None:
        """The type of that name in an account and region, or None."""
        private = self._types.get((type_name, account_id, region))
        return private or self._types.get((type_name, None, None))

    def everywhere(self) -> list[HostedType]:
        """The types that hold in every account and region, by name."""
        return [
            hosted
            for (_, account, _), hosted in sorted(self._types.items(), key=str)
            if not account
        ]

    def clear(self) -> None:
        """Forget all types."""
        with self._lock:
            self._types.clear()


def pointers(paths: Iterable[str]) -> tuple[Pointer, ...]:
    """JSON pointers of a schema's property lists (`/properties/A/B`) as paths (`("A", "B")`)."""
    return tuple(tuple(path.split("/")[2:]) for path in paths)


def dig(value: Any, pointer: Pointer) -> Any:
    """What stands at `pointer`, or None; a `*` collects the members of a list."""
    for position, name in enumerate(pointer):
        if name == "*":
            members = value if isinstance(value, list) else []
            return [dig(member, pointer[position + 1 :]) for member in members]
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value
