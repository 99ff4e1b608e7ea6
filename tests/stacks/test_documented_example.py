"""The example of the type's documentation, unmodified, deployed with the real AWS CLI."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.harness.stacks import Cli, Clients, Stacks, definition_name, inventory

pytestmark = pytest.mark.once

DATA = Path(__file__).resolve().parents[1] / "data"
REGISTRY = "123456789012.dkr.ecr"

each_form = pytest.mark.parametrize(
    "template", sorted(DATA.glob("documented-example.*")), ids=lambda path: path.suffix[1:]
)


@each_form
def test_the_documented_example_deploys_unmodified_and_is_deleted_without_a_trace(
    template: Path, cli: Cli, stacks: Stacks, aws: Clients
) -> None:
    before, name = inventory(aws), stacks.name()
    created = cli(
        *("cloudformation", "create-stack", "--stack-name", name),
        *("--template-body", f"file://{template}", "--capabilities", "CAPABILITY_IAM"),
        *("--tags", "Key=Project,Value=churn", "Key=Stage,Value=test"),
    )
    stack = stacks.adopt(created["StackId"])
    # The CLI looks every 30 s only: it has nothing left to wait for when the stack is at rest.
    stack.rest("CREATE_COMPLETE")
    cli("cloudformation", "wait", "stack-create-complete", "--stack-name", name)
    arn = stack.physical_id()
    assert arn.startswith("arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/")

    described = cli(
        *("sagemaker", "describe-model-quality-job-definition"),
        *("--job-definition-name", definition_name(arn)),
    )
    # The CLI prints the time in its own way; everything else is what the template says.
    assert described.pop("CreationTime")
    assert described.pop("RoleArn").startswith("arn:aws:iam::123456789012:role/")
    endpoint = described["ModelQualityJobInput"]["EndpointInput"].pop("EndpointName")
    assert aws.sagemaker.describe_endpoint(EndpointName=endpoint)
    assert described == {
        "JobDefinitionArn": arn,
        "JobDefinitionName": definition_name(arn),
        "ModelQualityAppSpecification": {
            "ImageUri": f"{REGISTRY}.aws.amazonaws.com/sagemaker-model-monitor-analyzer:latest",
            "ProblemType": "BinaryClassification",
        },
        "ModelQualityJobInput": {
            "EndpointInput": {
                "LocalPath": "/opt/ml/processing/endpointdata",
                "S3InputMode": "File",
                "S3DataDistributionType": "FullyReplicated",
                "InferenceAttribute": "inference",
                "ProbabilityAttribute": "probability",
                "ProbabilityThresholdAttribute": 0.8,
                "StartTimeOffset": "-PT1H",
                "EndTimeOffset": "-P0D",
            },
            "GroundTruthS3Input": {
                "S3Uri": "s3://model-quality-job-definition-123456789012/groundtruth"
            },
        },
        "ModelQualityJobOutputConfig": {
            "MonitoringOutputs": [
                {
                    "S3Output": {
                        "S3Uri": "s3://model-quality-job-definition-123456789012/output",
                        "LocalPath": "/opt/ml/processing/localpath",
                        "S3UploadMode": "EndOfJob",
                    }
                }
            ]
        },
        "JobResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 50,
            }
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 2000},
    }
    tags = cli("sagemaker", "list-tags", "--resource-arn", arn)["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"Project": "churn", "Stage": "test"}

    cli("cloudformation", "delete-stack", "--stack-name", name)
    stack.rest("DELETE_COMPLETE")
    cli("cloudformation", "wait", "stack-delete-complete", "--stack-name", stack.id)
    assert inventory(aws) == before


def test_ref_and_get_att_of_the_documented_example_give_arn_and_time_of_creation(
    stacks: Stacks, aws: Clients
) -> None:
    template = json.loads((DATA / "documented-example.json").read_text())
    template["Outputs"] = {
        "Ref": {"Value": {"Ref": "JobDefinition"}},
        "Arn": {"Value": {"Fn::GetAtt": ["JobDefinition", "JobDefinitionArn"]}},
        "Time": {"Value": {"Fn::GetAtt": ["JobDefinition", "CreationTime"]}},
    }
    stack = stacks.create(template)
    assert stack.outputs["Ref"] == stack.outputs["Arn"] == stack.physical_id()
    description = aws.sagemaker.describe_model_quality_job_definition(
        JobDefinitionName=definition_name(stack.physical_id())
    )
    assert description["JobDefinitionArn"] == stack.outputs["Ref"]
    # Milliseconds and a Z: 2026-11-20T20:21:24.397Z.
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stack.outputs["Time"])
    time = datetime.strptime(stack.outputs["Time"], "%Y-%m-%dT%H:%M:%S.%f%z")
    assert abs(time - description["CreationTime"]) < timedelta(milliseconds=1)


def test_the_cli_schedules_a_deployed_definition_and_lists_and_tags_it(
    cli: Cli, stacks: Stacks
) -> None:
    stack = stacks.create((DATA / "documented-example.yaml").read_text())
    name, arn = stack.name, stack.physical_id()
    definitions = cli("sagemaker", "list-model-quality-job-definitions", "--name-contains", name)
    [summary] = definitions["JobDefinitionSummaries"]
    assert summary["MonitoringJobDefinitionArn"] == arn

    config = {
        "ScheduleConfig": {"ScheduleExpression": "cron(0 6 ? * * *)"},
        "MonitoringJobDefinitionName": definition_name(arn),
        "MonitoringType": "ModelQuality",
    }
    cli(
        *("sagemaker", "create-monitoring-schedule", "--monitoring-schedule-name", name),
        *("--monitoring-schedule-config", json.dumps(config)),
    )
    schedule = cli(
        *("sagemaker", "describe-monitoring-schedule", "--monitoring-schedule-name", name)
    )
    assert schedule["MonitoringScheduleConfig"] == config

    refused = cli.run(
        *("sagemaker", "delete-model-quality-job-definition"),
        *("--job-definition-name", definition_name(arn)),
    )
    assert refused.returncode != 0
    assert "ResourceInUse" in refused.stderr
    cli("sagemaker", "delete-monitoring-schedule", "--monitoring-schedule-name", name)

    cli("sagemaker", "add-tags", "--resource-arn", arn, "--tags", "Key=Stage,Value=by-hand")
    tags = cli("sagemaker", "list-tags", "--resource-arn", arn)["Tags"]
    assert {"Key": "Stage", "Value": "by-hand"} in tags
