"""The seven operations of the SageMaker API that the handlers call, typed.

Only this module knows the client and its errors. A method makes one call (``tags`` one call a page)
and returns the service's response. Every failure is raised as a SageMakerError, so no other module
sees a botocore exception.
"""

import logging
import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, NamedTuple

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
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
from cloudformation_cli_python_lib.boto3_proxy import SessionProxy
from cloudformation_cli_python_lib.interface import HandlerErrorCode

from .clients import listen
from .errors import ErrorCode, HandlerError, TaggingErrorCode
from .tags import Tags, from_api, to_api

LOG = logging.getLogger(__package__)

# The time limits of one HTTP request, and how often the SDK may send it. Sending a request twice
# takes at most 13 s, including the pause between. A read makes two requests, and an update makes
# four, or five if it has to restore tags. The first request without a response ends the operation.
# So every operation stays within CloudFormation's time limit for a handler (30 s to read and list,
# 60 s to create, update and delete:
# https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract.html),
# even if the service accepts connections and never responds. botocore limits a client's retries:
# after an outage, calls of the process fail at the first attempt until calls succeed again.
_LIMITS = Config(
    connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}
)
# A create or a delete is sent once per invocation. If the SDK had retried it silently,
# "ResourceInUse" or "ResourceNotFound" could be the result of the first attempt or of another
# party's request. Before a retry, botocore emits needs-retry, and the first listener that returns a
# value decides. A listener for an operation is called before those for its service, which include
# the retry mode (https://docs.aws.amazon.com/boto3/latest/guide/events.html).
for _operation in ("CreateModelQualityJobDefinition", "DeleteModelQualityJobDefinition"):
    listen(f"needs-retry.sagemaker.{_operation}", lambda **_: False)

MAX_PAGE = 100  # the largest page of ListModelQualityJobDefinitions and of ListTags

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


class Page(NamedTuple):
    """One page of ListModelQualityJobDefinitions."""

    summaries: list[dict[str, Any]]
    next_token: str | None


class SageMaker:
    """SageMaker in the account and region of ``session``, with only that session's credentials."""

    def __init__(self, session: SessionProxy | None) -> None:
        if session is None:
            raise HandlerError(
                HandlerErrorCode.InvalidCredentials,
                "The request has no callerCredentials. CloudFormation sends the credentials of the "
                "caller or of the type's execution role. Pass them in requestData.",
            )
        self._session = session

    def create(self, request: Mapping[str, Any]) -> str:
        """Create a definition from ``request``, with the API's members, and return its ARN."""
        answer = self._call("create_model_quality_job_definition", "JobDefinitionArn", **request)
        return str(answer["JobDefinitionArn"])

    def describe(self, name: str) -> dict[str, Any]:
        """The description of the definition called ``name``, with the API's members."""
        return self._call(
            "describe_model_quality_job_definition", "JobDefinitionArn", JobDefinitionName=name
        )

    def exists(self, name: str) -> bool:
        """Whether a definition called ``name`` exists."""
        try:
            self.describe(name)
        except SageMakerError as error:
            if error.code is HandlerErrorCode.NotFound:
                return False
            raise
        return True

    def delete(self, name: str) -> None:
        """Delete the definition called ``name``."""
        self._call("delete_model_quality_job_definition", JobDefinitionName=name)

    def page(self, endpoint_name: str | None, next_token: str | None) -> Page:
        """One page, of up to MAX_PAGE definitions, of all definitions or of one endpoint's."""
        answer = self._call(
            "list_model_quality_job_definitions",
            "JobDefinitionSummaries",
            MaxResults=MAX_PAGE,
            **_present(EndpointName=endpoint_name, NextToken=next_token),
        )
        return Page(answer["JobDefinitionSummaries"], answer.get("NextToken"))

    def tags(self, arn: str) -> Tags:
        """All tags of the definition, whoever added them."""
        tags: Tags = {}
        next_token: str | None = None
        while True:
            answer = self._call(
                "list_tags",
                "Tags",
                ResourceArn=arn,
                MaxResults=MAX_PAGE,
                **_present(NextToken=next_token),
            )
            tags.update(from_api(answer["Tags"]))
            if not answer.get("NextToken"):
                return tags
            if answer["NextToken"] == next_token:
                raise _unexpected_response(
                    "list_tags", "NextToken is the one that was sent", answer
                )
            next_token = answer["NextToken"]

    def add_tags(self, arn: str, tags: Tags) -> None:
        """Add ``tags`` to the definition, and overwrite the values of existing keys."""
        self._call("add_tags", ResourceArn=arn, Tags=to_api(tags))

    def delete_tags(self, arn: str, keys: list[str]) -> None:
        """Remove the tags with these keys from the definition; some of them may not exist."""
        self._call("delete_tags", ResourceArn=arn, TagKeys=keys)

    def _call(self, operation: str, needed: str | None = None, **request: Any) -> dict[str, Any]:
        """Call ``operation`` and return its response, which has the member ``needed``.

        Raises SageMakerError for any failure. botocore parses a response that is not JSON as one
        without members, so the presence of a member has to be checked.
        """
        try:
            client = self._session.client("sagemaker", config=_LIMITS)
            answer: dict[str, Any] = getattr(client, operation)(**request)
        except ClientError as error:
            raise _service_error(error) from error
        except (BotoCoreError, ResponseParserError) as error:
            raise _client_side_error(operation, error) from error
        if needed and needed not in answer:
            raise _unexpected_response(operation, f"{needed} is missing", answer)
        return answer


