"""The sandbox's monitoring schedules, through boto3 and over a socket."""

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.sagemaker import (
    ACCOUNT,
    REGION,
    Sandbox,
    batch,
    minimal,
    running,
    schedule,
    sibling,
)

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:monitoring-schedule"
# A schedule that has its job in itself, of the older kind.
INLINE: dict[str, Any] = {
    "ScheduleConfig": {"ScheduleExpression": "NOW"},
    "MonitoringJobDefinition": {
        "MonitoringInputs": [{"EndpointInput": {"EndpointName": "other", "LocalPath": "/in"}}],
        "MonitoringOutputConfig": minimal()["ModelQualityJobOutputConfig"],
        "MonitoringResources": minimal()["JobResources"],
        "MonitoringAppSpecification": {"ImageUri": "image"},
        "RoleArn": minimal()["RoleArn"],
    },
}


def up_to(seconds: int) -> dict[str, Any]:
    """The time limit of a definition, as a change to its request."""
    return {"StoppingCondition": {"MaxRuntimeInSeconds": seconds}}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as it:
        it.client().create_model_quality_job_definition(**minimal("quality", **up_to(1800)))
        yield it


@pytest.fixture
def sagemaker(sandbox: Sandbox) -> Any:
    return sandbox.client()


def describe(sandbox: Sandbox, name: str) -> dict[str, Any]:
    return sandbox.post("DescribeMonitoringSchedule", {"MonitoringScheduleName": name}).json


def shown(config: dict[str, Any]) -> dict[str, Any]:
    """What Describe shows of a configuration with its job in itself.

    What is filled in is what go-to-k/cdk-real-drift read of a real one:
    tests/corpus/AWS__SageMaker__MonitoringSchedule.HuntSchedule.json, `declared` beside `liveRaw`.
    """
    config = copy.deepcopy(config)
    job = config["MonitoringJobDefinition"]
    [inputs] = job["MonitoringInputs"]
    for each in inputs.values():
        each |= {"S3InputMode": "File", "S3DataDistributionType": "FullyReplicated"}
    [output] = job["MonitoringOutputConfig"]["MonitoringOutputs"]
    output["S3Output"]["S3UploadMode"] = "EndOfJob"
    job["StoppingCondition"] = {"MaxRuntimeInSeconds": 3600}
    return {"MonitoringType": "DataQuality", **config}


def names(sagemaker: Any, **query: Any) -> list[str]:
    answer = sagemaker.list_monitoring_schedules(**query)
    return [each["MonitoringScheduleName"] for each in answer["MonitoringScheduleSummaries"]]


def test_describe_gives_back_what_was_configured_and_no_null(
    sandbox: Sandbox, sagemaker: Any
) -> None:
    request = schedule("Daily")
    created = sagemaker.create_monitoring_schedule(**request)
    described = describe(sandbox, "daily")
    assert created["MonitoringScheduleArn"] == f"{ARN}/Daily"
    assert described.pop("LastModifiedTime") == described.pop("CreationTime")
    assert described == {
        "MonitoringScheduleArn": f"{ARN}/Daily",
        "MonitoringScheduleName": "Daily",
        "MonitoringScheduleStatus": "Scheduled",
        "MonitoringScheduleConfig": request["MonitoringScheduleConfig"],
        "MonitoringType": "ModelQuality",
        "EndpointName": "churn",
    }


def test_describe_fills_in_the_services_defaults_of_a_job_in_the_schedule(
    sandbox: Sandbox, sagemaker: Any
) -> None:
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName="inline", MonitoringScheduleConfig=INLINE
    )
    described = describe(sandbox, "inline")
    assert described["MonitoringScheduleConfig"] == shown(INLINE)
    assert described["MonitoringType"] == "DataQuality"
    assert names(sagemaker, MonitoringTypeEquals="DataQuality") == ["inline"]


