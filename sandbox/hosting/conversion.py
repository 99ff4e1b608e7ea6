"""Convert properties to the types in their schema, as CloudFormation does before it validates.

Templates are loose about scalars: YAML reads `Cpu: "2"` as text and `AccountId: 123456789012` as a
number, and all parameters are text. CloudFormation passes a handler the type that the schema
declares whenever the meaning is clear. A value that cannot be converted stays as it is, and
validation reports it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from sandbox.hosting.scalars import text
from sandbox.hosting.subschemas import Subschema

INTEGER = re.compile(r"[+-]?\d+")
BOOLEANS = {"true": True, "false": False}


def convert(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:
    """Return `value` with each scalar converted to the type that `schema` declares for it.

    root: the schema document that `$ref` points into; by default `schema` itself.
    """
    return _convert(value, Subschema.of(schema, root))


def _convert(value: Any, subschema: Subschema) -> Any:
    if isinstance(value, dict):
        return {name: _convert(member, subschema.member(name)) for name, member in value.items()}
    if isinstance(value, list):
        items = subschema.items
        return [_convert(item, items) for item in value]
    return _convert_scalar(value, subschema.types)


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
