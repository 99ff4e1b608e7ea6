"""How the sandbox's CloudFormation speaks to handlers: events, re-invocations, retries, ends."""

import json
import threading
import time
from typing import Any

import pytest

from sandbox import cloudformation
from sandbox.cloudformation import HostedType, hosted_types
from tests.harness.cloudformation import (
    ACCOUNT,
    SCHEMA,
    THING,
    Event,
    Stacks,
    failed,
    in_progress,
    thing,
)


def test_the_event_is_the_full_one_that_cloudformation_sends(stacks: Stacks) -> None:
    stack_id = stacks.create({"Thing": thing()}, Tags=[{"Key": "a", "Value": "1"}])
    (event,) = stacks.shop.events
    data = event["requestData"]
    assert {key: event[key] for key in event if key not in ("requestData", "bearerToken")} == {
        "action": "CREATE",
        "awsAccountId": ACCOUNT,
        "region": "us-east-1",
        "responseEndpoint": None,
        "stackId": stack_id,
        "resourceType": THING,
        "resourceTypeVersion": "00000001",
        "callbackContext": None,
        "nextToken": None,
    }
    assert {key: data[key] for key in data if not key.endswith("Credentials")} == {
        "logicalResourceId": "Thing",
        "providerLogGroupName": None,
        "resourceProperties": {"Size": 1},
        "previousResourceProperties": None,
        "systemTags": {
            "aws:cloudformation:stack-name": "shop",
            "aws:cloudformation:stack-id": stack_id,
            "aws:cloudformation:logical-id": "Thing",
        },
        "previousSystemTags": None,
        "stackTags": {"a": "1"},
        "previousStackTags": None,
        "typeConfiguration": None,
    }
    for kind in ("callerCredentials", "providerCredentials"):
        assert set(data[kind]) == {"accessKeyId", "secretAccessKey", "sessionToken"}
    assert data["callerCredentials"] != data["providerCredentials"]


def test_in_progress_is_followed_with_its_model_and_context(stacks: Stacks) -> None:
    first = {"Arn": "arn:toy:1", "Size": 1, "Secret": "kept"}
    second = {"Arn": "arn:toy:1", "Size": 1, "Secret": "kept", "Ratio": 2.0}
    stacks.shop.will(
        "CREATE", in_progress(first, {"left": 2}, delay=0.2), in_progress(second, {"left": 1})
    )
    started = time.monotonic()
    stacks.create({"Thing": thing()})
    assert time.monotonic() - started > 0.2
    events = stacks.shop.of("CREATE")
    assert [event["callbackContext"] for event in events] == [None, {"left": 2}, {"left": 1}]
    assert stacks.shop.sent("CREATE") == [{"Size": 1}, first, second]
    assert len({event["bearerToken"] for event in events}) == 1
    initiated = [e for e in stacks.events() if "Initiated" in e.get("ResourceStatusReason", "")]
    assert len([e for e in initiated if e["PhysicalResourceId"] == "arn:toy:1"]) == 1


def test_each_operation_has_a_token_of_its_own(stacks: Stacks) -> None:
    stacks.create({"A": thing(), "B": thing()})
    stacks.update({"A": thing({"Size": 2}), "B": thing()})
    stacks.delete()
    tokens = [event["bearerToken"] for event in stacks.shop.events]
    assert len(set(tokens)) == len(tokens) == 5


def test_an_in_progress_without_the_primary_identifier_fails(stacks: Stacks) -> None:
    stacks.shop.will("CREATE", in_progress({"Size": 1}))
    stacks.create({"Thing": thing()})
    assert "timed out waiting for creation of physical resource" in stacks.reason("CREATE_FAILED")
    assert stacks.shop.of("DELETE") == []


@pytest.mark.parametrize(
    "code", ["Throttling", "ServiceInternalError", "NetworkFailure", "ResourceConflict"]
)
def test_what_cloudformation_retries_is_asked_again_with_the_same_token(
    stacks: Stacks, code: str
) -> None:
    stacks.shop.will("CREATE", failed(code, "later"), failed(code, "later"))
    stacks.create({"Thing": thing()})
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
    events = stacks.shop.of("CREATE")
    assert len(events) == 3
    assert events[0] == events[1] == events[2]


def test_retries_come_to_an_end(stacks: Stacks) -> None:
    stacks.shop.will("CREATE", *[failed("Throttling", "slow down")] * 9)
    stacks.create({"Thing": thing()})
    assert len(stacks.shop.of("CREATE")) == 3
    assert '"slow down"' in stacks.reason("CREATE_FAILED")
    assert "HandlerErrorCode: Throttling" in stacks.reason("CREATE_FAILED")


@pytest.mark.parametrize("code", ["NotStabilized", "InvalidRequest", "InternalFailure"])
def test_other_errors_end_the_operation(stacks: Stacks, code: str) -> None:
    stacks.shop.will("CREATE", failed(code, "no"))
    stacks.create({"Thing": thing()})
    assert len(stacks.shop.of("CREATE")) == 1
    assert f"HandlerErrorCode: {code}" in stacks.reason("CREATE_FAILED")


@pytest.mark.parametrize(
    "answer", [ValueError("boom"), {"status": "MAYBE"}, {"status": "SUCCESS"}, {"x": {1, 2}}]
)
def test_a_handler_that_breaks_ends_in_a_failure_with_words(stacks: Stacks, answer: Any) -> None:
    stacks.shop.will("CREATE", answer)
    stacks.create({"Thing": thing()})
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    reason = stacks.reason("CREATE_FAILED")
    assert "HandlerErrorCode: InternalFailure" in reason
    assert 'message: ""' not in reason


