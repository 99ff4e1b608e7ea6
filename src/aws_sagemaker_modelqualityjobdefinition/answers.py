"""The JSON answer to an event, from a handler's progress event or from what it raised."""

import json
import logging
import traceback
from pathlib import Path
from typing import Any

from cloudformation_cli_python_lib.exceptions import _HandlerError
from cloudformation_cli_python_lib.interface import HandlerErrorCode, ProgressEvent
from cloudformation_cli_python_lib.utils import KitchenSinkEncoder

from .errors import HandlerError, failed, invalid_request
from .redaction import Secrets

LOG = logging.getLogger(__package__)

_MAX_MESSAGE = 1024  # characters; CloudFormation shows no more of one
_LEFT_OUT = " [...] "


def to_handler_error(where: str, error: Exception) -> HandlerError:
    """``error``, which was raised in ``where``, as a failure with a code and a message."""
    if isinstance(error, HandlerError):
        return error
    if isinstance(error, _HandlerError):
        return HandlerError(HandlerErrorCode[type(error).__name__], str(error))
    if isinstance(error, RecursionError):
        return invalid_request(
            "The event is nested more deeply than any properties can be. Look for a document "
            "that ended up within itself."
        )
    # A fault of our own. The exception's text stays out: it may quote a property.
    place = traceback.extract_tb(error.__traceback__)[-1]
    fault = f"{type(error).__name__} in {where}, {Path(place.filename).name}:{place.lineno}"
    LOG.error("%s", fault)
    return HandlerError(
        HandlerErrorCode.InternalFailure,
        f"{fault}: a fault of the resource type, not of the template. Please report it with this "
        "message and the template's properties.",
    )


def failure(where: str, error: Exception) -> ProgressEvent:
    """The FAILED answer for ``error``, which was raised in ``where``."""
    handler_error = to_handler_error(where, error)
    return failed(handler_error.code, handler_error.message)


def _shortened(message: str) -> str:
    """``message`` less its middle, where it is longer than what CloudFormation shows of one.

    CloudFormation cuts at the end, where the request id is, and the service can be talkative: it
    lists every instance type after a wrong one.
    """
    if len(message) <= _MAX_MESSAGE:
        return message
    half = (_MAX_MESSAGE - len(_LEFT_OUT)) // 2
    return f"{message[:half]}{_LEFT_OUT}{message[-half:]}"


def serialize(progress: ProgressEvent, secrets: Secrets) -> Any:
    """The answer as JSON has it, with a message that is short enough and names no secret."""
    # Shortened last: of a secret that is cut in two, neither half would be known for one.
    progress.message = _shortened(secrets.hide(progress.message))
    return json.loads(json.dumps(progress, cls=KitchenSinkEncoder))
