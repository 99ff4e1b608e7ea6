"""Create, read, update, delete and list: what CloudFormation and Cloud Control call.

The rules that each handler keeps are those of the handler contract:
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract.html
"""

import logging
from collections.abc import MutableMapping
from typing import Any

from cloudformation_cli_python_lib.boto3_proxy import SessionProxy
from cloudformation_cli_python_lib.interface import (
    Action,
    HandlerErrorCode,
    OperationStatus,
    ProgressEvent,
)

from . import live_tags, naming, tags, translation
from .answers import to_handler_error
from .errors import HandlerError, invalid_request
from .models import ResourceHandlerRequest, ResourceModel
from .naming import DefinitionArn
from .properties import properties_of, to_model
from .provider import Provider
from .sagemaker import Cause, SageMaker, SageMakerError
from .stabilization import Stabilization

LOG = logging.getLogger(__package__)

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
    given, name = desired.JobDefinitionName, _name(request)
    wanted = tags.desired(request.desiredResourceTags, desired.Tags)

    if given and not (state.was_absent or state.done):
        state.was_absent = _is_absent(sagemaker, request)
    # CloudFormation may delete what it was told of. Where the look was denied, the given name may
    # be another party's, so no identifier is told before SageMaker has accepted the create.
    known_to_be_free = not given or state.was_absent
    if known_to_be_free:
        desired.JobDefinitionArn = desired.JobDefinitionArn or _arn_to_be(request)
    try:
        if not state.done:
            arn = sagemaker.create(translation.to_request(properties_of(desired), name, wanted))
            # Whoever was given an identifier before keeps it, whatever the case in SageMaker's.
            desired.JobDefinitionArn = desired.JobDefinitionArn if state.resumed else arn
            state.carried_out()
    except SageMakerError as error:
        if error.code is HandlerErrorCode.ResourceConflict:
            # A generated name is this request's alone. A given one was free when this request
            # looked: it is this request's where an earlier create was sent and its answer was lost.
            if given and not state.outcome_unknown:
                raise _already_exists(request) from error
            state.carried_out()
        elif known_to_be_free and not (given and _was_throttled(error, state)):
            return state.after(error, desired)
        else:
            raise
    try:
        return _created(sagemaker, name, desired, wanted, state)
    except Exception as error:  # noqa: BLE001 - not even a fault of ours may lose what was made
        return state.after(to_handler_error("the CREATE handler", error), desired)


