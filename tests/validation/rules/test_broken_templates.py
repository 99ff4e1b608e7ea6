"""No template makes a rule fail, whatever is in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.decode.cfn_yaml import loads

from validation.examples import FOLDER
from validation.lint import lint

pytestmark = pytest.mark.once

BROKEN: tuple[Any, ...] = (
    *([], {}, "", 0, -1.5, True, "text", [[]], [{}], ["a", 1], {"a": "b"}, {"1": 2}),
    *({"Ref": each} for each in ([], {}, 1, "", "Nowhere", "AWS::NoValue", "AWS::Region")),
    *({"Ref": each} for each in ("List", "Broken", "Number", "Secret")),
    *({"Fn::If": each} for each in ([], "x", {}, ["Is", "x"], ["Is", 1, 2, 3], [1, 2, 3])),
    *({"Fn::If": [each, "a", "b"]} for each in ({"a": 1}, [], "Nowhere", "Odd", {"Ref": "Is"})),
    {"Fn::If": ["Is", {"Fn::If": ["Is", {"Fn::If": []}, 1]}, {"Ref": "AWS::NoValue"}]},
    *({"Fn::Sub": each} for each in (3, [], ["${a}"], ["${a}", 1], "${", "${!a}", "${Nowhere}")),
    {"Fn::Sub": ["${a}", {"a": {"Fn::If": [{"b": 1}, 2, 3]}}]},
    *({"Fn::GetAtt": each} for each in ([], "a", ["D0", "CreationTime"], {"a": 1}, 5)),
    *({"Fn::FindInMap": each} for each in ([], ["Map"], ["Map", "a", "b"], [{}, [], 1], "x")),
    {"Fn::FindInMap": ["Map", {"Ref": "Nowhere"}, "b"]},
    *({"Fn::Join": each} for each in ([], ["", []], ["", "x"], [1, [{"Fn::If": [[], 1, 2]}]])),
    *({"Fn::Select": each} for each in ([], [0, []], ["x", ["a"]], [9, ["a"]], [{}, {}])),
    *({"Fn::Split": each} for each in ([], ["", "a"], [1, 2])),
    {"Fn::ImportValue": {"Fn::Sub": "${Nowhere}-x"}},
    {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://a/b"}}},
    {"Fn::Transform": [], "EndpointInput": {}},
    {"Fn::Base64": {"Fn::Cidr": []}},
    "{{resolve:ssm:/a/b}}",
    "{{resolve:secretsmanager:}}",
)
REST = {
    "Parameters": {
        "List": {"Type": "CommaDelimitedList", "Default": "a,b"},
        "Number": {"Type": "Number", "MinValue": "x", "Default": []},
        "Secret": {"Type": "String", "NoEcho": "maybe", "AllowedValues": [[], {}, 1]},
        "Broken": "text",
    },
    "Conditions": {
        "Is": {"Fn::Equals": [{"Ref": "List"}, ""]},
        "Odd": {"Fn::Equals": [1]},
        "Circle": {"Condition": "Circle"},
    },
    "Mappings": {"Map": {"a": {"b": []}, "c": 1}},
}
# A definition that has every member that a rule looks at.
INPUT = {
    "LocalPath": "/opt/ml/processing/input",
    "InferenceAttribute": "0",
    "ProbabilityAttribute": "1",
    "ProbabilityThresholdAttribute": 0.5,
    "StartTimeOffset": "-P8D",
    "EndTimeOffset": "-P1D",
}
FULL = loads((FOLDER / "E9501/sound.yaml").read_text("utf-8"))
FULL["Resources"]["Quality"]["Properties"]["ModelQualityJobInput"] |= {
    "EndpointInput": INPUT,
    "BatchTransformInput": {**INPUT, "DatasetFormat": {"Csv": {}, "Json": {}, "Parquet": True}},
}


def broken(value: Any, replacement: Any) -> Iterator[Any]:
    """Yield the value with each part of it replaced, one at a time."""
    yield replacement
    if isinstance(value, dict):
        for key, member in value.items():
            for each in broken(member, replacement):
                yield {**value, key: each}
    if isinstance(value, list):
        for index, item in enumerate(value):
            for each in broken(item, replacement):
                yield [*value[:index], each, *value[index + 1 :]]


def nested(depth: int) -> Any:
    """Return branches within branches."""
    return {"Fn::If": ["Is", nested(depth - 1), "x"]} if depth else "-P1D"


def failures(template: Any) -> list[str]:
    found = lint(json.dumps(template))
    return [match.message for match in found if match.rule.id[1:3] != "95"]


@pytest.mark.parametrize("replacement", BROKEN, ids=lambda value: json.dumps(value)[:40])
def test_no_broken_value_makes_a_rule_fail(replacement: Any) -> None:
    resources = enumerate(broken(FULL["Resources"]["Quality"], replacement))
    template = {**REST, "Resources": {f"D{index}": each for index, each in resources}}
    assert len(template["Resources"]) > 40
    assert failures(template) == []


@pytest.mark.parametrize("section", ["Resources", "Parameters", "Conditions", "Mappings", "Rules"])
@pytest.mark.parametrize("replacement", BROKEN[:8], ids=json.dumps)
def test_no_broken_section_makes_a_rule_fail(section: str, replacement: Any) -> None:
    assert failures({**FULL, **REST, section: replacement}) == []


def test_branches_deep_within_branches_make_no_rule_fail() -> None:
    resources = enumerate(broken(FULL["Resources"]["Quality"], nested(30)))
    template = {**REST, "Resources": {f"D{index}": each for index, each in resources}}
    assert failures(template) == []
