"""Create, read, update, delete and list: what CloudFormation and Cloud Control call.

The rules that each handler keeps are those of the handler contract:
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract.html
"""

from collections.abc import MutableMapping
from typing import Any

from cloudformation_cli_python_lib.boto3_proxy import SessionProxy
from cloudformation_cli_python_lib.interface import (
    Action,
    HandlerErrorCode,
    OperationStatus,
    ProgressEvent,
)

from . import naming, tags, translation
from .errors import HandlerError, invalid_request
from .models import ResourceHandlerRequest, ResourceModel
from .naming import DefinitionArn
from .provider import Provider, properties_of, to_handler_error, to_model
from .sagemaker import SageMaker, SageMakerError
from .stabilization import Stabilization

TYPE_NAME = "AWS::SageMaker::ModelQualityJobDefinition"
READ_ONLY = ("JobDefinitionArn", "CreationTime")
CREATE_ONLY = (
    "JobDefinitionName",
    "JobResources",
    "ModelQualityAppSpecification",
    "ModelQualityBaselineConfig",
    "ModelQualityJobInput",
    "ModelQualityJobOutputConfig",
    "NetworkConfig",
    "RoleArn",
    "StoppingCondition",
)

resource = Provider(TYPE_NAME, ResourceModel)
test_entrypoint = resource.test_entrypoint


