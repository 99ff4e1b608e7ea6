"""The seven operations of the SageMaker API that the handlers call, typed.

Only this module knows the client. A method makes one call (``tags`` one call a page) and returns
the service's response. Every failure is raised as a SageMakerError of service_errors.py, so the
handlers never see a botocore exception.
"""

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from cloudformation_cli_python_lib.boto3_proxy import SessionProxy
from cloudformation_cli_python_lib.interface import HandlerErrorCode

from .clients import listen
from .errors import HandlerError
from .service_errors import (
    TRANSIENT,
    SageMakerError,
    client_side_error,
    handler_error_code,
    request_id,
    service_error,
    unexpected_response,
)
from .tags import Tags, from_api, to_api

LOG = logging.getLogger(__package__)

# The time limits of one HTTP request, and how often the SDK may send it. Sending a request twice
# takes at most 13 s, including the pause between. The first request without a response ends the
# operation. So every operation stays within CloudFormation's time limit for a handler (30 s to read
# and list, 60 s to create, update and delete:
# https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract.html),
# even if the service accepts connections and never responds. It would take longer only if several
# requests in a row had no response to their first attempt and a late one to their second: a read
# makes two requests, and an update makes four, each one more if SageMaker's tags do not know the
# definition, and an update one more if it has to restore tags. botocore limits a client's retries:
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
        """All tags of the definition, including those that others added."""
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
                raise unexpected_response("list_tags", "NextToken is the one that was sent", answer)
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
            raise service_error(error) from error
        except (BotoCoreError, ResponseParserError) as error:
            raise client_side_error(operation, error) from error
        if needed and needed not in answer:
            raise unexpected_response(operation, f"{needed} is missing", answer)
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
    response = parsed_response or {}
    error = response.get("Error") or {}
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    failure = type(exception).__name__ if exception else error.get("Code")
    if failure and (exception or handler_error_code(failure, status) in TRANSIENT):
        LOG.warning(
            "SageMaker %s: %s, request id: %s",
            event_name.rpartition(".")[2],
            failure,
            request_id(response),
        )


listen("response-received.sagemaker", _log_transient_failure)
