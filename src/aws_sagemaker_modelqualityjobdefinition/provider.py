"""The framework's Resource with its gaps closed: from CloudFormation's event to its answer.

Each gap stands here beside a sentence that says what the framework does and why that is wrong.
They were read in cloudformation-cli-python-lib 2.1.20; tests/src/test_provider.py shows each.
"""

import difflib
import json
import logging
import math
import re
import threading
import time
import traceback
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from cloudformation_cli_python_lib.exceptions import _HandlerError
from cloudformation_cli_python_lib.interface import (
    Action,
    BaseModel,
    HandlerErrorCode,
    MetricTypes,
    OperationStatus,
    ProgressEvent,
    StandardUnit,
)
from cloudformation_cli_python_lib.log_delivery import ProviderFilter
from cloudformation_cli_python_lib.metrics import METRIC_NAMESPACE_ROOT, format_dimensions
from cloudformation_cli_python_lib.resource import Resource
from cloudformation_cli_python_lib.utils import KitchenSinkEncoder

from .clients import Session, partition_of
from .errors import HandlerError, failed, invalid_request
from .models import ResourceHandlerRequest, ResourceModel
from .redaction import Secrets

LOG = logging.getLogger(__package__)
LOG.setLevel(logging.INFO)
# At DEBUG these write whole requests, with tags, properties and signatures in them.
for _name in ("boto3", "botocore", "urllib3"):
    logging.getLogger(_name).setLevel(logging.WARNING)

# What logs and metrics, which go out side by side, may cost an invocation, in seconds: in all, and
# each of their calls, of which the first line of a stream takes three, of a log group five.
_TELEMETRY_TIME = 1.5
_TELEMETRY = Config(
    connect_timeout=0.25,
    read_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 1},
    parameter_validation=False,  # what is wrong is refused by the service, and comes to the same
)

_MAX_MESSAGE = 1024  # characters; CloudFormation shows no more of one
_LEFT_OUT = " [...] "


class Provider(Resource):
    """Answers CloudFormation's events with the handlers that are registered on it."""

    def __call__(self, event_data: Any, _context: Any = None) -> Any:
        """The answer to a production event, as the dict that Lambda turns into JSON.

        Never raises. Lambda's context is not needed and may be None.
        """
        secrets = _secrets(event_data, "requestData")
        with secrets.kept_out_of_logs(LOG):
            try:
                invocation = _parse_event(event_data)
            except Exception as error:  # noqa: BLE001 - every event gets an answer
                progress = _failed("reading the event", error)
                # Whose log group it would go to is not known.
                LOG.error("Event refused: %s", progress.message)
                return _serialize(progress, secrets)
            with _Telemetry(invocation) as telemetry:
                telemetry.outcome = self._run(invocation)
            return _serialize(telemetry.outcome, secrets)

    def test_entrypoint(self, event_data: Any, _context: Any = None) -> Any:  # noqa: PT019 - no test
        """The answer to the event of TestEntrypoint: bare credentials, action and request."""
        secrets = _secrets(event_data, "request")
        with secrets.kept_out_of_logs(LOG):
            try:
                progress = self._run(_parse_test_event(event_data))
            except Exception as error:  # noqa: BLE001 - every event gets an answer
                progress = _failed("reading the event", error)
            return _serialize(progress, secrets)

    def _run(self, invocation: "_Invocation") -> ProgressEvent:
        """Run the handler, and turn whatever it raises into a FAILED answer with a message.

        Gap: the framework answers what a handler raises, a plain botocore ClientError included,
        with InternalFailure and an empty message.
        """
        try:
            with invocation.session.in_use() if invocation.session else nullcontext():
                return self._invoke_handler(
                    invocation.session,
                    invocation.request(),
                    invocation.action,
                    invocation.callback_context,
                )
        except Exception as error:  # noqa: BLE001 - every event gets an answer
            return _failed(f"the {invocation.action.name} handler", error)


@dataclass
class _Invocation:
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


