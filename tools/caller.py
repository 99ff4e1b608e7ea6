"""Who runs a command that works in an account, and where: its credentials and its region."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, NoCredentialsError, NoRegionError
from botocore.parsers import ResponseParserError

from tools.aws_failures import InvalidSettings


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
    with _settings_checked():
        session = _Session(region_name=region)
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


class _Session(boto3.Session):  # type: ignore[misc]  # boto3 has no types
    """A session whose clients can fail only with AWS_ERRORS."""

    def client(self, *arguments: Any, **options: Any) -> Any:
        with _settings_checked():
            return super().client(*arguments, **options)


@contextmanager
def _settings_checked() -> Iterator[None]:
    """Turn the ValueError that the SDK raises for some invalid settings into InvalidSettings."""
    try:
        yield
    except BotoCoreError:
        # Some are ValueErrors too.
        raise
    except ValueError as error:
        raise InvalidSettings(problem=error) from None
