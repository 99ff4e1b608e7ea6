"""boto3 clients that live as long as the process, and credentials that live as long as one event.

A client is slow to make and holds its connections open, so that a warm process should keep it. The
credentials come with each event, and must not outlive it. So a client here has none of its own:
whatever it sends is signed with the credentials of the Session that is in use, and without
one it sends nothing.
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
    """What a client takes for its credentials: asked anew for each request that it signs."""

    def __init__(self) -> None:
        super().__init__("none", "none", method=_OfTheEvent.METHOD)

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        try:
            return _IN_USE.get()
        except LookupError:
            raise NoCredentialsError from None


class _OfTheEvent(CredentialProvider):  # type: ignore[misc]
    """Stands in the place of the SDK's search, which would find the function's own credentials."""

    METHOD = "event"

    def load(self) -> Credentials:
        return _CredentialsInUse()


def _session() -> boto3.Session:
    session = botocore.session.Session()
    session.register_component("credential_provider", CredentialResolver([_OfTheEvent()]))
    session.set_default_client_config(
        Config(
            # Said once: the SDK would put it together anew, twice for each call.
            user_agent=session.user_agent(),
            # What none of the operations that are called here needs, and the SDK looks into each
            # time: checksums, prefixes of the host, requests that are large enough to compress.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            inject_host_prefix=False,
            disable_request_compression=True,
        )
    )
    return boto3.Session(botocore_session=session)


# One for all clients: it keeps what it parsed of the service models.
_SESSION = _session()


# A client may serve several threads at once, but a session must not make several at once.
_MAKING = Lock()


def _shared_client(region: str | None, service: str, config: Config) -> Any:
    with _MAKING:
        return _made_client(region, service, config)


@lru_cache(maxsize=16)  # a function serves one region, with a handful of configurations
def _made_client(region: str | None, service: str, config: Config) -> Any:
    return _SESSION.client(service, region_name=region, config=config)


class Session(SessionProxy):
    """One party's access to AWS in one region, for the time of one event."""

    def __init__(self, credentials: ReadOnlyCredentials, region: str | None) -> None:
        super().__init__(_SESSION)
        self._credentials = credentials
        # The process's client of a service, for calls while this session is in use.
        self.client = partial(_shared_client, region)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Have this thread's requests signed with these credentials until the block ends."""
        token = _IN_USE.set(self._credentials)
        try:
            yield
        finally:
            _IN_USE.reset(token)


@lru_cache(maxsize=64)
def partition_of(region: str) -> str | None:
    """The partition that ``region`` is in, such as aws-us-gov; None for one that nobody knows."""
    try:
        return str(_SESSION.get_partition_for_region(region))
    except UnknownRegionError:
        return None


def listen(event: str, handler: Callable[..., object]) -> None:
    """Have ``handler`` called for botocore's ``event`` in every client that is made from now on."""
    _SESSION.events.register(event, handler)
