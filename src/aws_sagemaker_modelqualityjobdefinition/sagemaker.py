"""The seven calls of the SageMaker API, typed: the one place that knows the client and its errors.

A method makes one call (``tags`` one a page) and gives what the service answered. Whatever goes
wrong on the way leaves as a SageMakerError; no other module sees a botocore exception.
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

# Time limits of one HTTP exchange, and how often the SDK may try. An exchange that is tried twice
# takes 13 s at the most, its pause included; a read makes two, an update four, and a fifth only to
# put tags back. The first one without an answer ends the operation. So every operation stays within
# the time that CloudFormation gives a handler (30 s to read and list, 60 s to create, update and
# delete: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract.html)
# also when the service accepts a connection and never answers. A client's second tries are rationed
# by botocore: a process that has met an outage fails at the first, until calls succeed again.
_LIMITS = Config(
    connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}
)
# A create or a delete is sent once an invocation: after a silent second try by the SDK, neither
# "ResourceInUse" nor "ResourceNotFound" tells another party's doing from the first try's. Before
# each further try botocore emits needs-retry, and the first listener that answers decides. One of
# an operation is asked before those of its service, of which the retry mode is one
# (https://docs.aws.amazon.com/boto3/latest/guide/events.html).
for _operation in ("CreateModelQualityJobDefinition", "DeleteModelQualityJobDefinition"):
    listen(f"needs-retry.sagemaker.{_operation}", lambda **_: False)

MAX_PAGE = 100  # ListModelQualityJobDefinitions' and ListTags' largest page

# What CloudFormation is told for each error of the service. The names are SageMaker's own
# (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelQualityJobDefinition.html)
# and the ones that all services share
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
# The same call may well succeed later.
TRANSIENT = frozenset(
    {
        HandlerErrorCode.Throttling,
        HandlerErrorCode.ServiceInternalError,
        HandlerErrorCode.NetworkFailure,
    }
)
# After these, nobody knows whether the service did what it was asked to do ...
_OUTCOME_UNKNOWN = TRANSIENT - {HandlerErrorCode.Throttling}
# ... unless the request never left.
_NOT_SENT = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)


class Cause(Enum):
    """What an error of the service is about, where its name alone does not tell."""

    # IAM has not propagated the role to SageMaker yet, or the role is wrong.
    ROLE_NOT_READY = auto()
    # A tag operation does not know the definition: not yet, or not any more.
    UNKNOWN_TO_TAGGING = auto()
    # The caller may do the operation, but not with tags.
    TAGGING_DENIED = auto()


class _Sign(NamedTuple):
    """How to recognize a cause: by the operation, the error, and its words as the last resort.

    error: what the error's name says, or its HTTP status where it has none, as in ERROR_CODES.
    code: what CloudFormation is told instead.
    """

    cause: Cause
    operations: frozenset[str]
    error: HandlerErrorCode
    code: ErrorCode
    words: re.Pattern[str] = re.compile("")


_CREATE = frozenset({"CreateModelQualityJobDefinition"})
_TAG_OPERATIONS = frozenset({"AddTags", "DeleteTags", "ListTags"})
# In words on record. Most are of other operations of SageMaker: nobody has published what a model
# quality job definition is answered with.
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
    # ResourceNotFound, as the operations of definitions have it. Of tag operations: no report.
    _Sign(
        Cause.UNKNOWN_TO_TAGGING,
        _TAG_OPERATIONS,
        HandlerErrorCode.NotFound,
        HandlerErrorCode.ServiceInternalError,
    ),
    # What AWS's own handlers answer then:
    # https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-kms/pull/54
    _Sign(
        Cause.TAGGING_DENIED,
        _TAG_OPERATIONS,
        HandlerErrorCode.AccessDenied,
        TaggingErrorCode.UnauthorizedTaggingOperation,
    ),
    # To create with tags takes the permission to add tags, too:
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
    """A call that SageMaker refused, or that got no answer.

    ``code`` and ``message`` are what CloudFormation is told; the message keeps the service's own.
    ``cause`` is None where the error's name says all. ``outcome_unknown`` says whether nobody
    knows if the service did what it was asked to do.
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
    """SageMaker in the account and region of ``session``, with that session's credentials alone."""

    def __init__(self, session: SessionProxy | None) -> None:
        if session is None:
            raise HandlerError(
                HandlerErrorCode.InvalidCredentials,
                "The request carries no callerCredentials. CloudFormation sends those of the "
                "caller, or of the type's execution role; pass them in requestData.",
            )
        self._session = session

    def create(self, request: Mapping[str, Any]) -> str:
        """Create the definition of ``request`` (the API's members) and give its ARN."""
        answer = self._call("create_model_quality_job_definition", "JobDefinitionArn", **request)
        return str(answer["JobDefinitionArn"])

    def describe(self, name: str) -> dict[str, Any]:
        """The definition called ``name``, with the API's members."""
        return self._call(
            "describe_model_quality_job_definition", "JobDefinitionArn", JobDefinitionName=name
        )

    def exists(self, name: str) -> bool:
        """Whether there is a definition called ``name``."""
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
        """One page, of up to MAX_PAGE definitions, of all or of those of one endpoint."""
        answer = self._call(
            "list_model_quality_job_definitions",
            "JobDefinitionSummaries",
            MaxResults=MAX_PAGE,
            **_present(EndpointName=endpoint_name, NextToken=next_token),
        )
        return Page(answer["JobDefinitionSummaries"], answer.get("NextToken"))

    def tags(self, arn: str) -> Tags:
        """All tags of the definition, whoever put them there."""
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
                raise _senseless("list_tags", "the NextToken that it was asked with", answer)
            next_token = answer["NextToken"]

    def add_tags(self, arn: str, tags: Tags) -> None:
        """Add ``tags`` to the definition, overwriting values of keys that it has."""
        self._call("add_tags", ResourceArn=arn, Tags=to_api(tags))

    def delete_tags(self, arn: str, keys: list[str]) -> None:
        """Remove the tags with these keys from the definition, which may lack some of them."""
        self._call("delete_tags", ResourceArn=arn, TagKeys=keys)

    def _call(self, operation: str, needed: str | None = None, **request: Any) -> dict[str, Any]:
        """Call ``operation``, and give an answer that has the member ``needed``.

        Raises SageMakerError for whatever goes wrong. botocore takes an answer that is no JSON for
        one without members, which is why the presence of one has to be checked.
        """
        try:
            client = self._session.client("sagemaker", config=_LIMITS)
            answer: dict[str, Any] = getattr(client, operation)(**request)
        except ClientError as error:
            raise _service_error(error) from error
        except (BotoCoreError, ResponseParserError) as error:
            raise _client_side_error(operation, error) from error
        if needed and needed not in answer:
            raise _senseless(operation, f"no {needed}", answer)
        return answer