def _parse_event(event: Any) -> _Invocation:
    """Gap: the framework drops the event's nextToken, so that LIST gives page one for ever."""
    event = _object(event, "The event")
    data = _object(event.get("requestData"), "requestData")
    for key in ("action", "awsAccountId", "bearerToken", "region"):
        _refuse_unless_text(event.get(key), key)
    for holder, key in ((event, "stackId"), (data, "logicalResourceId")):
        if holder.get(key) is not None:
            _refuse_unless_text(holder[key], key)
    region = event["region"]
    action = _action(event["action"])
    return _Invocation(
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


def _parse_test_event(event: Any) -> _Invocation:
    event = _object(event, "The event")
    _refuse_unless_text(event.get("action"), "action")
    request = _object(event.get("request"), "request")
    region = event.get("region") or request.get("region")
    action = _action(event["action"])
    return _Invocation(
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
        else _previous_model(_object(previous, "previousResourceProperties")),
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
        raise invalid_request(f"The event's {name} is {_kind(value)}, not a string.")


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
        raise invalid_request(f"{name} is {_kind(value)}, not an object.")
    return value


# --- properties -----------------------------------------------------------------------------------


def to_model(properties: Mapping[str, Any], *, ignore_unknown: bool = False) -> ResourceModel:
    """The model of ``properties``, each scalar in the type that the schema gives it.

    CloudFormation may hand every scalar over as a string. Raises HandlerError (InvalidRequest),
    with the path, for a value of the wrong type and for a property that the schema does not know,
    unless ``ignore_unknown``.

    Gaps: the framework's own deserialization takes an empty object for none, so that
    ``Csv: {}`` is lost; leaves the JSON types of a map's values as they are, where SageMaker
    takes strings alone; and answers an unknown property with a bare KeyError.
    """
    model = _to_type(properties, ResourceModel, "#", ignore_unknown)
    assert isinstance(model, ResourceModel)  # noqa: S101 - tells mypy what the line above gives
    return model


def _previous_model(properties: Mapping[str, Any]) -> ResourceModel:
    """The model of the properties that were before, less those that cannot be read.

    Another version of the type may have taken them, and a rollback comes from what was refused.
    """
    hints = _type_hints(ResourceModel)
    model = ResourceModel(**dict.fromkeys(hints))
    for name, hint in hints.items():
        with suppress(HandlerError):
            setattr(model, name, _to_type(properties.get(name), hint, f"#/{name}", True))
    return model


def properties_of(model: ResourceModel) -> dict[str, Any]:
    """The reverse of to_model: the properties that ``model`` has, as JSON has them."""
    return dict(model._serialize())  # noqa: SLF001 - the framework offers no other way


@cache
def _type_hints(model: type) -> dict[str, Any]:
    """The annotations of a generated model's fields, each of which is Optional, without that."""
    return {name: get_args(hint)[0] for name, hint in get_type_hints(model).items()}


def _to_type(value: Any, hint: Any, path: str, ignore_unknown: bool) -> Any:
    """``value`` as the annotation ``hint`` of the generated models wants it."""
    if value is None:
        return None
    if isinstance(hint, type):
        if issubclass(hint, BaseModel):
            return _to_nested_model(value, hint, path, ignore_unknown)
        return _to_scalar(value, hint, path)
    container, items = get_origin(hint), get_args(hint)
    if issubclass(container, Mapping):
        if not isinstance(value, Mapping):
            raise _wrong_type(path, value, "an object")
        return {
            key: _to_type(item, items[1], f"{path}/{key}", ignore_unknown)
            for key, item in value.items()
        }
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _wrong_type(path, value, "an array")
    if None in value:
        raise _wrong_type(f"{path}/{value.index(None)}", None, "an item")
    return [
        _to_type(item, items[0], f"{path}/{index}", ignore_unknown)
        for index, item in enumerate(value)
    ]


def _to_nested_model(value: Any, model: Any, path: str, ignore_unknown: bool) -> Any:
    if not isinstance(value, Mapping):
        raise _wrong_type(path, value, "an object")
    hints = _type_hints(model)
    if not ignore_unknown and (unknown := value.keys() - hints.keys()):
        raise _unknown_property(path, min(map(str, unknown)), list(hints))
    given = {
        name: _to_type(item, hints[name], f"{path}/{name}", ignore_unknown)
        for name, item in value.items()
        if name in hints
    }
    return model(**{**dict.fromkeys(hints), **given})


def _to_scalar(value: Any, kind: type, path: str) -> Any:
    if kind is str and isinstance(value, str):
        return value  # as nearly all are
    if _is_endless(value):
        raise invalid_request(f"{path}: a number of thousands of digits. Give a shorter one.")
    if isinstance(value, Mapping | list):
        raise _wrong_type(path, value, f"a {_SCALARS[kind]}")
    if kind is str:
        return json.dumps(value)
    if kind is bool:
        text = str(value).lower()
        if text in ("true", "false"):
            return text == "true"
    elif _NUMBER.fullmatch(str(value)):
        # Of its text: of an int as long as that, Python makes no float, not even an infinite one.
        number = float(str(value))
        if kind is float and math.isfinite(number):
            return number
        if kind is int and number.is_integer():
            return int(number)
    raise _wrong_type(path, value, f"a {_SCALARS[kind]}")


# A number as JSON has it: Python itself would also read "1_0", "nan" and " 1".
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_SCALARS = {str: "string", bool: "boolean", int: "whole number", float: "number"}
_SHOWN_FOR = {f"a {scalar}" for scalar in _SCALARS.values()}


def _is_endless(value: Any) -> bool:
    """Whether it is a number of thousands of digits, of which Python makes no text."""
    return isinstance(value, int) and value.bit_length() > 10_000


def _stack_tags(value: Any, name: str) -> dict[str, str]:
    """A stack's tags, each value as text, as those of the resource's own are."""
    tags: dict[str, str] = {}
    for key, item in _object(value, name).items():
        if item is None:
            raise _wrong_type(f"{name}/{key}", None, "a string")
        tags[key] = _to_scalar(item, str, f"{name}/{key}")
    return tags


def _without_what_is_no_text(tags: Any) -> Any:
    """Stack tags of before less those that were refused: a rollback comes from them, too."""
    if not isinstance(tags, Mapping):
        return tags
    return {key: item for key, item in tags.items() if isinstance(item, str | int | float)}


def _wrong_type(path: str, value: Any, wanted: str) -> HandlerError:
    # In the place of an object or an array, a text may be a whole document, with secrets in it.
    hidden = isinstance(value, str) and wanted not in _SHOWN_FOR
    if hidden or isinstance(value, Mapping | list) or _is_endless(value):
        shown = _kind(value)
    else:
        shown = json.dumps(value)
    return invalid_request(f"{path}: {shown} is not {wanted}. Give {wanted}.")


def _unknown_property(path: str, name: str, known: list[str]) -> HandlerError:
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
    return invalid_request(
        f"{path}/{name}: there is no such property. Did you mean '{nearest}'? "
        f"Properties here: {', '.join(sorted(known))}."
    )


def _kind(value: Any) -> str:
    """What ``value`` is, for a message that must not show what is in it."""
    if value is None:
        return "absent"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "an array"
    return f"a {_SCALARS.get(type(value), type(value).__name__)}"


# --- answers --------------------------------------------------------------------------------------


def to_handler_error(where: str, error: Exception) -> HandlerError:
    """``error``, which was raised in ``where``, as a failure with a code and a message."""
    if isinstance(error, HandlerError):
        return error
    if isinstance(error, _HandlerError):
        return HandlerError(HandlerErrorCode[type(error).__name__], str(error))
    if isinstance(error, RecursionError):
        return invalid_request(
            "The event is nested more deeply than any properties can be. Look for a document "
            "that ended up within itself."
        )
    # A fault of our own. The exception's text stays out: it may quote a property.
    place = traceback.extract_tb(error.__traceback__)[-1]
    fault = f"{type(error).__name__} in {where}, {Path(place.filename).name}:{place.lineno}"
    LOG.error("%s", fault)
    return HandlerError(
        HandlerErrorCode.InternalFailure,
        f"{fault}: a fault of the resource type, not of the template. Please report it with this "
        "message and the template's properties.",
    )


def _failed(where: str, error: Exception) -> ProgressEvent:
    failure = to_handler_error(where, error)
    return failed(failure.code, failure.message)


def _secrets(event: Any, request: str) -> Secrets:
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


def _shortened(message: str) -> str:
    """``message`` less its middle, where it is longer than what CloudFormation shows of one.

    CloudFormation cuts at the end, where the request id is, and the service can be talkative: it
    lists every instance type after a wrong one.
    """
    if len(message) <= _MAX_MESSAGE:
        return message
    half = (_MAX_MESSAGE - len(_LEFT_OUT)) // 2
    return f"{message[:half]}{_LEFT_OUT}{message[-half:]}"


def _serialize(progress: ProgressEvent, secrets: Secrets) -> Any:
    # Shortened last: of a secret that is cut in two, neither half would be known for one.
    progress.message = _shortened(secrets.hide(progress.message))
    return json.loads(json.dumps(progress, cls=KitchenSinkEncoder))


# --- telemetry ------------------------------------------------------------------------------------


class _Telemetry(logging.Handler):
    """Delivers an invocation's log lines and metrics at its end, if the event asks for it.

    Gaps: the framework sends each line as it is logged, and lets errors of that, and connection
    errors of metrics, out into the handler: an outage of CloudWatch ends a create with
    InternalFailure and no model, and the definition is lost. In a warm process it also goes on
    writing to the log stream of the first stack that it served. Here a handler lives for one
    invocation, and nothing that goes wrong in it leaves it.
    """

    def __init__(self, invocation: _Invocation) -> None:
        super().__init__()
        self._invocation = invocation
        self._session = invocation.provider_session if invocation.log_group else None
        self._thread = threading.get_ident()
        self._lines: list[dict[str, Any]] = []
        self._started = time.monotonic()
        self.outcome = ProgressEvent(status=OperationStatus.FAILED)

    def __enter__(self) -> "_Telemetry":
        root = logging.getLogger()
        # The provider's lines are its owner's, not the platform's whose handlers these are.
        self._filter = ProviderFilter(str(__package__))
        self._filtered = list(root.handlers) if self._session else []
        for handler in self._filtered:
            handler.addFilter(self._filter)
        root.addHandler(self)
        return self

    def __exit__(self, *_exception: object) -> None:
        milliseconds = (time.monotonic() - self._started) * 1000
        try:
            self._log_outcome(milliseconds)
        finally:
            root = logging.getLogger()
            root.removeHandler(self)
            for handler in self._filtered:
                handler.removeFilter(self._filter)
        if self._session:
            # In a process that can start no more threads, for one, this fails itself.
            _quietly(self._session, partial(self._deliver, milliseconds))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line of the provider's own until the end of the invocation."""
        # Another thread's is the late telemetry of an invocation before this one.
        if record.thread != self._thread or not record.name.startswith(str(__package__)):
            return
        timestamp = round(record.created * 1000)
        self._lines.append({"timestamp": timestamp, "message": self.format(record)})

    def _log_outcome(self, milliseconds: float) -> None:
        invocation, outcome = self._invocation, self.outcome
        LOG.info(
            "%s %s: %s%s%s (%.0f ms)",
            invocation.action.name,
            invocation.logical_id,
            outcome.status.name,
            f" {outcome.errorCode.name}" if outcome.errorCode else "",
            f": {outcome.message}" if outcome.message else "",
            milliseconds,
        )

    def _deliver(self, milliseconds: float, session: Session) -> None:
        until = time.monotonic() + _TELEMETRY_TIME
        threads = [
            # One that is late is left behind; nothing waits for it, the process's end included.
            threading.Thread(target=_quietly, args=(session, work), daemon=True)
            for work in (self._deliver_lines, partial(self._publish_metrics, milliseconds))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0, until - time.monotonic()))
        if any(thread.is_alive() for thread in threads):
            LOG.warning("Telemetry was not delivered within %s s", _TELEMETRY_TIME)

    def _deliver_lines(self, session: Session) -> None:
        client = session.client("logs", config=_TELEMETRY)
        target = {
            "logGroupName": self._invocation.log_group,
            "logStreamName": self._invocation.log_stream,
        }
        deliver = partial(client.put_log_events, logEvents=self._lines, **target)
        missing = client.exceptions.ResourceNotFoundException
        # Another process may be making the same.
        unless_there = suppress(client.exceptions.ResourceAlreadyExistsException)
        try:
            deliver()
        except missing:
            try:
                with unless_there:
                    client.create_log_stream(**target)
            except missing:
                with unless_there:
                    client.create_log_group(logGroupName=target["logGroupName"])
                with unless_there:
                    client.create_log_stream(**target)
            deliver()

    def _publish_metrics(self, milliseconds: float, session: Session) -> None:
        kind = self._invocation.resource_type
        if not kind:
            return
        about = {
            "DimensionKeyActionType": self._invocation.action.name,
            "DimensionKeyResourceType": kind,
        }
        failure = self.outcome.errorCode
        metrics: list[tuple[MetricTypes, StandardUnit, float, dict[str, str]]] = [
            (MetricTypes.HandlerInvocationCount, StandardUnit.Count, 1.0, about),
            (
                MetricTypes.HandlerInvocationDuration,
                StandardUnit.Milliseconds,
                milliseconds,
                about,
            ),
        ]
        if failure:
            dimensions = {**about, "DimensionKeyExceptionType": failure.name}
            metrics.append((MetricTypes.HandlerException, StandardUnit.Count, 1.0, dimensions))
        session.client("cloudwatch", config=_TELEMETRY).put_metric_data(
            Namespace=f"{METRIC_NAMESPACE_ROOT}/{kind.replace('::', '/')}",
            MetricData=[
                {
                    "MetricName": name.name,
                    "Dimensions": format_dimensions(dimensions),
                    "Unit": unit.name,
                    "Value": value,
                }
                for name, unit, value, dimensions in metrics
            ],
        )


def _quietly(session: Session, deliver: Callable[[Session], None]) -> None:
    try:
        with session.in_use():
            deliver(session)
    except Exception as error:  # noqa: BLE001 - nothing in telemetry matters to the operation
        # Lambda's own log still gets this line; the operation's result is not the worse for it.
        LOG.warning("Telemetry was not delivered: %s", type(error).__name__)
