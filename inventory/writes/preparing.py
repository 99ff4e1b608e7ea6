"""What a statement is going to do, once everything that can be checked has been."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import boto3

from inventory.accounts import ADVICE
from inventory.database.database import Fetched
from inventory.errors import InventoryError, QueryRefused
from inventory.writes.places import Accounts
from inventory.writes.running import Work
from tools.aws_failures import AWS_ERRORS, explanation

MAX_PROBLEMS = 10
"""How many problems one message tells."""


Fetch = Callable[[str], Fetched]
"""Runs a query."""


class Prepared(NamedTuple):
    """The operations of a statement.

    note: what there is to say if there are none. shown: a line for each, to ask about it.
    """

    works: list[Work]
    note: str = ""
    shown: tuple[str, ...] = ()


def rows_of(query: str, fetch: Fetch) -> Sequence[tuple[Any, ...]]:
    """The rows of a query. Raises InventoryError if some may be missing."""
    answer = fetch(query)
    if answer.missing:
        places = "\n".join(each.told for each in answer.missing)
        raise InventoryError(
            "Nothing was written, because some of what this depends on could not be read. Make it "
            f"readable, or leave it out with REGIONS= or PROFILES=:\n{places}"
        )
    return answer.rows


def refuse_endpoints_of_profiles(works: Sequence[Work], accounts: Accounts) -> None:
    """Raise QueryRefused if a profile has an endpoint of its own, which writes would not go to.

    The handlers have the SDK's own settings, and of a profile only its credentials.

    Raises InventoryError if these settings cannot be used.
    """
    places = {work.place.account_id: work.place for work in works}
    for place in places.values():
        session = accounts[place.account_id].session
        profile = session.profile_name
        if profile == os.environ.get("AWS_PROFILE", "default"):
            continue
        made_up = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
        try:
            ours = boto3.Session(**made_up).client("sagemaker", region_name=place.region)
            theirs = session.client("sagemaker", region_name=place.region)
        except AWS_ERRORS as error:
            raise InventoryError(explanation(error, ADVICE)) from None
        if ours.meta.endpoint_url != theirs.meta.endpoint_url:
            raise QueryRefused(
                f"The profile {profile} has {theirs.meta.endpoint_url} for SageMaker, and writes "
                f"would go to {ours.meta.endpoint_url}. Run it with AWS_PROFILE={profile} instead "
                "of PROFILES, or with AWS_ENDPOINT_URL."
            )


def refuse(wrong: Sequence[str]) -> None:
    """Raise QueryRefused if anything is wrong."""
    if wrong:
        more = len(wrong) - MAX_PROBLEMS
        tail = [f"… and {more} more."] if more > 0 else []
        raise QueryRefused("\n".join(["Nothing was written.", *wrong[:MAX_PROBLEMS], *tail]))
