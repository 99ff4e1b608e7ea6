"""The table from SageMaker's errors to handler error codes, read through the entry point."""

import json
import socket
from functools import partial

import botocore.session
import pytest
from werkzeug.wrappers import Response

from aws_sagemaker_modelqualityjobdefinition.sagemaker import ERROR_CODES
from tests.harness.provider import ACCOUNT, MINIMUM, REGION, Provider, error

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-quality-job-definition/churn"
DESCRIBE = "DescribeModelQualityJobDefinition"
CODES = {
    "ResourceNotFound": "NotFound",
    "ResourceInUse": "ResourceConflict",
    "ConflictException": "ResourceConflict",
    "ResourceLimitExceeded": "ServiceLimitExceeded",
    "ValidationException": "InvalidRequest",
    "SerializationException": "InvalidRequest",
    "AccessDeniedException": "AccessDenied",
    "NotAuthorized": "AccessDenied",
    "ExpiredTokenException": "InvalidCredentials",
    "UnrecognizedClientException": "InvalidCredentials",
    "InvalidSignatureException": "InvalidCredentials",
    "ThrottlingException": "Throttling",
    "TooManyRequestsException": "Throttling",
    "ServiceUnavailable": "ServiceInternalError",
    "InternalFailure": "ServiceInternalError",
    "SomethingNew": "GeneralServiceException",
}


@pytest.mark.parametrize(("service_error", "code"), CODES.items())
def test_an_error_of_the_service_has_its_code_and_keeps_its_message(
    provider: Provider, service_error: str, code: str
) -> None:
    provider.aws.answer(DESCRIBE, *[error(service_error, "The service's words.")] * 2)
    answer = provider("READ", {"JobDefinitionArn": ARN})
    assert (answer["status"], answer["errorCode"]) == ("FAILED", code)
    assert "The service's words." in answer["message"]
    assert service_error in answer["message"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "AccessDenied"), (429, "Throttling"), (500, "ServiceInternalError"), (503, None)],
)
def test_an_error_without_a_name_is_told_by_its_http_status(
    provider: Provider, status: int, code: str | None
) -> None:
    provider.aws.answer(DESCRIBE, *[lambda: Response("<html>", status=status)] * 2)
    answer = provider("READ", {"JobDefinitionArn": ARN})
    assert answer["errorCode"] == (code or "ServiceInternalError")
    assert answer["message"]


def test_an_error_that_the_api_models_has_a_place_in_the_table() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    for operation in (
        "CreateModelQualityJobDefinition",
        "DescribeModelQualityJobDefinition",
        "DeleteModelQualityJobDefinition",
        "ListModelQualityJobDefinitions",
        "AddTags",
        "DeleteTags",
        "ListTags",
    ):
        for shape in model.operation_model(operation).error_shapes:
            assert shape.name in ERROR_CODES, operation


def test_an_answer_that_is_no_json_is_the_services_fault(provider: Provider) -> None:
    provider.aws.answer(DESCRIBE, *[lambda: Response("not JSON at all")] * 2)
    answer = provider("READ", {"JobDefinitionArn": ARN})
    assert answer["errorCode"] == "ServiceInternalError"
    assert answer["message"]


def test_a_page_of_tags_that_names_itself_as_the_next_is_the_services_fault(
    provider: Provider,
) -> None:
    arn = provider.created()["JobDefinitionArn"]
    page = json.dumps({"Tags": [], "NextToken": "again"})
    provider.aws.answer("ListTags", *[partial(Response, page)] * 3)
    answer = provider("READ", {"JobDefinitionArn": arn})
    assert answer["errorCode"] == "ServiceInternalError"
    assert "list_tags" in answer["message"]
    assert provider.aws.operations.count("ListTags") == 2 + 1  # one of the create


def test_a_service_that_nobody_runs_is_a_network_failure(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", f"http://127.0.0.1:{nobody}")
    for action, properties in (("READ", {"JobDefinitionArn": ARN}), ("CREATE", MINIMUM)):
        answer = provider(action, properties)
        assert answer["errorCode"] == "NetworkFailure"
        assert "Could not connect to the endpoint URL" in answer["message"]
        assert "resourceModel" not in answer


def test_a_throttled_read_is_tried_once_more(provider: Provider) -> None:
    arn = provider.created()["JobDefinitionArn"]
    provider.aws.answer(DESCRIBE, error("ThrottlingException"))
    assert provider("READ", {"JobDefinitionArn": arn})["status"] == "SUCCESS"


@pytest.mark.parametrize("trouble", ["ThrottlingException", "InternalFailure"])
@pytest.mark.parametrize("action", ["CREATE", "DELETE"])
def test_a_create_and_a_delete_are_sent_once(provider: Provider, action: str, trouble: str) -> None:
    made = {"JobDefinitionArn": provider.created()["JobDefinitionArn"]}
    provider.aws.reset()
    operation = f"{action.capitalize()}ModelQualityJobDefinition"
    provider.aws.answer(operation, *[error(trouble)] * 2)
    assert provider(action, MINIMUM if action == "CREATE" else made)["status"] != "SUCCESS"
    assert provider.aws.operations.count(operation) == 1


def test_what_the_sdk_refuses_is_named_by_its_path(provider: Provider) -> None:
    answer = provider("CREATE", {**MINIMUM, "JobResources": {"ClusterConfig": {}}})
    assert answer["errorCode"] == "InvalidRequest"
    assert (
        'Missing required parameter in JobResources.ClusterConfig: "InstanceCount"'
        in (answer["message"])
    )


def test_a_request_without_credentials_never_borrows_the_functions_own(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the functions own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the functions own")
    event = provider.event("READ", {"JobDefinitionArn": ARN})
    for credentials in (None, {}, {"accessKeyId": "", "secretAccessKey": ""}):
        event["requestData"]["callerCredentials"] = credentials
        assert provider.send(event)["errorCode"] == "InvalidCredentials"
    assert provider.aws.calls == []
