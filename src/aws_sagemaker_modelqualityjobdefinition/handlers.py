"""The five handlers that CloudFormation and Cloud Control call.

They follow the handler contract:
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
from .sagemaker import SageMaker
from .service_errors import Cause, SageMakerError
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
    """Create the definition exactly once, even if responses are lost, and wait until it shows."""
    sagemaker, desired = SageMaker(session), _desired(request)
    state = Stabilization.resume(callback_context)
    if not state.resumed:
        _refuse_read_only(desired)
    given, name = desired.JobDefinitionName, _name(request)
    wanted = tags.desired(request.desiredResourceTags, desired.Tags)

    if given and not (state.was_absent or state.done):
        state.was_absent = _is_absent(sagemaker, request)
    # CloudFormation may delete any definition whose identifier it has been told. If checking a name
    # was denied, the name may belong to another party. Then no identifier is returned before
    # SageMaker has accepted the create.
    known_to_be_free = not given or state.was_absent
    if known_to_be_free:
        desired.JobDefinitionArn = desired.JobDefinitionArn or _predicted_arn(request)
    try:
        if not state.done:
            arn = sagemaker.create(translation.to_request(properties_of(desired), name, wanted))
            # An identifier that has already been returned is kept, even if SageMaker's differs in
            # case.
            desired.JobDefinitionArn = desired.JobDefinitionArn if state.resumed else arn
            state.carried_out()
    except SageMakerError as error:
        if error.code is HandlerErrorCode.ResourceConflict:
            # Only this request can use a generated name. A given name was free when this request
            # checked it. So this request created the definition if an earlier create was sent and
            # its response was lost.
            if given and not state.outcome_unknown:
                raise _already_exists(request) from error
            state.carried_out()
        elif known_to_be_free and not (given and _was_throttled(error, state)):
            return state.after(error, desired)
        else:
            raise
    try:
        return _created(sagemaker, name, desired, wanted, state)
    except Exception as error:  # noqa: BLE001 - even a bug must not lose the definition
        return state.after(to_handler_error("the CREATE handler", error), desired)


@resource.handler(Action.READ)
def read(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    _callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """Return all properties of the definition, including live tags."""
    sagemaker, name = SageMaker(session), _existing_name(request)
    description = sagemaker.describe(name)
    current = translation.to_properties(description, _desired(request).JobDefinitionArn)
    # Tag operations may be case-sensitive, so they get the description's ARN, not the identifier.
    with live_tags.existence_checked(sagemaker, name):
        live = live_tags.read(sagemaker, description["JobDefinitionArn"], needed=False)
    return _success(current, live)


@resource.handler(Action.UPDATE)
def update(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    _callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """Update the definition's tags, which are all that can be changed in a definition."""
    sagemaker, desired, name = SageMaker(session), _desired(request), _existing_name(request)
    wanted = tags.desired(request.desiredResourceTags, desired.Tags)
    description = sagemaker.describe(name)
    current = translation.to_properties(description, desired.JobDefinitionArn)
    previous = request.previousResourceState or to_model(current, ignore_unknown=True)
    _refuse_create_only_changes(previous, desired, current["JobDefinitionName"])

    arn = description["JobDefinitionArn"]
    before = tags.desired_before(request.previousResourceTags, previous.Tags)
    with live_tags.existence_checked(sagemaker, name):
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
    """Delete the definition, and wait until SageMaker no longer shows it."""
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
        # Permissions may depend on tags, and a deleted definition has none.
        if error.code is not HandlerErrorCode.AccessDenied:
            return state.after(error, desired)
        LOG.info("SageMaker accepted the deletion; its completion was not checked: %s", error)
    return ProgressEvent(status=OperationStatus.SUCCESS)


@resource.handler(Action.LIST)
def list_(
    session: SessionProxy | None,
    request: ResourceHandlerRequest,
    _callback_context: MutableMapping[str, Any],
) -> ProgressEvent:
    """Return one page of the account's definitions in the region, or of those of EndpointName."""
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
    """Whether the given name is free; False if the caller is not allowed to check.

    Permissions may depend on tags, which a definition only has once it exists:
    https://github.com/aws/sagemaker-python-sdk/pull/3662
    Raises HandlerError (AlreadyExists) if the name is taken.
    """
    try:
        if sagemaker.exists(_name(request)):
            raise _already_exists(request)
    except SageMakerError as error:
        if error.code is not HandlerErrorCode.AccessDenied:
            raise
        LOG.info("Could not check before the create whether the name is free: %s", error)
        return False
    return True


def _was_throttled(error: SageMakerError, state: Stabilization) -> bool:
    """Whether the create was throttled, and no earlier one of this request may have succeeded.

    Then a given name is still free. If this request waited, another party could take the name, and
    with it the identifier that CloudFormation would have been told.
    """
    return error.code is HandlerErrorCode.Throttling and not state.outcome_unknown


