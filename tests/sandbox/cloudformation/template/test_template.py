"""Templates broken at random: each is refused or fails with words, and none breaks the sandbox."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import THING, Stacks, running

TEMPLATE: dict[str, Any] = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Parameters": {
        "Kind": {"Type": "String", "Default": "x", "AllowedPattern": "x+", "MinLength": 1},
        "Count": {"Type": "Number", "Default": 3, "MinValue": 1},
        "Names": {"Type": "CommaDelimitedList", "Default": "a,b"},
    },
    "Rules": {
        "Rule": {
            "RuleCondition": {
                "Fn::Or": [
                    {"Fn::Equals": [{"Ref": "Count"}, 3]},
                    {"Fn::Not": [{"Fn::Equals": ["a", "b"]}]},
                ]
            },
            "Assertions": [
                {
                    "Assert": {"Fn::EachMemberIn": [{"Ref": "Names"}, ["a", {"Ref": "Kind"}]]},
                    "AssertDescription": "known names",
                }
            ],
        }
    },
    "Mappings": {"Map": {"a": {"b": "1"}}},
    "Conditions": {
        "Yes": {"Fn::Equals": [{"Ref": "Kind"}, "x"]},
        "No": {"Fn::And": [{"Condition": "Yes"}, {"Fn::Not": [{"Condition": "Yes"}]}]},
    },
    "Resources": {
        "Thing": {
            "Type": THING,
            "DependsOn": "Other",
            "DeletionPolicy": "Delete",
            "Properties": {
                "Size": {"Ref": "Count"},
                "Name": {"Fn::Select": [0, {"Fn::Split": ["-", "ab-c"]}]},
                "Secret": {
                    "Fn::Sub": ["${Kind}${y}", {"y": {"Fn::Join": ["-", {"Ref": "Names"}]}}]
                },
                "Parts": [{"Fn::If": ["Yes", {"Kind": "cog"}, {"Ref": "AWS::NoValue"}]}],
                "Environment": {"K": {"Fn::FindInMap": ["Map", "a", "b"]}},
                "Open": "{{resolve:ssm:/open}}",
                "Tags": [{"Key": "a", "Value": {"Fn::Base64": "q"}}],
            },
        },
        "Other": {"Type": THING, "Properties": {"Size": 1}, "Condition": "Yes"},
    },
    "Outputs": {"Made": {"Value": {"Fn::GetAtt": ["Thing", "Made"]}, "Condition": "Yes"}},
}
REPLACEMENTS: list[Any] = [
    None, 1, -1.5, True, "", "x", [], {}, ["a"], [[["deep"]]], "AWS::S3::Bucket", "ü" * 300,
    {"Ref": "Thing"}, {"Ref": "AWS::NoValue"}, {"Ref": ["x"]},
    {"Fn::GetAtt": ["Other", "Arn"]}, {"Fn::GetAtt": "Thing.Made"}, {"Fn::GetAtt": 1},
    {"Fn::Sub": "${Thing.Made}${"}, {"Fn::Join": ["", [{"Ref": "Thing"}, [1]]]},
    {"Fn::Select": ["x", [1]]}, {"Fn::If": ["Yes", 1]}, {"Fn::ImportValue": [1]},
    {"Fn::Cidr": ["10.0.0.0/8", 3, 8]}, {"Fn::Cidr": 5}, {"Fn::Length": [1, 2]},
    {"Fn::GetAZs": ""}, {"Fn::ToJsonString": {"a": 1}}, {"Fn::FindInMap": ["Map", [], "b"]},
    {"Fn::FindInMap": ["Map", "a", "z", {"DefaultValue": 4}]}, {"Condition": "Yes"},
    "{{resolve:ssm:/gone}}", "{{resolve:ssm:}}", "{{resolve:secretsmanager:a:b}}",
    {"Fn::RefAll": "AWS::EC2::VPC::Id"}, {"Fn::ValueOf": ["Kind", "VpcId"]}, {"Fn::Contains": 1},
]  # fmt: skip


def paths(value: Any, prefix: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in members:
        yield (*prefix, name)
        if isinstance(member, dict | list):
            yield from paths(member, (*prefix, name))


def broken(seed: int) -> dict[str, Any]:
    chance = random.Random(seed)  # noqa: S311  # a seed that shows in the test's name
    template = copy.deepcopy(TEMPLATE)
    *parents, last = chance.choice(list(paths(template)))
    place: Any = template
    for name in parents:
        place = place[name]
    place[last] = chance.choice(REPLACEMENTS)
    return template


@pytest.fixture(scope="module")
def stacks() -> Iterator[Stacks]:
    with running() as sandbox:
        sandbox.client("ssm").put_parameter(Name="/open", Type="String", Value="true")
        yield sandbox


@pytest.mark.parametrize("seeds", [range(start, start + 50) for start in range(0, 400, 50)])
def test_a_broken_template_is_refused_or_fails_with_words(stacks: Stacks, seeds: range) -> None:
    for seed in seeds:
        name = f"broken{seed}"
        body = json.dumps(broken(seed))
        refusal = None
        try:
            stacks.client().create_stack(StackName=name, TemplateBody=body)
        except ClientError as error:
            refusal = error.response["Error"]
        if refusal:
            assert refusal["Code"] == "ValidationError", body
            assert refusal["Message"], body
            continue
        status = stacks.settled(name)
        assert status in ("CREATE_COMPLETE", "ROLLBACK_COMPLETE"), body
        reasons = [event.get("ResourceStatusReason", "") for event in stacks.events(name)]
        assert not [reason for reason in reasons if "Internal Failure" in reason], body
        assert stacks.delete(name) == "DELETE_COMPLETE", body
    assert stacks.shop.things == {}
