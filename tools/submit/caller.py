"""Who registers, and where."""

from __future__ import annotations

from project.role_arn import ROLE_ARN
from tools import caller
from tools.caller import Caller
from tools.output import say
from tools.submit.errors import NOTHING_BEGUN, SubmitError, explained


@explained(NOTHING_BEGUN)
def identified(region: str | None, role_arn: str | None) -> Caller:
    """The caller as AWS identifies it; prints which account will be changed.

    region: the region, if not the one of the SDK's settings. role_arn: a role that has to belong
    to the caller's account.

    Raises SubmitError if there is no region or no valid credentials, or the role is another's.
    """
    who = caller.identified(region)
    if role_arn:
        _refuse_foreign(role_arn, who)
    # If a sandbox or a proxy stands in for AWS, its address shows that.
    endpoint = who.session.client("cloudformation").meta.endpoint_url
    say(f"Account {who.account}, region {who.region}, as {who.arn}, at {endpoint}")
    return who


def _refuse_foreign(role_arn: str, who: Caller) -> None:
    """Raise SubmitError unless ``role_arn`` is the ARN of a role of the caller's account.

    Roles of other accounts cannot be passed to a service:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    start = f"arn:{who.partition}:iam::{who.account}:role/"
    if not (ROLE_ARN.fullmatch(role_arn) and role_arn.startswith(start)):
        raise SubmitError(
            f"ROLE_ARN is {role_arn!r}, which is not the ARN of a role of the account "
            f"{who.account}. No other role can be passed to the registry. Give one like "
            f"ROLE_ARN={start}…"
        )