def test_a_schedule_stops_and_starts(sandbox: Sandbox, sagemaker: Any) -> None:
    sagemaker.create_monitoring_schedule(**schedule("s"))
    sagemaker.stop_monitoring_schedule(MonitoringScheduleName="S")
    assert describe(sandbox, "s")["MonitoringScheduleStatus"] == "Stopped"
    assert names(sagemaker, StatusEquals="Stopped") == ["s"]
    sagemaker.start_monitoring_schedule(MonitoringScheduleName="s")
    assert describe(sandbox, "s")["MonitoringScheduleStatus"] == "Scheduled"


def test_an_update_replaces_the_configuration(sandbox: Sandbox, sagemaker: Any) -> None:
    sagemaker.create_monitoring_schedule(**schedule("s"))
    before = describe(sandbox, "s")
    sagemaker.update_monitoring_schedule(
        MonitoringScheduleName="s", MonitoringScheduleConfig=INLINE
    )
    after = describe(sandbox, "s")
    assert after["MonitoringScheduleConfig"] == shown(INLINE)
    assert after["EndpointName"] == "other"
    assert after["CreationTime"] == before["CreationTime"]
    assert after["LastModifiedTime"] >= before["LastModifiedTime"]
    # It uses the definition no more.
    sagemaker.delete_model_quality_job_definition(JobDefinitionName="quality")


def test_a_name_is_taken_whatever_its_case(sagemaker: Any) -> None:
    sagemaker.create_monitoring_schedule(**schedule("Daily"))
    with pytest.raises(sagemaker.exceptions.ResourceInUse, match=f"{ARN}/Daily"):
        sagemaker.create_monitoring_schedule(**schedule("daily"))


@pytest.mark.parametrize("operation", ["describe", "delete", "start", "stop", "update"])
def test_what_does_not_exist_is_not_found(sagemaker: Any, operation: str) -> None:
    request: dict[str, Any] = {"MonitoringScheduleName": "absent"}
    if operation == "update":
        request["MonitoringScheduleConfig"] = INLINE
    message = f"Monitoring Schedule {ARN}/absent not found"
    with pytest.raises(sagemaker.exceptions.ResourceNotFound, match=message):
        getattr(sagemaker, f"{operation}_monitoring_schedule")(**request)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "either MonitoringJobDefinition or MonitoringJobDefinitionName"),
        (
            {**INLINE, "MonitoringJobDefinitionName": "quality", "MonitoringType": "ModelQuality"},
            "either MonitoringJobDefinition or MonitoringJobDefinitionName",
        ),
        ({"MonitoringJobDefinitionName": "quality"}, "MonitoringType is required"),
        (
            {"MonitoringJobDefinitionName": "absent", "MonitoringType": "ModelQuality"},
            "Could not find model quality job definition .*/absent",
        ),
        (
            {"MonitoringJobDefinitionName": "quality", "MonitoringType": "Vibes"},
            "Value 'Vibes' at 'monitoringScheduleConfig.monitoringType'",
        ),
        (
            {"ScheduleConfig": {"ScheduleExpression": ""}},
            "at 'monitoringScheduleConfig.scheduleConfig.scheduleExpression'",
        ),
    ],
)
def test_a_wrong_configuration_is_refused(
    sagemaker: Any, config: dict[str, Any], message: str
) -> None:
    assert re.search(message, message_that_refuses(sagemaker, config))


def message_that_refuses(sagemaker: Any, config: dict[str, Any]) -> str:
    """The message with which create and update both refuse a configuration, changing nothing."""
    sagemaker.create_monitoring_schedule(**schedule("there"))
    messages = set()
    for call, name in (
        (sagemaker.create_monitoring_schedule, "new"),
        (sagemaker.update_monitoring_schedule, "there"),
    ):
        with pytest.raises(ClientError) as error:
            call(MonitoringScheduleName=name, MonitoringScheduleConfig=config)
        refusal = error.value.response["Error"]
        assert refusal["Code"] == "ValidationException"
        messages.add(refusal["Message"])
    assert names(sagemaker) == ["there"]
    described = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="there")
    assert described["MonitoringScheduleConfig"] == schedule("there")["MonitoringScheduleConfig"]
    [message] = messages
    return str(message)


