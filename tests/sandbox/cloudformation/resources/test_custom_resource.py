"""Custom resources: requests to an SNS topic, answers to their ResponseURL, and what fails."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.harness.cloudformation import Stacks

ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "RoleName": "runs-functions",
        "AssumeRolePolicyDocument": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ]
        },
    },
}
FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "FunctionName": "provider",
        "Runtime": "python3.12",
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": "def handler(event, context): pass"},
    },
}

Answer = Callable[[dict[str, Any]], dict[str, Any] | None]


class Provider:
    """Answers the requests that a topic gets, in a thread of its own.

    answer: returns what to put to the ResponseURL besides the ids; None gives no answer.
    """

    def __init__(self, stacks: Stacks) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answer: Answer = lambda _: {"PhysicalResourceId": "made"}
        self._sqs = stacks.client("sqs")
        sns = stacks.client("sns")
        self.topic = sns.create_topic(Name="provider")["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName="requests")["QueueUrl"]
        arn = "arn:aws:sqs:us-east-1:123456789012:requests"
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._end.set()
        self._thread.join()

    def kinds(self) -> list[str]:
        return [request["RequestType"] for request in self.requests]

    def _serve(self) -> None:
        while not self._end.wait(0.02):
            for message in self._sqs.receive_message(QueueUrl=self._queue).get("Messages", ()):
                self._sqs.delete_message(
                    QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"]
                )
                request = json.loads(json.loads(message["Body"])["Message"])
                self.requests.append(request)
                answer = self.answer(request)
                if answer is not None:
                    put(request, answer)


def put(request: dict[str, Any], answer: dict[str, Any]) -> None:
    ids = {name: request[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    body = json.dumps({"Status": "SUCCESS", **ids, **answer}).encode()
    answered = requests.put(request["ResponseURL"], body, headers={"Content-Type": ""}, timeout=10)
    answered.raise_for_status()


def outputs_of(stacks: Stacks) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stacks.describe()["Outputs"]}


@pytest.fixture
def provider(stacks: Stacks, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", stacks.url)
    made = Provider(stacks)
    yield made
    made.close()


def custom(token: Any, type_name: str = "Custom::Thing", **properties: Any) -> dict[str, Any]:
    return {"Type": type_name, "Properties": {"ServiceToken": token, **properties}}


@pytest.mark.parametrize("type_name", ["Custom::Thing", "AWS::CloudFormation::CustomResource"])
def test_a_topic_gets_the_requests_and_the_stack_its_answers(
    stacks: Stacks, provider: Provider, type_name: str
) -> None:
    provider.answer = lambda request: {
        "PhysicalResourceId": "made",
        "Data": {"Kind": request["RequestType"], "Nested": {"A": 1}},
    }
    outputs = {
        name: {"Value": {"Fn::GetAtt": ["Thing", path]}}
        for name, path in {"Kind": "Kind", "Nested": "Nested.A"}.items()
    }
    given = {"Size": 8, "On": True, "List": [1, {"A": 2.5}]}
    stacks.create(
        {"Thing": custom(provider.topic, type_name, **given)}, template={"Outputs": outputs}
    )
    [request] = provider.requests
    assert request["ResourceProperties"] == {
        "ServiceToken": provider.topic,
        "Size": "8",
        "On": "true",
        "List": ["1", {"A": "2.5"}],
    }
    assert (request["ResourceType"], request["LogicalResourceId"]) == (type_name, "Thing")
    assert stacks.resource("Thing")["PhysicalResourceId"] == "made"
    assert outputs_of(stacks) == {"Kind": "Create", "Nested": "1"}

    stacks.update(
        {"Thing": custom(provider.topic, type_name, Size=9)}, template={"Outputs": outputs}
    )
    update = provider.requests[-1]
    assert (update["RequestType"], update["PhysicalResourceId"]) == ("Update", "made")
    assert update["OldResourceProperties"]["Size"] == "8"
    assert outputs_of(stacks)["Kind"] == "Update"

    stacks.delete()
    assert provider.kinds() == ["Create", "Update", "Delete"]
    assert provider.requests[-1]["PhysicalResourceId"] == "made"


def test_an_update_that_names_another_resource_has_the_one_before_deleted(
    stacks: Stacks, provider: Provider
) -> None:
    provider.answer = lambda request: {
        "PhysicalResourceId": request["ResourceProperties"].get("Name", "none")
    }
    stacks.create({"Thing": custom(provider.topic, Name="first")})
    stacks.update({"Thing": custom(provider.topic, Name="second")})
    assert stacks.resource("Thing")["PhysicalResourceId"] == "second"
    deleted = provider.requests[-1]
    assert (deleted["RequestType"], deleted["PhysicalResourceId"]) == ("Delete", "first")
    assert deleted["ResourceProperties"]["Name"] == "first"


def test_a_failure_has_the_reason_of_the_provider_and_is_rolled_back(
    stacks: Stacks, provider: Provider
) -> None:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        if request["RequestType"] == "Create":
            return {"Status": "FAILED", "Reason": "No room.", "PhysicalResourceId": "half"}
        return {"PhysicalResourceId": "half"}

    provider.answer = answer
    stacks.create({"Thing": custom(provider.topic)})
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    request_id = provider.requests[0]["RequestId"]
    assert stacks.reason("CREATE_FAILED") == (
        "Received response status [FAILED] from custom resource. Message returned: No room. "
        f"(RequestId: {request_id})"
    )
    assert provider.kinds() == ["Create", "Delete"]


def test_without_an_answer_a_create_fails_after_its_timeout_and_nothing_is_left(
    stacks: Stacks, provider: Provider
) -> None:
    provider.answer = lambda _: None
    started = time.monotonic()
    thing = custom(provider.topic, ServiceTimeout=1)
    stacks.create({"Thing": thing})
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert time.monotonic() - started < 10
    reason = stacks.reason("CREATE_FAILED")
    assert reason.startswith("CloudFormation did not receive a response from your Custom Resource.")
    assert provider.requests[0]["RequestId"] in reason
    stacks.delete()


def test_without_an_answer_a_delete_fails_after_its_timeout(
    stacks: Stacks, provider: Provider
) -> None:
    stacks.create({"Thing": custom(provider.topic, ServiceTimeout=1)})
    provider.answer = lambda _: None
    assert stacks.delete() == "DELETE_FAILED"
    assert "did not receive a response" in stacks.reason("DELETE_FAILED")
    provider.answer = lambda _: {"PhysicalResourceId": "made"}
    stacks.delete()


@pytest.mark.parametrize("seconds", [0, 3601, -1, "soon", 1.5])
def test_a_timeout_out_of_range_is_refused(stacks: Stacks, seconds: Any) -> None:
    thing = custom("arn:aws:sns:us-east-1:123456789012:topic", ServiceTimeout=seconds)
    stacks.create({"Thing": thing})
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    [found] = stacks.invalid()
    assert "is not an integer from 1 to 3600" in found


def test_another_service_token_is_refused(stacks: Stacks, provider: Provider) -> None:
    stacks.create({"Thing": custom(provider.topic)})
    stacks.update({"Thing": custom("arn:other")})
    assert stacks.describe()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.reason("UPDATE_FAILED") == "Modifying service token is not allowed."


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("arn:aws:sns:us-east-1:123456789012:none", "there is no SNS topic"),
        ("arn:aws:lambda:us-east-1:123456789012:function:none", "there is no Lambda function"),
        ("arn:aws:sqs:us-east-1:123456789012:queue", "neither a Lambda function nor an SNS topic"),
        ("token", "neither a Lambda function nor an SNS topic"),
    ],
)
def test_a_token_that_leads_nowhere_is_refused(stacks: Stacks, token: str, reason: str) -> None:
    stacks.create({"Thing": custom(token)})
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert reason in stacks.reason("CREATE_FAILED")


def test_a_function_fails_at_once_without_docker_and_nothing_is_left(
    stacks: Stacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    thing = custom({"Fn::GetAtt": ["Function", "Arn"]})
    started = time.monotonic()
    stacks.create(
        {"Role": ROLE, "Function": FUNCTION, "Thing": thing},
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    assert time.monotonic() - started < 20
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stacks.reason("CREATE_FAILED") == (
        "The sandbox runs no Lambda functions without Docker, so "
        "arn:aws:lambda:us-east-1:123456789012:function:provider cannot answer. Start Docker, or "
        "give the custom resource an SNS topic as its ServiceToken."
    )
    assert stacks.client("lambda").list_functions()["Functions"] == []
    stacks.delete()


def test_an_attribute_that_the_answer_lacks_is_named(stacks: Stacks, provider: Provider) -> None:
    other = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::GetAtt": ["Thing", "A"]}}}
    stacks.create({"Thing": custom(provider.topic), "Other": other})
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    reason = stacks.reason("CREATE_FAILED", logical_id="Other")
    assert "Vendor response doesn't contain A attribute" in reason
    assert provider.kinds() == ["Create", "Delete"]


def test_an_answer_nobody_waits_for_is_not_taken(stacks: Stacks, provider: Provider) -> None:
    stacks.create({"Thing": custom(provider.topic)})
    with pytest.raises(requests.HTTPError, match="404"):
        put(provider.requests[0], {"PhysicalResourceId": "late"})
