"""What an event asks for: its action, request, credentials and secrets.

Events of CloudFormation and events of TestEntrypoint differ in form. Both are parsed into an
Invocation. A malformed event is rejected with a message that names the malformed part.
"""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.credentials import ReadOnlyCredentials
from cloudformation_cli_python_lib.interface import Action, HandlerErrorCode

from .clients import Session, partition_of
from .errors import HandlerError, invalid_request
from .models import ResourceHandlerRequest
from .properties import kind_of, previous_model, to_model, to_string
from .redaction import Secrets


@dataclass
class Invocation:
    """What one event asks for."""

    action: Action
    # Builds the request, and rejects invalid properties. It is called after telemetry has started,
    # so that a rejection is logged too.
    request: Callable[[], ResourceHandlerRequest]
    session: Session | None
    callback_context: MutableMapping[str, Any]
    logical_id: str | None = None
    log_stream: str = ""
    resource_type: str | None = None
    provider_session: Session | None = None
    log_group: str | None = None


def parse_event(event: Any) -> Invocation:
    """What an event of CloudFormation asks for. Raises HandlerError if it is malformed.

    Gap: the framework drops the event's nextToken, so LIST returns the first page forever.
    """
    event = _object(event, "The event")
    data = _object(event.get("requestData"), "requestData")
    for key in ("action", "awsAccountId", "bearerToken", "region"):
        _require_string(event.get(key), key)
    for holder, key in ((event, "stackId"), (data, "logicalResourceId")):
        if holder.get(key) is not None:
            _require_string(holder[key], key)
    region = event["region"]
    action = _action(event["action"])
    return Invocation(
        action=action,
        request=partial(
            _request,
            action,
            clientRequestToken=event["bearerToken"],
            desiredResourceState=data.get("resourceProperties"),
            previousResourceState=data.get("previousResourceProperties"),
            desiredResourceTags=data.get("stackTags"),
            previousResourceTags=data.get("previousStackTags"),
            systemTags=data.get("systemTags"),
            previousSystemTags=data.get("previousSystemTags"),
            awsAccountId=event["awsAccountId"],
            logicalResourceIdentifier=data.get("logicalResourceId"),
            nextToken=event.get("nextToken"),
            region=region,
            stackId=event.get("stackId"),
        ),
        session=_session(data.get("callerCredentials"), region),
        callback_context=dict(_object(event.get("callbackContext"), "callbackContext")),
        logical_id=data.get("logicalResourceId"),
        log_stream=_log_stream(event, data),
        resource_type=event.get("resourceType"),
        provider_session=_session(data.get("providerCredentials"), region),
        log_group=data.get("providerLogGroupName"),
    )


