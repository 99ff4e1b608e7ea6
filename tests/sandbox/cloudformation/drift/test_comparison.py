"""The differences between what is expected and what there is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.cloudformation.drift.comparison import PropertyDifference, differences
from sandbox.hosting.type_schema import TypeSchema

TAG = {
    "type": "object",
    "properties": {"Key": {"type": "string"}, "Value": {"type": "string"}},
}
SCHEMA = TypeSchema(
    {
        "typeName": "Acme::Toys::Thing",
        "properties": {
            "Size": {"type": "integer"},
            "Open": {"type": "boolean"},
            "Name": {"type": "string"},
            "KMSKeyId": {"type": "string"},
            "Limits": {"$ref": "#/definitions/Limits"},
            "Steps": {"type": "array", "items": {"type": "object"}},
            "Doors": {"type": "array", "insertionOrder": False, "items": {"type": "object"}},
            "Rooms": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"Doors": {"type": "array", "insertionOrder": False}},
                },
            },
            "Tags": {"type": "array", "insertionOrder": False, "items": TAG},
            "Notes": {"type": "array", "items": TAG},
            "Labels": {"type": "object", "patternProperties": {".*": {"type": "string"}}},
        },
        "definitions": {"Limits": {"properties": {"Low": {}, "High": {}, "KmsKeyId": {}}}},
    }
)


def found(expected: Any, actual: Any) -> list[tuple[str, ...]]:
    return [tuple(each) for each in differences(SCHEMA, expected, actual)]


def tags(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs]


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({}, {"Size": 1}),
        ({"Size": 1}, {"Size": 1.0}),
        ({"Limits": {"Low": 1}}, {"Limits": {"Low": 1, "High": 3600}}),
        ({"Limits": {"KmsKeyId": "a"}}, {"Limits": {"KmsKeyId": "b"}}),
        ({"KMSKeyId": "a"}, {}),
        ({"Labels": {"a": "1"}}, {"Labels": {"a": "1", "b": "2"}}),
        ({"Steps": [{"Do": "a"}]}, {"Steps": [{"Do": "a", "Mode": "filled in"}]}),
        ({"Doors": [{"To": "a"}, {"To": "b"}]}, {"Doors": [{"To": "b"}, {"To": "a"}]}),
        ({"Rooms": [{"Doors": ["a", "b"]}]}, {"Rooms": [{"Doors": ["b", "a"]}]}),
        ({"Tags": tags(("a", "1"), ("b", "2"))}, {"Tags": tags(("b", "2"), ("a", "1"))}),
        # The first item fits both, the second one only the first of them.
        (
            {"Doors": [{"To": "a"}, {"To": "a", "Key": "x"}]},
            {"Doors": [{"To": "a", "Key": "x", "Lock": 1}, {"To": "a", "Lock": 2}]},
        ),
    ],
)
def test_what_is_as_expected_but_for_what_nobody_declared_is_no_drift(
    expected: Any, actual: Any
) -> None:
    assert found(expected, actual) == []


def test_a_changed_scalar_is_shown_with_both_values_as_text() -> None:
    assert found(
        {"Size": 20, "Open": True, "Name": "a", "Limits": {"Low": 0.5}},
        {"Size": 120, "Open": False, "Name": "b", "Limits": {"Low": "0.5"}},
    ) == [
        ("/Size", "20", "120", "NOT_EQUAL"),
        ("/Open", "true", "false", "NOT_EQUAL"),
        ("/Name", "a", "b", "NOT_EQUAL"),
        ("/Limits/Low", "0.5", "0.5", "NOT_EQUAL"),
    ]


def test_only_a_declared_property_is_a_key_of_kms_and_not_a_key_of_a_map() -> None:
    assert found({"Labels": {"KmsKeyId": "a"}}, {"Labels": {"KmsKeyId": "b"}}) == [
        ("/Labels/KmsKeyId", "a", "b", "NOT_EQUAL")
    ]
    # An item of this list has no declared members at all.
    assert [each[3] for each in found({"Doors": [{"KmsKeyId": "a"}]}, {"Doors": [{}]})] == [
        "REMOVE",
        "ADD",
    ]


def test_true_is_not_one() -> None:
    assert found({"Open": True}, {"Open": 1}) == [("/Open", "true", "1", "NOT_EQUAL")]


def test_what_is_missing_is_removed_as_a_whole() -> None:
    expected = {"Limits": {"Low": 1, "High": [2, "é"]}, "Size": 1, "Open": False}
    assert found(expected, {"Limits": None}) == [
        ("/Limits", '{"Low":1,"High":[2,"é"]}', "null", "REMOVE"),
        ("/Size", "1", "null", "REMOVE"),
        ("/Open", "false", "null", "REMOVE"),
    ]


def test_a_value_of_another_kind_is_not_equal() -> None:
    assert found({"Limits": {"Low": 1}}, {"Limits": [1]}) == [
        ("/Limits", '{"Low":1}', "[1]", "NOT_EQUAL")
    ]


def test_an_ordered_list_is_compared_index_by_index() -> None:
    assert found({"Steps": ["a", "b", "c"]}, {"Steps": ["b", "a"]}) == [
        ("/Steps/0", "a", "b", "NOT_EQUAL"),
        ("/Steps/1", "b", "a", "NOT_EQUAL"),
        ("/Steps/2", "c", "null", "REMOVE"),
    ]
    assert found({"Steps": ["a"]}, {"Steps": ["a", "b"]}) == [("/Steps/1", "null", "b", "ADD")]


def test_the_order_of_keys_and_values_matters_too_unless_the_schema_says_otherwise() -> None:
    assert found({"Notes": tags(("a", "1"), ("b", "1"))}, {"Notes": tags(("b", "1"), ("a", "1"))})


def test_items_with_key_and_value_are_matched_by_key_and_shown_at_the_index_in_the_template() -> (
    None
):
    assert found(
        {"Tags": tags(("kept", "1"), ("changed", "2"), ("removed", "3"))},
        {"Tags": tags(("added", "9"), ("changed", "8"), ("kept", "1"))},
    ) == [
        ("/Tags/1/Value", "2", "8", "NOT_EQUAL"),
        ("/Tags/2", '{"Key":"removed","Value":"3"}', "null", "REMOVE"),
        ("/Tags/0", "null", '{"Key":"added","Value":"9"}', "ADD"),
    ]


def test_other_items_of_an_unordered_list_are_removed_and_added_as_a_whole() -> None:
    assert found({"Doors": [{"To": "a"}, {"To": "b"}]}, {"Doors": [{"To": "c"}, {"To": "a"}]}) == [
        ("/Doors/1", '{"To":"b"}', "null", "REMOVE"),
        ("/Doors/0", "null", '{"To":"c"}', "ADD"),
    ]


def test_a_key_that_is_there_twice_is_matched_once() -> None:
    assert found({"Tags": tags(("a", "1"), ("a", "1"))}, {"Tags": tags(("a", "1"))}) == [
        ("/Tags/1", '{"Key":"a","Value":"1"}', "null", "REMOVE")
    ]


def test_keys_that_are_no_text_or_not_unique_do_not_match_items() -> None:
    objects = [{"Key": {"Name": name}, "Value": "1"} for name in "ab"]
    assert found({"Tags": objects}, {"Tags": objects[::-1]}) == []
    twice = tags(("a", "1"), ("a", "2"))
    assert found({"Tags": twice}, {"Tags": twice[::-1]}) == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "doors",
    [
        [{"To": str(number)} for number in range(1200)],
        [{"To": "a"}] * 1200,
        [{"To": "a", "Locks": [number]} for number in range(300)],
    ],
    ids=["different", "equal", "alike"],
)
def test_an_unordered_list_may_be_long(doors: list[dict[str, Any]]) -> None:
    filled = [{**door, "Lock": number} for number, door in enumerate(doors[::-1])]
    assert found({"Doors": doors}, {"Doors": filled}) == []
    assert [each[3] for each in found({"Doors": [*doors, {"To": "x"}]}, {"Doors": filled})] == [
        "REMOVE"
    ]
    # Half of them have gone.
    half = filled[: len(doors) // 2]
    assert {each[3] for each in found({"Doors": doors}, {"Doors": half})} == {"REMOVE"}


def test_an_item_gives_way_along_a_chain_as_long_as_the_list() -> None:
    doors = [{"To": "a", f"n{number}": 1} for number in range(1200)]
    # Each one fits its own and the next one, so only the last one decides.
    chain = [{"To": "a", f"n{number}": 1, f"n{number + 1}": 1, "Lock": 1} for number in range(1199)]
    chain.append({"To": "a", "n0": 1, "Lock": 2})
    assert found({"Doors": doors}, {"Doors": chain}) == []


def test_names_in_a_path_are_escaped_as_in_a_json_pointer() -> None:
    assert found({"Labels": {"a/b~c": "1"}}, {"Labels": {"a/b~c": "2"}}) == [
        ("/Labels/a~1b~0c", "1", "2", "NOT_EQUAL")
    ]


DOORS = st.lists(
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 1) | st.booleans(), max_size=3),
    max_size=5,
)


@given(doors=DOORS, data=st.data())
def test_no_order_and_nothing_filled_in_makes_drift_of_an_unordered_list(
    doors: list[dict[str, Any]], data: st.DataObject
) -> None:
    filled = [
        {**door, **{k: v for k, v in data.draw(DOORS.map(_first)).items() if k not in door}}
        for door in doors
    ]
    assert found({"Doors": doors}, {"Doors": data.draw(st.permutations(filled))}) == []


def _first(doors: list[dict[str, Any]]) -> dict[str, Any]:
    return doors[0] if doors else {}


@given(doors=DOORS.filter(bool), data=st.data())
def test_an_item_that_is_gone_is_always_found_out(
    doors: list[dict[str, Any]], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(doors) - 1))
    left = doors[:index] + doors[index + 1 :]
    found_out = differences(SCHEMA, {"Doors": doors}, {"Doors": left})
    assert [type(each) for each in found_out] == [PropertyDifference]
    assert found_out[0].kind == "REMOVE"
