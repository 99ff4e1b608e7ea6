"""What drift detection compares: the expected properties, and the actual ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.hosting.pointers import dig, put, without
from sandbox.hosting.subschemas import Subschema
from sandbox.hosting.type_schema import TypeSchema

Properties = dict[str, Any]


def expected_properties(
    schema: TypeSchema, declared: Mapping[str, Any], stack_tags: Mapping[str, str]
) -> Properties:
    """Return what a resource should have, as far as READ can return it.

    That is what the template declares, with the stack's tags, without write-only properties.
    declared: the properties in the template, converted to the types of the schema.
    """
    return _readable(schema, _with_stack_tags(schema, declared, stack_tags))


def actual_properties(schema: TypeSchema, model: Mapping[str, Any]) -> Properties:
    """Return what a template could declare of the model that READ returned."""
    return _readable(schema, schema.declarable(model))


def shown(expected: Any, actual: Any) -> Any:
    """Return the part of an actual value that corresponds to the expected one.

    Members of objects that are not expected are left out. Lists are shown whole, because the index
    in a path such as `/Tags/2` may refer to an item that is not expected.
    """
    if not isinstance(expected, Mapping) or not isinstance(actual, Mapping):
        return actual
    return {
        name: shown(member, actual[name]) for name, member in expected.items() if name in actual
    }


def _readable(schema: TypeSchema, properties: Mapping[str, Any]) -> Properties:
    """Leave out write-only properties, and objects that have no others."""
    left: Properties = dict(properties)
    for pointer in schema.write_only:
        before, left = left, without(left, pointer)
        for length in range(len(pointer) - 1, 0, -1):
            around = pointer[:length]
            if dig(left, around) == {} and dig(before, around) != {}:
                left = without(left, around)
    return left


def _with_stack_tags(
    schema: TypeSchema, declared: Mapping[str, Any], stack_tags: Mapping[str, str]
) -> Properties:
    """Add the stack's tags to the resource's own, which override those with the same key."""
    pointer = schema.tag_property
    if pointer is None or not stack_tags:
        return dict(declared)
    described = Subschema.of(schema.schema).at(pointer)
    own = dig(declared, pointer)
    if "object" in described.types:
        return put(declared, pointer, {**stack_tags, **(own or {})})
    if "array" not in described.types:  # the schema promises tags, but has no property for them
        return dict(declared)
    names = described.items.declared
    if names and not {"Key", "Value"} <= names:
        # How the handlers write the stack's tags is not known, so no tags are compared.
        return dict(without(declared, pointer))
    own = own or []
    keys = {tag.get("Key") for tag in own}
    inherited = [{"Key": key, "Value": value} for key, value in stack_tags.items()]
    return put(declared, pointer, [*own, *(tag for tag in inherited if tag["Key"] not in keys)])
