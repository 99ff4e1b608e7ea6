"""The JSON answer to an event, made from a handler's progress event or from an exception.

Secrets are removed from its message, and a message that CloudFormation would cut is shortened.
"""

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

_MAX_MESSAGE_LENGTH = 1024  # CloudFormation shows no more characters of a message
_ELLIPSIS = " [...] "


def to_handler_error(where: str, error: Exception) -> HandlerError:
    """``error``, which was raised in ``where``, as a HandlerError with a code and a message."""
    if isinstance(error, HandlerError):
        return error
    if isinstance(error, _HandlerError):
        return HandlerError(HandlerErrorCode[type(error).__name__], str(error))
    if isinstance(error, RecursionError):
        return invalid_request(
            "The event is nested too deeply. Look for a document that contains itself."
        )
    # This is a bug in the provider. The exception's text is omitted: it may quote a property.
    place = traceback.extract_tb(error.__traceback__)[-1]
    exception_name, file_name = type(error).__name__, Path(place.filename).name
    line_number = place.lineno
    bug = f"{exception_name} in {where}, {file_name}:{line_number}"
    LOG.error("%s", bug)
    return HandlerError(
        HandlerErrorCode.InternalFailure,
        f"{bug}: this is a bug in the resource type, not in the template. Please report it with "
        "this message and the template's properties.",
    )


def failure(where: str, error: Exception) -> ProgressEvent:
    """The FAILED answer for ``error``, which was raised in ``where``."""
    handler_error = to_handler_error(where, error)
    return failed(handler_error.code, handler_error.message)


def _shortened(message: str) -> str:
    """``message`` without its middle, if it is longer than what CloudFormation shows.

    CloudFormation would cut off the end, which has the request id. Messages of SageMaker can be
    long: one about an invalid instance type lists all valid ones.
    """
    if len(message) <= _MAX_MESSAGE_LENGTH:
        return message
    half = (_MAX_MESSAGE_LENGTH - len(_ELLIPSIS)) // 2
    return f"{message[:half]}{_ELLIPSIS}{message[-half:]}"


def serialize(progress: ProgressEvent, secrets: Secrets) -> Any:
    """``progress`` as JSON values, its message redacted and shortened."""
    # Redaction comes first: it would not recognize the halves of a secret that was cut in two.
    progress.message = _shortened(secrets.hide(progress.message))
    return json.loads(json.dumps(progress, cls=KitchenSinkEncoder))
