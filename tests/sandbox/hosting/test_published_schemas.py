"""All schemas that AWS publishes, as cfn-lint carries them: none makes the sandbox fail."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from sandbox.hosting.conversion import convert
from sandbox.hosting.patterns import patterns, unreadable
from sandbox.hosting.subschemas import Subschema
from sandbox.hosting.type_schema import TypeSchema
from sandbox.hosting.validation import schema_violations, violations

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas" / "resources"
DEPTH = 4

pytestmark = [pytest.mark.once, pytest.mark.timeout(120)]


@cache
def published() -> list[dict[str, Any]]:
    schemas = [json.loads(path.read_text("utf-8")) for path in sorted(SCHEMAS.glob("*.json"))]
    # cfn-lint has one for modules and for custom resources, too.
    return [schema for schema in schemas if schema.get("typeName", "").startswith("AWS::")]


def a_value(of: Subschema, depth: int = 0) -> Any:
    """A value with every property that the schema declares, of the first type that it allows."""
    if of.declared:
        names = sorted(of.declared) if depth < DEPTH else []
        return {name: a_value(of.member(name), depth + 1) for name in names}
    if "object" in of.types:
        return {"Key": a_value(of.member("Key"), depth + 1)} if depth < DEPTH else {}
    if "array" in of.types:
        return [a_value(of.items, depth + 1)] if depth < DEPTH else []
    if of.types & {"integer", "number"}:
        return 1
    return True if "boolean" in of.types else "é"


def wrong_values(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {name: [[]] for name in value}
    yield {name: {"Other": None} for name in value}


def test_every_pattern_can_be_read() -> None:
    everything = published()
    assert len(everything) > 1500
    found = set(patterns(everything))
    assert len(found) > 2500
    assert unreadable([{"pattern": each} for each in found]) == []


def test_no_schema_makes_conversion_or_validation_fail() -> None:
    for document in published():
        schema = TypeSchema(document)
        value = a_value(Subschema.of(document))
        for each in (value, *wrong_values(value)):
            converted = convert(each, document)
            found = violations(converted, schema)
            assert all(line.startswith("#") for line in found), schema.type_name
            declared = schema.declarable(converted)
            assert set(declared) <= set(converted)
            schema.identifier(converted)


@pytest.mark.parametrize(
    "definition",
    [
        {"$ref": "#/definitions/A"},
        {"allOf": [{"$ref": "#/definitions/A"}]},
        {"$ref": "#/definitions/Missing"},
        {"$ref": "https://127.0.0.1:1/schema.json#/definitions/A"},
        {"type": "array", "items": {"$ref": "#/definitions/A"}},
    ],
)
def test_a_reference_in_a_circle_or_to_nothing_makes_nothing_fail(
    definition: dict[str, Any],
) -> None:
    document = {
        "typeName": "Acme::Some::Thing",
        "definitions": {"A": definition},
        "properties": {"P": {"$ref": "#/definitions/A"}, "Q": {"type": "string"}},
    }
    value = {"P": [["a"]], "Q": "b"}
    assert convert(value, document) == value
    assert len(schema_violations(value, TypeSchema(document))) <= 1
