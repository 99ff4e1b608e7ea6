"""Properties in the types of their schema, and the words for those that do not fit."""

from typing import Any

import pytest

from sandbox.hosting.conversion import convert
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.validation import violations


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        ("8", {"type": "integer"}, 8),
        ("-8", {"type": "integer"}, -8),
        ("8.5", {"type": "integer"}, "8.5"),
        (8.0, {"type": "integer"}, 8),
        ("0.5", {"type": "number"}, 0.5),
        ("1e3", {"type": "number"}, 1000.0),
        ("8", {"type": "number"}, 8),
        ("NaN", {"type": "number"}, "NaN"),
        ("true", {"type": "boolean"}, True),
        ("False", {"type": "boolean"}, False),
        ("yes", {"type": "boolean"}, "yes"),
        (True, {"type": "string"}, "true"),
        (8, {"type": "string"}, "8"),
        (0.5, {"type": "string"}, "0.5"),
        (123456789012, {"type": "string"}, "123456789012"),
        ("8", {"type": ["string", "integer"]}, "8"),
        (8, {"type": ["string", "integer"]}, 8),
        ({}, {"type": "string"}, {}),
        ({"a": []}, {"type": "object"}, {"a": []}),
        ("", {"type": "integer"}, ""),
    ],
)
def test_scalars_take_on_the_type_of_their_schema_where_the_meaning_is_clear(
    value: Any, schema: Any, expected: Any
) -> None:
    converted = convert(value, schema)
    assert converted == expected
    assert type(converted) is type(expected)


def test_conversion_follows_references_patterns_and_alternatives() -> None:
    schema = {
        "definitions": {
            "Tree": {
                "type": "object",
                "properties": {
                    "Depth": {"type": "integer"},
                    "Children": {"type": "array", "items": {"$ref": "#/definitions/Tree"}},
                },
            }
        },
        "properties": {
            "Tree": {"$ref": "#/definitions/Tree"},
            "Map": {"patternProperties": {r"^\p{Lu}+$": {"type": "string"}}},
            "Others": {"additionalProperties": {"type": "boolean"}},
            "Either": {
                "anyOf": [
                    {"properties": {"Count": {"type": "integer"}}},
                    {"properties": {"Label": {"type": "string"}}},
                ]
            },
            "All": {"allOf": [{"type": "integer"}, {"minimum": 1}]},
        },
    }
    value = {
        "Tree": {"Depth": "1", "Children": [{"Depth": "2", "Children": [{"Depth": "3"}]}]},
        "Map": {"FLAG": True, "N": 8, "ÄÖ": 0.5},
        "Others": {"a": "true"},
        "Either": {"Count": "3", "Label": 4},
        "All": "5",
        "Unheard": {"Of": "1"},
    }
    assert convert(value, schema) == {
        "Tree": {"Depth": 1, "Children": [{"Depth": 2, "Children": [{"Depth": 3}]}]},
        "Map": {"FLAG": "true", "N": "8", "ÄÖ": "0.5"},
        "Others": {"a": True},
        "Either": {"Count": 3, "Label": "4"},
        "All": 5,
        "Unheard": {"Of": "1"},
    }


