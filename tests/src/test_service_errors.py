"""SageMaker's errors: their handler error codes and what users read, through the entry point."""

import socket

import botocore.session
import pytest
from werkzeug.wrappers import Response

from aws_sagemaker_modelqualityjobdefinition.service_errors import ERROR_CODES
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


def test_what_the_sdk_refuses_is_named_by_its_path(provider: Provider) -> None:
    answer = provider("CREATE", {**MINIMUM, "JobResources": {"ClusterConfig": {}}})
    assert answer["errorCode"] == "InvalidRequest"
    assert (
        'Missing required parameter in JobResources.ClusterConfig: "InstanceCount"'
        in (answer["message"])
    )


@pytest.mark.parametrize(
    ("action", "operation", "denial"),
    [
        ("UPDATE", "AddTags", "User is not authorized."),
        (
            "CREATE",
            "CreateModelQualityJobDefinition",
            "Not authorized to perform sagemaker:AddTags",
        ),
    ],
)
def test_a_denied_tag_operation_names_the_permission_that_is_missing(
    provider: Provider, action: str, operation: str, denial: str
) -> None:
    before = provider.created() if action == "UPDATE" else None
    tagged = {**(before or MINIMUM), "Tags": [{"Key": "Team", "Value": "churn"}]}
    provider.aws.answer(operation, error("AccessDeniedException", denial))
    answer = provider(action, tagged, before)
    assert answer["errorCode"] == "UnauthorizedTaggingOperation"
    assert answer["message"].startswith(
        f"{denial.rstrip('.')}. Allow the action sagemaker:AddTags. (SageMaker {operation}, "
    )


def test_an_error_without_a_message_says_so(provider: Provider) -> None:
    provider.aws.answer(DESCRIBE, error("ValidationException", ""))
    answer = provider("READ", {"JobDefinitionArn": ARN})
    assert answer["message"].startswith("SageMaker returned no error message. (SageMaker Describe")