def timed(expression: str, definition: str = "quality") -> dict[str, Any]:
    """A configuration of a schedule of a definition, with that expression."""
    config = schedule("s", definition)["MonitoringScheduleConfig"]
    return {**config, "ScheduleConfig": {"ScheduleExpression": expression}}


@pytest.mark.parametrize(
    "expression",
    [
        "NOW",
        "cron(0 * ? * * *)",
        "cron(0 0 ? * * *)",
        "cron(0 00 ? * * *)",
        "cron(0 23 ? * * *)",
        "cron(0 17/12 ? * * *)",
        "cron(0 00/01 ? * * *)",
        "cron(0 0/24 ? * * *)",
    ],
)
def test_the_documented_schedule_expressions_are_taken(sagemaker: Any, expression: str) -> None:
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName="s", MonitoringScheduleConfig=timed(expression)
    )
    described = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="s")
    assert described["MonitoringScheduleConfig"] == timed(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "now",
        "hourly",
        "rate(1 hour)",
        "cron(0 * * * ? *)",
        "cron(0 * ? * *)",
        "cron(15 * ? * * *)",
        "cron(0 24 ? * * *)",
        "cron(0 */2 ? * * *)",
        "cron(0 0/0 ? * * *)",
        "cron(0 0/25 ? * * *)",
        "cron(0 6 ? * MON *)",
        "cron(0 * ? * * *) ",
        "cron(0 \u0663 ? * * *)",
    ],
)
def test_another_schedule_expression_is_refused_with_those_that_there_are(
    sagemaker: Any, expression: str
) -> None:
    message = message_that_refuses(sagemaker, timed(expression))
    assert f"ScheduleExpression '{expression}' is not supported" in message
    assert "cron(0 [00-23] ? * * *)" in message


@pytest.mark.parametrize(
    "hourly", ["cron(0 * ? * * *)", "cron(0 0/1 ? * * *)", "cron(0 23/01 ? * * *)"]
)
@pytest.mark.parametrize(("limit", "seconds"), [(up_to(1801), 1801), ({}, 3600)])
def test_an_hourly_schedule_refuses_a_definition_that_may_run_for_more_than_half_an_hour(
    sagemaker: Any, hourly: str, limit: dict[str, Any], seconds: int
) -> None:
    sagemaker.create_model_quality_job_definition(**minimal("long", **limit))
    message = message_that_refuses(sagemaker, timed(hourly, "long"))
    assert message == (
        "MaxRuntimeInSeconds of a model quality job on an hourly schedule can be up to 1800 "
        f"seconds, and is {seconds}."
    )


@pytest.mark.parametrize(
    "expression", ["NOW", "cron(0 1 ? * * *)", "cron(0 0/2 ? * * *)", "cron(0 0/11 ? * * *)"]
)
def test_a_schedule_that_is_not_hourly_takes_a_definition_that_may_run_for_longer(
    sagemaker: Any, expression: str
) -> None:
    sagemaker.create_model_quality_job_definition(**minimal("long", **up_to(7200)))
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName="s", MonitoringScheduleConfig=timed(expression, "long")
    )
    assert names(sagemaker) == ["s"]


@pytest.mark.parametrize("stated", [True, False])
def test_the_limit_holds_for_a_model_quality_job_in_the_schedule_itself_and_no_other(
    sagemaker: Any, stated: bool
) -> None:
    limit = up_to(3600) if stated else {}
    hourly = {
        "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        "MonitoringJobDefinition": {**INLINE["MonitoringJobDefinition"], **limit},
    }
    message = message_that_refuses(sagemaker, {**hourly, "MonitoringType": "ModelQuality"})
    assert "is 3600." in message
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName="data",
        MonitoringScheduleConfig={**hourly, "MonitoringType": "DataQuality"},
    )


