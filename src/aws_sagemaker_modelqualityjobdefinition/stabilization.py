"""How an operation goes on over several invocations: CloudFormation waits, Lambda never sleeps."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, get_type_hints

from cloudformation_cli_python_lib.interface import HandlerErrorCode, OperationStatus, ProgressEvent

from .errors import HandlerError, invalid_request
from .models import ResourceModel
from .sagemaker import TRANSIENT, SageMakerError

# How long, from its first invocation on, an operation waits for SageMaker to show what was done,
# for a lost answer to be settled, or for IAM to spread a role (seconds, rarely a minute).
BUDGET_SECONDS = 240
DELAYS_SECONDS = (1, 2, 4, 8, 10)

# No number in a callback context is greater; as a time, it is thousands of years ahead.
_LATEST = 10**12

# The answers that time may cure.
_WAITED_FOR = TRANSIENT | {HandlerErrorCode.NotFound, HandlerErrorCode.NotStabilized}


@dataclass
class Stabilization:
    """What an operation knows; between its invocations it is the callback context."""

    # The call that the operation is about (the create, the delete) has been carried out.
    done: bool = False
    # That call was sent, and its answer was lost.
    outcome_unknown: bool = False
    # The given name was free when this request first looked.
    was_absent: bool = False
    attempts: int = 0
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

    def after(self, error: HandlerError, model: ResourceModel) -> ProgressEvent:
        """The answer after ``error``: IN_PROGRESS where waiting may help, else FAILED.

        It names the definition wherever one may exist by this request's doing, so that
        CloudFormation can delete it. Such a failure never has a code that makes CloudFormation
        start the operation anew: what this request knows would be gone.
        """
        if not self.done and isinstance(error, SageMakerError):
            self.outcome_unknown = self.outcome_unknown or error.outcome_unknown
        ours = self.done or self.outcome_unknown
        waits = ours and error.code in _WAITED_FOR
        role_not_ready = isinstance(error, SageMakerError) and error.role_not_ready
        if (waits or role_not_ready) and time.time() - self.started < BUDGET_SECONDS:
            delay = DELAYS_SECONDS[min(self.attempts, len(DELAYS_SECONDS) - 1)]
            self.attempts += 1
            return ProgressEvent(
                status=OperationStatus.IN_PROGRESS,
                message=error.message,
                callbackContext=asdict(self),
                callbackDelaySeconds=delay,
                resourceModel=model,
            )
        return ProgressEvent(
            status=OperationStatus.FAILED,
            errorCode=HandlerErrorCode.NotStabilized if waits else error.code,
            message=error.message,
            resourceModel=model if ours else None,
        )
