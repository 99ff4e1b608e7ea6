"""Who registers, and where: the credentials and the region that a run has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3

from project.role_arn import ROLE_ARN
from tools.submit.errors import LOG_IN, NAME_A_REGION, NOT_AWS, SubmitError, explained
from tools.submit.output import say


@dataclass(frozen=True)
class Caller:
    """A session of boto3 for one region, and the account and partition that it works in."""

    session: Any
    account: str
    partition: str

    @property
    def region(self) -> str:
        """The session's region."""
        return str(self.session.region_name)


@explained()
def identified(region: str | None, role_arn: str | None) -> Caller:
    """The caller as AWS identifies it; prints which account will be changed.

    region: the region, if not the one of the SDK's settings. role_arn: a role that has to belong
    to the caller's account.

    Raises SubmitError if there is no region or no valid credentials, or the role is another's.
    """
    session = boto3.Session(region_name=region)
    if session.region_name is None:
        raise SubmitError(f"No region is given. {NAME_A_REGION}")
    if session.get_credentials() is None:
        raise SubmitError(f"There are no AWS credentials. {LOG_IN}")
    partition = session.get_partition_for_region(session.region_name)
    try:
        identity = session.client("sts").get_caller_identity()
    except KeyError:
        # botocore's parser raises it for XML that STS did not write, such as a web page.
        raise SubmitError(f"The response did not come from STS.\n{NOT_AWS}") from None
    caller = Caller(session, identity["Account"], partition)
    if role_arn:
        _refuse_foreign(role_arn, caller)
    # If a sandbox or a proxy stands in for AWS, its address shows that.
    endpoint = session.client("cloudformation").meta.endpoint_url
    place = f"Account {caller.account}, region {caller.region}"
    say(f"{place}, as {identity['Arn']}, at {endpoint}")
    return caller


def _refuse_foreign(role_arn: str, caller: Caller) -> None:
    """Raise SubmitError unless ``role_arn`` is the ARN of a role of the caller's account.

    Roles of other accounts cannot be passed to a service:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    start = f"arn:{caller.partition}:iam::{caller.account}:role/"
    if not (ROLE_ARN.fullmatch(role_arn) and role_arn.startswith(start)):
        raise SubmitError(
            f"ROLE_ARN is {role_arn!r}, which is not the ARN of a role of the account "
            f"{caller.account}. No other role can be passed to the registry. Give one like "
            f"ROLE_ARN={start}…"
        )
