"""Checks requests against botocore's model of a service, with the service's error messages.

No rule of an operation is written here. Members, types, lengths, ranges, enumerations and patterns
all come from the model, so a newer botocore brings newer rules.

The messages are those of AWS's Java services, as users paste them into issues:

* each violation is one sentence that quotes the value and its path in camel case; their number
  comes first (aws-samples/sagemaker-ml-workflow-with-apache-airflow issue 3);
* list members that are structures have a path of their own, `tags.6.member.value`
  (SWO-GS/auto-tag issue 90);
* a list or map of scalars is named as a whole, with every rule of its members in brackets
  ("Map value must satisfy constraint: [Member must have length ..., ...]");
* a value that the model calls sensitive is left out ("Value at 'username' failed to satisfy
  constraint", massif-press/compcon issue 1951).
"""

import json
import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple, cast

import regex
from botocore.model import Shape

from sandbox.json_service import strict_json
from sandbox.json_service.errors import invalid, malformed

NOT_NULL = "Member must not be null"

# The JSON types that each scalar type of a model accepts, and the services' name for it.
_SCALARS: dict[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "a String"),
    "boolean": ((bool,), "a Boolean"),
    "integer": ((int,), "an Integer"),
    "long": ((int,), "a Long"),
    "float": ((int, float), "a Float"),
    "double": ((int, float), "a Double"),
    "timestamp": ((int, float), "milliseconds since epoch"),
    "blob": ((str,), "a Blob"),  # in Base64
}
_INTEGER_BITS = {"integer": 32, "long": 64}
_JSON_TOKENS: dict[type, str] = {str: "STRING_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE"}


class Constraint(NamedTuple):
    """One rule of a shape.

    text: how services state it. holds: returns whether a value satisfies it.
    """

    text: str
    holds: Callable[[Any], bool]


def parse(body: bytes) -> Any:
    """Return the JSON document in a request's body; an empty body is an empty object.

    Raises ServiceError (SerializationException) if the body is not JSON.
    """
    try:
        return strict_json.loads(body or b"{}")
    except ValueError:
        raise malformed("Unexpected token encountered: the body is not a JSON document.") from None


def checked(shape: Shape, request: Any) -> dict[str, Any]:
    """Return a copy of a request with only the members that its operation's input shape has.

    Members that are null are left out. Unknown members are ignored, not rejected: receivers of the
    JSON protocol ignore them, so that adding a member to a structure is a compatible change
    (https://smithy.io/2.0/guides/evolving-models.html).

    Raises ServiceError: SerializationException if a JSON type differs from the model's, otherwise
    ValidationException with every violated constraint.
    """
    decoded = _decode(shape, {} if request is None else request)
    if found := refusal(shape, decoded):
        raise invalid(found)
    return cast(dict[str, Any], decoded)


def refusal(shape: Shape, request: Any) -> str | None:
    """Return the message of a ValidationException for a request; None if it breaks no rule.

    request: a request that already has the model's types.
    """
    found = list(violations(shape, request, ""))
    if not found:
        return None
    count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
    return f"{count}: {'; '.join(found)}"


def _decode(shape: Shape, value: Any) -> Any:
    """Return the value in the model's types.

    Raises ServiceError (SerializationException) if a JSON type differs from the model's.
    """
    if value is None:
        return None
    if shape.type_name == "structure":
        members = shape.members.items()
        document = _container(dict, value)
        decoded = {name: _decode(member, document.get(name)) for name, member in members}
        return {name: member for name, member in decoded.items() if member is not None}
    if shape.type_name == "list":
        return [_decode(shape.member, item) for item in _container(list, value)]
    if shape.type_name == "map":
        entries = _container(dict, value).items()
        return {key: _decode(shape.value, item) for key, item in entries}
    return _scalar(shape.type_name, value)


def _container(kind: type, value: Any) -> Any:
    if type(value) is kind:
        return value
    raise _unexpected(value) or malformed("Unexpected field type")


def _scalar(type_name: str, value: Any) -> Any:
    accepted, name = _SCALARS[type_name]
    # Not isinstance(): true is not a number in JSON, but bool is a subclass of int in Python.
    if type(value) in accepted and _fits(type_name, value):
        return value
    token = _JSON_TOKENS.get(type(value)) or ("TRUE_VALUE" if value is True else "FALSE_VALUE")
    raise _unexpected(value) or malformed(f"{token} can not be converted to {name}")