@resource.handler(Action.CREATE)
def create(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """Make the definition, once whatever happens to the answers, and end with it read back."""
    sagemaker, desired = SageMaker(session), _desired(request)
    state = Stabilization.resume(callback_context)
    if not state.resumed:
        _refuse_read_only(desired)
    desired.JobDefinitionArn = desired.JobDefinitionArn or _arn_to_be(request)
    given, name = desired.JobDefinitionName, _name(request)
    wanted = tags.desired(request.desiredResourceTags, desired.Tags)

    if given and not state.was_absent:
        if sagemaker.exists(given):
            raise _already_exists(request)
        state.was_absent = True
    try:
        if not state.done:
            arn = sagemaker.create(translation.to_request(properties_of(desired), name, wanted))
            # Whoever was given an identifier before keeps it, whatever the case in SageMaker's.
            desired.JobDefinitionArn = desired.JobDefinitionArn if state.resumed else arn
    except SageMakerError as error:
        if error.code is not HandlerErrorCode.ResourceConflict:
            return state.after(error, desired)
        # A generated name is this request's alone. A given one was free when this request looked:
        # it is this request's where an earlier create was sent and its answer was lost.
        if given and not state.outcome_unknown:
            raise _already_exists(request) from error
    state.done = True
    try:
        identifier = desired.JobDefinitionArn if state.resumed else None
        return _success(_read_back(sagemaker, name, identifier, desired))
    except Exception as error:  # noqa: BLE001 - not even a fault of ours may lose what was made
        return state.after(to_handler_error("the CREATE handler", error), desired)


@resource.handler(Action.READ)
def read(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    _callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """Everything that SageMaker holds of the definition, live tags included."""
    sagemaker, desired = SageMaker(session), _desired(request)
    name = _existing_name(request)
    return _success(_read_back(sagemaker, name, desired.JobDefinitionArn, desired))


@resource.handler(Action.UPDATE)
def update(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    _callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """Make the live tags the desired ones; a definition cannot be changed in anything else."""
    sagemaker, desired = SageMaker(session), _desired(request)
    description = sagemaker.describe(_existing_name(request))
    current = translation.to_properties(description, desired.JobDefinitionArn)
    previous = request.previousResourceState or to_model(current, ignore_unknown=True)
    _refuse_create_only_changes(previous, desired, current["JobDefinitionName"])

    arn = description["JobDefinitionArn"]
    live = sagemaker.tags(arn)
    change = tags.changes(
        previous=tags.desired(request.previousResourceTags, previous.Tags),
        wanted=tags.desired(request.desiredResourceTags, desired.Tags),
        live=live,
    )
    # Removed first: a definition that is full with 50 tags has no room for a new one before.
    if change.remove:
        sagemaker.delete_tags(arn, change.remove)
    if change.put:
        sagemaker.add_tags(arn, change.put)
    left = {key: value for key, value in live.items() if key not in change.remove}
    return _success(_to_model(current, {**left, **change.put}, desired))


@resource.handler(Action.DELETE)
def delete(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """Delete the definition, and end when SageMaker no longer shows it."""
    sagemaker, desired = SageMaker(session), _desired(request)
    name = _existing_name(request)
    state = Stabilization.resume(callback_context)
    try:
        if not state.done:
            sagemaker.delete(name)
    except SageMakerError as error:
        gone_by_lost_answer = error.code is HandlerErrorCode.NotFound and state.outcome_unknown
        if not gone_by_lost_answer:
            return state.after(error, desired)
    state.done = True
    try:
        if sagemaker.exists(name):
            return state.after(_still_shown(name), desired)
    except SageMakerError as error:
        return state.after(error, desired)
    return ProgressEvent(status=OperationStatus.SUCCESS)


@resource.handler(Action.LIST)
def list_(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    _callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """One page of the account's definitions in the region, or of one endpoint's (EndpointName)."""
    wanted = request.desiredResourceState
    page = SageMaker(session).page(wanted.EndpointName if wanted else None, request.nextToken)
    return ProgressEvent(
        status=OperationStatus.SUCCESS,
        resourceModels=[
            to_model(
                {
                    "JobDefinitionArn": summary["MonitoringJobDefinitionArn"],
                    "JobDefinitionName": summary["MonitoringJobDefinitionName"],
                    "CreationTime": translation.to_instant(summary["CreationTime"]),
                }
            )
            for summary in page.summaries
        ],
        nextToken=page.next_token,
    )


def _success(model: ResourceModel) -> ProgressEvent:
    return ProgressEvent(status=OperationStatus.SUCCESS, resourceModel=model)


def _desired(request: ResourceHandlerRequest) -> ResourceModel:
    return request.desiredResourceState or to_model({})


def _read_back(
    sagemaker: SageMaker, name: str, identifier: str | None, stated: ResourceModel
) -> ResourceModel:
    """The definition as SageMaker holds it; ``identifier`` None takes SageMaker's own ARN."""
    description = sagemaker.describe(name)
    current = translation.to_properties(description, identifier)
    # The ARN of the description, not the identifier: tag calls can be particular about its case.
    return _to_model(current, sagemaker.tags(description["JobDefinitionArn"]), stated)


def _to_model(
    current: translation.Document, live_tags: tags.Tags, stated: ResourceModel
) -> ResourceModel:
    shown = tags.without_reserved(live_tags)
    # No tags at all are no property, except to who says so with an empty list.
    if shown or stated.Tags is not None:
        current = {**current, "Tags": tags.to_api(dict(sorted(shown.items())))}
    return to_model(current, ignore_unknown=True)


def _name(request: ResourceHandlerRequest) -> str:
    """The name that a create is to give: the template's, or one of this request's own."""
    return _desired(request).JobDefinitionName or naming.physical_name(
        request.stackId, request.logicalResourceIdentifier, request.clientRequestToken
    )


def _arn_to_be(request: ResourceHandlerRequest) -> str:
    """The ARN that the definition will have: an answer that precedes it needs an identifier too."""
    return str(
        DefinitionArn(
            partition=request.awsPartition or "aws",
            region=request.region or "",
            account=request.awsAccountId or "",
            name=_name(request),
        )
    )


def _existing_name(request: ResourceHandlerRequest) -> str:
    """The name in the identifier of the request.

    Raises HandlerError (NotFound) where that is not the ARN of a definition in the account and
    region of the request: the definition of the same name that may be there is another one.
    """
    identifier = _desired(request).JobDefinitionArn
    if identifier is None:
        raise HandlerError(
            HandlerErrorCode.NotFound,
            "The request names no definition: it has no JobDefinitionArn. Give the ARN that Ref "
            "returned.",
        )
    arn = DefinitionArn.parse(identifier)
    if (
        arn is None
        or request.region not in (None, arn.region)
        or request.awsAccountId not in (None, arn.account)
    ):
        raise HandlerError(
            HandlerErrorCode.NotFound,
            f"JobDefinitionArn '{identifier}' names no model quality job definition of account "
            f"{request.awsAccountId} in {request.region}. Give the ARN that Ref returned.",
        )
    return arn.name


def _refuse_read_only(desired: ResourceModel) -> None:
    given = [name for name in READ_ONLY if getattr(desired, name) is not None]
    if given:
        raise invalid_request(
            f"{', '.join(given)}: read-only, set by SageMaker. Remove it from the properties; "
            "Fn::GetAtt gives its value."
        )


def _refuse_create_only_changes(
    previous: ResourceModel, desired: ResourceModel, live_name: str
) -> None:
    """Raise HandlerError (NotUpdatable) that names each create-only property that is to change."""
    before = translation.with_service_defaults(properties_of(previous))
    after = translation.with_service_defaults(properties_of(desired))
    # A name that was generated is in no template; SageMaker tells names apart without case.
    names = [properties.get("JobDefinitionName", live_name) for properties in (before, after)]
    before["JobDefinitionName"], after["JobDefinitionName"] = (name.lower() for name in names)
    changed = [name for name in CREATE_ONLY if before.get(name) != after.get(name)]
    if changed:
        raise HandlerError(
            HandlerErrorCode.NotUpdatable,
            f"{', '.join(changed)}: create-only, SageMaker cannot change it in a definition. "
            "Make a new definition with the new value; in a template, CloudFormation does.",
        )


def _already_exists(request: ResourceHandlerRequest) -> HandlerError:
    return HandlerError(
        HandlerErrorCode.AlreadyExists,
        f"A model quality job definition named '{_name(request)}' already exists in account "
        f"{request.awsAccountId}, {request.region}, and was left as it is. Choose another "
        "JobDefinitionName, or leave it out to have a new name generated for each replacement.",
    )


def _still_shown(name: str) -> HandlerError:
    return HandlerError(
        HandlerErrorCode.NotStabilized,
        f"SageMaker accepted the deletion of '{name}' but still shows it. Delete it again.",
    )
