"""Schedules and the definitions that they run: which belong together, and what is not judged."""

import json
from typing import Any

import pytest

from tests.harness.monitored import MODEL_QUALITY, NAME_IN_ARN, definition, schedule, template
from validation.lint import lint

pytestmark = pytest.mark.once

DATA_QUALITY = "AWS::SageMaker::DataQualityJobDefinition"
TOO_LONG = definition(seconds=3600, JobDefinitionName="Prices")
DAILY = "cron(0 6 ? * * *)"


def found(**sections: dict[str, Any]) -> list[str]:
    return [f"{each.rule.id} {each.message}" for each in lint(template(**sections))]


def ids(**sections: dict[str, Any]) -> list[str]:
    return [each.partition(" ")[0] for each in found(**sections)]


@pytest.mark.parametrize(
    "name",
    [
        NAME_IN_ARN,
        {"Ref": "Quality"},
        {"Fn::GetAtt": ["Quality", "JobDefinitionName"]},
        {"Fn::GetAtt": "Quality.JobDefinitionName"},
        {"Fn::Sub": "${Quality.JobDefinitionName}"},
        {"Fn::Select": [1, {"Fn::Split": ["-definition/", {"Ref": "Quality"}]}]},
        {
            "Fn::Select": [
                "1",
                {"Fn::Split": ["/", {"Fn::GetAtt": ["Quality", "JobDefinitionArn"]}]},
            ]
        },
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "type_name", [MODEL_QUALITY, "YourOrg::SageMaker::ModelQualityJobDefinition"]
)
def test_a_schedule_refers_to_its_definition_in_many_ways(name: Any, type_name: str) -> None:
    quality = definition(type_name, seconds=3600)
    if type_name != MODEL_QUALITY:
        quality["Properties"] = {"StoppingCondition": {"MaxRuntimeInSeconds": 3600}}
    assert "E9551" in ids(Quality=quality, Schedule=schedule(name))
    assert "E9551" not in ids(Quality=quality, Schedule=schedule(name, expression=DAILY))


@pytest.mark.parametrize(
    ("own", "name"),
    [
        ("Prices", "prices"),
        ({"Ref": "Model"}, {"Fn::Sub": "${Model}"}),
        ({"Fn::Sub": "${Model}-quality"}, {"Fn::Join": ["-", [{"Ref": "Model"}, "quality"]]}),
        ({"Fn::Sub": ["${m}-x", {"m": {"Ref": "Model"}}]}, {"Fn::Sub": "${Model}-x"}),
        ({"Ref": "Team"}, "data-science"),
    ],
    ids=str,
)
def test_a_schedule_can_have_the_name_of_its_definition(own: Any, name: Any) -> None:
    parameters = {
        "Model": {"Type": "String"},
        "Team": {"Type": "String", "AllowedValues": ["data-science", "platform"]},
    }
    sections = {
        "Parameters": parameters,
        "Quality": definition(seconds=3600, JobDefinitionName=own),
    }
    assert ids(**sections, Schedule=schedule(name)) == ["E9551", "W9554"]
    assert ids(**sections, Schedule=schedule("another")) == []


def test_each_branch_of_the_arn_that_a_name_is_selected_from_is_followed() -> None:
    either = {"Fn::If": ["First", {"Ref": "Quality"}, {"Ref": "Other"}]}
    messages = found(
        Parameters={"Stage": {"Type": "String"}},
        Conditions={"First": {"Fn::Equals": [{"Ref": "Stage"}, "first"]}},
        Quality=definition(seconds=3600),
        Other=definition(seconds=7200),
        Schedule=schedule({"Fn::Select": [1, {"Fn::Split": ["/", either]}]}),
    )
    assert [message.partition(" (")[2] for message in messages] == [
        "if the condition 'First' is true)",
        "if the condition 'First' is false)",
    ]


def test_names_from_parameters_whose_names_differ_in_case_are_not_the_same() -> None:
    parameters = {name: {"Type": "String"} for name in ("Model", "MODEL")}
    quality = definition(seconds=3600, JobDefinitionName={"Ref": "Model"})
    other = schedule({"Ref": "MODEL"})
    assert ids(Parameters=parameters, Quality=quality, Schedule=other) == []


def test_limits_and_expressions_are_of_the_same_region() -> None:
    def of_region(name: str) -> Any:
        return {"Fn::FindInMap": ["Runs", {"Ref": "AWS::Region"}, name]}

    often, seldom = ({"expression": each} for each in ("cron(0 * ? * * *)", DAILY))
    sections = {
        "Quality": definition(seconds=of_region("seconds")),
        "Schedule": schedule(expression=of_region("expression")),
    }
    runs = {
        "eu-west-1": {**often, "seconds": 1800},
        "us-east-1": {**seldom, "seconds": 7200},
    }
    assert ids(Mappings={"Runs": runs}, **sections) == []
    runs["us-east-1"] = {**often, "seconds": 7200}
    [message] = found(Mappings={"Runs": runs}, **sections)
    assert message.endswith(" (if the region is us-east-1)")


def test_a_resource_that_a_transform_may_change_is_let_be() -> None:
    include = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://a/b"}}}
    assert ids(Quality={**definition(seconds=None), **include}, Schedule=schedule()) == []


def test_what_a_loop_may_add_is_not_taken_for_missing() -> None:
    loop = {"Fn::ForEach::Limits": ["Name", {"Ref": "Names"}, {"${Name}": {}}]}
    parameters = {"Names": {"Type": "CommaDelimitedList"}}
    quality = definition(seconds=None)
    assert ids(Parameters=parameters, Quality=quality, Schedule=schedule()) == ["W9552"]
    quality["Properties"] |= loop
    assert ids(Parameters=parameters, Quality=quality, Schedule=schedule()) == []


def test_a_dependence_within_a_loop_is_a_dependence() -> None:
    names = {
        "Quality${Model}": definition(JobDefinitionName={"Fn::Sub": "${Model}-quality"}),
        "Schedule${Model}": schedule({"Fn::Sub": "${Model}-quality"}, DependsOn="Quality${Model}"),
    }
    looped = {"Transform": "AWS::LanguageExtensions"}
    resources = {
        f"Fn::ForEach::{name[0]}": ["Model", ["A", "B"], {name: body}]
        for name, body in names.items()
    }
    assert lint(json.dumps({**looped, "Resources": resources})) == []
    del names["Schedule${Model}"]["DependsOn"]
    found_ids = [each.rule.id for each in lint(json.dumps({**looped, "Resources": resources}))]
    assert found_ids == ["W9554"] * 2


@pytest.mark.parametrize(
    ("expression", "hourly"),
    [
        ("cron(0 * ? * * *)", True),
        ("cron(0 * * * ? *)", True),
        ("cron(0 0/1 ? * * *)", True),
        ("cron(0 17/01 ? * * *)", True),
        ("cron(0 1 ? * * *)", False),
        ("cron(0 0/2 ? * * *)", False),
        ("cron(0 0/11 ? * * *)", False),
        ("NOW", False),
        ("every hour", False),
    ],
)
def test_a_limit_of_half_an_hour_is_for_hourly_schedules(expression: str, hourly: bool) -> None:
    assert ids(Quality=TOO_LONG, Schedule=schedule(expression=expression)) == ["E9551"] * hourly


@pytest.mark.parametrize(
    "seconds", [1800, "1800", 60, {"Ref": "Seconds"}, {"Fn::ImportValue": "x"}, "x"]
)
def test_a_limit_that_is_short_enough_or_not_known_is_let_be(seconds: Any) -> None:
    parameters = {"Seconds": {"Type": "Number", "MaxValue": 1800}}
    assert (
        ids(Parameters=parameters, Quality=definition(seconds=seconds), Schedule=schedule()) == []
    )


def test_a_limit_is_judged_by_the_default_of_its_parameter() -> None:
    [message] = found(
        Parameters={"Seconds": {"Type": "Number", "Default": 3600}},
        Quality=definition(seconds={"Ref": "Seconds"}),
        Schedule=schedule(),
    )
    assert message == (
        "E9551 MaxRuntimeInSeconds is 3600, and the schedule 'Schedule' runs this job every hour, "
        "which allows 1800 at most; lower it to 1800, or run the job less often (if the parameter "
        "'Seconds' is '3600')"
    )


def test_limit_and_schedule_are_judged_for_the_same_value_of_a_parameter() -> None:
    sections: dict[str, dict[str, Any]] = {
        "Parameters": {
            "Expression": {"Type": "String", "AllowedValues": ["cron(0 * ? * * *)", DAILY]}
        },
        "Conditions": {"Hourly": {"Fn::Equals": [{"Ref": "Expression"}, "cron(0 * ? * * *)"]}},
        "Schedule": schedule(expression={"Ref": "Expression"}),
    }
    sound = definition(seconds={"Fn::If": ["Hourly", 1800, 7200]})
    assert ids(**sections, Quality=sound) == []
    mistaken = definition(seconds={"Fn::If": ["Hourly", 7200, 1800]})
    assert ids(**sections, Quality=mistaken) == ["E9551"]


@pytest.mark.parametrize(
    ("of_schedule", "of_definition", "found_ids"),
    [
        ("Production", "Production", ["E9551"]),
        ("Production", None, ["E9551"]),
        ("Production", "Test", []),
    ],
)
def test_resources_that_never_exist_together_are_not_judged(
    of_schedule: str, of_definition: str | None, found_ids: list[str]
) -> None:
    quality = {**TOO_LONG, "Condition": of_definition} if of_definition else TOO_LONG
    assert (
        ids(
            Parameters={"Stage": {"Type": "String"}},
            Conditions={
                "Production": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
                "Test": {"Fn::Not": [{"Condition": "Production"}]},
            },
            Quality=quality,
            Schedule=schedule(Condition=of_schedule),
        )
        == found_ids
    )


def test_other_kinds_of_jobs_may_take_an_hour_every_hour() -> None:
    assert (
        ids(Quality=definition(DATA_QUALITY, seconds=3600), Schedule=schedule(kind="DataQuality"))
        == []
    )


def test_no_limit_is_told_only_where_there_is_none() -> None:
    assert ids(Quality=definition(seconds=None), Schedule=schedule()) == ["W9552"]
    assert ids(Quality=definition(seconds=None), Schedule=schedule(expression=DAILY)) == []
    unknown = definition(seconds=None, StoppingCondition={"Fn::Transform": {"Name": "Limits"}})
    assert ids(Quality=unknown, Schedule=schedule()) == []
    one_branch = definition(
        seconds=None,
        StoppingCondition={
            "Fn::If": ["Long", {"Ref": "AWS::NoValue"}, {"MaxRuntimeInSeconds": 900}]
        },
    )
    [message] = found(
        Parameters={"Stage": {"Type": "String"}},
        Conditions={"Long": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        Quality=one_branch,
        Schedule=schedule(),
    )
    assert message.endswith(" (if the condition 'Long' is true)")


@pytest.mark.parametrize("kind", ["DataQuality", "ModelBias", "ModelExplainability"])
def test_a_schedule_for_model_quality_may_not_name_a_definition_of_another_kind(kind: str) -> None:
    other = definition(f"AWS::SageMaker::{kind}JobDefinition")
    [message] = found(Quality=other, Schedule=schedule())
    assert message == (
        "E9553 MonitoringType is 'ModelQuality', but 'Quality' is of the type "
        f"AWS::SageMaker::{kind}JobDefinition; write '{kind}', or name a definition of the type "
        "that is meant"
    )
    assert ids(Quality=other, Schedule=schedule(kind=kind)) == []
    assert ids(Quality=other, Schedule=schedule(kind={"Ref": "AWS::NoValue"})) == []


def test_a_definition_of_another_kind_with_the_same_name_is_meant_only_if_depended_on() -> None:
    other = definition(DATA_QUALITY, JobDefinitionName="prices")
    assert ids(Quality=other, Schedule=schedule("prices")) == []
    assert ids(Quality=other, Schedule=schedule("prices", DependsOn="Quality")) == ["E9553"]
    dependent = schedule("prices", DependsOn=["Quality", "Same"])
    assert ids(Quality=other, Schedule=dependent) == ["E9553"]
    assert ids(Quality=other, Same=definition(JobDefinitionName="prices"), Schedule=dependent) == []


def test_any_way_of_depending_on_a_definition_is_enough() -> None:
    named = definition(JobDefinitionName="prices")
    assert ids(Quality=named, Schedule=schedule("prices")) == ["W9554"]
    assert ids(Quality=named, Schedule=schedule("prices", DependsOn="Quality")) == []
    indirect = {"Type": "AWS::CloudFormation::WaitConditionHandle", "DependsOn": "Quality"}
    assert (
        ids(Quality=named, Handle=indirect, Schedule=schedule("prices", DependsOn="Handle")) == []
    )
    # The other way round, the schedule is certainly first.
    before = {**named, "DependsOn": "Schedule"}
    assert ids(Quality=before, Schedule=schedule("prices")) == ["W9554"]


@pytest.mark.parametrize(
    ("name", "is_arn"),
    [
        ({"Ref": "Quality"}, True),
        ({"Fn::Sub": "${Quality}"}, True),
        ({"Fn::GetAtt": ["Quality", "JobDefinitionArn"]}, True),
        ({"Fn::Select": [0, {"Fn::Split": ["/", {"Ref": "Quality"}]}]}, True),
        ({"Fn::Select": ["5", {"Fn::Split": [":", {"Ref": "Quality"}]}]}, True),
        ({"Fn::Select": [0, {"Fn::Split": ["/", {"Ref": "Name"}]}]}, False),
        ({"Fn::GetAtt": ["Quality", "JobDefinitionName"]}, False),
        (NAME_IN_ARN, False),
        ({"Ref": "Name"}, False),
        ({"Ref": "Role"}, False),
    ],
    ids=str,
)
def test_an_arn_is_no_name(name: Any, is_arn: bool) -> None:
    found_ids = ids(
        Parameters={"Name": {"Type": "String"}},
        Role={"Type": "AWS::IAM::Role"},
        Quality=definition(),
        Schedule=schedule(name),
    )
    assert found_ids == ["E9559"] * is_arn
