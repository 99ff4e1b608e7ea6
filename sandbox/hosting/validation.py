"""Check properties against their schema, with CloudFormation's error messages.

CloudFormation validates with the Java library everit-json-schema, and users search for its phrases
("extraneous key [x] is not permitted"). If a phrase leaves out the value, the value is added in
brackets.

Before a deployment some values are not known yet. An object of a type that JSON does not have
stands for such a value, and violates nothing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError as SchemaViolation
from jsonschema.validators import extend
from referencing.exceptions import Unresolvable

from sandbox.hosting.patterns import finds
from sandbox.hosting.pointers import Pointer
from sandbox.hosting.type_schema import TypeSchema

LOG = logging.getLogger(__name__)

SECRET_MAPS = frozenset(("Environment",))
"""Properties whose values are never shown in a message, because they may be secrets."""

NAMING_A_KEY = frozenset(("additionalProperties", "required"))
"""Keywords whose messages have the name of a property, and no value."""

MAX_VALUE_LENGTH = 256

JAVA_TYPES = {
    bool: "Boolean",
    dict: "JSONObject",
    float: "Double",
    int: "Integer",
    list: "JSONArray",
    str: "String",
}
SCHEMA_TYPES = {
    "array": "JSONArray",
    "boolean": "Boolean",
    "integer": "Integer",
    "number": "Number",
    "object": "JSONObject",
    "string": "String",
}


def _pattern(
    _validator: Any, pattern: str, instance: Any, _schema: Any
) -> Iterator[SchemaViolation]:
    if isinstance(instance, str) and not finds(pattern, instance):
        yield SchemaViolation(f"does not match {pattern}")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Any], instance: Any, _schema: Any
) -> Iterator[SchemaViolation]:
    if validator.is_type(instance, "object"):
        for pattern, member_schema in patterns.items():
            for name, member in instance.items():
                if finds(pattern, name):
                    yield from validator.descend(
                        member, member_schema, path=name, schema_path=pattern
                    )


def _additional_properties(
    validator: Any, allowed: Any, instance: Any, schema: Any
) -> Iterator[SchemaViolation]:
    if not validator.is_type(instance, "object"):
        return
    for name in instance:
        known = name in schema.get("properties", {}) or any(
            finds(pattern, name) for pattern in schema.get("patternProperties", {})
        )
        if known:
            continue
        if allowed is False:
            yield SchemaViolation(f"extraneous key [{name}] is not permitted")
        elif isinstance(allowed, Mapping):
            yield from validator.descend(instance[name], allowed, path=name)


def _reference(
    validator: Any, reference: Any, instance: Any, schema: Any
) -> Iterator[SchemaViolation]:
    """Follow a `$ref` within the document. One that leads elsewhere or nowhere says nothing."""
    if str(reference).startswith("#"):
        with suppress(Unresolvable):
            yield from Draft7Validator.VALIDATORS["$ref"](validator, reference, instance, schema)


def _one_of(
    validator: Any, alternatives: Any, instance: Any, schema: Any
) -> Iterator[SchemaViolation]:
    """Check `oneOf`. More alternatives may seem to match than do, if a value is not known yet."""
    keyword = "oneOf" if _is_known_throughout(instance) else "anyOf"
    yield from Draft7Validator.VALIDATORS[keyword](validator, alternatives, instance, schema)


JSON_TYPES = (str, bool, int, float, list, dict, type(None))
# What these say of a value depends on all that is in it.
OF_WHOLE_VALUES = frozenset(("const", "enum", "if", "not", "uniqueItems"))
# Of a published schema, the keywords that say which members a value has, and of which types.
OF_STRUCTURE = frozenset(
    (
        *("$ref", "additionalProperties", "allOf", "items"),
        *("patternProperties", "properties", "required", "type"),
    )
)


def _is_known(value: Any) -> bool:
    return isinstance(value, JSON_TYPES)


def _is_known_throughout(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_known_throughout, value.values()))
    if isinstance(value, list):
        return all(map(_is_known_throughout, value))
    return _is_known(value)


def _of_known_values(keyword: str, check: Any) -> Any:
    """Return the check of a keyword, without the values that are not known yet."""
    is_known = _is_known_throughout if keyword in OF_WHOLE_VALUES else _is_known

    def checked(
        validator: Any, argument: Any, instance: Any, schema: Any
    ) -> Iterator[SchemaViolation]:
        if is_known(instance):
            yield from check(validator, argument, instance, schema) or ()

    return checked


def _unchecked(*_: Any) -> tuple[()]:
    """Leave a keyword out."""
    return ()


_CHECKS = {
    keyword: _of_known_values(keyword, check)
    for keyword, check in {
        **Draft7Validator.VALIDATORS,
        "$ref": _reference,
        "additionalProperties": _additional_properties,
        "oneOf": _one_of,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
    }.items()
}
Validator = extend(Draft7Validator, _CHECKS)
StructureValidator = extend(Validator, dict.fromkeys(_CHECKS.keys() - OF_STRUCTURE, _unchecked))


def violations(properties: Mapping[str, Any], of_type: TypeSchema) -> list[str]:
    """Return one message for each violation; an empty list if the properties are valid.

    properties: already converted to the types of the schema.
    A message looks like `#/RoleArn: string [x] does not match pattern ^arn:.+$`.
    """
    found = [
        f"{_path(pointer)}: read-only property cannot be specified"
        for pointer in _present(properties, of_type.read_only)
    ]
    return list(dict.fromkeys([*found, *schema_violations(properties, of_type)]))


def schema_violations(model: Mapping[str, Any], of_type: TypeSchema) -> list[str]:
    """Return the violations of a whole model, which may have read-only properties."""
    return _messages(_violations(model, of_type.schema))


def structure_violations(properties: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Return the members that are missing, not permitted or of a wrong type.

    properties: already converted to the types of the schema.
    """
    return _messages(_violations(properties, schema, StructureValidator))


