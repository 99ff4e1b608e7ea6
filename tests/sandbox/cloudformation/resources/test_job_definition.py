"""Job definitions of the other kinds in a stack."""

import json
from collections.abc import Iterator
from typing import Any

import botocore
import pytest

from sandbox import cloudformation
from sandbox.cloudformation.resources.sagemaker_types import sagemaker_types
from sandbox.sagemaker.kinds import SIBLINGS, Kind
from tests.harness.sagemaker import Sandbox, running, sibling

LONG = "a-stack-with-a-name-that-leaves-no-room-in-the-name-of-a-definition"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as it:
        cloudformation.install(resource_types=sagemaker_types(it.service))
        yield it
        cloudformation.stop()


def template(kind: Kind, **changes: Any) -> str:
    properties = sibling(kind.monitoring_type, **changes)
    del properties["JobDefinitionName"]
    properties["JobResources"]["ClusterConfig"]["InstanceCount"] = "1"
    get_att = {
        name: {"Value": {"Fn::GetAtt": ["Definition", name]}}
        for name in ("JobDefinitionName", "JobDefinitionArn", "CreationTime")
    }
    schedule = {
        "MonitoringScheduleName": "hourly",
        "MonitoringScheduleConfig": {
            "MonitoringType": kind.monitoring_type,
            "MonitoringJobDefinitionName": {"Fn::GetAtt": ["Definition", "JobDefinitionName"]},
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        },
    }
    return json.dumps(
        {
            "Resources": {
                "Definition": {
                    "Type": f"AWS::SageMaker::{kind.api_name}",
                    "Properties": properties,
                },
                "Schedule": {"Type": "AWS::SageMaker::MonitoringSchedule", "Properties": schedule},
            },
            "Outputs": {**get_att, "Ref": {"Value": {"Ref": "Definition"}}},
        }
    )


def outputs(stacks: Any, name: str) -> dict[str, str]:
    [stack] = stacks.describe_stacks(StackName=name)["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


@pytest.mark.parametrize("kind", SIBLINGS, ids=lambda kind: kind.in_words)
def test_a_definition_is_created_replaced_and_deleted_with_its_stack(
    sandbox: Sandbox, kind: Kind
) -> None:
    stacks, sagemaker = sandbox.client("cloudformation"), sandbox.client()
    describe = getattr(sagemaker, botocore.xform_name(f"Describe{kind.api_name}"))
    stacks.create_stack(StackName=LONG, TemplateBody=template(kind))
    stacks.get_waiter("stack_create_complete").wait(StackName=LONG)
    first = outputs(stacks, LONG)
    assert first["Ref"] == first["JobDefinitionArn"]
    assert first["Ref"].endswith(f":{kind.in_arn}/{first['JobDefinitionName']}")
    shown = describe(JobDefinitionName=first["JobDefinitionName"])
    assert shown["JobResources"]["ClusterConfig"]["InstanceCount"] == 1

    changed = template(kind, StoppingCondition={"MaxRuntimeInSeconds": 600})
    stacks.update_stack(StackName=LONG, TemplateBody=changed)
    stacks.get_waiter("stack_update_complete").wait(StackName=LONG)
    second = outputs(stacks, LONG)
    assert second["JobDefinitionName"] != first["JobDefinitionName"]
    scheduled = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="hourly")
    config = scheduled["MonitoringScheduleConfig"]
    assert config["MonitoringJobDefinitionName"] == second["JobDefinitionName"]

    stacks.delete_stack(StackName=LONG)
    stacks.get_waiter("stack_delete_complete").wait(StackName=LONG)
    remaining = getattr(sagemaker, botocore.xform_name(f"List{kind.api_name}s"))()
    assert remaining["JobDefinitionSummaries"] == []


def test_a_definition_that_violates_aws_s_schema_is_found_with_its_path(sandbox: Sandbox) -> None:
    stacks = sandbox.client("cloudformation")
    wrong = template(SIBLINGS[0], DataQualityAppSpecification={"Image": "analyzer"})
    stacks.create_stack(StackName="wrong", TemplateBody=wrong)
    [stack] = stacks.describe_stacks(StackName="wrong")["Stacks"]
    events = stacks.describe_events(StackName="wrong")["OperationEvents"]
    reasons = [event.get("ValidationStatusReason", "") for event in events]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE", reasons
    assert any("#/DataQualityAppSpecification: required key [ImageUri]" in each for each in reasons)
