"""Who runs a command that works in an account, and where: its credentials and its region."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import RLock
from typing import Any

import boto3
import botocore.loaders
import botocore.session
from botocore.exceptions import BotoCoreError, NoCredentialsError, NoRegionError
from botocore.parsers import ResponseParserError

from project import regions
from tools.aws_failures import InvalidSettings, NoSuchRegion


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


_CREATION = RLock()
"""Held while a client is made: sessions are not thread-safe, nor are AWS's models, which they
share."""


def identified(
    region: str | None, profile: str | None = None, otherwise: str | None = None
) -> Caller:
    """The caller as AWS identifies it. STS does that for everyone, whatever their permissions.

    region: the region, if not the one of the profile or of the SDK's settings. profile: the name
    of a profile, if not the one of the SDK's settings. otherwise: the region if there is no other.

    Raises AWS_ERRORS, also if there is no region, no such region, or no credentials.
    """
    with _settings_checked():
        session = _Session(region, profile, otherwise)
        if session.region_name is None:
            raise NoRegionError
        with _CREATION:
            if sentence := regions.refusal(session.region_name, session):
                raise NoSuchRegion(sentence=sentence)
        # Before a client needs them: this may run a program, or call a service.
        if session.get_credentials() is None:
            raise NoCredentialsError
        with _CREATION:
            partition = session.get_partition_for_region(session.region_name)
            sts = session.client("sts")
        try:
            identity = sts.get_caller_identity()
        except KeyError:
            # botocore's parser raises it for XML that STS did not write, such as a web page.
            raise ResponseParserError("The response did not come from STS.") from None
    return Caller(session, identity["Account"], partition, identity["Arn"])


class _Session(boto3.Session):  # type: ignore[misc]  # boto3 has no types
    """A session whose clients can fail only with AWS_ERRORS, and can be made in any thread."""

    def __init__(self, region: str | None, profile: str | None, otherwise: str | None) -> None:
        settings = botocore.session.Session(profile=profile)
        data_path = settings.get_config_variable("data_path")
        settings.register_component("data_loader", _models_at(data_path))
        if profile:
            # For the SDK, AWS_DEFAULT_REGION would count for more.
            region = region or settings.get_scoped_config().get("region")
        super().__init__(botocore_session=settings, region_name=region)
        if not self.region_name and otherwise:
            settings.set_config_variable("region", otherwise)

    def client(self, *arguments: Any, **options: Any) -> Any:
        with _settings_checked(), _CREATION:
            return super().client(*arguments, **options)


@cache
def _models_at(data_path: str | None) -> Any:
    """AWS's models, which every session would read anew."""
    return botocore.loaders.create_loader(data_path)


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
