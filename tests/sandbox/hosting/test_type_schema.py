"""What a registry schema declares about the models of its type."""

from typing import Any

import pytest

from sandbox.hosting.type_schema import TypeSchema

SCHEMA = {
    "typeName": "Acme::Toys::Thing",
    "primaryIdentifier": ["/properties/Arn"],
    "readOnlyProperties": ["/properties/Arn", "/properties/Parts/*/Id"],
    "writeOnlyProperties": ["/properties/Secret"],
}


@pytest.mark.parametrize(
    ("tagging", "property_"),
    [
        (None, ("Tags",)),
        ({"taggable": True, "tagProperty": "/properties/Meta/Labels"}, ("Meta", "Labels")),
        ({"taggable": False}, None),
    ],
)
def test_the_tag_property_is_tags_unless_the_schema_says_otherwise(
    tagging: dict[str, Any] | None, property_: tuple[str, ...] | None
) -> None:
    schema = TypeSchema(SCHEMA if tagging is None else {**SCHEMA, "tagging": tagging})
    assert schema.tag_property == property_


def test_a_template_declares_neither_read_only_properties_nor_tags_of_aws() -> None:
    model = {
        "Arn": "arn:thing",
        "Tags": [{"Key": "AWS:cloudformation:stack-name", "Value": "s"}, {"Key": "a", "Value": ""}],
        "Parts": [{"Id": 1, "Size": 2}],
    }
    schema = TypeSchema(SCHEMA)
    assert schema.declarable(model) == {
        "Tags": [{"Key": "a", "Value": ""}],
        "Parts": [{"Size": 2}],
    }
    assert schema.declarable({"Tags": model["Tags"][:1]}) == {}
    assert schema.declarable({"Size": 1, "Tags": []}) == {"Size": 1, "Tags": []}
    tags_in_a_map = {"Tags": {"aws:cloudformation:stack-name": "s", "a": ""}}
    assert schema.declarable(tags_in_a_map) == {"Tags": {"a": ""}}


def test_a_model_of_an_identifier_has_that_identifier_and_nothing_else() -> None:
    schema = TypeSchema({**SCHEMA, "primaryIdentifier": ["/properties/A", "/properties/B/C"]})
    assert schema.model_of("x|y") == {"A": "x", "B": {"C": "y"}}
    assert schema.identifier({"A": "x", "B": {"C": "y"}}) == "x|y"
    with pytest.raises(ValueError, match=r"Identifier x is not valid: expected A\|B/C"):
        schema.model_of("x")


def test_the_parts_of_an_identifier_have_names_and_make_a_model() -> None:
    schema = TypeSchema({**SCHEMA, "primaryIdentifier": ["/properties/A", "/properties/B/C"]})
    assert schema.identifier_names == ("A", "B/C")
    model = {"A": "x", "B": {"C": "y"}}
    assert schema.identified_by({"B/C": "y", "A": "x"}) == model
    assert schema.identifying({**model, "D": "z"}) == model
    for parts in ({"A": "x"}, {"A": "x", "B/C": "y", "D": "z"}):
        with pytest.raises(ValueError, match=r"Expected \[A, B/C\]"):
            schema.identified_by(parts)


@pytest.mark.parametrize("value", [None, "", True, False, [], ["x"], {}, {"C": "x"}])
def test_only_texts_and_numbers_identify(value: Any) -> None:
    schema = TypeSchema({**SCHEMA, "primaryIdentifier": ["/properties/A", "/properties/B"]})
    assert schema.identifier({"A": "x", "B": 0}) == "x|0"
    assert schema.identifier({"A": "x", "B": value}) is None
