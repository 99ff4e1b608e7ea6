"""Which values of a template are judged, which are not, and which belong together.

A definition's window has to be judged in each of these templates; it is one of the few mistakes
that two properties make together.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from cfnlint.decode.cfn_yaml import loads

from validation.examples import FOLDER
from validation.lint import lint

pytestmark = pytest.mark.once

SOUND = (FOLDER / "E9509/sound.yaml").read_text("utf-8")
NO_VALUE = {"Ref": "AWS::NoValue"}
REST: dict[str, Any] = {
    "Parameters": {
        "Free": {"Type": "String"},
        "Default": {"Type": "String", "Default": "-P9D"},
        "Allowed": {"Type": "String", "AllowedValues": ["-P9D", "-P1D"]},
        "Fine": {"Type": "String", "AllowedValues": ["-P2D", "-P1D"], "Default": "-P1D"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "-P9D"},
        "Stage": {"Type": "String", "AllowedValues": ["test", "production"]},
        "Other": {"Type": "String", "AllowedValues": ["x", "y"]},
        "Map": {"Type": "String", "AllowedValues": ["Short", "Long"]},
    },
    "Conditions": {
        "Test": {"Fn::Equals": [{"Ref": "Stage"}, "test"]},
        "Production": {"Fn::Equals": [{"Ref": "Stage"}, "production"]},
        "OtherX": {"Fn::Equals": [{"Ref": "Other"}, "x"]},
        "Both": {"Fn::And": [{"Condition": "Test"}, {"Condition": "Production"}]},
        "IsLong": {"Fn::Equals": [{"Ref": "Allowed"}, "-P9D"]},
        "FreeX": {"Fn::Equals": [{"Ref": "Free"}, "x"]},
        "FreeY": {"Fn::Equals": [{"Ref": "Free"}, "y"]},
        "Ireland": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
        "Ohio": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-2"]},
    },
    "Mappings": {
        "Windows": {"a": {"end": "-P9D"}},
        "Places": {
            "eu-west-1": {"start": "-P2D", "end": "-P1D"},
            "us-east-2": {"start": "-P9D", "end": "-P8D"},
            "111111111111": {"start": "-P2D", "end": "-P1D"},
            "222222222222": {"start": "-P9D", "end": "-P8D"},
        },
        "Short": {"all": {"start": "-P2D", "end": "-P1D"}},
        "Long": {"all": {"start": "-P9D", "end": "-P8D"}},
    },
}


def found(start: Any, end: Any, condition: str | None = None, **more: Any) -> list[str]:
    """Return the findings about a window; its start should be first."""
    template = {**loads(SOUND), **REST, **more}
    resource = template["Resources"]["Quality"]
    window = resource["Properties"]["ModelQualityJobInput"]["EndpointInput"]
    window |= {"StartTimeOffset": start, "EndTimeOffset": end}
    if condition:
        resource["Condition"] = condition
    matches = lint(json.dumps(template))
    assert {match.rule.id for match in matches} <= {"E9509"}
    return [match.message for match in matches]


def choice(condition: str, one: Any, other: Any) -> Any:
    return {"Fn::If": [condition, one, other]}


def sub_with(value: Any) -> Any:
    return {"Fn::Sub": ["${window}", {"window": value}]}


def in_map(key: Any, what: str) -> Any:
    return {"Fn::FindInMap": ["Places", key, what]}


def equals(one: Any, other: Any) -> Any:
    return {"Fn::Equals": [one, other]}


def found_if(first: Any, second: Any, parameter: Any = None, **more: Any) -> list[str]:
    """Return the findings about a window that runs backwards if both conditions are true."""
    conditions = {"First": first, "Second": second}
    parameters = {"P": parameter or {"Type": "String"}, "Q": {"Type": "String"}}
    sections = {"Conditions": conditions, "Parameters": parameters, **more}
    return found(choice("First", "-P1D", "-P8D"), choice("Second", "-P2D", NO_VALUE), **sections)


@pytest.mark.parametrize(
    "end",
    [
        "-P9D",
        {"Fn::Sub": "-P9D"},
        {"Fn::Sub": ["-P${n}D", {"n": 9}]},
        {"Fn::Sub": "${Default}"},
        {"Fn::Join": ["", ["-P", "9", "D"]]},
        {"Fn::Select": [1, ["-P1D", "-P9D"]]},
        {"Fn::FindInMap": ["Windows", "a", "end"]},
        {"Ref": "Default"},
        {"Ref": "Allowed"},
        choice("Test", "-P9D", "-P1D"),
        choice("Test", "-P1D", "-P9D"),
        choice("Test", NO_VALUE, {"Fn::Sub": ["-P${n}D", {"n": choice("OtherX", 1, 9)}]}),
        {"Fn::Join": ["", ["-P9D", NO_VALUE]]},
        {"Fn::Select": [0, {"Fn::Split": [",", choice("Test", "-P9D,x", "-P1D,x")]}]},
        {"Fn::FindInMap": ["Windows", "b", "end", {"DefaultValue": "-P9D"}]},
    ],
    ids=json.dumps,
)
def test_what_a_template_says_is_judged(end: Any) -> None:
    assert len(found("-P5D", end)) == 1


@pytest.mark.parametrize(
    "end",
    [
        NO_VALUE,
        {"Ref": "Free"},
        {"Ref": "Fine"},
        {"Ref": "Stored"},
        {"Ref": "AWS::StackName"},
        {"Fn::Sub": "-P${Free}D"},
        {"Fn::Sub": "${Quality.CreationTime}"},
        {"Fn::Join": ["", ["-P", {"Ref": "Free"}]]},
        {"Fn::ImportValue": "window"},
        {"Fn::GetAtt": ["Quality", "CreationTime"]},
        {"Fn::FindInMap": ["Windows", {"Ref": "Free"}, "elsewhere"]},
        {"Fn::Transform": {"Name": "Own", "Parameters": {}}},
        "{{resolve:ssm:/window/end}}",
        "-P{{resolve:ssm:/window/days}}D",
        {"Fn::Sub": "{{resolve:ssm:/${Default}/days}}"},
        {"Fn::Sub": ["-P${n}D", {"n": {"Fn::ImportValue": "days"}}]},
        choice("Both", "-P9D", "-P1D"),
        choice("Nowhere", "-P9D", "-P9D"),
    ],
    ids=json.dumps,
)
def test_what_only_the_deployment_knows_or_what_cannot_be_is_not_judged(end: Any) -> None:
    # The format of a name or of a mapping's value is E9507's to judge.
    assert [each for each in found("-P5D", end) if "later" in each] == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (choice("Test", "-P9D", "-P2D"), choice("Test", "-P8D", "-P1D")),
        (choice("Test", "-P9D", "-P2D"), choice("Production", "-P1D", "-P8D")),
        (choice("IsLong", "-P9D", "-P2D"), {"Ref": "Allowed"}),
        (choice("FreeX", "-P1D", "-P9D"), choice("FreeY", "-P5D", "-P1D")),
        (choice("Ireland", "-P1D", "-P9D"), choice("Ohio", "-P5D", "-P1D")),
        ({"Ref": "Allowed"}, {"Ref": "Allowed"}),
        ({"Ref": "Allowed"}, choice("IsLong", "-P8D", "-P1D")),
        ({"Fn::Sub": "${Allowed}"}, choice("IsLong", "-P8D", "-P1D")),
        (sub_with({"Ref": "Allowed"}), sub_with({"Ref": "Allowed"})),
        (sub_with({"Fn::Sub": "${Allowed}"}), {"Ref": "Allowed"}),
        (sub_with(choice("Test", "-P9D", "-P2D")), sub_with(choice("Test", "-P8D", "-P1D"))),
        (in_map({"Ref": "AWS::Region"}, "start"), in_map({"Ref": "AWS::Region"}, "end")),
        (in_map({"Ref": "AWS::Region"}, "start"), choice("Ireland", "-P1D", "-P7D")),
        (in_map({"Ref": "AWS::AccountId"}, "start"), in_map({"Ref": "AWS::AccountId"}, "end")),
        (
            {"Fn::FindInMap": [{"Ref": "Map"}, "all", "start"]},
            {"Fn::FindInMap": [{"Ref": "Map"}, "all", "end"]},
        ),
    ],
    ids=json.dumps,
)
def test_values_that_exclude_each_other_are_not_combined(start: Any, end: Any) -> None:
    assert found(start, end) == []


@pytest.mark.parametrize(
    ("start", "end", "when"),
    [
        ("-P1D", "-P2D", ""),
        ("-P1D", choice("Test", "-P2D", "-P1D"), " (if the condition 'Test' is true)"),
        (choice("OtherX", "-P1D", "-P1D"), "-P2D", " (if the condition 'OtherX' is false)"),
        ("-P5D", {"Ref": "Allowed"}, " (if the parameter 'Allowed' is '-P9D')"),
        ("-P5D", sub_with({"Ref": "Allowed"}), " (if the parameter 'Allowed' is '-P9D')"),
        ("-P5D", sub_with(choice("Test", "-P1D", "-P9D")), " (if the condition 'Test' is false)"),
        ("-P5D", in_map({"Ref": "AWS::Region"}, "end"), " (if the region is us-east-2)"),
        ("-P5D", in_map({"Fn::Sub": "${AWS::Region}"}, "end"), " (if the region is us-east-2)"),
        ("-P5D", in_map({"Ref": "AWS::AccountId"}, "end"), " (if the account is 222222222222)"),
        (
            choice("Test", "-P1D", "-P9D"),
            choice("OtherX", "-P1D", "-P2D"),
            " (if the condition 'OtherX' is false and the condition 'Test' is true)",
        ),
    ],
    ids=json.dumps,
)
def test_a_finding_says_when_it_is_true(start: Any, end: Any, when: str) -> None:
    assert found(start, end)[-1].partition("; exchange them")[2] == when


def test_a_condition_of_the_definition_itself_holds_for_its_properties() -> None:
    end = choice("Test", "-P9D", "-P1D")
    assert len(found("-P5D", end, condition="Test")) == 1
    assert found("-P5D", end, condition="Production") == []
    assert found("-P1D", "-P9D", condition="Both") == []


def test_what_the_rules_of_a_template_exclude_is_not_combined() -> None:
    start, end = choice("Test", "-P1D", "-P9D"), choice("OtherX", "-P2D", "-P1D")
    assert len(found(start, end)) == 1
    equals = {"Fn::Equals": [{"Ref": "Other"}, "y"]}
    rule = {
        "RuleCondition": {"Fn::Equals": [{"Ref": "Stage"}, "test"]},
        "Assertions": [{"Assert": equals}],
    }
    assert found(start, end, Rules={"TestIsY": rule}) == []


def test_a_value_of_a_parameter_that_the_rules_of_a_template_exclude_is_not_judged() -> None:
    long = {"Fn::Equals": [{"Ref": "Allowed"}, "-P9D"]}
    assert len(found("-P5D", {"Ref": "Allowed"})) == 1
    rule = {"Assertions": [{"Assert": {"Fn::Not": [long]}}]}
    assert found("-P5D", {"Ref": "Allowed"}, Rules={"IsShort": rule}) == []


P = {"Ref": "P"}
LOOKED_UP = {"Fn::FindInMap": ["Stages", P, "source"]}
STAGES = {"Stages": {"dev": {"source": "a"}, "prod": {"source": "b"}}}


@pytest.mark.parametrize(
    ("first", "second", "parameter"),
    [
        (equals(P, True), equals(P, "false"), {"AllowedValues": ["true", "false"]}),
        (equals(P, True), equals(P, False), {"AllowedValues": [True, False]}),
        (
            {"Fn::Not": [equals(P, True)]},
            {"Fn::Not": [equals(P, False)]},
            {"AllowedValues": ["true", "false"]},
        ),
        (equals(LOOKED_UP, "a"), equals(LOOKED_UP, "b"), {}),
        (equals(LOOKED_UP, "a"), equals(P, "prod"), {}),
        (equals({"Fn::Sub": "${P}-x"}, "a-x"), {"Fn::Not": [equals(P, "a")]}, {}),
        (
            {"Fn::Not": [equals(P, "a")]},
            {"Fn::Not": [equals(P, "b")]},
            {"AllowedPattern": "^(a|b)$"},
        ),
        (equals(P, "long"), equals(P, "long"), {"MaxLength": 3}),
        (equals(P, {"Ref": "Q"}), {"Fn::And": [equals(P, "a"), equals({"Ref": "Q"}, "b")]}, {}),
        (equals({"Fn::Length": P}, 1), equals(P, "long"), {}),
    ],
    ids=json.dumps,
)
def test_conditions_that_no_value_makes_true_together_are_not_combined(
    first: Any, second: Any, parameter: Any
) -> None:
    given = {"Type": "String", **parameter}
    assert found_if(first, second, given, Mappings=STAGES) == []


@pytest.mark.parametrize(
    ("first", "second", "parameter"),
    [
        (equals(P, True), equals(P, "true"), {"AllowedValues": [True, False]}),
        (equals(LOOKED_UP, "a"), equals(P, "dev"), {}),
        (equals({"Fn::Sub": "${P}-x"}, "a-x"), equals(P, "a"), {}),
        (equals(P, "b"), {"Fn::Not": [equals(P, "a")]}, {"AllowedPattern": "^(a|b)$"}),
        ({"Fn::Not": [equals(P, "a")]}, {"Fn::Not": [equals(P, "b")]}, {"AllowedPattern": "[a-z]"}),
        (equals(P, {"Ref": "Q"}), equals(P, "a"), {}),
        (equals({"Ref": "AWS::Partition"}, "aws-cn"), equals(P, "a"), {}),
        (equals({"Fn::Length": {"Ref": "Q"}}, 1), equals(P, "a"), {}),
        (equals("{{resolve:ssm:/stage}}", "prod"), equals(P, "a"), {}),
    ],
    ids=json.dumps,
)
def test_conditions_that_some_value_makes_true_together_are_combined(
    first: Any, second: Any, parameter: Any
) -> None:
    given = {"Type": "String", **parameter}
    assert len(found_if(first, second, given, Mappings=STAGES)) == 1


@pytest.mark.parametrize(
    "asserted",
    [
        {"Fn::Contains": [["a", "b"], P]},
        {"Fn::EachMemberIn": [[P], ["a", "b"]]},
        {"Fn::Or": [{"Fn::EachMemberEquals": [[P], each]} for each in ("a", "b")]},
        {"Fn::Contains": [{"Fn::ValueOf": ["P", "Tags.stage"]}, "a"]},
    ],
    ids=json.dumps,
)
def test_every_kind_of_rule_of_a_template_can_exclude_a_combination(asserted: Any) -> None:
    neither = {"Fn::Not": [equals(P, "a")]}, {"Fn::Not": [equals(P, "b")]}
    assert len(found_if(*neither)) == 1
    assert found_if(*neither, Rules={"One": {"Assertions": [{"Assert": asserted}]}}) == []


@pytest.mark.parametrize(
    "condition",
    [
        equals({"Fn::FindInMap": ["Windows", {"Ref": "Stage"}, "live"]}, "yes"),
        equals({"Fn::Join": ["-", [{"Ref": "Stage"}, "x"]]}, "test-x"),
        equals({"Fn::Length": {"Ref": "Stage"}}, 4),
    ],
    ids=json.dumps,
)
def test_a_parameter_is_judged_under_a_condition_that_is_more_than_a_ref(condition: Any) -> None:
    conditions = {**REST["Conditions"], "Live": condition}
    mappings = {"Windows": {"test": {"live": "yes"}, "production": {"live": "no"}}}
    sections = {"Conditions": conditions, "Mappings": mappings}
    assert len(found("-P5D", {"Ref": "Default"}, condition="Live", **sections)) == 1
