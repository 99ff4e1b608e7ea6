"""Events that are not as they should be: each gets an answer that a person can work with."""

import copy
import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloudformation_cli_python_lib.interface import HandlerErrorCode
from hypothesis import given
from hypothesis import strategies as st

from aws_sagemaker_modelqualityjobdefinition import handlers
from tests.harness.failing_aws import FailingAws
from tests.harness.properties import examples
from tests.harness.provider import BATCH, MINIMUM, STACK_ID, Provider, serving

# Long, and the same on every Python.
pytestmark = [pytest.mark.once, pytest.mark.timeout(600)]

EVENTS = 2000
TEST_EVENTS = 1000
CODES = {code.name for code in HandlerErrorCode}
CREDENTIALS = {
    "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
    "secretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "sessionToken": "IQoJb3JpZ2luX2VjEXAMPLETOKEN",
}
PASSWORD = "correct horse battery staple"
SECRETS = (*CREDENTIALS.values(), PASSWORD)
STANDING = "stands-for-all-tests"

Json = Any
Path = tuple[Any, ...]


class Calls:
    """The entry points, in front of a SageMaker that has one definition."""

    def __init__(self, aws: FailingAws) -> None:
        self.sagemaker = aws.client("sagemaker")
        made = self.sagemaker.create_model_quality_job_definition(
            JobDefinitionName=STANDING, **MINIMUM
        )
        self.arn: str = made["JobDefinitionArn"]
        self._aws = aws

    def properties(self, action: str) -> Json:
        """Properties with which an action gets as far as it can."""
        if action in ("READ", "DELETE"):
            return {"JobDefinitionArn": self.arn}
        if action == "LIST":
            return {"EndpointName": "churn"}
        application = {**MINIMUM["ModelQualityAppSpecification"], "Environment": {"DB": PASSWORD}}
        more = {
            "ModelQualityAppSpecification": application,
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "Tags": [{"Key": "a", "Value": "b"}],
        }
        if action == "CREATE":
            return {**BATCH, **more}
        return {**MINIMUM, "Tags": more["Tags"], "JobDefinitionArn": self.arn}

    def event(self, action: str, *, telemetry: bool = False, resumed: bool = False) -> Json:
        """A whole event of CloudFormation, with a value wherever it can have one."""
        properties = self.properties(action)
        update = action == "UPDATE"
        event = Provider(self._aws).event(
            action,
            properties,
            properties if update else None,
            tags={"stack": "tag"},
            previous_tags={"stack": "tag"} if update else None,
            context={"attempts": 1, "started": time.time(), "done": False} if resumed else None,
        )
        event["requestData"]["callerCredentials"] = dict(CREDENTIALS)
        if telemetry:
            event["requestData"]["providerCredentials"] = dict(CREDENTIALS)
            event["requestData"]["providerLogGroupName"] = "group"
        return event

    def test_event(self, action: str) -> Json:
        """A whole event of TestEntrypoint."""
        properties = self.properties(action)
        update = action == "UPDATE"
        return {
            "credentials": dict(CREDENTIALS),
            "action": action,
            "request": {
                "clientRequestToken": "token",
                "desiredResourceState": properties,
                "previousResourceState": properties if update else None,
                "desiredResourceTags": {"stack": "tag"},
                "logicalResourceIdentifier": "JobDefinition",
                "stackId": STACK_ID,
            },
            "callbackContext": None,
        }

    def answer(self, event: Json, entry_point: Callable[..., Json] = handlers.resource) -> Json:
        """The answer to any event, once it is what CloudFormation takes for one."""
        answer = entry_point(event, None)
        text = json.dumps(answer)
        assert answer["status"] in ("SUCCESS", "FAILED", "IN_PROGRESS")
        if answer["status"] == "FAILED":
            assert answer["message"]
            assert answer["errorCode"] in CODES
            # A fault of ours, as which nothing that comes in may end.
            assert answer["errorCode"] != "InternalFailure", ascii(answer["message"])
        assert "Traceback" not in text
        assert not [secret for secret in SECRETS if secret in str(answer.get("message"))]
        self._clean_up(answer)
        return answer

    def _clean_up(self, answer: Json) -> None:
        model = answer.get("resourceModel") or {}
        name = str(model.get("JobDefinitionArn", "")).rpartition("/")[2]
        if name and name != STANDING:
            with suppress(ClientError):
                self.sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)

    def refusal(self, event: Json, entry_point: Callable[..., Json] = handlers.resource) -> str:
        """The message of an answer that has to be a failure, and holds no secret."""
        answer = self.answer(event, entry_point)
        assert answer["status"] == "FAILED", answer
        assert not [secret for secret in SECRETS if secret in json.dumps(answer)]
        return str(answer["message"])


