"""A JSON service on the wire, whichever service it is."""

import json
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Request, Response

from sandbox.cloud_control import CloudControlApp
from sandbox.json_service.app import JsonServiceApp
from sandbox.json_service.caller import Caller
from sandbox.json_service.constraints import checked
from sandbox.json_service.errors import ServiceError
from sandbox.json_service.models import input_shape, service_model
from sandbox.sagemaker import SageMakerApp

CREDENTIAL = "AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/cloudcontrolapi/aws4_request, x"


class Resources:
    """Two operations of Cloud Control."""

    operations = ("GetResource", "DeleteResource")

    def call(self, caller: Caller, operation: str, request: Any) -> dict[str, Any] | None:
        asked = checked(input_shape("cloudcontrol", operation), request)
        if asked["Identifier"] == "gone":
            raise ServiceError("ResourceNotFoundException", f"{operation}: it is gone")
        return {"TypeName": asked["TypeName"], "For": [caller.account, caller.region]}


class ResourcesApp(JsonServiceApp):
    service_name = "cloudcontrol"
    signing_name = "cloudcontrolapi"
    target_prefix = "CloudApiService"
    json_version = "1.0"

    def answers(self, operation: str, body: bytes) -> bool:
        return operation != "DeleteResource" or b"not-here" not in body


@pytest.fixture
def client() -> Client:
    @Request.application
    def behind(request: Request) -> Response:
        return Response(b"handed on: " + request.get_data())

    return Client(ResourcesApp(behind, Resources()))


def post(client: Client, target: str, request: dict[str, str], **headers: str) -> TestResponse:
    signed = {"Authorization": CREDENTIAL, "X-Amz-Target": target, **headers}
    return client.post("/", data=json.dumps(request), headers=signed)


def test_a_service_answers_in_its_version_of_the_protocol(client: Client) -> None:
    request = {"TypeName": "AWS::S3::Bucket", "Identifier": "b"}
    answer = post(client, "CloudApiService.GetResource", request)
    assert answer.status_code == 200
    assert answer.content_type == "application/x-amz-json-1.0"
    assert json.loads(answer.data) == {
        "TypeName": "AWS::S3::Bucket",
        "For": ["123456789012", "eu-west-1"],
    }


def test_its_own_errors_and_those_of_all_services_differ_in_the_name_of_the_message(
    client: Client,
) -> None:
    request = {"TypeName": "AWS::S3::Bucket", "Identifier": "gone"}
    own = post(client, "CloudApiService.GetResource", request)
    assert json.loads(own.data) == {
        "__type": "ResourceNotFoundException",
        "Message": "GetResource: it is gone",
    }
    shared = post(client, "CloudApiService.GetResource", {"TypeName": "AWS::S3::Bucket"})
    assert json.loads(shared.data) == {
        "__type": "ValidationException",
        "message": (
            "1 validation error detected: Value null at 'identifier' failed to satisfy "
            "constraint: Member must not be null"
        ),
    }


@pytest.mark.parametrize(
    ("target", "identifier"),
    [
        ("CloudApiService.ListResources", "b"),
        ("SageMaker.GetResource", "b"),
        ("GetResource", "b"),
        ("CloudApiService.DeleteResource", "not-here"),
    ],
)
def test_what_is_not_the_services_is_handed_on_whole(
    client: Client, target: str, identifier: str
) -> None:
    request = {"TypeName": "AWS::S3::Bucket", "Identifier": identifier}
    answer = post(client, target, request)
    assert answer.data == b"handed on: " + json.dumps(request).encode()


def test_a_signature_for_another_service_is_refused(client: Client) -> None:
    other = CREDENTIAL.replace("cloudcontrolapi", "sagemaker")
    answer = post(client, "CloudApiService.GetResource", {}, Authorization=other)
    assert json.loads(answer.data) == {
        "__type": "InvalidSignatureException",
        "message": "Credential should be scoped to correct service: 'cloudcontrolapi'.",
    }


@pytest.mark.parametrize("app", [SageMakerApp, CloudControlApp])
def test_a_service_is_on_the_wire_what_botocore_says(app: type[JsonServiceApp]) -> None:
    model = service_model(app.service_name)
    assert model.signing_name == app.signing_name
    assert model.metadata["targetPrefix"] == app.target_prefix
    assert model.metadata["jsonVersion"] == app.json_version
