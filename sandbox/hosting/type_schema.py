"""The registry schema of a resource type, and what it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.hosting.pointers import Pointer, dig, property_pointers, put, without
from sandbox.hosting.tags import is_reserved
from sandbox.hosting.timing import DEFAULT_TIMEOUT_MINUTES


@dataclass(frozen=True, eq=False)
class TypeSchema:
    """schema: the registry schema as a parsed JSON document."""

    schema: Mapping[str, Any]

    @property
    def type_name(self) -> str:
        """The type name, such as AWS::SageMaker::ModelQualityJobDefinition."""
        name: str = self.schema["typeName"]
        return name

    @cached_property
    def primary_identifier(self) -> tuple[Pointer, ...]:
        """The properties that identify a resource."""
        return property_pointers(self.schema.get("primaryIdentifier", ()))

    @cached_property
    def identifier_names(self) -> tuple[str, ...]:
        """The names of the parts of the primary identifier: `Arn`, or `Endpoint/Name` if nested."""
        return tuple(map("/".join, self.primary_identifier))

    @cached_property
    def create_only(self) -> tuple[Pointer, ...]:
        """The properties that cannot be updated."""
        return property_pointers(self.schema.get("createOnlyProperties", ()))

    @cached_property
    def read_only(self) -> tuple[Pointer, ...]:
        """The properties that only the service sets."""
        return property_pointers(self.schema.get("readOnlyProperties", ()))

    @cached_property
    def write_only(self) -> tuple[Pointer, ...]:
        """The properties that READ never returns."""
        return property_pointers(self.schema.get("writeOnlyProperties", ()))

    @cached_property
    def tag_property(self) -> Pointer | None:
        """The property with the resource's own tags, or None if the type has no tags.

        `/properties/Tags` by default (provider definition meta-schema of the CloudFormation CLI).
        """
        tagging = self.schema.get("tagging", {})
        if not tagging.get("taggable", True):
            return None
        return property_pointers([tagging.get("tagProperty", "/properties/Tags")])[0]

    @property
    def takes_stack_tags(self) -> bool:
        """Whether a change of the stack's tags alone updates the resource.

        `taggable` and `tagUpdatable` default to true (provider definition meta-schema of the
        CloudFormation CLI).
        """
        tagging = self.schema.get("tagging", {})
        return (
            bool(tagging.get("taggable", True))
            and bool(tagging.get("tagUpdatable", True))
            and self.can_update
        )

    @property
    def can_update(self) -> bool:
        """Whether the type has an update handler. True for a schema without `handlers`."""
        return self.handles("UPDATE")

    def handles(self, action: str) -> bool:
        """Whether the type has a handler for `action`, such as CREATE.

        True for a schema without `handlers`.
        """
        return action.lower() in self.schema.get("handlers", {action.lower(): {}})

    @property
    def list_requires(self) -> tuple[str, ...]:
        """The properties that the list handler needs."""
        handler = self.schema.get("handlers", {}).get("list", {})
        return tuple(handler.get("handlerSchema", {}).get("required", ()))

    def timeout_minutes(self, action: str) -> float:
        """The time limit for a whole `action`, such as CREATE, in minutes."""
        handler = self.schema.get("handlers", {}).get(action.lower(), {})
        return float(handler.get("timeoutInMinutes", DEFAULT_TIMEOUT_MINUTES))

    def identifier(self, model: Mapping[str, Any] | None) -> str | None:
        """Return the primary identifier of a model as a string.

        Several parts are joined with `|`, as Cloud Control does. None if a part is missing, or is
        no text and no number.
        """
        values = [dig(model or {}, pointer) for pointer in self.primary_identifier]
        if not values or not all(map(_identifies, values)):
            return None
        return "|".join(str(value) for value in values)

    def identifying(self, model: Mapping[str, Any]) -> dict[str, Any]:
        """Return a model with only the primary identifier of `model`; None for a missing part."""
        values = [dig(model, pointer) for pointer in self.primary_identifier]
        return self.identified_by(dict(zip(self.identifier_names, values, strict=True)))

    def identified_by(self, parts: Mapping[str, Any]) -> dict[str, Any]:
        """Return a model with only the primary identifier that consists of `parts`, by name.

        Raises ValueError if these are not the parts of the identifier.
        """
        names = self.identifier_names
        if set(parts) != set(names):
            raise ValueError(
                f"Invalid resource identifier for resource type {self.type_name}. "
                f"Expected [{', '.join(names)}]"
            )
        model: dict[str, Any] = {}
        for name, pointer in zip(names, self.primary_identifier, strict=True):
            model = put(model, pointer, parts[name])
        return model

    def declarable(self, model: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a template can declare of a model.

        That is the model without its read-only properties, and without tags whose keys begin with
        `aws:`, which only AWS sets.
        """
        declared: dict[str, Any] = dict(model)
        for pointer in self.read_only:
            declared = without(declared, pointer)
        tags = dig(declared, self.tag_property) if self.tag_property else None
        # The tags of some types of EC2 belong to the items of a list, and stay as they are.
        if not self.tag_property or not tags or "*" in self.tag_property:
            return declared
        own = _own_tags(tags)
        if own:
            return put(declared, self.tag_property, own)
        return dict(without(declared, self.tag_property))

    def model_of(self, identifier: str) -> dict[str, Any]:
        """Return a model with only the primary identifier: the reverse of `identifier`.

        Raises ValueError if the identifier has the wrong number of parts.
        """
        values = identifier.split("|") if len(self.primary_identifier) > 1 else [identifier]
        if len(values) != len(self.primary_identifier):
            names = "|".join(self.identifier_names)
            raise ValueError(f"Identifier {identifier} is not valid: expected {names}")
        return self.identified_by(dict(zip(self.identifier_names, values, strict=True)))


def _identifies(value: Any) -> bool:
    """Whether a value can be a part of an identifier: a number, or a text that is not empty."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number or (isinstance(value, str) and value != "")


def _own_tags(tags: Any) -> Any:
    """The tags without those that only AWS can set. tags: a list of Key and Value, or a map."""
    if isinstance(tags, Mapping):
        return {key: value for key, value in tags.items() if not is_reserved(key)}
    if isinstance(tags, list):
        return [tag for tag in tags if not is_reserved(_key(tag))]
    return tags


def _key(tag: Any) -> str:
    return str(tag.get("Key", "")) if isinstance(tag, Mapping) else ""
