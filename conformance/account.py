"""The AWS account that beliefs are checked in, which is never used unasked or unannounced."""

from collections.abc import Callable
from typing import NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from conformance.aws import Aws
from conformance.examination import CannotCheck
from project import regions
from project.role_arn import ROLE_ARN


class Asked(NamedTuple):
    """What the user gave to check in an account with; see ``Aws`` for what each is."""

    role_arn: str | None
    region: str | None
    type_name: str | None
    schedules: bool
    endpoint: str | None
    generator: bool


def account(asked: Asked, say: Callable[[str], None]) -> Aws:
    """The account that the SDK's settings lead to.

    say: prints a line; it is told which account that is and what will be created there. Raises
    CannotCheck if something is missing.
    """
    if not ROLE_ARN.fullmatch(asked.role_arn or ""):
        raise CannotCheck(
            "ROLE_ARN=arn:aws:iam::…:role/… is needed with AWS=1: a role that "
            "sagemaker.amazonaws.com may assume. Definitions name it; nothing ever runs as it."
        )
    if (asked.type_name or "").startswith("AWS::"):
        raise CannotCheck(
            "TYPE_NAME is the name that this type is registered under in the account. Names that "
            "begin with AWS:: belong to AWS's own types."
        )
    try:
        session = boto3.Session(region_name=asked.region or None)
        if not session.region_name:
            raise CannotCheck("No region is set. Set one, for example: give REGION=us-east-1.")
        if sentence := regions.refusal(session.region_name, session):
            raise CannotCheck(sentence)
        if not session.get_credentials():
            raise CannotCheck(
                "No AWS credentials are found. Provide them in one of the SDK's ways: AWS_PROFILE, "
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `aws login`."
            )
        aws = Aws(
            session,
            role_arn=str(asked.role_arn),
            type_name=asked.type_name,
            schedules=asked.schedules,
            endpoint=asked.endpoint,
            generator=asked.generator,
        )
        caller = aws.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise CannotCheck(f"AWS did not accept the credentials: {error}") from error
    _announce(aws, caller, say)
    return aws


def _announce(aws: Aws, caller: dict[str, str], say: Callable[[str], None]) -> None:
    creates = ["model quality job definitions with tags, a few at a time"]
    if not aws.lacks("schedule"):
        creates.append("monitoring schedules, one at a time, whose first run is half a day away")
    if not aws.lacks("stacks"):
        creates.append(
            f"stacks of one {aws.type_name} each, one at a time, for one check beside a stack of "
            "one parameter of Parameter Store, and such definitions through Cloud Control (AWS "
            "charges for handler operations of registered types)"
        )
    if not aws.lacks("generator"):
        creates.append(
            "generated templates, two at a time, and two resource scans of one type each "
            "(AWS allows ten scans a day)"
        )
    for line in (
        f"Account {caller['Account']}, region {aws.region}, as {caller['Arn']}.",
        f"Will create there, named {aws.prefix}-…: {'; '.join(creates)}.",
        "Will create no endpoint, no job, no bucket. Definitions and tags cost nothing.",
        "Removes everything again after each check, and when it is interrupted.",
        "Also removes what a killed run left behind: what is older than an hour and named",
        "conformance-<12 hexadecimal digits>-….",
    ):
        say(line)
