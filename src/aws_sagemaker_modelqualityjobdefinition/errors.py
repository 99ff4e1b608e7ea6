"""The one exception with which a handler ends an operation, and the codes that it may carry."""

from enum import Enum
from typing import cast

from cloudformation_cli_python_lib.interface import (
    BaseModel,
    HandlerErrorCode,
    OperationStatus,
    ProgressEvent,
)


class TaggingErrorCode(Enum):
    """The handler error code that the framework's HandlerErrorCode lacks (in version 2.1.20).

    AWS's own handlers answer with it, and Cloud Control's model has it:
    https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-kms/pull/54
    https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_ProgressEvent.html
    """

    UnauthorizedTaggingOperation = "UnauthorizedTaggingOperation"


ErrorCode = HandlerErrorCode | TaggingErrorCode


class HandlerError(Exception):
    """An operation that failed, in the words that the user reads.

    ``code`` decides what CloudFormation does next: it retries Throttling, ServiceInternalError,
    NetworkFailure and ResourceConflict, and ends the operation on every other one
    (https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html).
    ``message`` becomes the stack event's ResourceStatusReason, so it is never empty.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid_request(message: str) -> HandlerError:
    """The failure for input that the user has to change."""
    return HandlerError(HandlerErrorCode.InvalidRequest, message)


def failed(code: ErrorCode, message: str, model: BaseModel | None = None) -> ProgressEvent:
    """The answer that an operation failed; ``model`` names a definition that may be left."""
    return ProgressEvent(
        status=OperationStatus.FAILED,
        # The framework takes the name of either enumeration's member.
        errorCode=cast(HandlerErrorCode, code),
        message=message,
        resourceModel=model,
    )
