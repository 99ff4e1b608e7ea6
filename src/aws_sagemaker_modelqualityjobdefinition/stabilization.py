"""How an operation goes on over several invocations: CloudFormation waits, Lambda never sleeps."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, get_type_hints

from cloudformation_cli_python_lib.interface import HandlerErrorCode, OperationStatus, ProgressEvent

from .errors import HandlerError, TaggingErrorCode, failed, invalid_request
from .models import ResourceModel
from .sagemaker import TRANSIENT, Cause, SageMakerError

# How long an operation waits for its create or delete to be carried out (a role that IAM has not
# propagated yet, which takes seconds, rarely a minute; an answer that was lost; throttling), and
# again for SageMaker to show what was done.
BUDGET_SECONDS = 240
# How long a create waits for the permission to see what it made. Where that is granted by tags, IAM
# learns of them a little later: "takes some time, even if it is tiny" in
# https://github.com/aws/sagemaker-python-sdk/pull/4600. A permission that is lacking altogether is
# reported after this time.
DENIED_SECONDS = 120
DELAYS_SECONDS = (1, 2, 4, 8, 10)

# No number in a callback context is greater; as a time, it is thousands of years ahead.
_LATEST = 10**12

# The answers that time may cure once something has been done.
_WAITED_FOR = TRANSIENT | {HandlerErrorCode.NotFound, HandlerErrorCode.NotStabilized}
_DENIED = (HandlerErrorCode.AccessDenied, TaggingErrorCode.UnauthorizedTaggingOperation)


@dataclass
class Stabilization:
    """What an operation knows; between its invocations it is the callback context."""

    # The call that the operation is about (the create, the delete) has been carried out.
    done: bool = False
    # That call was sent, and its answer was lost.
    outcome_unknown: bool = False
    # The given name was free when this request first looked.
    was_absent: bool = False
    # Since it was made, this request has seen the definition.
    seen: bool = False
    attempts: int = 0
    # When the current wait began.
    started: float = field(default_factory=time.time)

    @classmethod
    def resume(cls, callback_context: Mapping[str, Any]) -> "Stabilization":
        """The state that the last invocation left, or a new one.

        Raises HandlerError (InvalidRequest) for a context that no invocation has left.
        """
        kinds = get_type_hints(cls)
        state: dict[str, Any] = {}
        for key in kinds.keys() & callback_context.keys():
            kind, value = kinds[key], callback_context[key]
            number = isinstance(value, int | float) and 0 <= value < _LATEST
            # Whoever passes it on may write 2 as 2.0, and true as 1; there is no half of either.
            if not number or kind(value) != value:
                raise invalid_request(
                    f"The callbackContext's {key} is not one that this operation has left. Pass "
                    "on what the last invocation answered with, unchanged."
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
        """Note that SageMaker has done what the operation is about, and wait anew to see it."""
        self.done = True
        self.started = time.time()

    def after(self, error: HandlerError, model: ResourceModel) -> ProgressEvent:
        """The answer after ``error``: IN_PROGRESS where waiting may help, else FAILED."""
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
        """The answer that the operation ends with ``error``.

        It names the definition wherever one may exist by this request's doing, so that
        CloudFormation can delete it. Such a failure never has a code that makes CloudFormation
        start the operation anew: what this request knows would be gone.
        """
        waited_for = self._ours and error.code in _WAITED_FOR
        code = HandlerErrorCode.NotStabilized if waited_for else error.code
        return failed(code, error.message, model if self._ours else None)

    @property
    def _ours(self) -> bool:
        """Whether this request has made or deleted a definition, or may have."""
        return self.done or self.outcome_unknown

    def _patience(self, error: HandlerError) -> float:
        """For how many seconds in all ``error`` is waited for."""
        if self._ours and error.code in _WAITED_FOR:
            return BUDGET_SECONDS
        if isinstance(error, SageMakerError) and error.cause is Cause.ROLE_NOT_READY:
            return BUDGET_SECONDS
        if error.code is HandlerErrorCode.Throttling:
            return BUDGET_SECONDS
        return DENIED_SECONDS if self.done and error.code in _DENIED else 0
