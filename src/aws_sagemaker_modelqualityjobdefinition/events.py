"""What an event asks for: its action, request, credentials and secrets.

CloudFormation sends events of one form, TestEntrypoint another. Both become an Invocation. What
is malformed is refused with a message that names the part.
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
    # The properties are read as the handler runs: what is refused of them is logged, too.
    request: Callable[[], ResourceHandlerRequest]
    session: Session | None
    callback_context: MutableMapping[str, Any]
    logical_id: str | None = None
    log_stream: str = ""
    resource_type: str | None = None
    provider_session: Session | None = None
    log_group: str | None = None


def parse_event(event: Any) -> Invocation:
    """What CloudFormation's event asks for. Raises HandlerError where it is malformed.

    Gap: the framework drops the event's nextToken, so that LIST gives page one for ever.
    """
    event = _object(event, "The event")
    data = _object(event.get("requestData"), "requestData")
    for key in ("action", "awsAccountId", "bearerToken", "region"):
        _refuse_unless_text(event.get(key), key)
    for holder, key in ((event, "stackId"), (data, "logicalResourceId")):
        if holder.get(key) is not None:
            _refuse_unless_text(holder[key], key)
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
    """Where CloudFormation's users look for this resource's lines."""
    if event.get("stackId") and data.get("logicalResourceId"):
        stream = f"{event['stackId']}/{data['logicalResourceId']}"
    else:
        stream = f"{event['awsAccountId']}-{event['region']}"
    return stream.replace(":", "__")


def parse_test_event(event: Any) -> Invocation:
    """What an event of TestEntrypoint asks for. Raises HandlerError where it is malformed."""
    event = _object(event, "The event")
    _refuse_unless_text(event.get("action"), "action")
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
_TEXTS = (
    "awsAccountId",
    "clientRequestToken",
    "logicalResourceIdentifier",
    "nextToken",
    "region",
    "stackId",
)


# READ, DELETE and LIST need one property each. After a roll-back of the type, an older version
# reads, lists and deletes what a newer one made, and must not mind whatever else the event has.
_NEEDED = {
    Action.READ: "JobDefinitionArn",
    Action.DELETE: "JobDefinitionArn",
    Action.LIST: "EndpointName",
}


def _request(action: Action, **values: Any) -> ResourceHandlerRequest:
    """The handler's request, of the keys that an event has."""
    unknown = values.keys() - _REQUEST_FIELDS
    if unknown:
        raise invalid_request(f"The request has no member {sorted(unknown)}. Remove it.")
    fields: dict[str, Any] = {**dict.fromkeys(_REQUEST_FIELDS), **values}
    for name in _TEXTS:
        if fields[name] is not None:
            _refuse_unless_text(fields[name], name)
    properties = _object(fields["desiredResourceState"], "resourceProperties")
    if needed := _NEEDED.get(action):
        properties = {needed: properties.get(needed)}
        fields.update(previousResourceState=None, desiredResourceTags={}, previousResourceTags={})
    previous = fields["previousResourceState"]
    region = fields["region"]
    fields.update(
        desiredResourceState=to_model(properties),
        # Null where there was no previous state.
        previousResourceState=None
        if previous is None
        else previous_model(_object(previous, "previousResourceProperties")),
        desiredResourceTags=_stack_tags(fields["desiredResourceTags"], "stackTags"),
        previousResourceTags=_stack_tags(
            _without_what_is_no_text(fields["previousResourceTags"]), "previousStackTags"
        ),
        typeConfiguration=None,
        # Gap: the framework takes GovCloud's for "aws-gov"; ARNs there say "aws-us-gov".
        awsPartition=partition_of(region) if region else None,
    )
    return ResourceHandlerRequest(**fields)


def _session(credentials: Any, region: str | None) -> Session | None:
    """Clients that sign with ``credentials`` and nothing else, in ``region``.

    Gaps: the framework leaves the event's region out, and takes the function's own. For each of
    caller, logs and metrics it makes a new session in every invocation, which parses SageMaker's
    whole service model again.
    """
    if not credentials:
        return None
    credentials = _object(credentials, "The credentials")
    keys = {name: credentials.get(name) for name in ("accessKeyId", "secretAccessKey")}
    if credentials.get("sessionToken"):
        keys["sessionToken"] = credentials["sessionToken"]
    for name, key in keys.items():
        # What cannot stand in a header cannot be signed with.
        if not (isinstance(key, str) and key and key.isascii() and key.isprintable()):
            raise HandlerError(
                HandlerErrorCode.InvalidCredentials,
                f"The credentials in the event lack their {name}, or it is not printable ASCII "
                "text. Whoever invokes the function has to pass all of them, as CloudFormation "
                "does.",
            )
    signed_with = ReadOnlyCredentials(
        keys["accessKeyId"], keys["secretAccessKey"], keys.get("sessionToken")
    )
    return Session(signed_with, region)


def _refuse_unless_text(value: Any, name: str) -> None:
    if not isinstance(value, str):
        raise invalid_request(f"The event's {name} is {kind_of(value)}, not a string.")


def _action(value: str) -> Action:
    try:
        return Action[value]
    except KeyError:
        raise invalid_request(
            f"The event's action is {value!r}. Give one of "
            f"{', '.join(action.name for action in Action)}."
        ) from None


def _object(value: Any, name: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise invalid_request(f"{name} is {kind_of(value)}, not an object.")
    return value


def _stack_tags(value: Any, name: str) -> dict[str, str]:
    """A stack's tags, each value as text, as those of the resource's own are."""
    tags = _object(value, name)
    return {key: to_string(item, f"{name}/{key}") for key, item in tags.items()}


def _without_what_is_no_text(tags: Any) -> Any:
    """Stack tags of before less those that were refused: a rollback comes from them, too."""
    if not isinstance(tags, Mapping):
        return tags
    return {key: item for key, item in tags.items() if isinstance(item, str | int | float)}


def secrets_of(event: Any, request: str) -> Secrets:
    """The secrets of an event that may be malformed; ``request`` is its member with the details."""
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
