"""The account, region and partition of a resource."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """The account, region and partition (such as aws-us-gov) of an operation."""

    account_id: str
    region: str
    partition: str

    def role_arn(self, name: str) -> str:
        """The ARN of the role `name` in this account."""
        return f"arn:{self.partition}:iam::{self.account_id}:role/{name}"

    def has_role(self, role_arn: str) -> bool:
        """Whether a well-formed ARN is that of a role in this account, which need not exist."""
        return role_arn.startswith(self.role_arn(""))

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of a service in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"
