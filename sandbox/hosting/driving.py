"""Driving a handler to the end of an operation, as CloudFormation does.

One token for the whole operation, IN_PROGRESS followed, retriable errors retried. Imports nothing
but the standard library and what is beside it, so that commands that work on real accounts use it
as well.

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
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.timing import Timing

RETRIABLE = frozenset(("NetworkFailure", "ResourceConflict", "ServiceInternalError", "Throttling"))
"""Handler error codes after which CloudFormation asks again (handler error codes, user guide)."""

IMMEDIATE = frozenset(("READ", "LIST"))
"""The actions that may not answer IN_PROGRESS."""


class HandlerFailed(Exception):
    """An operation has failed; the text is the handler's message.

    code: the handler error code, or None where the operation never got so far. token: the
    request's. model: the resource model that came with the failure. answered: whether the handler
    itself answered FAILED; otherwise it crashed, or its time was up.
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


def drive(  # noqa: PLR0913 - the operation, and how patient its driver is
    hosted: HostedType,
    request: Request,
    event: Callable[[Request], dict[str, Any]],
    *,
    timing: Timing,
    wait: Callable[[float], None],
    on_model: Callable[[Mapping[str, Any]], None] = lambda _: None,
) -> dict[str, Any]:
    """The handler's SUCCESS, a progress event as JSON.

    event: makes the event of the next invocation. An IN_PROGRESS hands over its model and callback
    context to it. wait: sleeps for so many seconds; it may raise, which ends the operation.
    on_model: told of each model that an IN_PROGRESS brings.

    raises HandlerFailed: FAILED, no valid answer, or the time of the handler is up.
    """
    retries = 0
    minutes = hosted.timeout_minutes(request.action)
    deadline = time.monotonic() + minutes * 60
    while True:
        answer = _invoke(hosted, request, event(request))
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
            retries = 0
        if time.monotonic() + delay > deadline:
            raise HandlerFailed(
                f"Exceeded the handler's time of {minutes:g} minutes: "
                f"{answer.get('message') or 'it was still IN_PROGRESS'}",
                request,
                "NotStabilized",
            )
        wait(delay)


def _continued(hosted: HostedType, request: Request, answer: dict[str, Any]) -> Request:
    """The request of the invocation that follows an IN_PROGRESS. Raises HandlerFailed."""
    if request.action in IMMEDIATE:
        message = f"{request.action} answered IN_PROGRESS, which only other actions may"
        raise HandlerFailed(message, request, "InternalFailure")
    model = answer.get("resourceModel")
    if hosted.identifier(model) is None and request.action != "DELETE":
        # The contract asks for it in the first answer. AWS waits 60 seconds for a later one and
        # then uses these words; nobody has to wait a minute here.
        raise HandlerFailed(
            "Resource timed out waiting for creation of physical resource", request, None
        )
    return replace(
        request,
        properties=model or request.properties,
        context=answer.get("callbackContext"),
    )


def _invoke(hosted: HostedType, request: Request, event: dict[str, Any]) -> dict[str, Any]:
    """One invocation. Both ways are JSON, so that neither side can change what the other holds.

    raises HandlerFailed: the invocation broke, or its answer is no progress event.
    """
    try:
        answer = json.loads(json.dumps(hosted.invoke(json.loads(json.dumps(event)))))
    except Exception as error:  # whatever a handler raises is its failure, never ours
        raise HandlerFailed(
            f"Internal Failure: {type(error).__name__}: {error}", request, "InternalFailure"
        ) from error
    if (
        not isinstance(answer, dict)
        or answer.get("status") not in ("SUCCESS", "IN_PROGRESS", "FAILED")
        or not isinstance(answer.get("resourceModel") or {}, dict)
    ):
        raise HandlerFailed(
            f"Internal Failure: not a progress event: {json.dumps(answer)[:500]}",
            request,
            "InternalFailure",
        )
    return answer
