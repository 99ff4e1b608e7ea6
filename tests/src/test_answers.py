"""Answers: what a user reads after an exception that no handler expected."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloudformation_cli_python_lib.interface import Action

from aws_sagemaker_modelqualityjobdefinition import handlers
from tests.harness.provider import Provider


def test_an_unexpected_exception_gets_a_message_without_secrets(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "X", "Message": "hush"}}, "Operation")

    monkeypatch.setitem(handlers.resource._handlers, Action.READ, fail)
    answer = provider("READ", {})
    assert answer["errorCode"] == "InternalFailure"
    assert "ClientError in the READ handler" in answer["message"]
    assert "hush" not in answer["message"]
