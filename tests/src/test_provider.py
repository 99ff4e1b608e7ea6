"""The two entry points of the provider: CloudFormation's, and TestEntrypoint."""

import pytest
from cloudformation_cli_python_lib.resource import Resource

from aws_sagemaker_modelqualityjobdefinition import handlers
from tests.harness.provider import ACCOUNT, MINIMUM, REGION, Provider

CREDENTIALS = {"accessKeyId": "key", "secretAccessKey": "secret", "sessionToken": "token"}


def test_the_entry_point_is_the_frameworks_resource() -> None:
    assert isinstance(handlers.resource, Resource)


def test_an_event_is_answered_without_lambdas_context(provider: Provider) -> None:
    assert handlers.resource(provider.event("LIST"))["status"] == "SUCCESS"


@pytest.mark.usefixtures("aws")
def test_the_test_entry_point_answers_too() -> None:
    event = {
        "credentials": CREDENTIALS,
        "action": "CREATE",
        "region": REGION,
        "callbackContext": None,
        "request": {
            "clientRequestToken": "test-entry-point",
            "desiredResourceState": MINIMUM,
            "logicalResourceIdentifier": "JobDefinition",
            "awsAccountId": ACCOUNT,
        },
    }
    answer = handlers.test_entrypoint(event, None)
    assert answer["status"] == "SUCCESS"
    read = {"desiredResourceState": answer["resourceModel"], "clientRequestToken": "t"}
    assert handlers.test_entrypoint({**event, "action": "READ", "request": read}, None) == answer
    failed = handlers.test_entrypoint({"action": "READ", "request": {"nonsense": 1}}, None)
    assert "['nonsense']" in failed["message"]
