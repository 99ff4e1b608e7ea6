"""Which definition is asked for, and what the provider's own READ says of it."""

from __future__ import annotations

import re

from botocore.exceptions import ClientError

from sandbox.hosting.handler_client import HandlerClient
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.hosting.timing import Timing
from tools import own_handlers
from tools.aws_failures import code_of
from tools.caller import Caller
from tools.own_handlers import Model, credentials_of, member
from tools.template.errors import TemplateError, explained

NOT_FOUND = {"ResourceNotFound", "ResourceNotFoundException"}
FOR_PEOPLE = Timing(attempts=3)
"""Somebody waits for the answer, and can run the command again."""


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
        return str(member(answer, "JobDefinitionArn"))


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
    session = caller.session
    place = Place(caller.account, caller.region, caller.partition)
    client = HandlerClient(hosted, place, lambda: credentials_of(session), timing=FOR_PEOPLE)
    with explained():
        return own_handlers.read(arn, client, lambda: session.client("sagemaker"))


def _fits(text: str, name: str, hosted: HostedType) -> bool:
    """Whether a text is what the schema accepts as this property."""
    return bool(re.fullmatch(hosted.schema["properties"][name]["pattern"], text))


def _look(caller: Caller) -> str:
    return (
        "Check DEFINITION and REGION. This lists the definitions there: "
        f"aws sagemaker list-model-quality-job-definitions --region {caller.region}"
    )