@pytest.mark.parametrize(
    ("properties", "schema", "line"),
    [
        ({}, {"required": ["RoleArn"]}, "#: required key [RoleArn] not found"),
        (
            {"Foo": 1},
            {"properties": {}, "additionalProperties": False},
            "#: extraneous key [Foo] is not permitted",
        ),
        (
            {"A": "x1"},
            {"properties": {"A": {"pattern": r"^\p{L}+$"}}},
            r"#/A: string [x1] does not match pattern ^\p{L}+$",
        ),
        (
            {"A": "abcd"},
            {"properties": {"A": {"maxLength": 3}}},
            "#/A: expected maxLength: 3, actual: 4 [abcd]",
        ),
        (
            {"A": ""},
            {"properties": {"A": {"minLength": 1}}},
            "#/A: expected minLength: 1, actual: 0 []",
        ),
        ({"A": 5}, {"properties": {"A": {"maximum": 3}}}, "#/A: 5 is not less or equal to 3"),
        (
            {"A": {"B": ["no"]}},
            {"properties": {"A": {"properties": {"B": {"items": {"enum": ["yes"]}}}}}},
            "#/A/B/0: no is not a valid enum value [yes]",
        ),
        (
            {"A": "x"},
            {"properties": {"A": {"type": "integer"}}},
            "#/A: expected type: Integer, found: String [x]",
        ),
        (
            {"A": {}},
            {"properties": {"A": {"type": "string"}}},
            "#/A: expected type: String, found: JSONObject [{}]",
        ),
        (
            {"A": [1, 2]},
            {"properties": {"A": {"maxItems": 1}}},
            "#/A: expected maximum item count: 1, found: 2",
        ),
        (
            {},
            {"anyOf": [{"required": ["A"]}, {"required": ["B"]}]},
            "#: no subschema matched out of the total 2 subschemas",
        ),
        (
            {"Environment": {"K": "secret"}},
            {"properties": {"Environment": {"patternProperties": {"K": {"maxLength": 3}}}}},
            "#/Environment/K: expected maxLength: 3, actual: 6 [***]",
        ),
        (
            {"A": '{"Environment": {"K": "secret"}}'},
            {"properties": {"A": {"pattern": "^arn:"}}},
            "#/A: string [***] does not match pattern ^arn:",
        ),
    ],
)
def test_violations_are_in_cloudformations_words_with_property_and_value(
    properties: Any, schema: Any, line: str
) -> None:
    hosted = HostedType({"typeName": "A::B::C", **schema}, lambda event: event)
    assert line in violations(properties, hosted)


def test_a_long_value_is_shortened() -> None:
    schema = {"typeName": "A::B::C", "properties": {"A": {"maxLength": 1}}}
    (line,) = violations({"A": "x" * 5000}, HostedType(schema, lambda event: event))
    assert len(line) < 400


NOT_KNOWN = object()


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (NOT_KNOWN, {"type": "integer", "minimum": 3}),
        (NOT_KNOWN, {"pattern": "^a$", "minLength": 1}),
        (NOT_KNOWN, {"enum": ["a"]}),
        (NOT_KNOWN, {"required": ["X"]}),
        ([NOT_KNOWN, "a"], {"enum": [["a", "a"]]}),
        ([NOT_KNOWN, NOT_KNOWN], {"uniqueItems": True}),
        ({"X": NOT_KNOWN}, {"not": {"properties": {"X": {"const": "a"}}}}),
        (
            {"X": NOT_KNOWN},
            {"oneOf": [{"properties": {"X": {"const": "a"}}}, {"properties": {"X": {"const": 1}}}]},
        ),
        (
            {"X": NOT_KNOWN},
            {"if": {"properties": {"X": {"const": "a"}}}, "then": {"required": ["Y"]}},
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_value_that_is_not_known_yet_violates_nothing(value: Any, schema: Any) -> None:
    of_type = HostedType({"typeName": "A", "properties": {"A": schema}}, lambda event: event)
    assert violations({"A": value}, of_type) == []


@pytest.mark.parametrize(
    ("value", "schema", "words"),
    [
        ([NOT_KNOWN] * 3, {"maxItems": 2}, "#/A: expected maximum item count: 2, found: 3"),
        ({"X": NOT_KNOWN}, {"required": ["Y"]}, "#/A: required key [Y] not found"),
        (
            {"X": NOT_KNOWN},
            {"oneOf": [{"required": ["Y"]}, {"required": ["Z"]}]},
            "#/A: 0 subschemas matched instead of one",
        ),
        (
            {"X": NOT_KNOWN},
            {"type": "string"},
            '#/A: expected type: String, found: JSONObject [{"X": "(not known yet)"}]',
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_is_known_beside_a_value_that_is_not_is_checked(
    value: Any, schema: Any, words: str
) -> None:
    of_type = HostedType({"typeName": "A", "properties": {"A": schema}}, lambda event: event)
    assert violations({"A": value}, of_type)[0] == words