def _messages(found: Iterable[SchemaViolation]) -> list[str]:
    return list(dict.fromkeys(line for violation in found for line in _lines(violation)))


def violations_without_values(document: Any, schema: Mapping[str, Any]) -> list[str]:
    """Return the violations of a document that may be secret. No message has a value of it."""
    return list(
        dict.fromkeys(
            f"{_path(violation.absolute_path)}: {_phrase(violation)}"
            if violation.validator in NAMING_A_KEY
            else f"{_path(violation.absolute_path)}: does not match the schema's "
            f"{violation.validator}: {json.dumps(violation.validator_value)}"
            for violation in _violations(document, schema)
        )
    )


def not_an_object(value: Any) -> str:
    """Return the message for a value in the place of properties that is no JSON object."""
    return f"#: {_unexpected_type('object', value)}"


def _violations(
    document: Any, schema: Mapping[str, Any], validator: Any = Validator
) -> list[SchemaViolation]:
    try:
        return sorted(
            validator(schema).iter_errors(document),
            key=lambda violation: [str(part) for part in violation.absolute_path],
        )
    except RecursionError:
        LOG.warning("The schema of %s refers to itself and is not enforced.", schema["typeName"])
        return []


def _present(properties: Mapping[str, Any], pointers: Iterable[Pointer]) -> Iterator[Pointer]:
    for pointer in pointers:
        place: Any = properties
        for name in pointer:
            if not isinstance(place, Mapping) or name not in place:
                break
            place = place[name]
        else:
            yield pointer


def _lines(violation: SchemaViolation) -> Iterator[str]:
    """The message of a violation, then those of the alternatives of an `anyOf` or `oneOf`."""
    path = _path(violation.absolute_path)
    yield f"{path}: {_phrase(violation)}"
    for nested in violation.context or ():
        yield from _lines(nested)


def _phrase(violation: SchemaViolation) -> str:
    phrase = PHRASES.get(str(violation.validator))
    return phrase(violation) if phrase else str(violation.message)


def _path(parts: Iterable[Any]) -> str:
    return "/".join(("#", *map(str, parts)))


def _shown(violation: SchemaViolation) -> str:
    """The invalid value as text, shortened, or `***` if it may contain a secret."""
    # If the schema expects an object with such a map, the invalid value may be a string that
    # contains the whole document.
    around = violation.schema.get("properties", {}) if isinstance(violation.schema, dict) else {}
    if any(part in SECRET_MAPS for part in (*violation.absolute_path, *around)):
        return "***"
    value = violation.instance
    shown = (
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_unknown)
    )
    # A document may also have been given to the wrong property.
    if any(f'"{name}"' in shown for name in SECRET_MAPS):
        return "***"
    return shown if len(shown) <= MAX_VALUE_LENGTH else f"{shown[:MAX_VALUE_LENGTH]}…"


def _unknown(_: Any) -> str:
    return "(not known yet)"


def _size(violation: SchemaViolation) -> str:
    expected = f"expected {violation.validator}: {violation.validator_value}"
    return f"{expected}, actual: {len(violation.instance)} [{_shown(violation)}]"


def _item_count(bound: str) -> Callable[[SchemaViolation], str]:
    return lambda violation: (
        f"expected {bound} item count: {violation.validator_value}, "
        f"found: {len(violation.instance)}"
    )


def _comparison(words: str) -> Callable[[SchemaViolation], str]:
    return lambda violation: f"{_shown(violation)} is not {words} {violation.validator_value}"


def _type(violation: SchemaViolation) -> str:
    problem = _unexpected_type(violation.validator_value, violation.instance)
    return f"{problem} [{_shown(violation)}]"


def _unexpected_type(expected: str | Iterable[str], value: Any) -> str:
    names = [expected] if isinstance(expected, str) else expected
    wanted = " or ".join(SCHEMA_TYPES.get(name, name) for name in names)
    return f"expected type: {wanted}, found: {JAVA_TYPES.get(type(value), 'Null')}"


def _matches_of_one(violation: SchemaViolation) -> str:
    matched = 0 if violation.context else "more than one"
    return f"{matched} subschemas matched instead of one"


PHRASES: dict[str, Callable[[SchemaViolation], str]] = {
    "anyOf": lambda v: f"no subschema matched out of the total {len(v.validator_value)} subschemas",
    "const": lambda v: f"{_shown(v)} is not the expected value {json.dumps(v.validator_value)}",
    "enum": lambda v: (
        f"{_shown(v)} is not a valid enum value [{', '.join(map(str, v.validator_value))}]"
    ),
    "exclusiveMaximum": _comparison("less than"),
    "exclusiveMinimum": _comparison("greater than"),
    "maxItems": _item_count("maximum"),
    "maxLength": _size,
    "maxProperties": lambda v: f"maximum size: [{v.validator_value}], found: [{len(v.instance)}]",
    "maximum": _comparison("less or equal to"),
    "minItems": _item_count("minimum"),
    "minLength": _size,
    "minProperties": lambda v: f"minimum size: [{v.validator_value}], found: [{len(v.instance)}]",
    "minimum": _comparison("greater or equal to"),
    "multipleOf": _comparison("a multiple of"),
    "oneOf": _matches_of_one,
    "pattern": lambda v: f"string [{_shown(v)}] does not match pattern {v.validator_value}",
    "required": lambda v: f"required key [{v.message.split(chr(39))[1]}] not found",
    "type": _type,
    "uniqueItems": lambda v: f"array items are not unique [{_shown(v)}]",
}
