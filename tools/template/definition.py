"""Which definition is asked for, and what the provider's own READ says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from sandbox.hosting.event import Credentials
from sandbox.hosting.handler_client import HandlerClient
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.hosting.tags import is_reserved
from sandbox.hosting.timing import Timing
from sandbox.runtime.in_process import InProcessRuntime
from tools.aws_failures import code_of
from tools.caller import Caller
from tools.template.errors import TemplateError, explained

Model = dict[str, Any]

NOT_FOUND = {"ResourceNotFound", "ResourceNotFoundException"}
FOR_PEOPLE = Timing(attempts=3)
"""Somebody waits for the answer, and can run the command again."""


def provider() -> HostedType:
    """The project's type, whose handlers run in this process."""
    runtime = InProcessRuntime()
    return HostedType(runtime.schema, invoke=partial(runtime.invoke, "TypeFunction"))


def arn_of(definition: str, caller: Caller, hosted: HostedType) -> str:
    """The ARN of a definition that is given by its name or its ARN, as SageMaker spells it.

    SageMaker finds a definition whatever the case of the name that it is asked for, and its ARNs
    may be in lower case. CloudFormation compares ARNs as text, so only SageMaker's own will do.

    Needs sagemaker:DescribeModelQualityJobDefinition.

    Raises TemplateError if it is neither, if it is the ARN of a definition elsewhere, if there is
    no such definition, or if SageMaker does not answer.
    """
    name = _name(definition, caller, hosted)
    with explained():
        sagemaker = caller.session.client("sagemaker")
        try:
            answer = sagemaker.describe_model_quality_job_definition(JobDefinitionName=name)
        except ClientError as error:
            if code_of(error) not in NOT_FOUND:
                raise
            raise TemplateError(
                f"The definition {name} was not found in {caller.region}, in the account "
                f"{caller.account}.\n{_look(caller)}"
            ) from None
        return str(_member(answer, "JobDefinitionArn"))


def _name(definition: str, caller: Caller, hosted: HostedType) -> str:
    """The name of a definition that is given by its name or its ARN.

    Raises TemplateError if it is neither, or the ARN of a definition elsewhere.
    """
    if _fits(definition, "JobDefinitionName", hosted):
        return definition
    if not _fits(definition, "JobDefinitionArn", hosted):
        raise TemplateError(
            f"DEFINITION is {definition!r}, which is neither the name nor the ARN of a model "
            f"quality job definition.\n{_look(caller)}"
        )
    _, partition, _, region, account, path = definition.split(":")
    if region != caller.region:
        raise TemplateError(
            f"The definition {definition} is in {region}, not in {caller.region}.\n"
            f"Add REGION={region}."
        )
    if partition != caller.partition:
        raise TemplateError(
            f"The definition {definition} is in the partition {partition}, and {region} is in "
            f"{caller.partition}.\n{_look(caller)}"
        )
    if account != caller.account:
        raise TemplateError(
            f"The definition {definition} is in the account {account}, and the credentials are of "
            f"{caller.account}.\nUse credentials of {account}; AWS_PROFILE chooses others."
        )
    return path.rpartition("/")[2]


def read(arn: str, caller: Caller, hosted: HostedType) -> Model:
    """The definition as the provider's READ shows it, with its tags.

    Needs sagemaker:DescribeModelQualityJobDefinition and sagemaker:ListTags.

    Raises TemplateError if READ fails, or if it left out tags.
    """
    with explained():
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
            _require_no_tags(arn, caller)
        return model


def _require_no_tags(arn: str, caller: Caller) -> None:
    """Raise AWS_ERRORS or TemplateError unless the definition really has no tags.

    If they may not be listed, READ leaves them out and succeeds. A template without them would look
    complete, and an import of it might remove them.
    """
    pages = caller.session.client("sagemaker").get_paginator("list_tags")
    tags = [tag for page in pages.paginate(ResourceArn=arn) for tag in _member(page, "Tags")]
    if any(not is_reserved(tag["Key"]) for tag in tags):
        raise TemplateError(
            f"The definition {arn} has tags, and the handlers' read did not show them.\n"
            "Run it again."
        )


def _member(answer: Mapping[str, Any], name: str) -> Any:
    """A member that SageMaker always gives. Raises ResponseParserError if it is missing."""
    if name not in answer:
        # botocore reads a response that is not JSON, such as a web page, as one without members.
        raise ResponseParserError("The response did not come from SageMaker.")
    return answer[name]


def _fits(text: str, name: str, hosted: HostedType) -> bool:
    """Whether a text is what the schema accepts as this property."""
    return bool(re.fullmatch(hosted.schema["properties"][name]["pattern"], text))


def _look(caller: Caller) -> str:
    return (
        "Check DEFINITION and REGION. This lists the definitions there: "
        f"aws sagemaker list-model-quality-job-definitions --region {caller.region}"
    )
