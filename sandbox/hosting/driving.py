"""Drive a handler to the end of an operation, as CloudFormation does.

All invocations of an operation share one token. IN_PROGRESS leads to another invocation, and so
does a retriable error. Imports only the standard library and modules of this package, so that
commands that work on real accounts can use it too.

Source: the handler contract of the CloudFormation CLI's user guide (resource-type-test-contract,
resource-type-test-contract-errors).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sandbox.hosting.event import Request
from sandbox.hosting.hosted_type import ConfigurationFailed, HostedType
from sandbox.hosting.timing import Timing

RETRIABLE = frozenset(("NetworkFailure", "ResourceConflict", "ServiceInternalError", "Throttling"))
"""Handler error codes after which CloudFormation retries (handler error codes, user guide)."""

IMMEDIATE = frozenset(("READ", "LIST"))
"""The actions that must not return IN_PROGRESS."""


class HandlerFailed(Exception):
    """An operation failed. The message is the handler's, if the handler itself returned FAILED.

    code: the handler error code, or None if the operation failed without one.
    token: the idempotency token of the request.
    model: the resource model in the handler's FAILED event, if any.
    answered: whether the handler itself returned FAILED. Otherwise it crashed, returned an invalid
        event or timed out.
    """

    def __init__(
        self,
        message: str,
        request: Request,
        code: str | None,
        model: Mapping[str, Any] | None = None,
        answered: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.token = request.token
        self.code = code
        self.model = model
        self.answered = answered


class NoIdentifier(HandlerFailed):
    """The handler went on working without saying which resource it works on."""


def drive(  # noqa: PLR0913 - the operation, and how to wait for it
    hosted: HostedType,
    request: Request,
    event: Callable[[Request], dict[str, Any]],
    *,
    timing: Timing,
    wait: Callable[[float], None],
    on_model: Callable[[Mapping[str, Any]], None] = lambda _: None,
    on_delay: Callable[[float], None] = lambda _: None,
) -> dict[str, Any]:
    """Invoke the handler until it succeeds. Returns its SUCCESS progress event as a JSON document.

    event: builds the event of the next invocation from the request. After an IN_PROGRESS, the
        request carries its model and callback context.
    wait: sleeps for a number of seconds; it may raise to end the operation.
    on_model: called with the properties after each IN_PROGRESS: its model, or those before it if
        it has none.
    on_delay: called before the wait after each IN_PROGRESS, with the seconds that the handler asked
        for, which may be 0.

    Raises HandlerFailed if the handler fails, returns an invalid event or exceeds its time limit.
    """
    retries = 0
    minutes = hosted.timeout_minutes(request.action)
    deadline = time.monotonic() + minutes * 60
    while True:
        answer = _invoke(hosted, request, event)
        if answer["status"] == "SUCCESS":
            return answer
        if answer["status"] == "FAILED":
            code = answer.get("errorCode") or "InternalFailure"
            if code not in RETRIABLE or retries + 1 >= timing.attempts:
                message, model = answer.get("message") or "", answer.get("resourceModel")
                raise HandlerFailed(message, request, code, model, answered=True)
            delay = timing.first_delay * 2**retries
            retries += 1
        else:
            request = _continued(hosted, request, answer)
            on_model(request.properties)
            delay = (answer.get("callbackDelaySeconds") or 0) * timing.callback_scale
            on_delay(delay)
            retries = 0
        if time.monotonic() + delay > deadline:
            last = answer.get("message") or f"the last answer was {answer['status']}"
            raise HandlerFailed(
                f"The handler did not finish within {minutes:g} minutes: {last}",
                request,
                "NotStabilized",
            )
        wait(delay)


def _continued(hosted: HostedType, request: Request, answer: dict[str, Any]) -> Request:
    """The request of the invocation that follows an IN_PROGRESS.

    Raises HandlerFailed if the handler must not return IN_PROGRESS, or left out the identifier.
    """
    if request.action in IMMEDIATE:
        message = f"{request.action} must not return IN_PROGRESS"
        raise HandlerFailed(message, request, "InternalFailure")
    model = answer.get("resourceModel")
    if hosted.identifier(model) is None and request.action != "DELETE":
        # The contract requires the identifier in the first event. AWS waits 60 seconds for a later
        # event before it fails.
        message = f"{request.action} returned IN_PROGRESS without a primary identifier"
        raise NoIdentifier(message, request, None)
    return replace(
        request,
        properties=model or request.properties,
        context=answer.get("callbackContext"),
    )


def _invoke(
    hosted: HostedType, request: Request, event: Callable[[Request], dict[str, Any]]
) -> dict[str, Any]:
    """Invoke the handler once. Returns its progress event.

    Both directions go through JSON, so that neither side can change the other's objects.

    Raises HandlerFailed if the type's configuration data cannot be read, or if the handler raises
    or does not return a progress event.
    """
    try:
        sent = event(request)
    except ConfigurationFailed as error:
        raise HandlerFailed(str(error), request, "InvalidTypeConfiguration") from error
    try:
        answer = hosted.invoke(json.loads(json.dumps(sent)))
        answer = json.loads(json.dumps(answer, allow_nan=False))
    except Exception as error:  # an exception is the handler's failure, not the sandbox's
        raise HandlerFailed(
            f"Internal Failure: {type(error).__name__}: {error}", request, "InternalFailure"
        ) from error
    if not _is_progress_event(answer):
        raise HandlerFailed(
            f"Internal Failure: invalid progress event: {json.dumps(answer)[:500]}",
            request,
            "InternalFailure",
        )
    return dict(answer)


def _is_progress_event(answer: Any) -> bool:
    """Whether the answer has a status that there is, and members of the right types."""
    return (
        isinstance(answer, dict)
        and answer.get("status") in ("SUCCESS", "IN_PROGRESS", "FAILED")
        and isinstance(answer.get("resourceModel") or {}, dict)
        and isinstance(answer.get("callbackDelaySeconds") or 0, int | float)
        and all(
            answer.get(name) is None or isinstance(answer[name], str)
            for name in ("message", "errorCode", "nextToken")
        )
    )