@pytest.fixture(scope="module")
def calls() -> Iterator[Calls]:
    """One for all tests and examples of this module."""
    with serving(FailingAws()) as aws, pytest.MonkeyPatch.context() as settings:
        settings.setenv("AWS_ENDPOINT_URL", aws.url)
        yield Calls(aws)


# --- whole events that are something else ---------------------------------------------------------


@pytest.mark.parametrize(
    "event", [None, True, 0, 1.5, "", "CREATE", [], [{"action": "CREATE"}], {}], ids=repr
)
@pytest.mark.parametrize("entry_point", [handlers.resource, handlers.test_entrypoint])
def test_what_is_no_event_is_refused_with_words(
    calls: Calls, event: Json, entry_point: Callable[..., Json]
) -> None:
    message = calls.refusal(event, entry_point)
    assert "event" in message or "action" in message, message


@pytest.mark.parametrize("action", ["create", "DESTROY", "", None, 7, ["CREATE"], {"a": 1}])
def test_an_unknown_action_is_refused_with_those_that_there_are(calls: Calls, action: Json) -> None:
    message = calls.refusal({**calls.event("CREATE"), "action": action})
    assert "action" in message
    if isinstance(action, str):
        assert repr(action) in message
        assert "CREATE, READ, UPDATE, DELETE, LIST" in message


# --- one thing wrong with an event ----------------------------------------------------------------


