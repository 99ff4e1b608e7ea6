"""What drift detection expects of a resource, and what it looks at of a read."""

from typing import Any

from sandbox.cloudformation.drift.expectation import (
    actual_properties,
    expected_properties,
    shown,
)
from sandbox.hosting.type_schema import TypeSchema
from tests.harness.cloudformation import SCHEMA

THING = TypeSchema(SCHEMA)
OWN = [{"Key": "Team", "Value": "churn"}, {"Key": "Stage", "Value": "own"}]


def with_schema(**changes: Any) -> TypeSchema:
    return TypeSchema({**SCHEMA, **changes})


def test_the_stacks_tags_follow_the_resources_own_which_override_them() -> None:
    stack_tags = {"Stage": "test", "Project": "x"}
    assert expected_properties(THING, {"Size": 1, "Tags": OWN}, stack_tags) == {
        "Size": 1,
        "Tags": [*OWN, {"Key": "Project", "Value": "x"}],
    }


def test_the_stacks_tags_are_expected_even_of_a_resource_without_own_tags() -> None:
    expected = expected_properties(THING, {"Size": 1}, {"Stage": "test"})
    assert expected == {"Size": 1, "Tags": [{"Key": "Stage", "Value": "test"}]}


def test_without_any_tags_none_are_expected() -> None:
    assert expected_properties(THING, {"Size": 1}, {}) == {"Size": 1}


def test_no_tags_are_expected_of_a_type_that_has_none() -> None:
    untaggable = with_schema(tagging={"taggable": False})
    assert expected_properties(untaggable, {"Size": 1}, {"Stage": "test"}) == {"Size": 1}
    without_property = with_schema(properties={"Size": {"type": "integer"}}, tagging={})
    assert expected_properties(without_property, {"Size": 1}, {"Stage": "test"}) == {"Size": 1}


def test_tags_may_be_a_map_and_have_another_name() -> None:
    schema = with_schema(
        properties={"Meta": {"properties": {"Labels": {"type": "object"}}}},
        tagging={"tagProperty": "/properties/Meta/Labels"},
    )
    assert expected_properties(
        schema, {"Meta": {"Labels": {"a": "own"}}}, {"a": "1", "b": "2"}
    ) == {"Meta": {"Labels": {"a": "own", "b": "2"}}}


def test_what_read_cannot_return_is_not_compared() -> None:
    assert expected_properties(THING, {"Size": 1, "Secret": "s"}, {}) == {"Size": 1}


def test_an_object_of_which_read_returns_nothing_is_not_expected() -> None:
    schema = with_schema(
        properties={
            "Login": {"properties": {"User": {"properties": {"Word": {}, "Pin": {}}}, "Url": {}}},
            "Users": {"type": "array", "items": {"properties": {"Word": {}}}},
        },
        writeOnlyProperties=[
            "/properties/Login/User/Word",
            "/properties/Login/User/Pin",
            "/properties/Users/*/Word",
        ],
    )
    login = {"User": {"Word": "w", "Pin": "1"}}
    assert expected_properties(schema, {"Login": login}, {}) == {}
    assert expected_properties(schema, {"Login": {**login, "Url": "u"}}, {}) == {
        "Login": {"Url": "u"}
    }
    assert expected_properties(schema, {"Login": {"User": {}}}, {}) == {"Login": {"User": {}}}
    assert expected_properties(schema, {"Users": [{"Word": "w"}]}, {}) == {"Users": [{}]}


def test_no_tags_are_expected_beside_those_of_a_stack_if_they_have_another_form() -> None:
    item: dict[str, Any] = {"properties": {"TagKey": {}, "TagValue": {}}}
    schema = with_schema(properties={"Tags": {"type": "array", "items": item}})
    own = {"Tags": [{"TagKey": "a", "TagValue": "1"}]}
    assert expected_properties(schema, own, {}) == own
    assert expected_properties(schema, own, {"Stage": "test"}) == {}
    assert expected_properties(schema, {}, {"Stage": "test"}) == {}


def test_of_a_read_neither_what_only_the_service_sets_nor_tags_of_aws_are_compared() -> None:
    tags = [{"Key": "aws:cloudformation:stack-name", "Value": "x"}, *OWN]
    model = {"Arn": "arn:1", "Made": "today", "Size": 1, "Tags": tags}
    assert actual_properties(THING, model) == {"Size": 1, "Tags": OWN}


def test_of_objects_only_what_is_expected_is_shown_but_lists_are_shown_whole() -> None:
    expected = {"Limits": {"Low": 1}, "Gone": 2, "Steps": [{"Do": "a"}]}
    actual = {"Limits": {"Low": 2, "High": 3}, "Size": 4, "Steps": [{"Do": "a", "Mode": "b"}]}
    assert shown(expected, actual) == {"Limits": {"Low": 2}, "Steps": [{"Do": "a", "Mode": "b"}]}
