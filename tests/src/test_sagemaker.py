"""The calls of SageMaker, through the entry point: how often each is sent, and its response."""

import json
from functools import partial

import pytest
from werkzeug.wrappers import Response

from tests.harness.provider import ACCOUNT, MINIMUM, REGION, Provider, error

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-quality-job-definition/churn"
DESCRIBE = "DescribeModelQualityJobDefinition"


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