def _created(
    sagemaker: SageMaker,
    name: str,
    desired: ResourceModel,
    wanted: tags.Tags,
    state: Stabilization,
) -> ProgressEvent:
    """The answer of a create, once SageMaker shows the definition and the tags that were sent.

    Raises HandlerError if it does not show them yet.
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
        LOG.warning("SageMaker accepted the tags of '%s' but has not shown them since.", name)
    return _success(current, {**live, **wanted}, desired)


def _success(
    current: translation.Document, live: tags.Tags, stated: ResourceModel | None = None
) -> ProgressEvent:
    """The SUCCESS answer with the properties and tags of a definition.

    Without tags, the property Tags is omitted, unless it is in ``stated``, such as an empty list.
    """
    shown = tags.without_reserved(live)
    if shown or (stated and stated.Tags is not None):
        current = {**current, "Tags": tags.to_api(dict(sorted(shown.items())))}
    model = to_model(current, ignore_unknown=True)
    return ProgressEvent(status=OperationStatus.SUCCESS, resourceModel=model)


def _desired(request: ResourceHandlerRequest) -> ResourceModel:
    return request.desiredResourceState or to_model({})


def _name(request: ResourceHandlerRequest) -> str:
    """The name of the definition to create: the template's, or a generated one."""
    return _desired(request).JobDefinitionName or naming.physical_name(
        request.stackId, request.logicalResourceIdentifier, request.clientRequestToken
    )


def _predicted_arn(request: ResourceHandlerRequest) -> str:
    """The ARN that the definition will have, for answers that are given before it exists."""
    return str(
        DefinitionArn(
            partition=request.awsPartition or "aws",
            region=request.region or "",
            account=request.awsAccountId or "",
            name=_name(request),
        )
    )


def _existing_name(request: ResourceHandlerRequest) -> str:
    """The name of the definition that the request identifies.

    Raises HandlerError (NotFound) if the identifier is not the ARN of a definition in the request's
    partition, account and region. A definition of the same name there would be a different one.
    """
    identifier = _desired(request).JobDefinitionArn
    if identifier is None:
        raise HandlerError(
            HandlerErrorCode.NotFound,
            "The request does not identify a definition: JobDefinitionArn is missing. Use the ARN "
            "that Ref or DescribeModelQualityJobDefinition returns.",
        )
    arn = DefinitionArn.parse(identifier)
    partition, region, account = request.awsPartition, request.region, request.awsAccountId
    if (
        arn is None
        or partition not in (None, arn.partition)
        or region not in (None, arn.region)
        or account not in (None, arn.account)
    ):
        raise HandlerError(
            HandlerErrorCode.NotFound,
            f"JobDefinitionArn '{identifier}' is not the ARN of a model quality job definition in "
            f"account {account}, {region} (partition {partition}). Use the ARN that Ref or "
            "DescribeModelQualityJobDefinition returns.",
        )
    return arn.name


def _refuse_read_only(desired: ResourceModel) -> None:
    given = [name for name in READ_ONLY if getattr(desired, name) is not None]
    if given:
        given_properties = ", ".join(given)
        raise invalid_request(
            f"{given_properties}: read-only, set by SageMaker. Remove it from the properties; "
            "Fn::GetAtt returns its value."
        )


def _refuse_create_only_changes(
    previous: ResourceModel, desired: ResourceModel, live_name: str
) -> None:
    """Raise HandlerError (NotUpdatable) if create-only properties would change, and name them."""
    before = translation.with_service_defaults(properties_of(previous))
    after = translation.with_service_defaults(properties_of(desired))
    # A generated name is not in the template. SageMaker's names are case-insensitive.
    names = [properties.get("JobDefinitionName", live_name) for properties in (before, after)]
    before["JobDefinitionName"], after["JobDefinitionName"] = (name.lower() for name in names)
    changed = [name for name in CREATE_ONLY if before.get(name) != after.get(name)]
    if changed:
        changed_properties = ", ".join(changed)
        raise HandlerError(
            HandlerErrorCode.NotUpdatable,
            f"{changed_properties}: create-only, SageMaker cannot change it in a definition. "
            "Create a new definition with the new value. In a stack, CloudFormation does that.",
        )


def _already_exists(request: ResourceHandlerRequest) -> HandlerError:
    name, account, region = _name(request), request.awsAccountId, request.region
    return HandlerError(
        HandlerErrorCode.AlreadyExists,
        f"A model quality job definition named '{name}' already exists in account {account}, "
        f"{region}, and was not changed. Choose another JobDefinitionName, or leave it out so that "
        "each replacement gets a generated name.",
    )


def _tags_not_shown(name: str) -> HandlerError:
    return HandlerError(
        HandlerErrorCode.NotStabilized,
        f"SageMaker does not show all tags of '{name}' yet. No action is needed.",
    )


def _deleted_meanwhile(name: str) -> HandlerError:
    return HandlerError(
        HandlerErrorCode.NotStabilized,
        f"The definition '{name}' was created, but someone deleted it before the create was "
        "complete. Deploy it again.",
    )


def _still_shown(name: str) -> HandlerError:
    return HandlerError(
        HandlerErrorCode.NotStabilized,
        f"SageMaker accepted the deletion of '{name}' but still shows it. Delete it again.",
    )
