"""Failures of SageMaker's API: which handler error code each has, and what the user is told.

sagemaker.py raises them as SageMakerErrors. Their messages include SageMaker's own, and say which
permission is missing if tags are denied.
"""

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, NamedTuple

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
)
from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.parsers import ResponseParserError
from cloudformation_cli_python_lib.interface import HandlerErrorCode

from .errors import ErrorCode, HandlerError, TaggingErrorCode

# The handler error code for each error of the service. The names are SageMaker's own
# (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelQualityJobDefinition.html)
# and those that all services share
# (https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html).
_CODES_BY_ERROR: Mapping[HandlerErrorCode, tuple[str, ...]] = {
    HandlerErrorCode.NotFound: ("ResourceNotFound", "ResourceNotFoundException"),
    HandlerErrorCode.ResourceConflict: ("ResourceInUse", "ConflictException"),
    HandlerErrorCode.ServiceLimitExceeded: ("ResourceLimitExceeded",),
    HandlerErrorCode.InvalidRequest: (
        "ValidationException",
        "ValidationError",
        "SerializationException",
        "InvalidParameterCombination",
        "InvalidParameterValue",
        "InvalidQueryParameter",
        "MissingParameter",
    ),
    HandlerErrorCode.AccessDenied: (
        "AccessDeniedException",
        "AccessDenied",
        "NotAuthorized",
        "OptInRequired",
        "UnauthorizedOperation",
    ),
    HandlerErrorCode.InvalidCredentials: (
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ),
    HandlerErrorCode.Throttling: (
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    ),
    HandlerErrorCode.ServiceInternalError: (
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    ),
}
ERROR_CODES: Mapping[str, HandlerErrorCode] = {
    error: code for code, errors in _CODES_BY_ERROR.items() for error in errors
}
_CODES_BY_STATUS = {
    403: HandlerErrorCode.AccessDenied,
    404: HandlerErrorCode.NotFound,
    429: HandlerErrorCode.Throttling,
}
# botocore's own exceptions.
_CODES_BY_EXCEPTION: tuple[tuple[type[Exception], HandlerErrorCode], ...] = (
    (ParamValidationError, HandlerErrorCode.InvalidRequest),
    (NoRegionError, HandlerErrorCode.InvalidRequest),
    (InvalidRegionError, HandlerErrorCode.InvalidRequest),
    (NoCredentialsError, HandlerErrorCode.InvalidCredentials),
    (PartialCredentialsError, HandlerErrorCode.InvalidCredentials),
    (CredentialRetrievalError, HandlerErrorCode.InvalidCredentials),
    (BotocoreConnectionError, HandlerErrorCode.NetworkFailure),
    (HTTPClientError, HandlerErrorCode.NetworkFailure),
    (IncompleteReadError, HandlerErrorCode.NetworkFailure),
    (ResponseParserError, HandlerErrorCode.ServiceInternalError),
)
# After these errors, the same call may succeed later.
TRANSIENT = frozenset(
    {
        HandlerErrorCode.Throttling,
        HandlerErrorCode.ServiceInternalError,
        HandlerErrorCode.NetworkFailure,
    }
)
# After these errors, it is unknown whether the service carried out the request ...
_OUTCOME_UNKNOWN = TRANSIENT - {HandlerErrorCode.Throttling}
# ... unless the request was never sent.
_NOT_SENT = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)


class Cause(Enum):
    """The cause of an error of the service, if its name alone does not tell."""

    # IAM has not propagated the role to SageMaker yet, or the role is wrong.
    ROLE_NOT_READY = auto()
    # A tag operation does not know the definition yet, or no longer knows it.
    UNKNOWN_TO_TAGGING = auto()
    # The caller has permission for the operation, but not for tags.
    TAGGING_DENIED = auto()


class _Sign(NamedTuple):
    """How to recognize a cause: by the operation, the error and, as a last resort, the message.

    error: the handler error code of the error's name, or of its HTTP status if it has no name.
    code: the handler error code to use instead.
    message: a pattern that the message must contain.
    """

    cause: Cause
    operations: frozenset[str]
    error: HandlerErrorCode
    code: ErrorCode
    message: re.Pattern[str] = re.compile("")


