"""Who runs a command that works in an account, and where: its credentials and its region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import NoCredentialsError, NoRegionError
from botocore.parsers import ResponseParserError


@dataclass(frozen=True)
class Caller:
    """A session of boto3 for one region, and what AWS says of its credentials.

    arn: of the user or the session of a role that the credentials belong to.
    """

    session: Any
    account: str
    partition: str
    arn: str

    @property
    def region(self) -> str:
        """The session's region."""
        return str(self.session.region_name)


def identified(region: str | None) -> Caller:
    """The caller as AWS identifies it. STS does that for everyone, whatever their permissions.

    region: the region, if not the one of the SDK's settings.

    Raises AWS_ERRORS, also if there is no region or no credentials.
    """
    session = boto3.Session(region_name=region)
    if session.region_name is None:
        raise NoRegionError
    if session.get_credentials() is None:
        raise NoCredentialsError
    partition = session.get_partition_for_region(session.region_name)
    try:
        identity = session.client("sts").get_caller_identity()
    except KeyError:
        # botocore's parser raises it for XML that STS did not write, such as a web page.
        raise ResponseParserError("The response did not come from STS.") from None
    return Caller(session, identity["Account"], partition, identity["Arn"])
