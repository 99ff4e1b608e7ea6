"""Cloud Control on the wire."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Request, Response

from sandbox.cloud_control import CloudControlApp
from tests.harness.cloud_control import CloudControl, Make
from tests.harness.handlers import THING, failed, success

TYPE_NAME = "Acme::Toys::Thing"
GET = {"TypeName": TYPE_NAME, "Identifier": "arn:thing"}


def wire(cloud_control: CloudControl) -> Callable[..., TestResponse]:
    """Posts a document to an operation, in the name of the caller of `cloud_control`."""

    @Request.application
    def behind(_request: Request) -> Response:
        return Response(b"handed on", status=599)

    client = Client(CloudControlApp(behind, cloud_control.service))

    def post(operation: str, document: Any, query: str = "", **headers: str) -> TestResponse:
        body = document if isinstance(document, bytes) else json.dumps(document)
        credential = f"key/20260101/{cloud_control.place.region}/cloudcontrolapi/aws4_request"
        signed = {
            "X-Amz-Target": f"CloudApiService.{operation}",
            "X-Moto-Account-Id": cloud_control.place.account_id,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, Signature=x",
            **headers,
        }
        method = signed.pop("method", "POST")
        return client.open(f"/{query}", method=method, data=body, headers=signed)

    return post


def error(response: TestResponse) -> tuple[int, dict[str, str]]:
    return response.status_code, json.loads(response.data)


def test_an_answer_is_json_1_0(cloud_control: Make) -> None:
    answer = wire(cloud_control(success(resourceModel=THING)))("GetResource", GET)
    assert (answer.status_code, answer.content_type) == (200, "application/x-amz-json-1.0")
    assert json.loads(answer.data) == {
        "TypeName": TYPE_NAME,
        "ResourceDescription": {
            "Identifier": "arn:thing",
            "Properties": '{"Arn":"arn:thing","Size":1}',
        },
    }


@pytest.mark.parametrize("query", ["?Action=GetResource&Version=2021-09-30", "?Action=ListStacks"])
def test_the_target_counts_whatever_the_query_string_says(cloud_control: Make, query: str) -> None:
    answer = wire(cloud_control(success(resourceModel=THING)))("GetResource", GET, query)
    assert json.loads(answer.data)["TypeName"] == TYPE_NAME


def test_other_targets_are_handed_on(cloud_control: Make) -> None:
    answer = wire(cloud_control())("GetResource", GET, **{"X-Amz-Target": "SageMaker.GetResource"})
    assert answer.data == b"handed on"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "CloudApiService.DescribeResource"),
        ("POST", "CloudApiService.getresource"),
        ("POST", "CloudApiService.Get.Resource"),
        ("POST", "CloudApiService."),
        ("POST", "CloudApiService"),
        ("GET", "CloudApiService.GetResource"),
    ],
)
def test_an_operation_that_does_not_exist_is_refused_with_those_that_do(
    cloud_control: Make, method: str, target: str
) -> None:
    headers = {"X-Amz-Target": target, "method": method}
    answer = wire(cloud_control())("GetResource", GET, **headers)
    status, document = error(answer)
    assert answer.content_type == "application/x-amz-json-1.0"
    assert (status, document["__type"]) == (
        400,
        "com.amazon.coral.service#UnknownOperationException",
    )
    assert document["Message"].startswith(f"There is no operation {method} {target}. Send a POST")
    assert "GetResourceRequestStatus" in document["Message"]


def test_a_long_message_is_cut(cloud_control: Make) -> None:
    _, document = error(wire(cloud_control(failed("NotFound", "x" * 5000)))("GetResource", GET))
    assert len(document["Message"]) == 2048


def test_errors_of_cloud_control_have_its_namespace(cloud_control: Make) -> None:
    post = wire(cloud_control(failed("NotFound", "It was not found.")))
    status, document = error(post("GetResource", GET))
    assert (status, document["__type"]) == (
        400,
        "com.amazon.cloudapiservice#ResourceNotFoundException",
    )
    assert document.keys() == {"__type", "Message"}
    assert document["Message"].startswith(
        f"{TYPE_NAME} Handler returned status FAILED: It was not found. (HandlerErrorCode: "
        "NotFound, RequestToken: "
    )


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ({"TypeName": TYPE_NAME}, "com.amazon.coral.validate#ValidationException"),
        (b"{", "com.amazon.coral.service#SerializationException"),
        ({"TypeName": 7}, "com.amazon.coral.service#SerializationException"),
    ],
)
def test_errors_of_all_services_have_other_namespaces(
    cloud_control: Make, document: Any, name: str
) -> None:
    status, answered = error(wire(cloud_control())("GetResource", document))
    assert (status, answered["__type"]) == (400, name)
    assert answered["Message"]


def test_a_handler_that_is_denied_something_is_an_error_that_the_model_does_not_have(
    cloud_control: Make,
) -> None:
    status, document = error(wire(cloud_control(failed("AccessDenied")))("GetResource", GET))
    assert (status, document["__type"]) == (400, "com.amazon.coral.service#AccessDeniedException")


def test_throttling_of_a_handler_is_in_the_namespace_of_cloud_control(cloud_control: Make) -> None:
    status, document = error(wire(cloud_control(failed("Throttling")))("GetResource", GET))
    assert (status, document["__type"]) == (400, "com.amazon.cloudapiservice#ThrottlingException")


def test_a_request_that_is_not_signed_is_refused(cloud_control: Make) -> None:
    status, document = error(wire(cloud_control())("GetResource", GET, Authorization=""))
    assert (status, document["__type"]) == (
        403,
        "com.amazon.coral.service#MissingAuthenticationTokenException",
    )


def test_handlers_get_the_keys_that_signed_the_request(cloud_control: Make) -> None:
    cc = cloud_control(success(resourceModel=THING))
    wire(cc)("GetResource", GET, **{"X-Amz-Security-Token": "session"})
    [event] = cc.handlers.events
    keys = event["requestData"]["callerCredentials"]
    assert (keys["accessKeyId"], keys["sessionToken"]) == ("key", "session")
