"""A definition's own tags: reserved keys, and how many there are."""

from typing import Any

import pytest

from tests.harness.monitored import definition, template
from validation.lint import lint

pytestmark = pytest.mark.once

CONDITIONS = {"Conditions": {"Many": {"Fn::Equals": [{"Ref": "AWS::StackName"}, "many"]}}}


def ids(tags: Any, **sections: Any) -> list[str]:
    return [
        each.rule.id
        for name in ("AWS", "YourOrg")
        for each in lint(template(Quality=named(name, tags), **sections))
    ]


def named(organization: str, tags: Any) -> dict[str, Any]:
    return {
        **definition(Tags=tags),
        "Type": f"{organization}::SageMaker::ModelQualityJobDefinition",
    }


def tag(key: Any) -> dict[str, Any]:
    return {"Key": key, "Value": "value"}


@pytest.mark.parametrize("key", ["aws:team", "AWS:team", "Aws:cloudformation:stack-name"])
def test_keys_of_aws_are_found_in_any_case_and_under_any_name_of_the_type(key: str) -> None:
    assert ids([tag("team"), tag(key)]) == ["E9555"] * 2


@pytest.mark.parametrize(
    "key", ["aws", "awsteam", "my:aws:team", {"Ref": "Key"}, {"Fn::Sub": "${Key}"}]
)
def test_other_keys_are_let_be(key: Any) -> None:
    assert ids([tag(key)], Parameters={"Key": {"Type": "String"}}) == []


@pytest.mark.parametrize(
    "key",
    [
        {"Fn::Sub": "aws:${Key}"},
        {"Fn::Sub": ["aws:${Team}", {"Team": {"Fn::ImportValue": "team"}}]},
        {"Fn::Join": [":", ["AWS", {"Ref": "AWS::StackName"}]]},
    ],
)
def test_the_beginning_of_a_key_is_enough(key: Any) -> None:
    assert ids([tag(key)], Parameters={"Key": {"Type": "String"}}) == ["E9555"] * 2


def test_a_key_that_a_parameter_allows_is_found() -> None:
    parameters = {"Key": {"Type": "String", "AllowedValues": ["team", "aws:team"]}}
    assert ids([tag({"Ref": "Key"})], Parameters=parameters) == ["E9555"] * 2


def test_more_than_fifty_tags_are_found() -> None:
    assert ids([tag(f"key-{number}") for number in range(50)]) == []
    assert ids([tag(f"key-{number}") for number in range(51)]) == ["E9556"] * 2


def test_tags_are_counted_that_exist_together() -> None:
    fifty = [tag(f"key-{number}") for number in range(50)]
    either = {"Fn::If": ["Many", tag("many"), {"Ref": "AWS::NoValue"}]}
    assert ids([*fifty, either], **CONDITIONS) == ["E9556"] * 2
    other = {"Fn::If": ["Many", {"Ref": "AWS::NoValue"}, tag("few")]}
    assert ids([*fifty[:49], either, other], **CONDITIONS) == []
    undefined = {"Fn::If": ["Nowhere", tag("many"), tag("few")]}
    assert ids([*fifty, undefined], **CONDITIONS) == []


def test_many_conditional_tags_are_one_finding_that_is_always_the_same() -> None:
    no_value = {"Ref": "AWS::NoValue"}
    names = [f"C{number}" for number in range(12)]
    conditions = {name: {"Fn::Equals": [{"Ref": name}, "a"]} for name in names}
    parameters = {name: {"Type": "String"} for name in names}
    where_true = [{"Fn::If": [name, tag(name), no_value]} for name in names[:6]]
    where_false = [{"Fn::If": [name, no_value, tag(name)]} for name in names[6:]]
    certain = [tag(f"key-{number}") for number in range(39)]
    sections: dict[str, Any] = {"Conditions": conditions, "Parameters": parameters}
    quality = named("AWS", [*certain, *where_true, *where_false])
    [finding] = lint(template(Quality=quality, **sections))
    states = [
        f"the condition '{name}' is {'true' if name in names[:6] else 'false'}"
        for name in sorted(names)
    ]
    assert finding.message == (
        "51 tags, but a definition has at most 50 together with the stack's; remove 1 or more "
        f"(if {' and '.join(states)})"
    )
    assert ids([*certain[1:], *where_true, *where_false], **sections) == []
