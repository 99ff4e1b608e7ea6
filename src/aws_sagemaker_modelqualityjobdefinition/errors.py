"""The exception that ends an operation, and the error codes that it can have."""

from enum import Enum
from typing import cast

from cloudformation_cli_python_lib.interface import (
    BaseModel,
    HandlerErrorCode,
    OperationStatus,
    ProgressEvent,
)


class TaggingErrorCode(Enum):
    """The handler error code that is missing in the framework's HandlerErrorCode (version 2.1.20).

    AWS's own handlers return it, and Cloud Control's model has it:
    https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-kms/pull/54
    https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_ProgressEvent.html
    """

    UnauthorizedTaggingOperation = "UnauthorizedTaggingOperation"


ErrorCode = HandlerErrorCode | TaggingErrorCode


class HandlerError(Exception):
    """The failure of an operation, with the message that the user reads.

    ``code`` decides what CloudFormation does next: it retries Throttling, ServiceInternalError,
    NetworkFailure and ResourceConflict, and ends the operation for any other code
    (https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html).
    ``message`` becomes the stack event's ResourceStatusReason, so it is never empty.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid_request(message: str) -> HandlerError:
    """The error for input that the user has to change."""
    return HandlerError(HandlerErrorCode.InvalidRequest, message)


def failed(code: ErrorCode, message: str, model: BaseModel | None = None) -> ProgressEvent:
    """The FAILED answer; ``model`` identifies a definition that may still exist."""
    return ProgressEvent(
        status=OperationStatus.FAILED,
        # The framework only uses the member's name, which both enumerations have.
        errorCode=cast(HandlerErrorCode, code),
        message=message,
        resourceModel=model,
    )
