"""What the registry schema of a resource type says of its resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.hosting.pointers import Pointer, dig, property_pointers
from sandbox.hosting.timing import DEFAULT_TIMEOUT_MINUTES


@dataclass(frozen=True, eq=False)
class TypeSchema:
    """schema: the registry schema as a parsed JSON document."""

    schema: Mapping[str, Any]

    @property
    def type_name(self) -> str:
        """Such as AWS::SageMaker::ModelQualityJobDefinition."""
        name: str = self.schema["typeName"]
        return name

    @cached_property
    def primary_identifier(self) -> tuple[Pointer, ...]:
        """The properties that name a resource."""
        return property_pointers(self.schema.get("primaryIdentifier", ()))

    @cached_property
    def create_only(self) -> tuple[Pointer, ...]:
        """The properties that cannot change."""
        return property_pointers(self.schema.get("createOnlyProperties", ()))

    @cached_property
    def read_only(self) -> tuple[Pointer, ...]:
        """The properties that only the resource can tell."""
        return property_pointers(self.schema.get("readOnlyProperties", ()))

    @cached_property
    def write_only(self) -> tuple[Pointer, ...]:
        """The properties that no handler gives back."""
        return property_pointers(self.schema.get("writeOnlyProperties", ()))

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

    def model_of(self, identifier: str) -> dict[str, Any]:
        """The model that says no more than which resource: the reverse of `identifier`.

        raises ValueError: the identifier does not have as many parts as the primary identifier.
        """
        values = identifier.split("|") if len(self.primary_identifier) > 1 else [identifier]
        if len(values) != len(self.primary_identifier):
            names = "|".join("/".join(pointer) for pointer in self.primary_identifier)
            raise ValueError(f"Identifier {identifier} is not valid; it has the form {names}")
        model: dict[str, Any] = {}
        for pointer, value in zip(self.primary_identifier, values, strict=True):
            member = model
            for name in pointer[:-1]:
                member = member.setdefault(name, {})
            member[pointer[-1]] = value
        return model