def test_a_schedule_of_both_inputs_is_refused_wherever_its_job_stands(sagemaker: Any) -> None:
    batch_input = batch()["ModelQualityJobInput"]["BatchTransformInput"]
    of_both = minimal("both")
    of_both["ModelQualityJobInput"]["BatchTransformInput"] = batch_input
    sagemaker.create_model_quality_job_definition(**of_both)
    words = "takes either an EndpointInput or a BatchTransformInput"
    assert words in message_that_refuses(sagemaker, timed("NOW", "both"))

    job = INLINE["MonitoringJobDefinition"]
    [endpoint_input] = job["MonitoringInputs"]
    both = [{**endpoint_input, "BatchTransformInput": batch_input}]
    inline = {**INLINE, "MonitoringJobDefinition": {**job, "MonitoringInputs": both}}
    sagemaker.delete_monitoring_schedule(MonitoringScheduleName="there")
    assert words in message_that_refuses(sagemaker, inline)


def test_a_definition_of_another_kind_must_exist_too(sagemaker: Any) -> None:
    config = {"MonitoringJobDefinitionName": "quality", "MonitoringType": "DataQuality"}
    named = {"MonitoringScheduleName": "s", "MonitoringScheduleConfig": config}
    with pytest.raises(ClientError, match="Could not find data quality job definition arn:"):
        sagemaker.create_monitoring_schedule(**named)
    sagemaker.create_data_quality_job_definition(**sibling("DataQuality", "quality"))
    sagemaker.create_monitoring_schedule(**named)
    # It does not keep a model quality job definition of the same name from deletion.
    sagemaker.delete_model_quality_job_definition(JobDefinitionName="quality")
    with pytest.raises(ClientError, match="is in use by"):
        sagemaker.delete_data_quality_job_definition(JobDefinitionName="quality")


def test_a_list_is_filtered_sorted_and_paged(sandbox: Sandbox, sagemaker: Any) -> None:
    sagemaker.create_model_quality_job_definition(**batch("offline"))
    sagemaker.create_monitoring_schedule(**schedule("b", "quality"))
    sagemaker.create_monitoring_schedule(**schedule("A", "offline"))
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName="c", MonitoringScheduleConfig=INLINE
    )
    sagemaker.stop_monitoring_schedule(MonitoringScheduleName="A")
    stored = sandbox.service.store.region(ACCOUNT, REGION).schedules.all()
    for moment, each in enumerate(stored, start=1000):
        each.created, each.modified = float(moment), 2000.0 + moment

    assert names(sagemaker) == ["c", "A", "b"]
    assert names(sagemaker, SortBy="Name", SortOrder="Ascending") == ["A", "b", "c"]
    assert names(sagemaker, SortBy="Status", SortOrder="Ascending") == ["b", "c", "A"]
    assert names(sagemaker, EndpointName="churn") == ["b"]
    assert names(sagemaker, EndpointName="other") == ["c"]
    assert names(sagemaker, MonitoringJobDefinitionName="OFFLINE") == ["A"]
    assert names(sagemaker, MonitoringTypeEquals="ModelQuality") == ["A", "b"]
    assert names(sagemaker, StatusEquals="Stopped") == ["A"]
    assert names(sagemaker, NameContains="a") == ["A"]
    assert names(sagemaker, CreationTimeAfter=1000, CreationTimeBefore=1002) == ["A"]
    assert names(sagemaker, LastModifiedTimeAfter=3000, LastModifiedTimeBefore=3002) == ["A"]
    pages = sagemaker.get_paginator("list_monitoring_schedules").paginate(MaxResults=2)
    assert [len(page["MonitoringScheduleSummaries"]) for page in pages] == [2, 1]