def _present(**members: str | None) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _log_transient_failure(
    parsed_response: Mapping[str, Any] | None = None,
    exception: Exception | None = None,
    event_name: str = "",
    **_: Any,
) -> None:
    """Log every transient failure of a request, even if the SDK retries it.

    AWS Support asks for the request id, and it identifies the request in CloudTrail.
    """
    error = (parsed_response or {}).get("Error") or {}
    metadata = (parsed_response or {}).get("ResponseMetadata", {})
    failure = type(exception).__name__ if exception else error.get("Code")
    if failure and (exception or _code(failure, metadata.get("HTTPStatusCode", 0)) in TRANSIENT):
        LOG.warning(
            "SageMaker %s: %s, request id: %s",
            event_name.rpartition(".")[2],
            failure,
            metadata.get("RequestId") or "none",
        )


listen("response-received.sagemaker", _log_transient_failure)


def _unexpected_response(operation: str, problem: str, answer: Mapping[str, Any]) -> SageMakerError:
    """The error for a response that SageMaker itself would not send."""
    return SageMakerError(
        HandlerErrorCode.ServiceInternalError,
        f"Unexpected response from SageMaker {operation}: {problem}. If this persists, check what "
        "is between the function and SageMaker, such as a proxy. (Request id: "
        f"{answer.get('ResponseMetadata', {}).get('RequestId') or 'none'})",
    )


def _service_error(error: ClientError) -> SageMakerError:
    """The SageMakerError for an error response of the service."""
    details = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    operation = error.operation_name
    name = details.get("Code") or ""
    status = metadata.get("HTTPStatusCode", 0)
    message = details.get("Message") or "SageMaker returned no error message."
    code = _code(name, status)
    sign = next(
        (
            sign
            for sign in _SIGNS
            if operation in sign.operations and code is sign.error and sign.message.search(message)
        ),
        None,
    )
    if sign and sign.cause is Cause.TAGGING_DENIED:
        action = operation if operation in _TAG_OPERATIONS else "AddTags"
        message = f"{message.rstrip('.')}. Allow the action sagemaker:{action}."
    return SageMakerError(
        sign.code if sign else code,
        f"{message} (SageMaker {operation}, error: {name}, HTTP status: {status}, "
        f"request id: {metadata.get('RequestId') or 'none'})",
        cause=sign.cause if sign else None,
    )


def _code(error: str, status: int) -> HandlerErrorCode:
    """The handler error code for an error of the service, by its name, else by its HTTP status."""
    if error in ERROR_CODES:
        return ERROR_CODES[error]
    if status in _CODES_BY_STATUS:
        return _CODES_BY_STATUS[status]
    # If the response has no error name, botocore uses the status as the name. Such a response was
    # cut short, or is not the service's own.
    if status >= 500 or error in ("", str(status)):
        return HandlerErrorCode.ServiceInternalError
    return HandlerErrorCode.GeneralServiceException


def _client_side_error(operation: str, error: Exception) -> SageMakerError:
    """The SageMakerError for a request that was not sent, or got no usable response."""
    code = next(
        (code for kind, code in _CODES_BY_EXCEPTION if isinstance(error, kind)),
        HandlerErrorCode.GeneralServiceException,
    )
    return SageMakerError(
        code,
        f"{error} (SageMaker {operation}, {type(error).__name__})",
        sent=not isinstance(error, _NOT_SENT),
    )
