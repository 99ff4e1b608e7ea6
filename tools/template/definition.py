"""Which definition is asked for, and what the provider's own READ says of it."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from sandbox.hosting.event import Credentials
from sandbox.hosting.handler_client import HandlerClient
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.hosting.timing import Timing
from sandbox.runtime.in_process import InProcessRuntime
from tools.aws_failures import ACCESS_DENIED, code_of
from tools.caller import Caller
from tools.template.errors import TemplateError, explained

Model = dict[str, Any]

FOR_PEOPLE = Timing(attempts=3)
"""Somebody waits for the answer, and can run the command again."""


def provider() -> HostedType:
    """The project's type, whose handlers run in this process."""
    runtime = InProcessRuntime()
    return HostedType(runtime.schema, invoke=partial(runtime.invoke, "TypeFunction"))


def arn_of(definition: str, caller: Caller, hosted: HostedType) -> str:
    """The ARN of a definition that is given by its name or its ARN.

    A name needs no request, because the caller's account and region make it an ARN.

    Raises TemplateError if it is neither, or the ARN of a definition elsewhere.
    """
    if _fits(definition, "JobDefinitionName", hosted):
        place = f"{caller.partition}:sagemaker:{caller.region}:{caller.account}"
        return f"arn:{place}:model-quality-job-definition/{definition}"
    if not _fits(definition, "JobDefinitionArn", hosted):
        raise TemplateError(
            f"DEFINITION is {definition!r}, which is neither the name nor the ARN of a model "
            f"quality job definition.\n{_look(caller)}"
        )
    _, _, _, region, account, _ = definition.split(":")
    if region != caller.region:
        raise TemplateError(
            f"The definition {definition} is in {region}, not in {caller.region}.\n"
            f"Add REGION={region}."
        )
    if account != caller.account:
        raise TemplateError(
            f"The definition {definition} is in the account {account}, and the credentials are of "
            f"{caller.account}.\nUse credentials of {account}; AWS_PROFILE chooses others."
        )
    return definition


def read(arn: str, caller: Caller, hosted: HostedType) -> Model:
    """The definition as the provider's READ shows it, with its tags.

    Needs sagemaker:DescribeModelQualityJobDefinition and sagemaker:ListTags.

    Raises TemplateError if there is no such definition, or READ fails.
    """
    with explained(not_found=_look(caller)):
        keys = caller.session.get_credentials().get_frozen_credentials()
        credentials = Credentials(
            caller={
                "accessKeyId": keys.access_key,
                "secretAccessKey": keys.secret_key,
                "sessionToken": keys.token,
            },
            logging=None,
        )
        place = Place(caller.account, caller.region, caller.partition)
        client = HandlerClient(hosted, place, lambda: credentials, timing=FOR_PEOPLE)
        model = client.read(hosted.model_of(arn))
        if "Tags" not in model:
            _require_tags(arn, caller)
        return model


def _require_tags(arn: str, caller: Caller) -> None:
    """Raise ClientError if the definition's tags may not be listed.

    Then READ leaves them out and succeeds. A template without tags would look complete, and an
    import of it might remove them.
    """
    try:
        caller.session.client("sagemaker").list_tags(ResourceArn=arn)
    except ClientError as error:
        if code_of(error) in ACCESS_DENIED:
            raise


def _fits(text: str, name: str, hosted: HostedType) -> bool:
    """Whether a text is what the schema accepts as this property."""
    return bool(re.fullmatch(hosted.schema["properties"][name]["pattern"], text))


def _look(caller: Caller) -> str:
    return (
        "Check DEFINITION and REGION. This lists the definitions there: "
        f"aws sagemaker list-model-quality-job-definitions --region {caller.region}"
    )
