"""How an operation continues over several invocations.

CloudFormation does the waiting between them. The function itself never sleeps.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, get_type_hints

from cloudformation_cli_python_lib.interface import HandlerErrorCode, OperationStatus, ProgressEvent

from .errors import HandlerError, TaggingErrorCode, failed, invalid_request
from .models import ResourceModel
from .service_errors import TRANSIENT, Cause, SageMakerError

# How long an operation waits until its create or delete is carried out, and then again until
# SageMaker shows the result. Reasons for the first wait are throttling, a lost response, and a role
# that IAM has not propagated yet, which takes seconds and rarely a minute.
BUDGET_SECONDS = 240
# How long a create waits for the permission to read what it created. If the permission depends on
# tags, IAM learns of them a little later: "takes some time, even if it is tiny" in
# https://github.com/aws/sagemaker-python-sdk/pull/4600. A permission that is really missing is
# reported after this time.
DENIED_SECONDS = 120
DELAYS_SECONDS = (1, 2, 4, 8, 10)

# The upper limit of numbers in a callback context. As a time, it is thousands of years ahead.
_LATEST = 10**12

# Errors that may go away with time, if the create or delete has, or may have, been carried out.
_WAITED_FOR = TRANSIENT | {HandlerErrorCode.NotFound, HandlerErrorCode.NotStabilized}
_DENIED = (HandlerErrorCode.AccessDenied, TaggingErrorCode.UnauthorizedTaggingOperation)


@dataclass
class Stabilization:
    """The state of an operation, which is the callback context between its invocations."""

    # The operation's main call, a create or a delete, has been carried out.
    done: bool = False
    # That call was sent, and its response was lost.
    outcome_unknown: bool = False
    # The name in the template was free when this request first looked.
    was_absent: bool = False
    # This request has seen the definition since it was created.
    seen: bool = False
    attempts: int = 0
    # When the current wait began.
    started: float = field(default_factory=time.time)

    @classmethod
    def resume(cls, callback_context: Mapping[str, Any]) -> "Stabilization":
        """The state that the last invocation returned, or a new one.

        Raises HandlerError (InvalidRequest) for a context that no invocation can have returned.
        """
        kinds = get_type_hints(cls)
        state: dict[str, Any] = {}
        for key in kinds.keys() & callback_context.keys():
            kind, value = kinds[key], callback_context[key]
            number = isinstance(value, int | float) and 0 <= value < _LATEST
            # A caller may have turned 2 into 2.0, or true into 1. Other conversions are invalid.
            if not number or kind(value) != value:
                raise invalid_request(
                    f"The callbackContext's {key} is invalid. Pass the callbackContext that the "
                    "last invocation returned, unchanged."
                )
            state[key] = kind(value)
        return cls(**state)

    @property
    def resumed(self) -> bool:
        """Whether an earlier invocation of this operation has already answered IN_PROGRESS."""
        return self.attempts > 0

    @property
    def in_time(self) -> bool:
        """Whether there is time left to wait."""
        return self._waited < BUDGET_SECONDS

    @property
    def _waited(self) -> float:
        return time.time() - self.started

    def carried_out(self) -> None:
        """Note that the main call has been carried out, and restart the wait to see its result."""
        self.done = True
        self.started = time.time()

    def after(self, error: HandlerError, model: ResourceModel) -> ProgressEvent:
        """The answer after ``error``: IN_PROGRESS if waiting may help, else FAILED."""
        if not self.done and isinstance(error, SageMakerError):
            self.outcome_unknown = self.outcome_unknown or error.outcome_unknown
        if self._waited >= self._patience(error):
            return self.failed(error, model)
        delay = DELAYS_SECONDS[min(self.attempts, len(DELAYS_SECONDS) - 1)]
        self.attempts += 1
        return ProgressEvent(
            status=OperationStatus.IN_PROGRESS,
            message=error.message,
            callbackContext=asdict(self),
            callbackDelaySeconds=delay,
            resourceModel=model,
        )

    def failed(self, error: HandlerError, model: ResourceModel) -> ProgressEvent:
        """The FAILED answer for ``error``.

        It identifies the definition if this request may have created one, so that CloudFormation
        can delete it. Such a failure never has a code that makes CloudFormation restart the
        operation, because this request's state would be lost.
        """
        waited_for = self._ours and error.code in _WAITED_FOR
        code = HandlerErrorCode.NotStabilized if waited_for else error.code
        return failed(code, error.message, model if self._ours else None)

    @property
    def _ours(self) -> bool:
        """Whether this request has created or deleted a definition, or may have."""
        return self.done or self.outcome_unknown

    def _patience(self, error: HandlerError) -> float:
        """For how many seconds in all to wait for ``error`` to go away."""
        if self._ours and error.code in _WAITED_FOR:
            return BUDGET_SECONDS
        if isinstance(error, SageMakerError) and error.cause is Cause.ROLE_NOT_READY:
            return BUDGET_SECONDS
        if error.code is HandlerErrorCode.Throttling:
            return BUDGET_SECONDS
        return DENIED_SECONDS if self.done and error.code in _DENIED else 0
