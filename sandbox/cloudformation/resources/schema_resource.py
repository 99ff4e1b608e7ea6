"""The base of resource types that have a registry schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.resources.published_schema import FIRST_REGION, published_attributes
from sandbox.cloudformation.resources.resource_type import Instance, ResourceFailed, ResourceType
from sandbox.hosting.conversion import convert
from sandbox.hosting.pointers import Pointer, dig
from sandbox.hosting.type_schema import TypeSchema
from sandbox.hosting.validation import violations


class SchemaResource(ResourceType):
    """A type with a registry schema. The state of an instance is its model."""

    def __init__(self, schema: TypeSchema) -> None:
        self.schema = schema
        self.can_update = schema.can_update

    @property
    def create_only(self) -> tuple[Pointer, ...]:
        """The schema's create-only properties."""
        return self.schema.create_only

    def has_attribute(self, name: str) -> bool:
        """Return whether `name` is a read-only property, or an attribute of AWS's own type.

        CloudFormation returns read-only properties. Of some types of AWS it returns others, too, so
        a type that is hosted under the name of AWS's has the attributes of AWS's.
        """
        return _pointer(name) in self.schema.read_only or (
            self.schema.type_name.startswith("AWS::")
            and name in (published_attributes(self.schema.type_name, FIRST_REGION) or ())
        )

    def without_attribute(self, logical_id: str, name: str) -> str:
        """Add CloudFormation's reason to the message, and how to get a name from an ARN.

        The reason is what a stack event says of such an attribute of a type with a schema:
        "Requested attribute GroupName must be a readonly property in schema for AWS::XRay::Group".
        """
        message = super().without_attribute(logical_id, name)
        if name.partition(".")[0] not in self.schema.schema.get("properties", {}):
            return message
        message += (
            f". Requested attribute {name} must be a readonly property in schema for "
            f"{self.schema.type_name}."
        )
        if self._is_in_the_arn(name):
            message += (
                f" Ref returns the ARN, which ends in the name: "
                f'!Select [1, !Split ["/", !Ref {logical_id}]]'
            )
        return message

    def _is_in_the_arn(self, name: str) -> bool:
        """Whether `XName` is asked for, and the type is identified by `XArn` with one slash."""
        arn = f"{name.removesuffix('Name')}Arn"
        pattern = self.schema.schema["properties"].get(arn, {}).get("pattern", "")
        return self.schema.primary_identifier == ((arn,),) and pattern.count("/") == 1

    def attribute(self, instance: Instance, name: str) -> Any:
        """Return a property of the model, or else of the template, if it is write-only.

        Raises ResourceFailed if neither has it.
        """
        value = dig(instance.state, _pointer(name))
        if value is None:
            value = dig(instance.properties, _pointer(name))
        if value is None:
            raise ResourceFailed(status_reasons.no_attribute(name))
        return value

    def convert(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return resolved properties, converted to the types of the schema."""
        converted: dict[str, Any] = convert(dict(properties), self.schema.schema)
        return converted

    def violations(self, properties: Mapping[str, Any]) -> list[str]:
        """Return one message for each violation of the schema."""
        return violations(properties, self.schema)

    def replacing(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Pointer]:
        """Return the changed properties that require a replacement.

        These are the create-only properties, or all properties without an update handler.
        """
        changed = super().replacing(old, new)
        if changed or self.schema.can_update:
            return changed
        return [(name,) for name in sorted({*old, *new}) if old.get(name) != new.get(name)]


def _pointer(name: str) -> Pointer:
    """The place in a model of an attribute, whose name has a dot between its parts."""
    return tuple(name.split("."))