def paths(value: Json, path: Path = ()) -> Iterator[Path]:
    """The places in a document, its members before their own."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, member in value.items():
            yield from paths(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths(item, (*path, index))


def changed(event: Json, path: Path, change: Callable[[Json, Any], None]) -> Json:
    """A copy of the event, with ``change`` made to what holds the place, and its name there."""
    event = copy.deepcopy(event)
    holder = event
    for name in path[:-1]:
        holder = holder[name]
    change(holder, path[-1])
    return event


NEEDED = [
    ("action",),
    ("awsAccountId",),
    ("bearerToken",),
    ("region",),
    ("requestData",),
    ("requestData", "callerCredentials"),
    ("requestData", "callerCredentials", "accessKeyId"),
    ("requestData", "callerCredentials", "secretAccessKey"),
]


@pytest.mark.parametrize("path", NEEDED, ids="/".join)
@pytest.mark.parametrize("what", ["missing", None, [], 7])
def test_an_event_that_lacks_what_it_needs_is_refused_by_name(
    calls: Calls, path: Path, what: Json
) -> None:
    def change(holder: Json, name: str) -> None:
        if what == "missing":
            del holder[name]
        else:
            holder[name] = what

    message = calls.refusal(changed(calls.event("CREATE"), path, change))
    # Without any, the handler misses them by the name of the role that they are for.
    named: dict[Any, str] = {
        "requestData": "requestData|callerCredentials",
        "callerCredentials": "credentials",
    }
    assert re.search(named.get(path[-1], str(path[-1])), message, re.IGNORECASE), message


def deeply(levels: int) -> Json:
    """A document of so many levels."""
    document: Json = "bottom"
    for _ in range(levels):
        document = {"down": document}
    return document


# Of what Lambda hands over, Python's own JSON reader has made sure that it is not deeper.
DEEP = deeply(900)
VALUES: dict[str, Json] = {
    "null": None,
    "true": True,
    "huge number": 10**400,
    "number that Python makes no text of": 10**5000,
    "empty text": "",
    "non-ASCII": "Größe 大小 \U0001f9ea\u202e\u0000",
    "empty array": [],
    "array of nulls": [None],
    "empty object": {},
    "object with an empty name": {"": {"": None}},
    "deep": DEEP,
    "deep array": [[DEEP]],
    "long": "x" * 5_000,
    "many members": {f"name{number}": number for number in range(500)},
    "many items": [{"Key": "a", "Value": "b"}] * 500,
}
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
ACTIONS = ("CREATE", "READ", "UPDATE", "DELETE", "LIST")
# A place is chosen by a number, and the event's own number of places.
ANYWHERE = st.integers(0, 10_000)
CHANGES = st.one_of(
    st.tuples(st.just("replace"), st.sampled_from(list(VALUES.values())) | JSON_VALUES),
    st.tuples(st.just("add"), st.sampled_from(list(VALUES.values())) | JSON_VALUES),
    st.tuples(st.just("remove"), st.none()),
    st.tuples(st.just("rename"), st.text(max_size=9)),
)


def mutated(event: Json, anywhere: int, kind: str, value: Json) -> Json:
    """The event with something else at one place."""

    def change(holder: Json, name: Any) -> None:
        if kind == "replace":
            holder[name] = value
        elif isinstance(holder, list):
            holder[name:] = [value] if kind == "add" else []
        elif kind == "add":
            holder[f"{name}2"] = value
        else:
            was = holder.pop(name)
            if kind == "rename":
                holder[value] = was

    places = list(paths(event))
    return changed(event, places[anywhere % len(places)], change)


@examples(EVENTS)
@given(
    action=st.sampled_from(ACTIONS),
    # Telemetry and a second invocation are rarer: they take the most time.
    telemetry=st.integers(0, 9).map(lambda number: number == 7),
    resumed=st.integers(0, 3).map(lambda number: number == 3),
    anywhere=ANYWHERE,
    change=CHANGES,
)
def test_an_event_with_anything_at_any_place_gets_an_answer(
    calls: Calls,
    count: Callable[[], None],
    action: str,
    telemetry: bool,
    resumed: bool,
    anywhere: int,
    change: tuple[str, Json],
) -> None:
    count()
    event = calls.event(action, telemetry=telemetry, resumed=resumed)
    calls.answer(mutated(event, anywhere, *change))


@examples(TEST_EVENTS)
@given(action=st.sampled_from(ACTIONS), anywhere=ANYWHERE, change=CHANGES)
def test_an_event_of_the_test_entrypoint_with_anything_at_any_place_gets_an_answer(
    calls: Calls,
    count: Callable[[], None],
    action: str,
    anywhere: int,
    change: tuple[str, Json],
) -> None:
    count()
    calls.answer(mutated(calls.test_event(action), anywhere, *change), handlers.test_entrypoint)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("Tags",), "#/Tags/0"),
        (
            ("ModelQualityJobOutputConfig", "MonitoringOutputs"),
            "#/ModelQualityJobOutputConfig/MonitoringOutputs/0",
        ),
    ],
)
def test_a_null_in_a_list_is_refused_with_its_place(calls: Calls, path: Path, place: str) -> None:
    def change(holder: Json, name: str) -> None:
        holder[name] = [None]

    event = changed(calls.event("CREATE"), ("requestData", "resourceProperties", *path), change)
    assert calls.refusal(event).startswith(f"{place}: null is not")


# --- half a character -----------------------------------------------------------------------------

# JSON can hold one, and UTF-8 cannot. Not among the values above, and not logged here: pytest-xdist
# breaks off where a test's report, the log that it captured included, has one.
HALF = "\ud800"


@pytest.fixture
def no_log() -> Iterator[None]:
    """Nothing is logged meanwhile."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize("action", ACTIONS)
