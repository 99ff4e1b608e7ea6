"""Where a resource is."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """The account, region and partition (such as aws-us-gov) that an operation works in."""

    account_id: str
    region: str
    partition: str

    def role_arn(self, name: str) -> str:
        """The ARN of the account's role of that name."""
        return f"arn:{self.partition}:iam::{self.account_id}:role/{name}"
