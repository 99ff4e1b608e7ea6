"""One operation on one hosted resource, with a stack and without one."""

from typing import Any

import pytest

from sandbox.hosting import credentials
from sandbox.hosting.driving import HandlerFailed
from sandbox.hosting.event import Credentials, StackContext
from sandbox.hosting.handler_client import HandlerClient, Page
from sandbox.hosting.interruption import Cancelled, Interruption
from sandbox.hosting.place import Place
from sandbox.hosting.timing import Timing
from tests.harness.handlers import THING, Handlers, failed, in_progress, success

PLACE = Place("123456789012", "eu-west-1", "aws")
KEYS = Credentials({"accessKeyId": "caller"}, {"accessKeyId": "logs"})
STACK = StackContext("arn:stack", "shop", "Thing")


def client(handlers: Handlers, **more: Any) -> HandlerClient:
    return HandlerClient(
        handlers.hosted,
        PLACE,
        **{"credentials": lambda: KEYS, "timing": Timing(callback_scale=0, first_delay=0), **more},
    )


def test_each_operation_is_driven_to_its_end() -> None:
    handlers = Handlers(
        in_progress(THING),
        success(resourceModel=THING),
        failed("Throttling"),
        success(resourceModel=THING),
        success(resourceModel={**THING, "Size": 2}),
        in_progress(),
        success(),
        success(resourceModels=[THING], nextToken="more"),
    )
    asked = client(handlers)
    assert asked.create({"Size": 1}, {"team": "churn"}) == THING
    assert asked.read({"Arn": "arn:thing"}) == THING
    changed = asked.update({**THING, "Size": 2}, {"team": "loans"}, THING, {"team": "churn"})
    assert changed == {**THING, "Size": 2}
    asked.delete(THING, {"team": "loans"})
    assert asked.list({"Size": 1}, "token") == Page([THING], "more")
    assert handlers.all_answered()
    create, _, _, read, update, *_, listing = handlers.events
    assert [each["action"] for each in (create, read, update, listing)] == [
        "CREATE",
        "READ",
        "UPDATE",
        "LIST",
    ]
    data = update["requestData"]
    assert data["previousResourceProperties"] == THING
    assert (data["stackTags"], data["previousStackTags"]) == ({"team": "loans"}, {"team": "churn"})
    assert listing["nextToken"] == "token"
    assert listing["requestData"]["resourceProperties"] == {"Size": 1}


def test_each_operation_has_a_token_of_its_own() -> None:
    handlers = Handlers(*[success(resourceModel=THING)] * 2)
    asked = client(handlers)
    asked.read(THING)
    asked.read(THING)
    first, second = (event["bearerToken"] for event in handlers.events)
    assert first != second


def test_an_operation_may_be_given_its_token() -> None:
    handlers = Handlers(in_progress(THING), success(resourceModel=THING))
    client(handlers, token="given").create({"Size": 1}, {})
    assert [event["bearerToken"] for event in handlers.events] == ["given", "given"]


def test_an_event_without_a_stack_says_nothing_of_one() -> None:
    handlers = Handlers(success(resourceModel=THING))
    client(handlers).create({"Size": 1}, {})
    [event] = handlers.events
    assert event["stackId"] is None
    assert event["requestData"]["logicalResourceId"] is None
    assert event["requestData"]["systemTags"] is None
    assert event["requestData"]["callerCredentials"] == KEYS.caller
    assert event["requestData"]["providerCredentials"] == KEYS.logging
    assert (event["awsAccountId"], event["region"]) == (PLACE.account_id, PLACE.region)


def test_an_event_of_a_stack_names_it_and_the_resource() -> None:
    handlers = Handlers(success(resourceModel=THING))
    client(handlers, stack=STACK).create({"Size": 1}, {})
    [event] = handlers.events
    assert event["stackId"] == "arn:stack"
    assert event["requestData"]["logicalResourceId"] == "Thing"
    assert event["requestData"]["systemTags"] == {
        "aws:cloudformation:stack-name": "shop",
        "aws:cloudformation:logical-id": "Thing",
        "aws:cloudformation:stack-id": "arn:stack",
    }


def test_credentials_are_asked_for_at_each_invocation() -> None:
    keys = iter(({"accessKeyId": "first"}, {"accessKeyId": "second"}))
    handlers = Handlers(in_progress(THING), success(resourceModel=THING))
    client(handlers, credentials=lambda: Credentials(next(keys), None)).create({"Size": 1}, {})
    assert [event["requestData"]["callerCredentials"] for event in handlers.events] == [
        {"accessKeyId": "first"},
        {"accessKeyId": "second"},
    ]


def test_the_role_of_the_type_a_role_by_its_arn_and_the_caller_have_keys_that_differ() -> None:
    handlers = Handlers()
    of_type = credentials.of_type(handlers.hosted, PLACE)
    of_role = credentials.of_role(PLACE, PLACE.role_arn("deployer"))
    of_caller = credentials.of_caller(handlers.hosted, PLACE, {"accessKeyId": "caller"})
    assert of_caller.caller == {"accessKeyId": "caller"}
    assert of_caller.logging == of_type.logging
    issued = [of_type.caller["accessKeyId"], of_role["accessKeyId"]]
    assert len(set(issued)) == 2
    # A session is used again while it is young.
    assert credentials.of_role(PLACE, PLACE.role_arn("deployer")) == of_role


@pytest.mark.parametrize("operation", ["create", "read", "update"])
def test_a_success_without_an_identifier_is_a_failure(operation: str) -> None:
    asked = client(Handlers(success(resourceModel={"Size": 1})))
    arguments: dict[str, tuple[Any, ...]] = {
        "create": ({"Size": 1}, {}),
        "read": (THING,),
        "update": (THING, {}, THING, {}),
    }
    with pytest.raises(HandlerFailed, match="succeeded without a primary identifier") as failure:
        getattr(asked, operation)(*arguments[operation])
    assert failure.value.code == "InternalFailure"


@pytest.mark.parametrize("models", [None, "text", [{"Size": 1}], [None]])
def test_a_list_without_models_that_have_an_identifier_is_a_failure(models: Any) -> None:
    with pytest.raises(HandlerFailed, match="LIST succeeded without models"):
        client(Handlers(success(resourceModels=models))).list({})


def test_a_handlers_failure_keeps_its_words_and_no_word_of_stacks_is_added() -> None:
    with pytest.raises(HandlerFailed) as failure:
        client(Handlers(failed("NotFound", "There is none."))).read(THING)
    assert str(failure.value) == failure.value.message == "There is none."
    assert failure.value.code == "NotFound"


def test_a_cancelled_operation_sends_no_further_event() -> None:
    interruption = Interruption()
    handlers = Handlers(in_progress(THING), success(resourceModel=THING))
    asked = client(handlers, wait=interruption.wait)
    with pytest.raises(Cancelled):
        asked.create({"Size": 1}, {}, on_model=lambda _: interruption.cancel())
    assert len(handlers.events) == 1


def test_an_identifier_of_several_parts_becomes_the_model_that_says_which_resource() -> None:
    hosted = Handlers(primaryIdentifier=["/properties/Place/City", "/properties/Name"]).hosted
    model = hosted.model_of("Rome|It")
    assert model == {"Place": {"City": "Rome"}, "Name": "It"}
    assert hosted.identifier(model) == "Rome|It"
    with pytest.raises(ValueError, match=r"Rome is not valid: expected Place/City\|Name"):
        hosted.model_of("Rome")
    assert Handlers().hosted.model_of("arn:with|bar") == {"Arn": "arn:with|bar"}
