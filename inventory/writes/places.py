"""Where a statement writes: accounts, regions, and the definitions that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from aws_sagemaker_modelqualityjobdefinition.naming import DefinitionArn
from inventory.errors import InventoryError, QueryRefused
from inventory.statements.statement import Exactly
from project.words import did_you_mean, listed
from sandbox.hosting.place import Place


class Account(Protocol):
    """An account, and a session of boto3 with its credentials."""

    @property
    def partition(self) -> str:
        """Such as aws-us-gov."""

    @property
    def session(self) -> Any:
        """The session, which may be of any region."""


Accounts = Mapping[str, Account]
"""Those that a statement may write to, by their ids."""


class Target(NamedTuple):
    """A definition that exists, or did when it was listed."""

    arn: str
    place: Place


def only_account(accounts: Accounts) -> str:
    """The account that an INSERT writes to. Raises QueryRefused unless there is one."""
    if len(accounts) != 1:
        raise QueryRefused(
            f"An INSERT writes to one account, and these are {len(accounts)}: "
            f"{listed(sorted(accounts))}. Name the profile of one: PROFILES=name"
        )
    return next(iter(accounts))


def place_in(account_id: str, region: Any, accounts: Accounts) -> Place:
    """A region of an account. Raises ValueError if it is none."""
    if region is None:
        raise ValueError("region is NULL. Give the region that the definition is to be in.")
    account = accounts[account_id]
    known = account.session.get_available_regions("sagemaker", account.partition)
    if region in known:
        return Place(account_id, region, account.partition)
    for partition in account.session.get_available_partitions():
        if region in account.session.get_available_regions("sagemaker", partition):
            raise ValueError(
                f"region is {region}, which is of the partition {partition}, and the account "
                f"{account_id} is of {account.partition}. Use credentials of an account there."
            )
    raise ValueError(f"There is no region {region}.{did_you_mean(str(region), known)}")


def why_nothing_matches(exactly: Exactly, accounts: Accounts) -> str:
    """Why the condition that names one definition can match none; empty if it can.

    Raises QueryRefused if it is in an account whose credentials are not given.
    """
    arn = DefinitionArn.parse(exactly.arn)
    if arn is None:
        return (
            f"{exactly.arn} is not the ARN of a model quality job definition, so nothing matches."
        )
    if arn.region != exactly.region:
        return f"{exactly.arn} is in {arn.region}, not in {exactly.region}, so nothing matches."
    if arn.account not in accounts:
        raise QueryRefused(
            f"{exactly.arn} is in the account {arn.account}, and the credentials are of "
            f"{listed(sorted(accounts))}. Name a profile of {arn.account}: PROFILES=name"
        )
    try:
        place = place_in(arn.account, arn.region, accounts)
    except ValueError as error:
        raise QueryRefused(str(error)) from None
    if arn.partition != place.partition:
        return (
            f"{exactly.arn} is of the partition {arn.partition}, and {arn.region} is in "
            f"{place.partition}, so nothing matches."
        )
    return ""


def found(arn: str, region: str, accounts: Accounts) -> Target:
    """The definition that a query found.

    Raises InventoryError if its ARN is not that of a definition there.
    """
    parsed = DefinitionArn.parse(arn)
    if parsed is None or parsed.region != region or parsed.account not in accounts:
        raise InventoryError(
            f"SageMaker listed {arn} in {region}, which is not the ARN of a definition there. "
            "Nothing was written."
        )
    return Target(arn, Place(parsed.account, region, parsed.partition))
