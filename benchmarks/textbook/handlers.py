"""The provider that `cfn init` and its documentation lead to: the thing to compare with.

It works, and it is what most private types look like: the framework's Resource, a client for each
call from the session that the framework makes for each event, and whatever pip installs.
"""

import logging
from collections.abc import MutableMapping
from typing import Any

from botocore.exceptions import ClientError
from cloudformation_cli_python_lib import (
    Action,
    HandlerErrorCode,
    OperationStatus,
    ProgressEvent,
    Resource,
    SessionProxy,
    exceptions,
    identifier_utils,
)

from .models import ResourceHandlerRequest, ResourceModel

LOG = logging.getLogger(__name__)
LOG.setLevel(logging.INFO)
TYPE_NAME = "AWS::SageMaker::ModelQualityJobDefinition"
NOT_SENT = ("JobDefinitionArn", "CreationTime", "EndpointName")

resource = Resource(TYPE_NAME, ResourceModel)
test_entrypoint = resource.test_entrypoint


@resource.handler(Action.CREATE)
def create_handler(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """Create the definition."""
    model = request.desiredResourceState
    if not model.JobDefinitionName:
        model.JobDefinitionName = identifier_utils.generate_resource_identifier(
            stack_id_or_name=request.stackId,
            logical_resource_id=request.logicalResourceIdentifier,
            client_request_token=request.clientRequestToken,
            max_length=63,
        )
    members = {key: value for key, value in model._serialize().items() if key not in NOT_SENT}
    LOG.info("Creating %s", model.JobDefinitionName)
    try:
        answer = session.client("sagemaker").create_model_quality_job_definition(**members)
    except ClientError as error:
        raise _translated(error, model.JobDefinitionName) from error
    model.JobDefinitionArn = answer["JobDefinitionArn"]
    return read_handler(session, request, callback_context)


@resource.handler(Action.UPDATE)
def update_handler(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """Replace the tags."""
    model, previous = request.desiredResourceState, request.previousResourceState
    arn = model.JobDefinitionArn
    LOG.info("Updating %s", arn)
    # Only to see that it is there.
    read_handler(session, request, callback_context)
    try:
        old = [tag.Key for tag in (previous.Tags if previous else None) or []]
        if old:
            session.client("sagemaker").delete_tags(ResourceArn=arn, TagKeys=old)
        if model.Tags:
            tags = [tag._serialize() for tag in model.Tags]
            session.client("sagemaker").add_tags(ResourceArn=arn, Tags=tags)
    except ClientError as error:
        raise _translated(error, arn) from error
    return read_handler(session, request, callback_context)


@resource.handler(Action.DELETE)
def delete_handler(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """Delete the definition."""
    read_handler(session, request, callback_context)
    arn = request.desiredResourceState.JobDefinitionArn
    LOG.info("Deleting %s", arn)
    try:
        session.client("sagemaker").delete_model_quality_job_definition(
            JobDefinitionName=arn.split("/")[-1]
        )
    except ClientError as error:
        raise _translated(error, arn) from error
    return ProgressEvent(status=OperationStatus.SUCCESS)


@resource.handler(Action.READ)
def read_handler(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """Describe the definition."""
    arn = request.desiredResourceState.JobDefinitionArn
    LOG.info("Reading %s", arn)
    try:
        answer = session.client("sagemaker").describe_model_quality_job_definition(
            JobDefinitionName=arn.split("/")[-1]
        )
        tags = session.client("sagemaker").list_tags(ResourceArn=answer["JobDefinitionArn"])["Tags"]
    except ClientError as error:
        raise _translated(error, arn) from error
    answer.pop("ResponseMetadata")
    answer["CreationTime"] = answer["CreationTime"].isoformat()
    model = ResourceModel._deserialize({**answer, "Tags": tags})
    return ProgressEvent(status=OperationStatus.SUCCESS, resourceModel=model)


@resource.handler(Action.LIST)
def list_handler(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """List one page of definitions."""
    LOG.info("Listing")
    page = {"NextToken": request.nextToken} if request.nextToken else {}
    answer = session.client("sagemaker").list_model_quality_job_definitions(**page)
    return ProgressEvent(
        status=OperationStatus.SUCCESS,
        resourceModels=[
            ResourceModel._deserialize({"JobDefinitionArn": each["MonitoringJobDefinitionArn"]})
            for each in answer["JobDefinitionSummaries"]
        ],
        nextToken=answer.get("NextToken"),
    )


def _translated(error: ClientError, name: str) -> Exception:
    code = error.response["Error"]["Code"]
    if code == "ResourceInUse":
        return exceptions.AlreadyExists(TYPE_NAME, name)
    if code in ("ResourceNotFound", "ValidationException"):
        return exceptions.NotFound(TYPE_NAME, name)
    return exceptions.GeneralServiceException(
        f"{HandlerErrorCode.GeneralServiceException}: {error}"
    )
