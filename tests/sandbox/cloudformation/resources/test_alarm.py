"""Alarms in a stack."""

import json
from typing import Any

import pytest

from tests.harness.cloudformation import Stacks

F1: dict[str, Any] = {
    "Namespace": "aws/sagemaker/Endpoints/model-metrics",
    "MetricName": "f1",
    "Dimensions": [
        {"Name": "Endpoint", "Value": "churn"},
        {"Name": "MonitoringSchedule", "Value": "hourly"},
    ],
    "Statistic": "Average",
    "Period": 3600,
    "EvaluationPeriods": "1",
    "Threshold": "0.75",
    "ComparisonOperator": "LessThanThreshold",
    "TreatMissingData": "breaching",
    "AlarmDescription": "The model got worse.",
}
RATIO: dict[str, Any] = {
    "Metrics": [
        {"Id": "e1", "Expression": "m1 / m2", "Label": "ratio"},
        *(
            {
                "Id": name,
                "MetricStat": {
                    "Metric": {"Namespace": "shop", "MetricName": name},
                    "Period": "60",
                    "Stat": "Sum",
                },
                "ReturnData": "false",
            }
            for name in ("m1", "m2")
        ),
    ],
    "EvaluationPeriods": 2,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanThreshold",
}


def alarm(**properties: Any) -> dict[str, Any]:
    return {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}


def described(stacks: Stacks, name: str | None = None) -> Any:
    names = [name or stacks.resource("Alarm")["PhysicalResourceId"]]
    found = stacks.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    return found[0] if found else None


def tags(stacks: Stacks, arn: str) -> dict[str, str]:
    answer = stacks.client("cloudwatch").list_tags_for_resource(ResourceARN=arn)
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def test_an_alarm_is_what_the_template_says_in_the_types_of_the_api(stacks: Stacks) -> None:
    outputs = {"Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Alarm", "Arn"]}}}}
    stacks.create(alarm(**F1), template=outputs)
    shown = described(stacks)
    assert {name: shown[name] for name in F1} == {**F1, "EvaluationPeriods": 1, "Threshold": 0.75}
    assert shown["AlarmName"].startswith("shop-Alarm-")
    assert shown["StateValue"] == "INSUFFICIENT_DATA"
    assert stacks.describe()["Outputs"][0]["OutputValue"] == shown["AlarmArn"]


def test_an_alarm_of_several_metrics_keeps_its_queries(stacks: Stacks) -> None:
    stacks.create(alarm(**RATIO))
    queries = described(stacks)["Metrics"]
    assert [query["Id"] for query in queries] == ["e1", "m1", "m2"]
    assert queries[0]["Expression"] == "m1 / m2"
    assert queries[1]["MetricStat"]["Period"] == 60
    assert queries[1]["ReturnData"] is False


def test_a_change_is_made_in_place_and_keeps_the_state(stacks: Stacks) -> None:
    first = {**F1, "Tags": [{"Key": "team", "Value": "a"}, {"Key": "old", "Value": "x"}]}
    stacks.create(alarm(**first), Tags=[{"Key": "stage", "Value": "test"}])
    before = described(stacks)
    assert tags(stacks, before["AlarmArn"]) == {"team": "a", "old": "x", "stage": "test"}
    stacks.client("cloudwatch").set_alarm_state(
        AlarmName=before["AlarmName"], StateValue="ALARM", StateReason="for a test"
    )
    second = {**F1, "Threshold": 0.5, "Tags": [{"Key": "team", "Value": "b"}]}
    assert stacks.update(alarm(**second), Tags=[]) == "UPDATE_COMPLETE"
    after = described(stacks)
    assert (after["AlarmName"], after["Threshold"]) == (before["AlarmName"], 0.5)
    assert after["StateValue"] == "ALARM"
    assert tags(stacks, after["AlarmArn"]) == {"team": "b"}


def test_another_name_replaces_the_alarm_and_a_deleted_stack_leaves_none(stacks: Stacks) -> None:
    stacks.create(alarm(**F1, AlarmName="one", Tags=[{"Key": "team", "Value": "a"}]))
    assert stacks.update(alarm(**F1, AlarmName="two")) == "UPDATE_COMPLETE"
    assert described(stacks, "one") is None
    assert described(stacks, "two")["MetricName"] == "f1"
    assert stacks.delete() == "DELETE_COMPLETE"
    assert described(stacks, "two") is None
    stacks.create(alarm(**F1, AlarmName="one"), name="again")
    assert tags(stacks, described(stacks, "one")["AlarmArn"]) == {}


