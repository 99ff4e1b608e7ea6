"""The resource requests of one account and region: their tokens, statuses and cancels."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from moto.core.base_backend import BackendDict, BaseBackend

from sandbox.background import Worker, Workers
from sandbox.cloud_control import errors
from sandbox.hosting.driving import HandlerFailed
from sandbox.hosting.interruption import Cancelled, Interruption
from sandbox.json_service.errors import invalid
from sandbox.json_service.models import service_model
from sandbox.process_wide import PROCESS

HOUR = 3600.0
CLIENT_TOKEN_SECONDS = 36 * HOUR
"""How long a client token stands for its request (API reference, ClientTokenConflictException)."""
KEPT_SECONDS = 7 * 24 * HOUR
"""How long a request token stays readable (user guide, "Tracking the progress of resource operation
requests")."""
DEFAULT_PAGE = 20
"""How many requests a page of ListResourceRequests has (API reference)."""

Action = Literal["CREATE", "UPDATE", "DELETE"]
Work = Callable[["ResourceRequest"], str | None]
"""Carries out a request in the background. Returns the identifier of the resource, if it is known.

Raises HandlerFailed if the handler fails.
"""


@dataclass(eq=False)
class ResourceRequest:
    """One request to create, update or delete a resource.

    identifier: the primary identifier of the resource; None as long as a create has not told it.
    client_token: the caller's token, if any. parameters: what the caller asked for.
    retry_after: when the handler is invoked again, in seconds since the epoch, if it asked for a
        delay.
    """

    action: Action
    type_name: str
    identifier: str | None
    client_token: str | None
    parameters: Mapping[str, Any]
    created: float
    token: str = field(default_factory=lambda: str(uuid4()))
    status: str = "IN_PROGRESS"
    code: str | None = None
    message: str | None = None
    retry_after: float | None = None

    def __post_init__(self) -> None:
        self.interruption = Interruption()
        self._ended = threading.Event()
        self._lock = threading.Lock()

    @property
    def is_running(self) -> bool:
        """Whether a handler may still be working on the resource."""
        return not self._ended.is_set()

    def wait_for_end(self, seconds: float) -> None:
        """Return when the request has ended, at the latest after `seconds`."""
        self._ended.wait(seconds)

    def wait(self, seconds: float) -> None:
        """Sleep until the next invocation. Raises Cancelled or Stopped if there is to be none."""
        self.interruption.wait(seconds)
        self.retry_after = None

    def delayed(self, seconds: float) -> None:
        """Record that the handler asked to be invoked again after some seconds."""
        with self._lock:
            if seconds and self.status == "IN_PROGRESS":
                self.retry_after = time.time() + seconds

    def cancel(self) -> None:
        """Stop further invocations. Does nothing if that has been asked for before.

        Raises ServiceError (ValidationException) if the request succeeded or failed.
        """
        with self._lock:
            if self.status == "IN_PROGRESS":
                self.status = "CANCEL_IN_PROGRESS"
                self.retry_after = None
                self.interruption.cancel()
            elif not self.status.startswith("CANCEL"):
                raise errors.already_ended(self.token, self.status)

    def carry_out(self, work: Work) -> None:
        """Do the work, and record how it ends."""
        try:
            self.interruption.check()
            self.identifier = work(self) or self.identifier
            self._end("SUCCESS")
        except Cancelled:
            self._end("CANCEL_COMPLETE")
        except HandlerFailed as failure:
            self._end("FAILED", failure.code, failure.message)

    def crash(self, error: Exception) -> None:
        """Record an error of the sandbox itself."""
        self._end("FAILED", "InternalFailure", f"Internal Failure: {type(error).__name__}: {error}")

    def _end(self, status: str, code: str | None = None, message: str | None = None) -> None:
        with self._lock:
            if self.status == "CANCEL_IN_PROGRESS":
                # The last invocation ended after the cancel, however it ended.
                self.status = "CANCEL_COMPLETE"
            else:
                self.status, self.message = status, message
                self.code = _known(code) if status == "FAILED" else None
            self.retry_after = None
            self._ended.set()

    def progress_event(self) -> dict[str, Any]:
        """Return the request as the API shows it."""
        with self._lock:
            members = {
                "TypeName": self.type_name,
                "Identifier": self.identifier,
                "RequestToken": self.token,
                "Operation": self.action,
                "OperationStatus": self.status,
                "EventTime": self.created,
                "StatusMessage": (self.message or "")[: errors.MAX_MESSAGE] or None,
                "ErrorCode": self.code,
                "RetryAfter": self.retry_after,
            }
        return {name: value for name, value in members.items() if value is not None}


class Requests(BaseBackend):
    """The resource requests of one account and region.

    moto resets it like its own backends.
    """

    def __init__(
        self, region_name: str, account_id: str, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(region_name, account_id)
        self._clock = clock
        self._by_token: dict[str, ResourceRequest] = {}
        self._workers = Workers(PROCESS.workers)
        self._lock = threading.RLock()
        self._deciding: set[tuple[str, str]] = set()
        self._decided = threading.Condition(self._lock)

    def reset(self) -> None:
        """Stop running requests, then forget all requests."""
        self._workers.stop()
        super().reset()

    def get(self, token: str) -> ResourceRequest:
        """Return the request with this token.

        Raises ServiceError (RequestTokenNotFoundException) if there is none or it has expired.
        """
        with self._lock:
            self._expire()
            if token not in self._by_token:
                raise errors.token_not_found(token)
            return self._by_token[token]

    def repeated(
        self, client_token: str | None, parameters: Mapping[str, Any]
    ) -> ResourceRequest | None:
        """Return the request that this one repeats, by its client token; None if it is a new one.

        Raises ServiceError (ClientTokenConflictException) if the token belongs to another request.
        """
        with self._lock:
            since = self._clock() - CLIENT_TOKEN_SECONDS
            for request in self._by_token.values():
                if client_token and request.client_token == client_token:
                    if request.created < since:
                        continue
                    if request.parameters != parameters:
                        raise errors.client_token_conflict(client_token, request.token)
                    return request
        return None

    def check_idle(self, type_name: str, identifier: str) -> None:
        """Raise ServiceError (ConcurrentOperationException) if a request works on the resource."""
        with self._lock:
            for request in self._by_token.values():
                resource = (request.type_name, request.identifier)
                if request.is_running and resource == (type_name, identifier):
                    raise errors.concurrent_operation(type_name, identifier, request.token)

    @contextmanager
    def deciding_on(self, type_name: str, identifier: str) -> Iterator[None]:
        """Let only one caller at a time read a resource and decide how to update it.

        Otherwise another update could begin and end between the two, and be lost. Waits while
        another caller decides.
        """
        resource = (type_name, identifier)
        with self._decided:
            self._decided.wait_for(lambda: resource not in self._deciding)
            self._deciding.add(resource)
        try:
            yield
        finally:
            with self._decided:
                self._deciding.remove(resource)
                self._decided.notify_all()

    def begin(
        self,
        action: Action,
        parameters: Mapping[str, Any],
        client_token: str | None,
        identifier: str | None,
        work: Work,
    ) -> dict[str, Any]:
        """Start a request in the background. Returns its first progress event.

        A request that repeats another one starts nothing, and gets the present event of that one.

        parameters: the request as it was received, with its TypeName, without its client token.

        Raises ServiceError if the client token belongs to another request, or another request is
        working on the resource.
        """
        type_name = parameters["TypeName"]
        with self._lock:
            self._expire()
            if earlier := self.repeated(client_token, parameters):
                return earlier.progress_event()
            if identifier is not None:
                self.check_idle(type_name, identifier)
            request = ResourceRequest(
                action, type_name, identifier, client_token, parameters, self._clock()
            )
            self._by_token[request.token] = request
            first = request.progress_event()
            worker = Worker(
                f"cloudcontrol:{request.token}",
                lambda: request.carry_out(work),
                request.interruption,
                request.crash,
            )
            self._workers.start(worker)
        return first

    def page(
        self,
        actions: Collection[str],
        statuses: Collection[str],
        limit: int = DEFAULT_PAGE,
        after: str | None = None,
    ) -> tuple[list[ResourceRequest], str | None]:
        """Return some requests, newest first, and the token of the next page, if there is one.

        actions, statuses: those to show; empty for all. after: the token of the page.

        Raises ServiceError (ValidationException) if `after` is the token of no page.
        """
        with self._lock:
            self._expire()
            newest_first = list(self._by_token.values())[::-1]
        if after is not None:
            tokens = [request.token for request in newest_first]
            if after not in tokens:
                raise invalid(f"NextToken {after} is not valid. List again without it.")
            newest_first = newest_first[tokens.index(after) + 1 :]
        shown = [
            request
            for request in newest_first
            if (not actions or request.action in actions)
            and (not statuses or request.status in statuses)
        ]
        more = len(shown) > limit
        return shown[:limit], shown[limit - 1].token if more else None

    def _expire(self) -> None:
        since = self._clock() - KEPT_SECONDS
        for token, request in list(self._by_token.items()):
            if request.created < since and not request.is_running:
                del self._by_token[token]


REQUESTS = BackendDict(Requests, "cloudcontrol")
"""The requests by account and region."""


def _known(code: str | None) -> str:
    """The code, if the API has it; a handler may return any."""
    known = service_model("cloudcontrol").shape_for("HandlerErrorCode").enum
    return code if code and code in known else "InternalFailure"
