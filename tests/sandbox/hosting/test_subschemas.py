"""What a schema says of a value, and of the values inside it."""

from typing import Any

import pytest

from sandbox.hosting.subschemas import Subschema

ROOT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "Plain": {"type": "string", "description": "A plain one."},
        "Either": {"oneOf": [{"type": "integer"}, {"$ref": "#/definitions/Text"}]},
        "Box": {"$ref": "#/definitions/Box"},
        "Boxes": {"type": "array", "insertionOrder": False, "items": {"$ref": "#/definitions/Box"}},
        "Map": {
            "type": "object",
            "patternProperties": {"^[A-Z]+$": {"type": "string"}},
            "additionalProperties": {"type": "integer"},
        },
        "Closed": {"type": "object", "additionalProperties": False},
        "Any": True,
        "None": False,
        "Dangling": {"$ref": "#/definitions/Absent"},
        "Endless": {"$ref": "#/definitions/Endless"},
    },
    "definitions": {
        "Text": {"type": ["string", "null"]},
        "Box": {
            "properties": {"Size": {"type": "number", "description": "How large."}},
            "required": ["Size"],
            "allOf": [{"required": ["Lid"]}, {"properties": {"Lid": {"type": "string"}}}],
        },
        "Endless": {"$ref": "#/definitions/Endless"},
    },
}
WHOLE = Subschema.of(ROOT)


@pytest.mark.parametrize(
    ("pointer", "types"),
    [
        ((), {"object"}),
        (("Plain",), {"string"}),
        (("Either",), {"integer", "string", "null"}),
        (("Box", "Size"), {"number"}),
        (("Box", "Lid"), {"string"}),
        (("Boxes", "*", "Size"), {"number"}),
        (("Map", "ABC"), {"string"}),
        (("Map", "abc"), {"integer"}),
    ],
)
def test_a_value_is_found_through_references_alternatives_items_and_patterns(
    pointer: tuple[str, ...], types: set[str]
) -> None:
    assert WHOLE.at(pointer).types == types


@pytest.mark.parametrize("name", ["Any", "None", "Dangling", "Endless", "Undeclared"])
def test_of_some_values_a_schema_says_nothing(name: str) -> None:
    found = WHOLE.at((name, "Inner", "*"))
    assert (found.types, found.declared, found.required) == (set(), set(), set())
    assert found.is_ordered
    assert WHOLE.at((name,)).description == ""


def test_a_schema_that_allows_no_other_members_says_nothing_of_them() -> None:
    assert WHOLE.at(("Closed", "other")).branches == ()


def test_declared_and_required_members_are_those_of_all_branches() -> None:
    box = WHOLE.at(("Boxes", "*"))
    assert (box.declared, box.required) == ({"Size", "Lid"}, {"Size", "Lid"})
    assert WHOLE.member("Map").declared == set()


def test_a_description_is_found_where_the_value_is_described() -> None:
    assert WHOLE.member("Plain").description == "A plain one."
    assert WHOLE.at(("Boxes", "*", "Size")).description == "How large."


def test_order_matters_unless_the_schema_says_otherwise() -> None:
    assert not WHOLE.member("Boxes").is_ordered
    assert WHOLE.member("Plain").is_ordered


def test_references_of_a_part_point_into_the_whole_document() -> None:
    assert Subschema.of(ROOT["properties"]["Box"], ROOT).declared == {"Size", "Lid"}