def _present(**members: str | None) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _log_trouble(
    parsed_response: Mapping[str, Any] | None = None,
    exception: Exception | None = None,
    event_name: str = "",
    **_: Any,
) -> None:
    """A line for each exchange that failed in passing, those that the SDK tries again included.

    The request id is what AWS's support asks for, and what ties the line to CloudTrail's.
    """
    error = (parsed_response or {}).get("Error") or {}
    metadata = (parsed_response or {}).get("ResponseMetadata", {})
    trouble = type(exception).__name__ if exception else error.get("Code")
    if trouble and (exception or _code(trouble, metadata.get("HTTPStatusCode", 0)) in TRANSIENT):
        LOG.warning(
            "SageMaker %s: %s, request id: %s",
            event_name.rpartition(".")[2],
            trouble,
            metadata.get("RequestId") or "none",
        )


listen("response-received.sagemaker", _log_trouble)


def _senseless(operation: str, has: str, answer: Mapping[str, Any]) -> SageMakerError:
    """The failure for an answer that the service never gives."""
    return SageMakerError(
        HandlerErrorCode.ServiceInternalError,
        f"SageMaker's answer to {operation} makes no sense: it has {has}. If it stays so, look at "
        "what is between the function and SageMaker, such as a proxy. (Request id: "
        f"{answer.get('ResponseMetadata', {}).get('RequestId') or 'none'})",
    )


def _service_error(error: ClientError) -> SageMakerError:
    """The failure for an error that the service answered with."""
    details = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    operation = error.operation_name
    name = details.get("Code") or ""
    status = metadata.get("HTTPStatusCode", 0)
    message = details.get("Message") or "SageMaker answered without a message."
    code = _code(name, status)
    sign = next(
        (
            sign
            for sign in _SIGNS
            if operation in sign.operations and code is sign.error and sign.words.search(message)
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
    """The handler error code for an error of the service, by its name or else its HTTP status."""
    if error in ERROR_CODES:
        return ERROR_CODES[error]
    if status in _CODES_BY_STATUS:
        return _CODES_BY_STATUS[status]
    # botocore puts the status in the place of a name that it did not find: an answer that was cut
    # short, or not the service's own. It says as little as none at all.
    if status >= 500 or error in ("", str(status)):
        return HandlerErrorCode.ServiceInternalError
    return HandlerErrorCode.GeneralServiceException


def _client_side_error(operation: str, error: Exception) -> SageMakerError:
    """The failure for a request that was not sent, or that got no answer that makes sense."""
    code = next(
        (code for kind, code in _CODES_BY_EXCEPTION if isinstance(error, kind)),
        HandlerErrorCode.GeneralServiceException,
    )
    return SageMakerError(
        code,
        f"{error} (SageMaker {operation}, {type(error).__name__})",
        sent=not isinstance(error, _NOT_SENT),
    )