def test_an_alarm_whose_name_is_taken_is_not_overwritten(stacks: Stacks) -> None:
    stacks.create(alarm(**F1, AlarmName="one"))
    stacks.create(alarm(**RATIO, AlarmName="one"), name="other")
    assert stacks.reason("CREATE_FAILED", "other", "Alarm") == (
        "Resource of type 'AWS::CloudWatch::Alarm' with identifier 'one' already exists."
    )
    assert described(stacks, "one")["MetricName"] == "f1"


@pytest.mark.parametrize(
    ("property_name", "value", "words"),
    [
        ("ComparisonOperator", "Less", "#/ComparisonOperator"),
        ("Nonsense", 1, "#: extraneous key [Nonsense] is not permitted"),
    ],
)
def test_what_the_schema_forbids_is_found_before_anything_is_created(
    stacks: Stacks, property_name: str, value: Any, words: str
) -> None:
    stacks.create(alarm(**{**F1, property_name: value}))
    [found] = stacks.invalid()
    assert found.startswith(words)


@pytest.mark.parametrize(
    ("property_name", "value", "words"),
    [
        (
            "EvaluationInterval",
            10,
            "The sandbox does not support EvaluationInterval of AWS::CloudWatch::Alarm.",
        ),
        (
            "Metrics",
            [{**RATIO["Metrics"][0], "AccountId": "222222222222"}],
            "The sandbox does not support AccountId in Metrics of AWS::CloudWatch::Alarm.",
        ),
    ],
)
def test_what_the_sandbox_lacks_fails_the_alarm(
    stacks: Stacks, property_name: str, value: Any, words: str
) -> None:
    stacks.create(alarm(**{**F1, property_name: value}))
    assert words in stacks.reason("CREATE_FAILED", logical_id="Alarm")


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({**F1, "MetricName": None}, "MetricName must not be null"),
        ({**F1, "Period": 7}, "Period must be 10, 20, 30 or a multiple of 60"),
        (
            {**F1, "DatapointsToAlarm": 2},
            "DatapointsToAlarm must be less than or equal to EvaluationPeriods",
        ),
        (
            {**RATIO, "Metrics": RATIO["Metrics"][1:]},
            "Exactly one element of the metrics list should return data.",
        ),
        ({**RATIO, "Period": 60}, "Metrics cannot be combined with Period"),
    ],
)
def test_an_alarm_that_cloudwatch_rejects_fails_in_its_words(
    stacks: Stacks, properties: dict[str, Any], words: str
) -> None:
    given = {name: value for name, value in properties.items() if value is not None}
    stacks.create(alarm(**given))
    reason = stacks.reason("CREATE_FAILED", logical_id="Alarm")
    assert reason == f"{words} (Type: AWS::CloudWatch::Alarm, Error: ValidationError)"


def test_an_alarm_on_an_anomaly_returns_two_metrics(stacks: Stacks) -> None:
    band = {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)"}
    metric = {**RATIO["Metrics"][1], "ReturnData": True}
    anomaly = {
        "Metrics": [band, metric],
        "ThresholdMetricId": "band",
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanUpperThreshold",
    }
    stacks.create(alarm(**anomaly))
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
    assert described(stacks)["ThresholdMetricId"] == "band"


def test_alarms_of_other_accounts_and_regions_are_their_own(stacks: Stacks) -> None:
    client = stacks.client("sts")
    other = client.assume_role(
        RoleArn="arn:aws:iam::222222222222:role/other", RoleSessionName="test"
    )["Credentials"]
    keys = {
        "aws_access_key_id": other["AccessKeyId"],
        "aws_secret_access_key": other["SecretAccessKey"],
        "aws_session_token": other["SessionToken"],
    }
    theirs = stacks.client("cloudformation", "cn-north-1", **keys)
    theirs.create_stack(
        StackName="other", TemplateBody=json.dumps({"Resources": alarm(**F1, AlarmName="theirs")})
    )
    theirs.describe_stacks(StackName="other")
    alarms = stacks.client("cloudwatch", "cn-north-1", **keys).describe_alarms()["MetricAlarms"]
    assert [each["AlarmArn"] for each in alarms] == [
        "arn:aws-cn:cloudwatch:cn-north-1:222222222222:alarm:theirs"
    ]
    assert described(stacks, "theirs") is None
