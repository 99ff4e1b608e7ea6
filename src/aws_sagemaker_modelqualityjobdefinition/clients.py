"""boto3 clients that live as long as the process, and credentials that live as long as one event.

A client is slow to create and keeps its connections open, so a warm process should reuse it.
Credentials come with each event and must not outlive it. So a client here has no credentials of its
own. It signs requests with the credentials of the Session that is in use, and sends nothing if
there is none.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, partial
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    CredentialProvider,
    CredentialResolver,
    Credentials,
    ReadOnlyCredentials,
)
from botocore.exceptions import NoCredentialsError, UnknownRegionError
from cloudformation_cli_python_lib.boto3_proxy import SessionProxy

_IN_USE: ContextVar[ReadOnlyCredentials] = ContextVar("_IN_USE")


class _CredentialsInUse(Credentials):  # type: ignore[misc] # botocore is not typed
    """The credentials of every client: they are looked up for each request that it signs."""

    def __init__(self) -> None:
        super().__init__("none", "none", method=_OfTheEvent.METHOD)

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        try:
            return _IN_USE.get()
        except LookupError:
            raise NoCredentialsError from None


class _OfTheEvent(CredentialProvider):  # type: ignore[misc]
    """Replaces the SDK's credential chain, which would find the function's own credentials."""

    METHOD = "event"

    def load(self) -> Credentials:
        return _CredentialsInUse()


def _session() -> boto3.Session:
    session = botocore.session.Session()
    session.register_component("credential_provider", CredentialResolver([_OfTheEvent()]))
    session.set_default_client_config(
        Config(
            # Built once here. The SDK would build it twice for each call.
            user_agent=session.user_agent(),
            # The SDK would check for each of these in every call, but no operation that is called
            # here needs checksums, host prefixes or compression.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            inject_host_prefix=False,
            disable_request_compression=True,
        )
    )
    return boto3.Session(botocore_session=session)


# All clients share it, because it caches the service models that it has parsed.
_SESSION = _session()


# Clients are thread-safe, but creating them from a session is not.
_CREATION_LOCK = Lock()


def _shared_client(region: str | None, service: str, config: Config) -> Any:
    with _CREATION_LOCK:
        return _cached_client(region, service, config)


@lru_cache(maxsize=16)  # a function serves one region with a few configurations
def _cached_client(region: str | None, service: str, config: Config) -> Any:
    return _SESSION.client(service, region_name=region, config=config)


class Session(SessionProxy):
    """Access to AWS with one set of credentials in one region, for the duration of one event."""

    def __init__(self, credentials: ReadOnlyCredentials, region: str | None) -> None:
        super().__init__(_SESSION)
        self._credentials = credentials
        # Returns the process's client of a service, to be called while this session is in use.
        self.client = partial(_shared_client, region)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Sign this thread's requests with these credentials until the block ends."""
        token = _IN_USE.set(self._credentials)
        try:
            yield
        finally:
            _IN_USE.reset(token)


@lru_cache(maxsize=64)
def partition_of(region: str) -> str | None:
    """The partition of ``region``, such as aws-us-gov; None for an unknown region."""
    try:
        return str(_SESSION.get_partition_for_region(region))
    except UnknownRegionError:
        return None


def listen(event: str, handler: Callable[..., object]) -> None:
    """Call ``handler`` for botocore's ``event`` in every client that is created from now on."""
    _SESSION.events.register(event, handler)
