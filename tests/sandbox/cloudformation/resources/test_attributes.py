"""Fn::GetAtt of properties that are not read-only: of a type under AWS's name, and of others."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from project.settings import schema_path
from sandbox.cloudformation import HostedType
from tests.harness.cloudformation import Stacks, running, thing

OURS: dict[str, Any] = json.loads(schema_path().read_text("utf-8"))
ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/generated-name"


def handle(event: dict[str, Any]) -> dict[str, Any]:
    """Answer like a provider that generates a name and does not return EndpointName."""
    properties = event["requestData"]["resourceProperties"]
    model = {
        **{name: value for name, value in properties.items() if name != "EndpointName"},
        "JobDefinitionArn": ARN,
        "JobDefinitionName": "generated-name",
        "CreationTime": "2026-11-20T20:21:24.397Z",
    }
    return {"status": "SUCCESS", "resourceModel": None if event["action"] == "DELETE" else model}


def definition(**more: Any) -> dict[str, Any]:
    """Return a resource of the type under AWS's name, or under the one in `Type`."""
    properties = {
        "ModelQualityAppSpecification": {"ImageUri": "image", "ProblemType": "Regression"},
        "ModelQualityJobInput": {
            "EndpointInput": {"EndpointName": "demo", "LocalPath": "/opt/ml/processing/input"},
            "GroundTruthS3Input": {"S3Uri": "s3://bucket/labels"},
        },
        "ModelQualityJobOutputConfig": {
            "MonitoringOutputs": [{"S3Output": {"LocalPath": "/opt/out", "S3Uri": "s3://bucket/o"}}]
        },
        "JobResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 20,
            }
        },
        "RoleArn": "arn:aws:iam::123456789012:role/monitor",
        "EndpointName": "written",
    }
    return {"Type": OURS["typeName"], "Properties": properties, **more}


def outputs(**attributes: str) -> dict[str, Any]:
    return {
        "Outputs": {
            name: {"Value": {"Fn::GetAtt": ["Quality", attribute]}}
            for name, attribute in attributes.items()
        }
    }


def refusal(stacks: Stacks, resources: Any, attribute: str) -> str:
    with pytest.raises(ClientError) as raised:
        stacks.create(resources, template=outputs(Value=attribute))
    return str(raised.value.response["Error"]["Message"])


def test_under_aws_s_name_every_property_can_be_asked_for() -> None:
    with running(None, HostedType(OURS, handle)) as stacks:
        wanted = outputs(
            Name="JobDefinitionName",
            Role="RoleArn",
            Volume="JobResources.ClusterConfig.VolumeSizeInGB",
            Endpoint="EndpointName",
        )
        stacks.create({"Quality": definition()}, template=wanted)
        values = {each["OutputKey"]: each["OutputValue"] for each in stacks.describe()["Outputs"]}
    assert values == {
        "Name": "generated-name",
        "Role": "arn:aws:iam::123456789012:role/monitor",
        "Volume": "20",
        "Endpoint": "written",
    }


def test_under_aws_s_name_a_property_that_is_not_set_fails_when_it_is_asked_for() -> None:
    with running(None, HostedType(OURS, handle)) as stacks:
        stacks.create(
            {"Quality": definition()}, template=outputs(Key="NetworkConfig.VpcConfig.Subnets")
        )
        assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
        reasons = [event.get("ResourceStatusReason", "") for event in stacks.events()]
    assert any("NetworkConfig.VpcConfig.Subnets" in reason for reason in reasons)


def test_under_another_name_the_refusal_shows_how_to_get_the_name() -> None:
    acme = {**OURS, "typeName": "Acme::Quality::Job"}
    with running(None, HostedType(acme, handle)) as stacks:
        message = refusal(
            stacks, {"Quality": definition(Type="Acme::Quality::Job")}, "JobDefinitionName"
        )
    assert message == (
        "Template error: resource Quality does not support attribute type JobDefinitionName in "
        "Fn::GetAtt. Requested attribute JobDefinitionName must be a readonly property in schema "
        "for Acme::Quality::Job. Ref returns the ARN, which ends in the name: "
        '!Select [1, !Split ["/", !Ref Quality]]'
    )


def test_a_writable_property_of_a_registered_type_is_refused_with_the_reason(
    stacks: Stacks,
) -> None:
    assert refusal(stacks, {"Quality": thing()}, "Size").endswith(
        "Requested attribute Size must be a readonly property in schema for Toy::Shop::Thing."
    )
    assert refusal(stacks, {"Quality": thing()}, "Nonsense") == (
        "Template error: resource Quality does not support attribute type Nonsense in Fn::GetAtt"
    )
