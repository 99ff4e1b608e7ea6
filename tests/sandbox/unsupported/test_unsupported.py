"""What is not there says so: in the protocol of its service, and so that no SDK asks again."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from werkzeug.test import Client

from sandbox.unsupported import UnsupportedApp
from sandbox.unsupported.metadata import services
from tests.harness.cloudformation import CREDENTIALS, REGION, SESSION, Stacks, running

ANY = {"SourceArn": f"arn:aws:sqs:{REGION}:123456789012:queue"}
MISSING: list[tuple[str, str, dict[str, Any], str]] = [
    ("sagemaker", "list_hubs", {}, "ListHubs of SageMaker"),  # JSON 1.1
    ("dynamodb", "list_imports", {}, "ListImports of DynamoDB"),  # JSON 1.0
    ("sqs", "list_message_move_tasks", ANY, "ListMessageMoveTasks of SQS"),  # was query once
    ("apprunner", "list_services", {}, "ListServices of AppRunner"),  # not in moto
    ("lambda", "list_code_signing_configs", {}, "ListCodeSigningConfigs of Lambda"),  # REST-JSON
    ("amplify", "list_apps", {}, "ListApps of Amplify"),  # REST-JSON, not in moto
    ("sns", "list_origination_numbers", {}, "ListOriginationNumbers of SNS"),  # query
    ("cloudsearch", "describe_domains", {}, "DescribeDomains of CloudSearch"),  # not in moto
    ("ec2", "describe_fpga_images", {}, "DescribeFpgaImages of EC2"),
    ("route53", "list_traffic_policies", {}, "ListTrafficPolicies of Route 53"),  # REST-XML
    ("cloudwatchomni", "list_spaces", {}, "ListSpaces of CloudWatchOmni"),  # CBOR, not in moto
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Stacks]:
    with running() as started:
        yield started


def scope(service: str) -> dict[str, str]:
    """The header of a request that is signed for a service."""
    credential = f"AKIATESTTESTTESTTEST/20260101/{REGION}/{service}/aws4_request"
    signature = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"
    return {"Authorization": signature}


@pytest.mark.parametrize(
    ("service", "operation", "request_", "words"), MISSING, ids=[words for *_, words in MISSING]
)
def test_an_operation_that_is_missing_is_named_in_a_client_error_that_is_not_retried(
    sandbox: Stacks, service: str, operation: str, request_: dict[str, Any], words: str
) -> None:
    client = SESSION.client(
        service,
        region_name=REGION,
        endpoint_url=sandbox.url,
        config=Config(retries={"mode": "standard", "total_max_attempts": 3}),
        **CREDENTIALS,
    )
    sent: list[Any] = []
    client.meta.events.register("before-send.*", lambda **request: sent.append(request))
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**request_)
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert answer["Error"]["Message"] == f"The sandbox does not support the operation {words}."
    assert answer["Error"]["Code"] in {"UnknownOperationException", "InvalidAction"}
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("cloudformation", "list_types"),
        ("sagemaker", "list_models"),
        ("cloudcontrol", "list_resource_requests"),
        ("ec2", "describe_vpcs"),
        ("s3", "list_buckets"),
        ("lambda", "list_functions"),
    ],
)
def test_a_region_that_aws_does_not_have_is_refused_by_every_service(
    sandbox: Stacks, service: str, operation: str
) -> None:
    client = SESSION.client(
        service, region_name="us-esat-1", endpoint_url=sandbox.url, **CREDENTIALS
    )
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)()
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert answer["ResponseMetadata"].get("RetryAttempts") == 0
    assert answer["Error"]["Code"] in {"InvalidSignatureException", "SignatureDoesNotMatch"}
    assert answer["Error"]["Message"] == (
        "Credential should be scoped to a valid region, not 'us-esat-1'. "
        "There is no region us-esat-1. Did you mean us-east-1?"
    )


def test_every_service_of_botocore_is_known_by_its_signing_name() -> None:
    named = {each.name for known in services().by_signing_name.values() for each in known}
    assert named == set(SESSION.get_available_services())


def test_the_metadata_of_a_service_is_that_of_its_model(sandbox: Stacks) -> None:
    for name in ("sagemaker", "sns", "s3", "cloudwatch", "ec2"):
        model = sandbox.client(name).meta.service_model
        (known,) = (
            each for each in services().by_signing_name[model.signing_name] if each.name == name
        )
        assert known.title == model.service_id
        assert known.api_version == model.api_version
        assert known.target_prefix == model.metadata.get("targetPrefix")
        assert set(known.protocols) >= {model.metadata["protocol"]}


@pytest.mark.parametrize(
    ("headers", "body", "code", "message"),
    [
        (
            {**scope("monitoring"), "X-Amz-Target": "SageMaker.ListModels"},
            "{}",
            "InvalidSignatureException",
            "Credential should be scoped to correct service: 'sagemaker'.",
        ),
        (
            {"X-Amz-Target": "SageMaker.ListHubs"},
            "{}",
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
        (
            {**scope("brandnew"), "X-Amz-Target": "BrandNew_20300101.ListThings"},
            "{}",
            "UnknownOperationException",
            "The sandbox does not support the operation ListThings of brandnew.",
        ),
        (
            {**scope("sagemaker"), "X-Amz-Target": "SageMaker.ListNothingKnown"},
            "{}",
            "UnknownOperationException",
            "The sandbox does not support the operation ListNothingKnown of SageMaker.",
        ),
        (
            {**scope("dynamodb")},
            "{}",
            "UnknownOperationException",
            "The sandbox does not support this operation of DynamoDB.",
        ),
    ],
    ids=["of another service", "unsigned", "unknown service", "unknown target", "no target"],
)
def test_a_request_that_no_service_can_be_found_for_is_refused_as_json(
    sandbox: Stacks, headers: dict[str, str], body: str, code: str, message: str
) -> None:
    headers = {"Content-Type": "application/x-amz-json-1.1", **headers}
    answer = requests.post(sandbox.url, body, headers=headers, timeout=10)
    assert answer.json() == {"__type": code, "message": message}
    assert answer.status_code in {400, 403}
    assert answer.headers["Content-Type"].startswith("application/x-amz-json-1.")


@pytest.mark.parametrize(
    ("headers", "action", "text"),
    [
        (scope("iam"), "NothingKnown", "<Message>The sandbox does not support the operation"),
        (scope("brandnew"), "List<Things>", "The sandbox does not support this operation of"),
        ({}, "ListUsers", "<Code>MissingAuthenticationToken</Code>"),
    ],
    ids=["unknown action", "unknown service", "unsigned"],
)
def test_a_request_that_no_service_can_be_found_for_is_refused_as_xml(
    sandbox: Stacks, headers: dict[str, str], action: str, text: str
) -> None:
    form = {"Action": action, "Version": "2010-05-08"}
    answer = requests.post(sandbox.url, form, headers=headers, timeout=10)
    assert text in answer.text
    assert answer.status_code in {400, 403}


def test_a_path_that_a_service_does_not_have_is_refused_as_json(sandbox: Stacks) -> None:
    answer = requests.put(f"{sandbox.url}/a/b/c", headers=scope("lambda"), timeout=10)
    assert answer.json()["message"] == "The sandbox does not support this operation of Lambda."
    assert answer.status_code == 400


def test_what_is_there_is_not_touched(sandbox: Stacks) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="shelf")
    s3.put_object(Bucket="shelf", Key="page.html", Body=b"<html>500</html>")
    assert s3.get_object(Bucket="shelf", Key="page.html")["Body"].read() == b"<html>500</html>"
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket="shelf", Key="none")


@pytest.mark.parametrize("failing", ["raises", "answers"])
def test_a_fault_of_the_sandbox_is_a_client_error_that_tells_no_value(
    failing: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
        if failing == "raises":
            raise KeyError("hunter2")
        start_response("500 Internal Server Error", [("Content-Type", "text/html")])
        return [b"<!doctype html>hunter2"]

    answer = Client(UnsupportedApp(fails)).post(
        data='{"Password": "hunter2"}',
        headers={**scope("sagemaker"), "X-Amz-Target": "SageMaker.ListModels"},
    )
    how = "KeyError" if failing == "raises" else "HTTP 500"
    assert answer.status_code == 400
    assert answer.get_json(force=True)["message"] == (
        f"The sandbox failed at the operation ListModels of SageMaker with {how}. "
        "If the request has all that the operation requires, that is a fault of the sandbox."
    )
    assert "ListModels of SageMaker" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.once
def test_the_aws_cli_shows_the_words(sandbox: Stacks) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST", "AWS_SECRET_ACCESS_KEY": "secret"}
    ran = subprocess.run(
        [
            os.environ.get("AWS_CLI") or str(Path(sys.executable).with_name("aws")),
            *("--endpoint-url", sandbox.url, "--region", REGION, "amplify", "list-apps"),
        ],
        env={**os.environ, **keys},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "The sandbox does not support the operation ListApps of Amplify." in ran.stderr