def _fits(type_name: str, value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if bits := _INTEGER_BITS.get(type_name):
        return bool(-(2 ** (bits - 1)) <= value < 2 ** (bits - 1))
    return True


def _unexpected(value: Any) -> Exception | None:
    if isinstance(value, list):
        return malformed("Start of list found where not expected")
    if isinstance(value, dict):
        return malformed("Start of structure or map found where not expected.")
    return None


def violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Yield one sentence for each constraint that the value at the path violates."""
    for constraint in constraints(shape):
        if not constraint.holds(value):
            yield _violation(value, path, constraint.text, shape)
    if shape.type_name == "structure":
        yield from _in_structure(shape, value, path)
    elif shape.type_name == "map":
        yield from _in_all(shape.key, value.keys(), "Map keys", value, path)
        yield from _in_all(shape.value, value.values(), "Map value", value, path)
    elif shape.type_name == "list" and shape.member.type_name in _SCALARS:
        yield from _in_all(shape.member, value, "Member", value, path)
    elif shape.type_name == "list":
        for number, item in enumerate(value, start=1):
            yield from _at(shape.member, item, f"{path}.{number}.member", required=True)


def _in_structure(shape: Shape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        member_path = f"{path}.{name[:1].lower()}{name[1:]}".lstrip(".")
        required = name in shape.required_members
        yield from _at(member, value.get(name), member_path, required=required)


def _at(shape: Shape, value: Any, path: str, *, required: bool) -> Iterator[str]:
    if value is not None:
        yield from violations(shape, value, path)
    elif required:
        yield _violation(None, path, NOT_NULL)


def _in_all(shape: Shape, items: Any, who: str, whole: Any, path: str) -> Iterator[str]:
    rules = constraints(shape)
    if any(item is None or not all(rule.holds(item) for rule in rules) for item in items):
        texts = [*(rule.text for rule in rules), NOT_NULL]
        yield _violation(whole, path, f"{who} must satisfy constraint: [{', '.join(texts)}]")


@cache
def constraints(shape: Shape) -> list[Constraint]:
    """Return the rules for a value of the shape itself, apart from those for its members."""
    limits = shape.metadata
    rules: list[Constraint] = []
    if choices := limits.get("enum"):
        text = f"Member must satisfy enum value set: [{', '.join(choices)}]"
        rules.append(Constraint(text, lambda value: value in choices))
    measure, of = _MEASURES.get(shape.type_name, (_same, "value"))
    if (highest := limits.get("max")) is not None:
        text = f"Member must have {of} less than or equal to {highest}"
        rules.append(Constraint(text, lambda value: measure(value) <= highest))
    if (lowest := limits.get("min")) is not None:
        text = f"Member must have {of} greater than or equal to {lowest}"
        rules.append(Constraint(text, lambda value: measure(value) >= lowest))
    if pattern := limits.get("pattern"):
        whole = _compiled(pattern)
        text = f"Member must satisfy regular expression pattern: {pattern}"
        rules.append(Constraint(text, lambda value: whole.fullmatch(value) is not None))
    return rules


@cache
def _compiled(pattern: str) -> "regex.Pattern[str]":
    # The patterns are Java's: \d and \w are ASCII, and \p{..} is Unicode. Python's re lacks
    # \p{..}. The regex module has it, but reads it as ASCII too under its ASCII flag.
    return regex.compile(pattern, 0 if r"\p" in pattern else regex.ASCII)


def _same(value: Any) -> Any:
    return value


def _decoded_length(base64: str) -> int:
    return len(base64) * 3 // 4 - base64.count("=")


# What `min` and `max` limit in each type, and the services' word for it; otherwise the value.
_MEASURES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "string": (len, "length"),
    "list": (len, "length"),
    "map": (len, "length"),
    "blob": (_decoded_length, "length"),
}


def _violation(value: Any, path: str, constraint: str, shape: Shape | None = None) -> str:
    shown = "null" if value is None else f"'{_text(value)}'"
    value_at = "Value at" if shape and shape.metadata.get("sensitive") else f"Value {shown} at"
    return f"{value_at} '{path}' failed to satisfy constraint: {constraint}"


def _text(value: Any) -> str:
    """Return the value as Java's toString() shows it."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={_text(item)}' for key, item in value.items())}}}"
    return str(value)