def test_what_a_failed_create_names_is_deleted_by_the_rollback(stacks: Stacks) -> None:
    def make_and_fail(event: Event) -> Any:
        made = stacks.shop.work(event)["resourceModel"]
        return failed("GeneralServiceException", "made it and lost it", made)

    stacks.shop.will("CREATE", make_and_fail)
    stacks.create({"Thing": thing({"Name": "half"})})
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stacks.shop.sent("DELETE")[0]["Arn"] == "arn:toy:half:1"
    assert stacks.shop.things == {}


def test_what_a_failed_create_does_not_name_is_left_alone(stacks: Stacks) -> None:
    stacks.shop.will("CREATE", failed("AlreadyExists", "there", {"Size": 1}))
    stacks.create({"Thing": thing()})
    assert stacks.shop.of("DELETE") == []


def test_what_a_broken_create_named_before_is_deleted_by_the_rollback(stacks: Stacks) -> None:
    stacks.shop.will("CREATE", in_progress({"Arn": "arn:toy:x", "Size": 1}), RuntimeError("killed"))
    stacks.create({"Thing": thing()})
    assert stacks.shop.sent("DELETE")[0]["Arn"] == "arn:toy:x"
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_handler_has_so_many_minutes_in_all(stacks: Stacks) -> None:
    handlers = {**SCHEMA["handlers"], "create": {"timeoutInMinutes": 0.005}}
    hosted_types().register(HostedType({**SCHEMA, "handlers": handlers}, stacks.shop.invoke))
    waiting = in_progress({"Arn": "arn:toy:x", "Size": 1}, delay=0.1)
    stacks.shop.will("CREATE", *[waiting] * 9)
    stacks.create({"Thing": thing()})
    assert len(stacks.shop.of("CREATE")) < 9
    reason = stacks.reason("CREATE_FAILED")
    assert "The handler did not finish within" in reason
    assert "HandlerErrorCode: NotStabilized" in reason


def test_an_update_may_not_change_the_identifier(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    other = {"status": "SUCCESS", "resourceModel": {"Arn": "arn:toy:other", "Size": 2}}
    stacks.shop.will("UPDATE", other)
    assert stacks.update({"Thing": thing({"Size": 2})}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "changed the primary identifier" in stacks.reason("UPDATE_FAILED")


def test_delete_is_given_the_properties_and_what_only_the_resource_knew(stacks: Stacks) -> None:
    stacks.create({"Thing": thing({"Secret": "hush"})})
    arn = stacks.resource()["PhysicalResourceId"]
    stacks.delete()
    assert stacks.shop.sent("DELETE") == [
        {"Size": 1, "Secret": "hush", "Arn": arn, "Made": "2026-11-20T20:21:24.397Z"}
    ]


def test_nothing_leaks_by_reference_between_events_and_stacks(stacks: Stacks) -> None:
    def spoil(event: Event) -> None:
        event["requestData"]["resourceProperties"]["Parts"][0]["Kind"] = "spoilt"
        event["requestData"]["stackTags"]["spoilt"] = "yes"

    stacks.shop.will("CREATE", spoil)
    stacks.create({"Thing": thing({"Parts": [{"Kind": "cog"}]})})
    shown = json.loads(stacks.events(logical_id="Thing")[-1]["ResourceProperties"])
    assert shown["Parts"] == [{"Kind": "cog"}]
    assert stacks.describe()["Tags"] == []


def test_types_come_and_go_while_the_sandbox_runs(stacks: Stacks) -> None:
    other = {**SCHEMA, "typeName": "Acme::Shop::Thing"}
    hosted_types().register(HostedType(other, stacks.shop.invoke, version="00000007"))
    stacks.create({"Thing": {**thing(), "Type": "Acme::Shop::Thing"}})
    assert stacks.shop.events[0]["resourceTypeVersion"] == "00000007"
    hosted_types().deregister("Acme::Shop::Thing")
    assert stacks.delete() == "DELETE_FAILED"
    assert "Acme::Shop::Thing is not registered" in stacks.reason("DELETE_FAILED")


def test_a_private_type_belongs_to_one_account_and_region(stacks: Stacks) -> None:
    other = {**SCHEMA, "typeName": "Acme::Shop::Thing"}
    hosted_types().register(HostedType(other, stacks.shop.invoke), ACCOUNT, "eu-west-1")
    body = json.dumps({"Resources": {"Thing": {**thing(), "Type": "Acme::Shop::Thing"}}})
    with pytest.raises(Exception, match="Unrecognized resource types"):
        stacks.create(body)
    there = stacks.client(region="eu-west-1")
    there.create_stack(StackName="shop", TemplateBody=body)
    there.get_waiter("stack_create_complete").wait(StackName="shop", WaiterConfig={"Delay": 1})


def test_stop_breaks_off_what_is_waiting_within_two_seconds(stacks: Stacks) -> None:
    model = {"Arn": "arn:toy:slow", "Size": 1}
    stacks.shop.will("CREATE", in_progress(model, delay=600))
    stacks.create({"Thing": thing()}, wait=False)
    stacks.until(lambda _: bool(stacks.shop.events))
    started = time.monotonic()
    assert cloudformation.stop()
    assert time.monotonic() - started < 2
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("cloudformation:")]
