"""The provider's own handlers, run in this process with the credentials of a session of boto3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from botocore.exceptions import NoCredentialsError
from botocore.parsers import ResponseParserError

from sandbox.hosting.driving import HandlerFailed
from sandbox.hosting.event import Credentials
from sandbox.hosting.handler_client import HandlerClient
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.tags import is_reserved
from sandbox.runtime.in_process import InProcessRuntime

Model = dict[str, Any]

IN_OTHER_WORDS = {
    "between the function and SageMaker": "between this machine and SageMaker",
    "The event's credentials": "The credentials",
    " Invoke the function with complete credentials, as CloudFormation does.": "",
    "so that each replacement gets a generated name": "for a generated name",
}
"""What the handlers say as a function in Lambda, for a stack, and what is true of them here."""


class TagsNotShown(Exception):
    """A definition has tags, and the handlers' READ left them out."""


def provider() -> HostedType:
    """The project's type, whose handlers run in this process."""
    runtime = InProcessRuntime()
    return HostedType(runtime.schema, invoke=partial(runtime.invoke, "TypeFunction"))


def credentials_of(session: Any) -> Credentials:
    """The session's credentials for one invocation. They may expire soon, so ask for each anew.

    Nothing of the invocation is logged or measured anywhere.

    Raises AWS_ERRORS, also if there are none.
    """
    found = session.get_credentials()
    if found is None:
        raise NoCredentialsError
    keys = found.get_frozen_credentials()
    caller = {
        "accessKeyId": keys.access_key,
        "secretAccessKey": keys.secret_key,
        "sessionToken": keys.token,
    }
    return Credentials(caller, logging=None)


def read(arn: str, client: HandlerClient, sagemaker: Callable[[], Any]) -> Model:
    """The definition as the provider's READ shows it, with all of its tags.

    If they may not be listed, READ leaves them out and succeeds. A template without them would look
    complete, and an update might leave in place what it is to remove.

    sagemaker: gives boto3's client in the definition's account and region, to look for tags where
        READ shows none.

    Needs sagemaker:DescribeModelQualityJobDefinition and sagemaker:ListTags.

    Raises HandlerFailed, AWS_ERRORS or TagsNotShown.
    """
    model = client.read(client.hosted.model_of(arn))
    if "Tags" not in model:
        pages = sagemaker().get_paginator("list_tags").paginate(ResourceArn=arn)
        if any(not is_reserved(tag["Key"]) for page in pages for tag in member(page, "Tags")):
            raise TagsNotShown(
                f"The definition {arn} has tags, and the handlers' read did not show them."
            )
    return model


def member(answer: Mapping[str, Any], name: str) -> Any:
    """A member that SageMaker always gives. Raises ResponseParserError if it is missing."""
    if name not in answer:
        # botocore reads a response that is not JSON, such as a web page, as one without members.
        raise ResponseParserError("The response did not come from SageMaker.")
    return answer[name]


def said(failure: HandlerFailed) -> str:
    """What a handler says about its failure, in words that are true outside of Lambda."""
    message = failure.message
    for words, others in IN_OTHER_WORDS.items():
        message = message.replace(words, others)
    return message
