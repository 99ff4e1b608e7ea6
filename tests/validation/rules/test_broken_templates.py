"""No template makes a rule fail, whatever is in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from cfnlint.decode.cfn_yaml import loads

from validation.examples import FOLDER
from validation.lint import lint

pytestmark = pytest.mark.once

ARGUMENTS: dict[str, list[Any]] = {
    "Ref": [[], {}, 1, "", "Nowhere", "AWS::NoValue", "AWS::Region", "List", "Number", "Secret"],
    "Fn::If": [
        *([], "x", {}, ["Is", "x"], ["Is", 1, 2, 3], [1, 2, 3], [{"a": 1}, 1, 2], [[], 1, 2]),
        *(["Nowhere", 1, 2], ["Odd", 1, 2], [{"Ref": "Is"}, 1, 2]),
        ["Is", {"Fn::If": ["Is", {"Fn::If": []}, 1]}, {"Ref": "AWS::NoValue"}],
    ],
    "Fn::Sub": [
        *(3, [], ["${a}"], ["${a}", 1], "${", "${!a}", "${Nowhere}"),
        ["${a}", {"a": {"Fn::If": [{"b": 1}, 2, 3]}}],
    ],
    "Fn::GetAtt": [[], "a", ["D0", "CreationTime"], {"a": 1}, 5],
    "Fn::FindInMap": [
        *([], "x", ["Map"], ["Map", "a", "b"], [{}, [], 1], ["Map", {"Ref": "Nowhere"}, "b"])
    ],
    "Fn::Join": [[], ["", []], ["", "x"], [1, [{"Fn::If": [[], 1, 2]}]]],
    "Fn::Select": [[], [0, []], ["x", ["a"]], [9, ["a"]], [{}, {}]],
    "Fn::Split": [[], ["", "a"], [1, 2]],
    "Fn::ImportValue": [{"Fn::Sub": "${Nowhere}-x"}],
    "Fn::Transform": [[], {"Name": "AWS::Include", "Parameters": {"Location": "s3://a/b"}}],
    "Fn::Base64": [{"Fn::Cidr": []}],
}
VALUES: list[Any] = [[], {}, "", 0, -1.5, True, [[]], [{}], {"a": "b"}, {"1": 2}]
BROKEN: list[Any] = [
    *VALUES,
    *({name: each} for name, arguments in ARGUMENTS.items() for each in arguments),
    {"Fn::Transform": [], "EndpointInput": {}},
    "{{resolve:ssm:/a/b}}",
    "{{resolve:secretsmanager:}}",
]
REST = {
    "Parameters": {
        "Text": {"Type": "String"},
        "List": {"Type": "CommaDelimitedList", "Default": "a,b"},
        "Number": {"Type": "Number", "MinValue": "x", "Default": []},
        "Secret": {"Type": "String", "NoEcho": "maybe", "AllowedValues": [[], {}, 1]},
        "Broken": "text",
    },
    "Conditions": {
        "Is": {"Fn::Equals": [{"Ref": "Text"}, ""]},
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
QUALITY = loads((FOLDER / "E9501/sound.yaml").read_text("utf-8"))["Resources"]["Quality"]
QUALITY["Properties"]["ModelQualityJobInput"] |= {
    "EndpointInput": INPUT,
    "BatchTransformInput": {**INPUT, "DatasetFormat": {"Csv": {}, "Json": {}, "Parquet": True}},
}
QUALITY["Properties"] |= {"JobDefinitionName": "quality", "Tags": [{"Key": "team", "Value": "a"}]}
# A schedule that names a definition, and has a job of its own, with what a rule looks at.
SCHEDULE = {
    "Type": "AWS::SageMaker::MonitoringSchedule",
    "Properties": {
        "MonitoringScheduleConfig": {
            "MonitoringType": "ModelQuality",
            "MonitoringJobDefinitionName": {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "D0"}]}]},
            "MonitoringJobDefinition": {
                "MonitoringAppSpecification": {"ImageUri": "a"},
                "MonitoringResources": {"ClusterConfig": {"VolumeKmsKeyId": "b"}},
                "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            },
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        }
    },
}
MODEL = {"Type": "AWS::SageMaker::Model", "Properties": {"Containers": [{"Image": "a"}]}}
DEFINITION = {"Type": QUALITY["Type"], "Properties": {"JobDefinitionName": "quality"}}


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


def with_resources(resources: Iterable[Any]) -> dict[str, Any]:
    return {**REST, "Resources": {f"D{index}": each for index, each in enumerate(resources)}}


def failures(template: Any) -> list[str]:
    found = lint(json.dumps(template))
    return [match.message for match in found if match.rule.id[1:3] != "95"]


@pytest.mark.parametrize("replacement", BROKEN, ids=lambda value: json.dumps(value)[:40])
def test_no_broken_value_makes_a_rule_fail(replacement: Any) -> None:
    resources = [*broken(QUALITY, replacement)]
    assert len(resources) > 40
    assert failures(with_resources(resources)) == []


@pytest.mark.parametrize("replacement", BROKEN, ids=lambda value: json.dumps(value)[:40])
def test_no_broken_value_of_another_resource_makes_a_rule_fail(replacement: Any) -> None:
    others = [*broken(SCHEDULE, replacement), *broken(MODEL, replacement)]
    assert len(others) > 20
    names = broken(DEFINITION, replacement)
    assert failures(with_resources([QUALITY, *names, *others])) == []


@pytest.mark.parametrize("section", ["Resources", "Parameters", "Conditions", "Mappings", "Rules"])
@pytest.mark.parametrize("replacement", VALUES, ids=json.dumps)
def test_no_broken_section_makes_a_rule_fail(section: str, replacement: Any) -> None:
    assert failures({**with_resources([QUALITY]), section: replacement}) == []


def test_a_mistake_beside_broken_parts_is_found() -> None:
    late = {"Fn::If": ["Is", "-P9D", {"Ref": "AWS::NoValue"}]}
    template = with_resources(broken(QUALITY, late))
    found = [match.message for match in lint(json.dumps(template)) if match.rule.id == "E9509"]
    # In each of the inputs, where it ends the window.
    assert [text.rpartition(" (")[2] for text in found] == ["if the condition 'Is' is true)"] * 2


def test_branches_deep_within_branches_make_no_rule_fail() -> None:
    assert failures(with_resources(broken(QUALITY, nested(30)))) == []


def test_neither_long_lists_nor_any_name_of_a_parameter_makes_a_rule_fail() -> None:
    choice = {"Fn::If": ["Is", {"Key": "a", "Value": "b"}, {"Ref": "AWS::NoValue"}]}
    properties = {
        **QUALITY["Properties"],
        "JobDefinitionName": {"Fn::Join": ["", [{"Ref": "self"}] * 2000]},
        "Tags": [choice] * 2000,
    }
    template = with_resources([{**QUALITY, "Properties": properties}])
    own = {"self": {"Type": "String", "AllowedValues": ["a", "b"]}}
    template["Parameters"] = {**template["Parameters"], **own}
    assert failures(template) == []