def _log_stream(event: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """The name of the log stream in which CloudFormation's users look for this resource."""
    if event.get("stackId") and data.get("logicalResourceId"):
        stream = f"{event['stackId']}/{data['logicalResourceId']}"
    else:
        stream = f"{event['awsAccountId']}-{event['region']}"
    return stream.replace(":", "__")


def parse_test_event(event: Any) -> Invocation:
    """What an event of TestEntrypoint asks for. Raises HandlerError if it is malformed."""
    event = _object(event, "The event")
    _require_string(event.get("action"), "action")
    request = _object(event.get("request"), "request")
    region = event.get("region") or request.get("region")
    action = _action(event["action"])
    return Invocation(
        action=action,
        request=partial(_request, action, **{**request, "region": region}),
        session=_session(event.get("credentials"), region),
        callback_context=dict(_object(event.get("callbackContext"), "callbackContext")),
    )


_REQUEST_FIELDS = frozenset(ResourceHandlerRequest.__dataclass_fields__)
_STRING_FIELDS = (
    "awsAccountId",
    "clientRequestToken",
    "logicalResourceIdentifier",
    "nextToken",
    "region",
    "stackId",
)


# READ, DELETE and LIST need one property each. They ignore all others: after the type has been
# rolled back, an older version has to handle definitions with properties of a newer one.
_ONLY_PROPERTY = {
    Action.READ: "JobDefinitionArn",
    Action.DELETE: "JobDefinitionArn",
    Action.LIST: "EndpointName",
}


def _request(action: Action, **values: Any) -> ResourceHandlerRequest:
    """The handler's request with ``values``, which come from an event.

    Raises HandlerError (InvalidRequest) for a value that is invalid or unknown.
    """
    unknown = values.keys() - _REQUEST_FIELDS
    if unknown:
        unknown_members = sorted(unknown)
        raise invalid_request(f"The request has unknown members: {unknown_members}. Remove them.")
    fields: dict[str, Any] = {**dict.fromkeys(_REQUEST_FIELDS), **values}
    for name in _STRING_FIELDS:
        if fields[name] is not None:
            _require_string(fields[name], name)
    properties = _object(fields["desiredResourceState"], "resourceProperties")
    if only := _ONLY_PROPERTY.get(action):
        properties = {only: properties.get(only)}
        fields.update(previousResourceState=None, desiredResourceTags={}, previousResourceTags={})
    previous = fields["previousResourceState"]
    region = fields["region"]
    fields.update(
        desiredResourceState=to_model(properties),
        # Null if there was no previous state.
        previousResourceState=None
        if previous is None
        else previous_model(_object(previous, "previousResourceProperties")),
        desiredResourceTags=_stack_tags(fields["desiredResourceTags"], "stackTags"),
        previousResourceTags=_stack_tags(
            _without_non_scalars(fields["previousResourceTags"]), "previousStackTags"
        ),
        typeConfiguration=None,
        # Gap: the framework uses "aws-gov" for GovCloud; ARNs there have "aws-us-gov".
        awsPartition=partition_of(region) if region else None,
    )
    return ResourceHandlerRequest(**fields)


def _session(credentials: Any, region: str | None) -> Session | None:
    """Access to AWS in ``region`` with ``credentials`` and no others; None without credentials.

    Gaps: the framework ignores the event's region and uses the function's. In every invocation, it
    creates one session each for the caller, logs and metrics, and so parses SageMaker's large
    service model again.
    """
    if not credentials:
        return None
    credentials = _object(credentials, "The credentials")
    keys = {name: credentials.get(name) for name in ("accessKeyId", "secretAccessKey")}
    if credentials.get("sessionToken"):
        keys["sessionToken"] = credentials["sessionToken"]
    for member, key in keys.items():
        # Credentials are sent in headers, so they can only have characters that headers allow.
        if not (isinstance(key, str) and key and key.isascii() and key.isprintable()):
            raise HandlerError(
                HandlerErrorCode.InvalidCredentials,
                f"The event's credentials have no {member}, or it is not printable ASCII text. "
                "Invoke the function with complete credentials, as CloudFormation does.",
            )
    signed_with = ReadOnlyCredentials(
        keys["accessKeyId"], keys["secretAccessKey"], keys.get("sessionToken")
    )
    return Session(signed_with, region)


def _require_string(value: Any, member: str) -> None:
    if not isinstance(value, str):
        actual_type = kind_of(value)
        raise invalid_request(f"The event's {member} is {actual_type}, not a string.")


def _action(given_action: str) -> Action:
    try:
        return Action[given_action]
    except KeyError:
        valid_actions = ", ".join(action.name for action in Action)
        raise invalid_request(
            f"The event's action is {given_action!r}. Use one of {valid_actions}."
        ) from None


def _object(value: Any, member: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        actual_type = kind_of(value)
        raise invalid_request(f"{member} is {actual_type}, not an object.")
    return value


def _stack_tags(value: Any, name: str) -> dict[str, str]:
    """A stack's tags, each value as a string, as in the resource's own tags."""
    tags = _object(value, name)
    return {key: to_string(item, f"{name}/{key}") for key, item in tags.items()}


def _without_non_scalars(tags: Any) -> Any:
    """Previous stack tags without those that were rejected: a rollback starts from them too."""
    if not isinstance(tags, Mapping):
        return tags
    return {key: item for key, item in tags.items() if isinstance(item, str | int | float)}


def secrets_of(event: Any, request: str) -> Secrets:
    """The secrets in an event, which may be malformed; ``request`` names the member to search."""
    event = event if isinstance(event, Mapping) else {}
    data = event.get(request)
    data = data if isinstance(data, Mapping) else {}
    return Secrets(
        [
            event.get("credentials"),
            data.get("callerCredentials"),
            data.get("providerCredentials"),
        ],
        [
            data.get(member)
            for member in (
                "resourceProperties",
                "previousResourceProperties",
                "desiredResourceState",
                "previousResourceState",
            )
        ],
    )
