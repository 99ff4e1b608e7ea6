"""The wire between clients, the sandbox's SageMaker and moto behind it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.model import Shape

from sandbox.json_service.models import service_model
from sandbox.sagemaker.kinds import SIBLINGS
from tests.harness.sagemaker import (
    ACCOUNT,
    REGION,
    Sandbox,
    minimal,
    running,
    schedule,
    sibling,
)

LIST = "ListModelQualityJobDefinitions"
DESCRIBE = "DescribeModelQualityJobDefinition"
QUALITY_ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-quality-job-definition/quality"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as it:
        yield it


def test_every_answer_has_the_protocols_headers(sandbox: Sandbox) -> None:
    answers = [
        sandbox.post("CreateModelQualityJobDefinition", minimal("a")),
        sandbox.post(LIST, {}),
        sandbox.post(DESCRIBE, {"JobDefinitionName": "absent"}),
        sandbox.post("DeleteModelQualityJobDefinition", {"JobDefinitionName": "a"}),
        sandbox.post(LIST, b"{"),
    ]
    assert [answer.status for answer in answers] == [200, 200, 400, 200, 400]
    assert {each.headers["Content-Type"] for each in answers} == {"application/x-amz-json-1.1"}
    assert len({each.headers["x-amzn-RequestId"] for each in answers}) == len(answers)


def test_an_operation_without_output_answers_with_no_body(sandbox: Sandbox) -> None:
    sandbox.post("CreateModelQualityJobDefinition", minimal("a"))
    answer = sandbox.post("DeleteModelQualityJobDefinition", {"JobDefinitionName": "a"})
    assert answer.body == b""


def test_errors_name_their_type_and_message(sandbox: Sandbox) -> None:
    missing = sandbox.post(DESCRIBE, {"JobDefinitionName": "absent"}).json
    assert set(missing) == {"__type", "Message"}
    assert missing["__type"] == "ResourceNotFound"
    invalid = sandbox.post(DESCRIBE, {}).json
    assert set(invalid) == {"__type", "message"}
    assert invalid["__type"] == "ValidationException"


def test_an_empty_body_is_an_empty_request(sandbox: Sandbox) -> None:
    assert sandbox.post(LIST, b"").json == {"JobDefinitionSummaries": []}


@pytest.mark.parametrize(
    ("signed_for", "headers", "status", "code"),
    [
        (None, {}, 403, "MissingAuthenticationTokenException"),
        (None, {"Authorization": "Bearer token"}, 400, "IncompleteSignatureException"),
        (None, {"Authorization": "AWS4-HMAC-SHA256 x"}, 400, "IncompleteSignatureException"),
        ("s3", {}, 400, "InvalidSignatureException"),
    ],
)
def test_a_request_that_is_not_signed_for_sagemaker_is_refused(
    sandbox: Sandbox, signed_for: str | None, headers: dict[str, str], status: int, code: str
) -> None:
    answer = sandbox.post(LIST, {}, signed_for=signed_for, **headers)
    assert (answer.status, answer.json["__type"]) == (status, code)
    assert answer.json["message"]


def test_other_operations_and_services_are_motos(sandbox: Sandbox) -> None:
    sagemaker = sandbox.client()
    endpoint_configs = sagemaker.list_endpoint_configs()["EndpointConfigs"]
    assert isinstance(endpoint_configs, list)
    assert sandbox.client("sts").get_caller_identity()["Account"] == "123456789012"
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="passed-on")
    try:
        s3.put_object(Bucket="passed-on", Key="k", Body=b"x" * 100_000)
        assert s3.get_object(Bucket="passed-on", Key="k")["Body"].read() == b"x" * 100_000
        s3.delete_object(Bucket="passed-on", Key="k")
    finally:
        s3.delete_bucket(Bucket="passed-on")


def test_answers_have_no_member_that_the_service_model_lacks(sandbox: Sandbox) -> None:
    requests = {
        "CreateModelQualityJobDefinition": minimal("quality"),
        "DescribeModelQualityJobDefinition": {"JobDefinitionName": "quality"},
        "ListModelQualityJobDefinitions": {},
        "CreateMonitoringSchedule": schedule("daily"),
        "DescribeMonitoringSchedule": {"MonitoringScheduleName": "daily"},
        "UpdateMonitoringSchedule": schedule("daily"),
        "ListMonitoringSchedules": {},
        "ListMonitoringExecutions": {},
        "ListMonitoringAlerts": {"MonitoringScheduleName": "daily"},
        "ListMonitoringAlertHistory": {"MonitoringScheduleName": "daily"},
        "ListTags": {"ResourceArn": QUALITY_ARN},
        "AddTags": {"ResourceArn": QUALITY_ARN, "Tags": [{"Key": "a", "Value": ""}]},
        "DeleteTags": {"ResourceArn": QUALITY_ARN, "TagKeys": ["a"]},
        "StopMonitoringSchedule": {"MonitoringScheduleName": "daily"},
        "StartMonitoringSchedule": {"MonitoringScheduleName": "daily"},
        "DeleteMonitoringSchedule": {"MonitoringScheduleName": "daily"},
        "DeleteModelQualityJobDefinition": {"JobDefinitionName": "quality"},
    }
    for kind in SIBLINGS:
        requests[f"Create{kind.api_name}"] = sibling(kind.monitoring_type, "mine")
        requests[f"Describe{kind.api_name}"] = {"JobDefinitionName": "mine"}
        requests[f"List{kind.api_name}s"] = {}
        requests[f"Delete{kind.api_name}"] = {"JobDefinitionName": "mine"}
    # Without an alert, an update of one has nothing but refusals.
    assert {*requests, "UpdateMonitoringAlert"} == set(sandbox.service.operations)
    for operation, request in requests.items():
        answer = sandbox.post(operation, request)
        assert answer.status == 200, answer.body
        shape = service_model("sagemaker").operation_model(operation).output_shape
        if shape is None:
            assert answer.body == b""
        else:
            assert_fits(shape, answer.json)


def assert_fits(shape: Shape, value: Any) -> None:
    """Hold a value to a shape: known members alone, all that are required, and no null."""
    assert value is not None, shape
    if shape.type_name == "structure":
        assert set(shape.required_members) <= set(value) <= set(shape.members), shape
        for name, member in value.items():
            assert_fits(shape.members[name], member)
    elif shape.type_name == "list":
        for item in value:
            assert_fits(shape.member, item)


def aws(sandbox: Sandbox, *arguments: str) -> Any:
    """Run the AWS CLI and return the document that it printed."""
    beside = Path(sys.executable).with_name("aws")
    command = str(beside) if beside.exists() else shutil.which("aws")
    assert command, "the AWS CLI is among the requirements of the tests"
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": sandbox.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_PAGER": "",
    }
    done = subprocess.run(
        [command, "--output", "json", "sagemaker", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


# The CLI's own Python is none of the sandbox's, which other tests call on each.
@pytest.mark.once
def test_the_aws_cli_creates_describes_lists_tags_and_deletes(sandbox: Sandbox) -> None:
    request = json.dumps(minimal("from-cli", Tags=[{"Key": "a", "Value": "b"}]))
    created = aws(sandbox, "create-model-quality-job-definition", "--cli-input-json", request)
    named = ("--job-definition-name", "from-cli")
    described = aws(sandbox, "describe-model-quality-job-definition", *named)
    assert described["JobDefinitionArn"] == created["JobDefinitionArn"]
    listed = aws(sandbox, "list-model-quality-job-definitions")["JobDefinitionSummaries"]
    assert [each["MonitoringJobDefinitionName"] for each in listed] == ["from-cli"]
    tags = aws(sandbox, "list-tags", "--resource-arn", created["JobDefinitionArn"])
    assert tags == {"Tags": [{"Key": "a", "Value": "b"}]}
    assert aws(sandbox, "delete-model-quality-job-definition", *named) is None
    assert not sandbox.client().list_model_quality_job_definitions()["JobDefinitionSummaries"]
