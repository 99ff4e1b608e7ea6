"""Events: which are accepted, what is refused of the others, and what a handler gets of them."""

from typing import Any

import pytest

from aws_sagemaker_modelqualityjobdefinition import handlers
from tests.harness.provider import ACCOUNT, MINIMUM, REGION, Provider, error

CREDENTIALS = {"accessKeyId": "key", "secretAccessKey": "secret", "sessionToken": "token"}


def test_an_event_may_lack_what_the_framework_declares_optional(provider: Provider) -> None:
    event = {
        "action": "CREATE",
        "awsAccountId": ACCOUNT,
        "bearerToken": "bare",
        "region": REGION,
        "requestData": {"resourceProperties": MINIMUM, "callerCredentials": CREDENTIALS},
    }
    assert provider.send(event)["status"] == "SUCCESS"


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (None, "action is absent"),
        ([], "The event is an array, not an object."),
        ("text", "The event is a string, not an object."),
        ({}, "action is absent"),
        ({"action": "READ"}, "awsAccountId is absent"),
        ({"action": 1}, "action is a whole number, not a string"),
    ],
)
def test_a_malformed_event_is_refused_with_the_reason(event: Any, message: str) -> None:
    answer = handlers.resource(event, None)
    assert (answer["status"], answer["errorCode"]) == ("FAILED", "InvalidRequest")
    assert message in answer["message"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"action": "MOVE"}, "one of CREATE, READ, UPDATE, DELETE, LIST"),
        ({"region": None}, "region is absent"),
        ({"requestData": []}, "requestData is an array"),
        ({"requestData": {"resourceProperties": "x"}}, "resourceProperties is a string"),
        ({"requestData": {"stackTags": [1]}}, "stackTags is an array"),
        ({"requestData": {"callerCredentials": "x"}}, "credentials is a string"),
        ({"callbackContext": [1]}, "callbackContext is an array"),
    ],
)
def test_a_malformed_part_of_an_event_is_named(
    provider: Provider, change: dict[str, Any], message: str
) -> None:
    # A create looks at all of an event.
    answer = provider.send({**provider.event("CREATE", {}), **change})
    assert answer["errorCode"] == "InvalidRequest"
    assert message in answer["message"]


def test_sagemaker_is_called_in_the_region_of_the_event(provider: Provider) -> None:
    provider.created({**MINIMUM, "JobDefinitionName": "in-one-region"})
    event = {**provider.event("CREATE", {**MINIMUM, "JobDefinitionName": "in-one-region"})}
    answer = provider.send({**event, "region": "eu-west-1"})
    assert ":eu-west-1:" in answer["resourceModel"]["JobDefinitionArn"]


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("nowhere-1", "aws")],
)
def test_an_arn_is_predicted_in_the_partition_of_the_region(
    provider: Provider, region: str, partition: str
) -> None:
    refusal = error("ValidationException", "Could not assume role")
    provider.aws.answer("CreateModelQualityJobDefinition", refusal)
    answer = provider.send({**provider.event("CREATE", MINIMUM), "region": region})
    arn = answer["resourceModel"]["JobDefinitionArn"]
    assert arn.startswith(f"arn:{partition}:sagemaker:{region}:{ACCOUNT}:")