@resource.handler(Action.READ)
def read(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    _callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """Everything that SageMaker holds of the definition, live tags included."""
    sagemaker, name = SageMaker(session), _existing_name(request)
    description = sagemaker.describe(name)
    current = translation.to_properties(description, _desired(request).JobDefinitionArn)
    # The ARN of the description, not the identifier: tag calls can be particular about its case.
    with live_tags.looked_up_again(sagemaker, name):
        live = live_tags.read(sagemaker, description["JobDefinitionArn"], needed=False)
    return _success(current, live)


@resource.handler(Action.UPDATE)
def update(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    _callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """Make the live tags the desired ones; a definition cannot be changed in anything else."""
    sagemaker, desired, name = SageMaker(session), _desired(request), _existing_name(request)
    wanted = tags.desired(request.desiredResourceTags, desired.Tags)
    description = sagemaker.describe(name)
    current = translation.to_properties(description, desired.JobDefinitionArn)
    previous = request.previousResourceState or to_model(current, ignore_unknown=True)
    _refuse_create_only_changes(previous, desired, current["JobDefinitionName"])

    arn = description["JobDefinitionArn"]
    before = tags.desired_before(request.previousResourceTags, previous.Tags)
    with live_tags.looked_up_again(sagemaker, name):
        live = live_tags.read(sagemaker, arn, needed=bool(before or wanted))
        changes = tags.changes(before, wanted, live)
        live_tags.change(sagemaker, arn, changes, live=live, before=before)
    left = {key: value for key, value in live.items() if key not in changes.remove}
    return _success(current, {**left, **wanted}, desired)


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
            state.carried_out()
    except SageMakerError as error:
        gone_by_lost_answer = error.code is HandlerErrorCode.NotFound and state.outcome_unknown
        if not gone_by_lost_answer:
            return state.after(error, desired)
        state.carried_out()
    try:
        if sagemaker.exists(name):
            return state.after(_still_shown(name), desired)
    except SageMakerError as error:
        # Permissions may be granted by tags, and what is gone has none.
        if error.code is not HandlerErrorCode.AccessDenied:
            return state.after(error, desired)
        LOG.info("SageMaker accepted the deletion; whether it is done was not seen: %s", error)
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


def _is_absent(sagemaker: SageMaker, request: ResourceHandlerRequest) -> bool:
    """Whether the given name is free; False where the caller is not allowed to look.

    Permissions may be granted by tags, which a definition has only once it is made:
    https://github.com/aws/sagemaker-python-sdk/pull/3662
    Raises HandlerError (AlreadyExists) where the name is taken.
    """
    try:
        if sagemaker.exists(_name(request)):
            raise _already_exists(request)
    except SageMakerError as error:
        if error.code is not HandlerErrorCode.AccessDenied:
            raise
        LOG.info("Whether the name is free could not be seen before the create: %s", error)
        return False
    return True


def _was_throttled(error: SageMakerError, state: Stabilization) -> bool:
    """Whether a create was throttled, and no earlier one of this request can have made it.

    A given name is free until then. While it waited, another party could take it, under the
    identifier that CloudFormation would have been told.
    """
    return error.code is HandlerErrorCode.Throttling and not state.outcome_unknown


def _created(
    sagemaker: SageMaker,
    name: str,
    desired: ResourceModel,
    wanted: tags.Tags,
    state: Stabilization,
) -> ProgressEvent:
    """The end of a create, once SageMaker shows the definition and the tags that were sent.

    Raises HandlerError where it does not show them yet.
    """
    try:
        description = sagemaker.describe(name)
    except SageMakerError as error:
        if state.seen and error.code is HandlerErrorCode.NotFound:
            return state.failed(_deleted_meanwhile(name), desired)
        raise
    state.seen = True
    identifier = desired.JobDefinitionArn if state.resumed else None
    current = translation.to_properties(description, identifier)
    try:
        live = live_tags.read(sagemaker, description["JobDefinitionArn"], needed=bool(wanted))
    except SageMakerError as error:
        if error.cause is not Cause.UNKNOWN_TO_TAGGING or state.in_time:
            raise
        live = {}
    if not wanted.items() <= live.items():
        if state.in_time:
            raise _tags_not_shown(name)
        LOG.warning("SageMaker took the tags of '%s', and has not shown them since.", name)
    return _success(current, {**live, **wanted}, desired)


def _success(
    current: translation.Document, live: tags.Tags, stated: ResourceModel | None = None
) -> ProgressEvent:
    """The success that shows the properties and the tags of a definition.

    No tags at all are no property, unless ``stated`` says so with an empty list.
    """
    shown = tags.without_reserved(live)
    if shown or (stated and stated.Tags is not None):
        current = {**current, "Tags": tags.to_api(dict(sorted(shown.items())))}
    model = to_model(current, ignore_unknown=True)
    return ProgressEvent(status=OperationStatus.SUCCESS, resourceModel=model)


def _desired(request: ResourceHandlerRequest) -> ResourceModel:
    return request.desiredResourceState or to_model({})


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

    Raises HandlerError (NotFound) where that is not the ARN of a definition in the partition,
    account and region of the request: the definition of that name there is another one.
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
        or request.awsPartition not in (None, arn.partition)
        or request.region not in (None, arn.region)
        or request.awsAccountId not in (None, arn.account)
    ):
        raise HandlerError(
            HandlerErrorCode.NotFound,
            f"JobDefinitionArn '{identifier}' names no model quality job definition of account "
            f"{request.awsAccountId} in {request.region} (partition {request.awsPartition}). Give "
            "the ARN that Ref returned.",
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


def _tags_not_shown(name: str) -> HandlerError:
    return HandlerError(
        HandlerErrorCode.NotStabilized,
        f"SageMaker does not show all tags of '{name}' yet. Nothing has to be done.",
    )


def _deleted_meanwhile(name: str) -> HandlerError:
    return HandlerError(
        HandlerErrorCode.NotStabilized,
        f"The definition '{name}' was created, and someone deleted it before its creation was "
        "complete. Deploy it again.",
    )


def _still_shown(name: str) -> HandlerError:
    return HandlerError(
        HandlerErrorCode.NotStabilized,
        f"SageMaker accepted the deletion of '{name}' but still shows it. Delete it again.",
    )
