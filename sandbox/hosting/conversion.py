"""Convert properties to the types in their schema, as CloudFormation does before it validates.

Templates are loose about scalars: YAML reads `Cpu: "2"` as text and `AccountId: 123456789012` as a
number, and all parameters are text. CloudFormation passes a handler the type that the schema
declares whenever the meaning is clear. A value that cannot be converted stays as it is, and
validation reports it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import regex

from sandbox.hosting.pointers import dig, parse
from sandbox.hosting.scalars import text

INTEGER = re.compile(r"[+-]?\d+")
BOOLEANS = {"true": True, "false": False}


def convert(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:
    """Return `value` with each scalar converted to the type that `schema` declares for it.

    root: the schema document that `$ref` points into; by default `schema` itself.
    """
    root = schema if root is None else root
    branches = list(_branches(schema, root))
    if isinstance(value, dict):
        return {
            name: _convert_by(member, _members(name, branches), root)
            for name, member in value.items()
        }
    if isinstance(value, list):
        items = [b["items"] for b in branches if isinstance(b.get("items"), Mapping)]
        return [_convert_by(item, items, root) for item in value]
    return _convert_scalar(value, {name for branch in branches for name in _types(branch)})


def _convert_by(value: Any, schemas: list[Mapping[str, Any]], root: Mapping[str, Any]) -> Any:
    return convert(value, {"anyOf": schemas} if len(schemas) != 1 else schemas[0], root)


def _branches(
    schema: Mapping[str, Any], root: Mapping[str, Any], seen: tuple[str, ...] = ()
) -> Iterator[Mapping[str, Any]]:
    """The schema and its alternatives: those of `$ref`, `anyOf`, `oneOf` and `allOf`."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference in seen:
            return
        yield from _branches(dig(root, parse(reference)), root, (*seen, reference))
    yield schema
    for keyword in ("anyOf", "oneOf", "allOf"):
        for alternative in schema.get(keyword, ()):
            yield from _branches(alternative, root, seen)


def _members(name: str, branches: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The schemas that the branches have for the member `name`."""
    found = [b["properties"][name] for b in branches if name in b.get("properties", {})]
    if not found:
        found = [
            member
            for branch in branches
            for pattern, member in branch.get("patternProperties", {}).items()
            if regex.search(pattern, name)
        ]
    if not found:
        others = (branch.get("additionalProperties") for branch in branches)
        found = [member for member in others if isinstance(member, Mapping)]
    return found


def _types(schema: Mapping[str, Any]) -> list[str]:
    named = schema.get("type", [])
    return [named] if isinstance(named, str) else list(named)


def _convert_scalar(value: Any, types: set[str]) -> Any:
    if isinstance(value, str):
        return value if "string" in types else _from_text(value, types)
    if isinstance(value, bool):
        return text(value) if "string" in types and "boolean" not in types else value
    if isinstance(value, int | float):
        if types & {"number", "integer"}:
            integral = isinstance(value, float) and value.is_integer() and "number" not in types
            return int(value) if integral else value
        return text(value) if "string" in types else value
    return value


def _from_text(value: str, types: set[str]) -> Any:
    if "boolean" in types and value.lower() in BOOLEANS:
        return BOOLEANS[value.lower()]
    if types & {"integer", "number"} and INTEGER.fullmatch(value):
        return int(value)
    if "number" in types:
        try:
            number = float(value)
        except ValueError:
            return value
        return number if math.isfinite(number) else value
    return value
