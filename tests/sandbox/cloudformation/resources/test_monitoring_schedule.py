"""SageMaker's resources in a stack: the schedule of ours, and the types of moto's around it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from project import ROOT
from sandbox import cloudformation
from sandbox.cloudformation.identity import StackIdentity
from sandbox.cloudformation.resources.monitoring_schedule import MonitoringSchedule
from sandbox.cloudformation.resources.resource_type import Instance, Operation, ResourceFailed
from sandbox.cloudformation.resources.sagemaker_types import sagemaker_types
from sandbox.hosting.interruption import Interruption
from sandbox.hosting.place import Place
from sandbox.hosting.timing import Timing
from tests.harness.sagemaker import ACCOUNT, REGION, Sandbox, batch, minimal, running, schedule

PLACE = Place(ACCOUNT, REGION, "aws")
SCHEDULE_ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:monitoring-schedule/daily"
DOCUMENTED = ROOT / "tests" / "data" / "documented-example.json"
LONG = "stack-with-a-name-that-leaves-no-room-in-the-name-of-an-endpoint"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as it:
        cloudformation.install(resource_types=sagemaker_types(it.service))
        it.client().create_model_quality_job_definition(**minimal("quality"))
        yield it
        cloudformation.stop()


def template(**resources: dict[str, Any]) -> str:
    outputs = {
        "Ref": {"Ref": "Schedule"},
        "Arn": {"Fn::GetAtt": ["Schedule", "MonitoringScheduleArn"]},
        "CreationTime": {"Fn::GetAtt": ["Schedule", "CreationTime"]},
    }
    document = {"Resources": resources}
    if "Schedule" in resources:
        document["Outputs"] = {name: {"Value": value} for name, value in outputs.items()}
    return json.dumps(document)


def resource(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SageMaker::MonitoringSchedule", "Properties": properties}


def outputs(stacks: Any, name: str) -> dict[str, str]:
    stack = stacks.describe_stacks(StackName=name)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


OPERATION = Operation(
    StackIdentity("the-id", "schedules", PLACE),
    "Schedule",
    stack_tags={},
    identified=lambda _: None,
    timing=Timing(),
    interruption=Interruption(),
)


def create(sandbox: Sandbox, properties: dict[str, Any]) -> Instance:
    return MonitoringSchedule(sandbox.service, PLACE).create(OPERATION, properties)


def configuration(sandbox: Sandbox) -> dict[str, Any]:
    described = sandbox.post("DescribeMonitoringSchedule", {"MonitoringScheduleName": "daily"})
    config: dict[str, Any] = described.json["MonitoringScheduleConfig"]
    return config


def test_a_schedule_lives_and_changes_with_its_stack(sandbox: Sandbox) -> None:
    stacks, sagemaker = sandbox.client("cloudformation"), sandbox.client()
    first = schedule("daily", Tags=[{"Key": "team", "Value": "a"}, {"Key": "old", "Value": ""}])
    stacks.create_stack(
        StackName="schedules",
        TemplateBody=template(Schedule=resource(**first)),
        Tags=[{"Key": "of-the-stack", "Value": "x"}],
    )
    try:
        stacks.get_waiter("stack_create_complete").wait(StackName="schedules")
        described = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="daily")
        assert described["MonitoringScheduleConfig"] == first["MonitoringScheduleConfig"]
        assert outputs(stacks, "schedules") == {
            "Ref": SCHEDULE_ARN,
            "Arn": SCHEDULE_ARN,
            "CreationTime": described["CreationTime"]
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
        }

        second = schedule("daily", Tags=[{"Key": "team", "Value": "b"}])
        second["MonitoringScheduleConfig"]["ScheduleConfig"]["ScheduleExpression"] = "NOW"
        stacks.update_stack(
            StackName="schedules", TemplateBody=template(Schedule=resource(**second))
        )
        stacks.get_waiter("stack_update_complete").wait(StackName="schedules")
        changed = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="daily")
        assert changed["MonitoringScheduleConfig"] == second["MonitoringScheduleConfig"]
        assert changed["CreationTime"] == described["CreationTime"]
        # The stack's own tags do not come through, as they do not in AWS.
        assert sagemaker.list_tags(ResourceArn=SCHEDULE_ARN)["Tags"] == second["Tags"]
    finally:
        stacks.delete_stack(StackName="schedules")
        stacks.get_waiter("stack_delete_complete").wait(StackName="schedules")
    assert sagemaker.list_monitoring_schedules()["MonitoringScheduleSummaries"] == []


def test_a_schedule_that_is_gone_already_is_deleted(sandbox: Sandbox) -> None:
    made = create(sandbox, schedule("daily"))
    sandbox.client().delete_monitoring_schedule(MonitoringScheduleName="daily")
    MonitoringSchedule(sandbox.service, PLACE).delete(OPERATION, made)


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"MonitoringScheduleName": None}, "Value null at 'monitoringScheduleName'"),
        ({"MonitoringScheduleName": "!"}, "Value '!' at 'monitoringScheduleName'"),
        ({"MonitoringScheduleConfig": {}}, "either MonitoringJobDefinition or"),
        ({"Tags": [{"Key": "aws:x", "Value": ""}]}, "System prefix 'aws:' reserved .*: aws:x"),
        ({"Tags": "text"}, "Unexpected field type"),
    ],
)
def test_what_the_api_refuses_a_stack_is_refused_in_the_same_words(
    sandbox: Sandbox, properties: dict[str, Any], message: str
) -> None:
    with pytest.raises(ResourceFailed, match=message) as failed:
        create(sandbox, {**schedule("daily"), **properties})
    of_the_type = "(Type: AWS::SageMaker::MonitoringSchedule, Error: ServiceError)"
    assert failed.value.reason.endswith(of_the_type)


def test_properties_take_the_types_of_the_api(sandbox: Sandbox) -> None:
    inline = {
        "MonitoringInputs": [batch()["ModelQualityJobInput"]],
        "MonitoringOutputConfig": minimal()["ModelQualityJobOutputConfig"],
        "MonitoringResources": {
            "ClusterConfig": {
                "InstanceCount": "1",
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": "20",
            }
        },
        "MonitoringAppSpecification": {"ImageUri": "image", "ContainerArguments": [1, 2.5]},
        "Environment": {"FLAG": True, "N": 8},
        "NetworkConfig": {"EnableNetworkIsolation": "True"},
        "RoleArn": minimal()["RoleArn"],
    }
    batch_input = inline["MonitoringInputs"][0]["BatchTransformInput"]
    batch_input["DatasetFormat"] = {"Parquet": "true"}
    batch_input["ProbabilityThresholdAttribute"] = "0.5"
    config = {"MonitoringJobDefinition": inline, "MonitoringType": "ModelQuality"}
    create(sandbox, {"MonitoringScheduleName": "daily", "MonitoringScheduleConfig": config})

    stored = configuration(sandbox)["MonitoringJobDefinition"]
    assert stored["MonitoringResources"]["ClusterConfig"]["InstanceCount"] == 1
    assert stored["MonitoringResources"]["ClusterConfig"]["VolumeSizeInGB"] == 20
    assert stored["MonitoringAppSpecification"]["ContainerArguments"] == ["1", "2.5"]
    assert stored["Environment"] == {"FLAG": "true", "N": "8"}
    assert stored["NetworkConfig"] == {"EnableNetworkIsolation": True}
    stored_input = stored["MonitoringInputs"][0]["BatchTransformInput"]
    assert stored_input["DatasetFormat"] == {"Parquet": {}}
    assert stored_input["ProbabilityThresholdAttribute"] == 0.5


@pytest.mark.parametrize("named", [True, False])
def test_the_documented_endpoint_deploys_under_names_that_sagemaker_takes(
    sandbox: Sandbox, named: bool
) -> None:
    document = json.loads(DOCUMENTED.read_text())
    del document["Resources"]["JobDefinition"]
    names = {
        "Endpoint": "EndpointName",
        "EndpointConfigWithDataCapture": "EndpointConfigName",
        "Model": "ModelName",
    }
    document["Outputs"] = {
        logical_id: {"Value": {"Fn::GetAtt": [logical_id, attribute]}}
        for logical_id, attribute in names.items()
    }
    if named:
        for logical_id, attribute in names.items():
            document["Resources"][logical_id]["Properties"][attribute] = f"my-{logical_id}"
    stacks, sagemaker = sandbox.client("cloudformation"), sandbox.client()
    stacks.create_stack(
        StackName=LONG, TemplateBody=json.dumps(document), Capabilities=["CAPABILITY_IAM"]
    )
    try:
        stacks.get_waiter("stack_create_complete").wait(StackName=LONG)
        given = outputs(stacks, LONG)
        if named:
            assert given == {logical_id: f"my-{logical_id}" for logical_id in names}
        assert {len(name) <= 63 for name in given.values()} == {True}
        endpoint = sagemaker.describe_endpoint(EndpointName=given["Endpoint"])
        assert endpoint["EndpointConfigName"] == given["EndpointConfigWithDataCapture"]
        request = minimal("of-the-endpoint")
        request["ModelQualityJobInput"]["EndpointInput"]["EndpointName"] = given["Endpoint"]
        sagemaker.create_model_quality_job_definition(**request)
    finally:
        stacks.delete_stack(StackName=LONG)
        stacks.get_waiter("stack_delete_complete").wait(StackName=LONG)
