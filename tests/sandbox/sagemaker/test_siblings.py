"""Job definitions of the other kinds: data quality, bias and explainability."""

from collections.abc import Iterator
from typing import Any

import botocore
import pytest
from botocore.exceptions import ClientError

from sandbox.sagemaker.kinds import MODEL_QUALITY, SIBLINGS, Kind
from tests.harness.sagemaker import ACCOUNT, REGION, Sandbox, running, sibling

each_sibling = pytest.mark.parametrize("kind", SIBLINGS, ids=lambda kind: kind.in_words)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as it:
        yield it


def call(sandbox: Sandbox, verb: str, kind: Kind, request: Any, many: str = "") -> Any:
    operation = botocore.xform_name(f"{verb}{kind.api_name}{many}")
    return getattr(sandbox.client(), operation)(**request)


def test_names_of_kinds_are_those_of_operations_arns_and_messages() -> None:
    assert MODEL_QUALITY.api_name == "ModelQualityJobDefinition"
    assert [kind.in_arn for kind in SIBLINGS] == [
        "data-quality-job-definition",
        "model-bias-job-definition",
        "model-explainability-job-definition",
    ]
    assert SIBLINGS[1].in_words == "model bias job definition"


@each_sibling
def test_a_definition_of_another_kind_is_created_described_listed_tagged_and_deleted(
    sandbox: Sandbox, kind: Kind
) -> None:
    request = sibling(kind.monitoring_type, "mine", Tags=[{"Key": "team", "Value": "a"}])
    arn = call(sandbox, "Create", kind, request)["JobDefinitionArn"]
    assert arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind.in_arn}/mine"
    named = {"JobDefinitionName": "mine"}

    shown = call(sandbox, "Describe", kind, named)
    assert shown["JobDefinitionArn"] == arn
    assert shown["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}
    assert shown[kind.job_input]["EndpointInput"]["S3InputMode"] == "File"
    [summary] = call(sandbox, "List", kind, {"EndpointName": "churn"}, "s")[
        "JobDefinitionSummaries"
    ]
    assert summary["MonitoringJobDefinitionArn"] == arn
    sandbox.client().add_tags(ResourceArn=arn, Tags=[{"Key": "stage", "Value": "b"}])
    assert len(sandbox.client().list_tags(ResourceArn=arn)["Tags"]) == 2

    call(sandbox, "Delete", kind, named)
    assert call(sandbox, "List", kind, {}, "s")["JobDefinitionSummaries"] == []
    with pytest.raises(ClientError, match=f"Monitoring Job Definition {arn} not found"):
        call(sandbox, "Describe", kind, named)


@each_sibling
def test_a_name_is_taken_within_one_kind_alone(sandbox: Sandbox, kind: Kind) -> None:
    call(sandbox, "Create", kind, sibling(kind.monitoring_type, "twice"))
    with pytest.raises(ClientError, match="ResourceInUse"):
        call(sandbox, "Create", kind, sibling(kind.monitoring_type, "Twice"))
    without = sibling(kind.monitoring_type, "third", **{kind.job_input: {}})
    if "GroundTruthS3Input" in sibling(kind.monitoring_type)[kind.job_input]:
        without[kind.job_input] = {"GroundTruthS3Input": {"S3Uri": "s3://bucket/labels"}}
    with pytest.raises(ClientError, match=f"{kind.job_input} must have EndpointInput or"):
        call(sandbox, "Create", kind, without)