_CREATE = frozenset({"CreateModelQualityJobDefinition"})
_TAG_OPERATIONS = frozenset({"AddTags", "DeleteTags", "ListTags"})
# The messages quoted here have been published. Most come from other operations of SageMaker: none
# has been published for operations of model quality job definitions.
_SIGNS = (
    # "Could not assume role arn:aws:iam::... Please ensure that the role exists and allows
    # principal 'sagemaker.amazonaws.com' to assume the role.":
    # https://github.com/awslabs/predictive-maintenance-using-machine-learning/issues/3
    # "The execution role ARN ... is invalid. Please ensure that the role exists and that its trust
    # relationship policy allows the action ... sts:AssumeRole ...":
    # https://github.com/bentoml/BentoML/issues/892
    # "The execution role ARN is invalid.":
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/sagemaker/feature_group.go
    _Sign(
        Cause.ROLE_NOT_READY,
        _CREATE,
        HandlerErrorCode.InvalidRequest,
        HandlerErrorCode.InvalidRequest,
        re.compile(
            r"(could not|cannot|can't|unable to) assume (the )?role"
            r"|execution role arn\b.*\bis invalid",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
    # "Resource does not exist.", a ValidationException: https://github.com/boto/boto3/issues/4606
    _Sign(
        Cause.UNKNOWN_TO_TAGGING,
        _TAG_OPERATIONS,
        HandlerErrorCode.InvalidRequest,
        HandlerErrorCode.ServiceInternalError,
        re.compile(r"resource does not exist", re.IGNORECASE),
    ),
    # ResourceNotFound, as operations of definitions return it. No report of it for tag operations
    # was found.
    _Sign(
        Cause.UNKNOWN_TO_TAGGING,
        _TAG_OPERATIONS,
        HandlerErrorCode.NotFound,
        HandlerErrorCode.ServiceInternalError,
    ),
    # AWS's own handlers return this code in that case:
    # https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-kms/pull/54
    _Sign(
        Cause.TAGGING_DENIED,
        _TAG_OPERATIONS,
        HandlerErrorCode.AccessDenied,
        TaggingErrorCode.UnauthorizedTaggingOperation,
    ),
    # Creating a definition with tags also needs the permission to add tags:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
    _Sign(
        Cause.TAGGING_DENIED,
        _CREATE,
        HandlerErrorCode.AccessDenied,
        TaggingErrorCode.UnauthorizedTaggingOperation,
        re.compile(r"sagemaker:AddTags"),
    ),
)


class SageMakerError(HandlerError):
    """A call that SageMaker rejected, or that got no response.

    ``code`` and ``message`` are for CloudFormation; the message includes the service's own.
    ``cause`` is None if the error's name says everything. ``outcome_unknown`` says that the service
    may or may not have carried out the request.
    """

    def __init__(
        self, code: ErrorCode, message: str, *, cause: Cause | None = None, sent: bool = True
    ) -> None:
        super().__init__(code, message)
        self.cause = cause
        self.outcome_unknown = sent and cause is None and code in _OUTCOME_UNKNOWN


def service_error(error: ClientError) -> SageMakerError:
    """The SageMakerError for an error response of the service."""
    details = error.response.get("Error", {})
    operation = error.operation_name
    error_name = details.get("Code") or ""
    http_status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    service_message = details.get("Message") or ""
    code = handler_error_code(error_name, http_status)
    sign = next(
        (
            sign
            for sign in _SIGNS
            if operation in sign.operations
            and code is sign.error
            and sign.message.search(service_message)
        ),
        None,
    )
    message = service_message
    if not service_message:
        message = "SageMaker returned no error message."
    if sign and sign.cause is Cause.TAGGING_DENIED:
        action = operation if operation in _TAG_OPERATIONS else "AddTags"
        denial = message.rstrip(".")
        message = f"{denial}. Allow the action sagemaker:{action}."
    id_of_request = request_id(error.response)
    return SageMakerError(
        sign.code if sign else code,
        f"{message} (SageMaker {operation}, error: {error_name}, HTTP status: {http_status}, "
        f"request id: {id_of_request})",
        cause=sign.cause if sign else None,
    )


def client_side_error(operation: str, error: Exception) -> SageMakerError:
    """The SageMakerError for a request that was not sent, or got no usable response."""
    code = next(
        (code for kind, code in _CODES_BY_EXCEPTION if isinstance(error, kind)),
        HandlerErrorCode.GeneralServiceException,
    )
    sdk_message, exception_name = str(error), type(error).__name__
    return SageMakerError(
        code,
        f"{sdk_message} (SageMaker {operation}, {exception_name})",
        sent=not isinstance(error, _NOT_SENT),
    )


def unexpected_response(
    operation: str, problem: str, response: Mapping[str, Any]
) -> SageMakerError:
    """The SageMakerError for a response that SageMaker itself would not send."""
    id_of_request = request_id(response)
    return SageMakerError(
        HandlerErrorCode.ServiceInternalError,
        f"Unexpected response from SageMaker {operation}: {problem}. If this persists, check what "
        "is between the function and SageMaker, such as a proxy. (Request id: "
        f"{id_of_request})",
    )


def handler_error_code(error_name: str, http_status: int) -> HandlerErrorCode:
    """The handler error code for an error of the service, by its name, else by its HTTP status."""
    if error_name in ERROR_CODES:
        return ERROR_CODES[error_name]
    if http_status in _CODES_BY_STATUS:
        return _CODES_BY_STATUS[http_status]
    # If the response has no error name, botocore uses the status as the name. Such a response was
    # cut short, or is not the service's own.
    if http_status >= 500 or error_name in ("", str(http_status)):
        return HandlerErrorCode.ServiceInternalError
    return HandlerErrorCode.GeneralServiceException


def request_id(response: Mapping[str, Any]) -> str:
    """The id that SageMaker gave to the request of ``response``, or "none"."""
    return response.get("ResponseMetadata", {}).get("RequestId") or "none"
