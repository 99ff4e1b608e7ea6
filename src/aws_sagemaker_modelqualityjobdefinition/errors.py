"""The one exception with which a handler ends an operation."""

from cloudformation_cli_python_lib.interface import HandlerErrorCode


class HandlerError(Exception):
    """An operation that failed, in the words that the user reads.

    ``code`` decides what CloudFormation does next: it retries Throttling, ServiceInternalError,
    NetworkFailure and ResourceConflict, and ends the operation on every other one
    (https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html).
    ``message`` becomes the stack event's ResourceStatusReason, so it is never empty.
    """

    def __init__(self, code: HandlerErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid_request(message: str) -> HandlerError:
    """The failure for input that the user has to change."""
    return HandlerError(HandlerErrorCode.InvalidRequest, message)