def test_half_a_character_gets_an_answer_wherever_it_stands(calls: Calls, action: str) -> None:
    def change(holder: Json, name: Any) -> None:
        holder[name] = HALF

    event = calls.event(action, telemetry=True, resumed=True)
    for path in paths(event):
        calls.answer(changed(event, path, change))


# --- large and deep ones --------------------------------------------------------------------------

# Lambda takes no event that is larger.
LAMBDA_LIMIT = 6 * 1024 * 1024
# Only a caller in the same process can hand over more levels than a JSON reader takes.
BOTTOMLESS = deeply(100_000)
APPLICATION = ("requestData", "resourceProperties", "ModelQualityAppSpecification")
LARGE: dict[str, tuple[Path, Json]] = {
    "action": (("action",), "CREATE" * (LAMBDA_LIMIT // 6)),
    "token": (("bearerToken",), "t" * LAMBDA_LIMIT),
    "stack": (("stackId",), "s" * LAMBDA_LIMIT),
    "image": (("requestData", "resourceProperties", "RoleArn"), "x" * LAMBDA_LIMIT),
    "unknown property": (("requestData", "resourceProperties", "x" * 1_000_000), "value"),
    "arguments": (
        (
            *[
                "requestData",
                "resourceProperties",
                "ModelQualityAppSpecification",
                "ContainerArguments",
            ],
        ),
        ["--verbose"] * 300_000,
    ),
    "environment": (
        (*APPLICATION, "Environment"),
        {f"VARIABLE_{number}": f"a value of some length {number}" for number in range(500)},
    ),
    "environment value": (
        (*APPLICATION, "Environment"),
        {"DB": PASSWORD * (LAMBDA_LIMIT // len(PASSWORD))},
    ),
    "environment of many": (
        (*APPLICATION, "Environment"),
        {f"NAME_{number}": f"value-{number}-{'x' * 20}" for number in range(50_000)},
    ),
    "tags": (
        ("requestData", "resourceProperties", "Tags"),
        [{"Key": f"key-{number}", "Value": "v"} for number in range(100_000)],
    ),
    "stack tags": (
        ("requestData", "stackTags"),
        {f"key-{number}": "v" for number in range(100_000)},
    ),
    "context": (("callbackContext",), {f"name-{number}": number for number in range(200_000)}),
    "secret": (("requestData", "callerCredentials", "secretAccessKey"), "s" * LAMBDA_LIMIT),
    "deep properties": (("requestData", "resourceProperties"), BOTTOMLESS),
    "deep value": (("requestData", "resourceProperties", "RoleArn"), BOTTOMLESS),
    "deep tag": (("requestData", "stackTags"), {"key": BOTTOMLESS}),
    "deep environment": (
        (*APPLICATION, "Environment"),
        {"DB": BOTTOMLESS},
    ),
    "deep context": (("callbackContext",), {"attempts": BOTTOMLESS}),
    "deep credentials": (("requestData", "callerCredentials", "sessionToken"), BOTTOMLESS),
    "deep request data": (("requestData",), BOTTOMLESS),
}


@pytest.mark.parametrize(("path", "value"), LARGE.values(), ids=LARGE)
def test_a_huge_or_bottomless_event_is_answered_in_time(
    calls: Calls, path: Path, value: Json
) -> None:
    def change(holder: Json, name: str) -> None:
        holder[name] = value

    event = changed(calls.event("CREATE"), path, change)
    started = time.thread_time()
    answer = calls.answer(event)
    # What others do on the machine at the same time is not counted.
    assert time.thread_time() - started < 10
    # CloudFormation cuts a message after 1,024 characters, and takes no answer of megabytes.
    assert len(answer["message"]) < 10_000


def test_of_a_message_that_is_shortened_no_half_of_a_secret_is_left(calls: Calls) -> None:
    event = calls.event("CREATE")
    application = event["requestData"]["resourceProperties"]["ModelQualityAppSpecification"]
    application["Environment"] = {
        f"VARIABLE_{number}": f"{number}{'x' * 60}" for number in range(99)
    }
    message = calls.refusal(event)
    assert "[...]" in message
    assert "request id" in message
    assert "xxx" not in message
