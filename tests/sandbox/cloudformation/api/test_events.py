"""DescribeEvents, and the ids of operations that other answers have."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import Stacks, failed, template, thing


def states(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The beginnings and ends of operations."""
    return [
        (event["OperationType"], event["OperationStatus"])
        for event in events
        if event["EventType"] == "STACK_EVENT"
    ]


def test_each_operation_begins_and_ends_with_an_event_around_those_of_the_stack(
    stacks: Stacks,
) -> None:
    stacks.create({"Thing": thing()})
    stacks.update({"Thing": thing({"Size": 2})})
    stack_id = stacks.describe()["StackId"]
    stacks.delete()
    events = stacks.operation_events(StackName=stack_id)
    assert states(events) == [
        ("CREATE_STACK", "IN_PROGRESS"),
        ("CREATE_STACK", "SUCCEEDED"),
        ("UPDATE_STACK", "IN_PROGRESS"),
        ("UPDATE_STACK", "SUCCEEDED"),
        ("DELETE_STACK", "IN_PROGRESS"),
        ("DELETE_STACK", "SUCCEEDED"),
    ]
    progress = [event for event in events if event["EventType"] == "PROGRESS"]
    assert [
        (event["LogicalResourceId"], event["ResourceStatus"], event["OperationId"])
        for event in progress
    ] == [
        (event["LogicalResourceId"], event["ResourceStatus"], event["OperationId"])
        for event in stacks.events(stack_id)
    ]
    begin, end = events[0], next(event for event in events if "EndTime" in event)
    assert begin["OperationId"] == end["OperationId"]
    assert begin["Timestamp"] == begin["StartTime"] == end["StartTime"] <= end["EndTime"]


def test_a_rollback_is_an_operation_of_its_own_and_only_failures_can_be_asked_for(
    stacks: Stacks,
) -> None:
    stacks.shop.will("CREATE", failed("InvalidRequest", "no"))
    stacks.create({"Thing": thing()})
    events = stacks.operation_events(StackName="shop")
    assert states(events) == [
        ("CREATE_STACK", "IN_PROGRESS"),
        ("CREATE_STACK", "FAILED"),
        ("ROLLBACK", "IN_PROGRESS"),
        ("ROLLBACK", "SUCCEEDED"),
    ]
    failures = stacks.operation_events(StackName="shop", Filters={"FailedEvents": True})
    assert [event["EventType"] for event in failures] == ["PROVISIONING_ERROR", "STACK_EVENT"]
    assert "no" in failures[0]["ResourceStatusReason"]
    newest_first = [each["OperationType"] for each in stacks.describe()["LastOperations"]]
    assert newest_first == ["ROLLBACK", "CREATE_STACK"]


def test_the_answers_name_the_operation_whose_events_can_be_asked_for(stacks: Stacks) -> None:
    client = stacks.client()
    created = client.create_stack(StackName="shop", TemplateBody=template({"Thing": thing()}))
    stacks.settled()
    updated = client.update_stack(
        StackName="shop", TemplateBody=template({"Thing": thing({"Size": 2})})
    )
    stacks.settled()
    assert stacks.describe()["LastOperations"] == [
        {"OperationType": "UPDATE_STACK", "OperationId": updated["OperationId"]}
    ]
    for answer, operation_type in ((created, "CREATE_STACK"), (updated, "UPDATE_STACK")):
        for more in ({}, {"StackName": "shop"}):
            events = stacks.operation_events(OperationId=answer["OperationId"], **more)
            assert {operation for operation, _ in states(events)} == {operation_type}


def test_a_cancelled_and_a_refused_operation_have_failed(stacks: Stacks) -> None:
    outputs = {"Outputs": {"Out": {"Value": "v", "Export": {"Name": "used"}}}}
    stacks.create({"Thing": thing()}, template=outputs)
    stacks.create({"Thing": thing({"Secret": {"Fn::ImportValue": "used"}})}, name="user")
    assert stacks.delete() == "CREATE_COMPLETE"
    assert states(stacks.operation_events(StackName="shop"))[-1] == ("DELETE_STACK", "FAILED")


def test_the_events_come_in_pages(stacks: Stacks) -> None:
    stacks.create({f"Thing{number}": thing() for number in range(40)})
    first = stacks.client().describe_events(StackName="shop")
    assert len(first["OperationEvents"]) == 100
    rest = stacks.client().describe_events(StackName="shop", NextToken=first["NextToken"])
    assert rest["OperationEvents"][-1]["EventType"] == "STACK_EVENT"
    assert "NextToken" not in rest


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "One of ChangeSetName, OperationId or StackName must be specified"),
        ({"StackName": "nobody"}, "Stack with id nobody does not exist"),
        ({"OperationId": "nothing"}, "Operation with id nothing does not exist"),
        ({"ChangeSetName": "plan"}, "StackName must be specified if ChangeSetName"),
    ],
    ids=lambda asked: "-".join(asked) or "nothing" if isinstance(asked, dict) else "",
)
def test_what_does_not_exist_is_refused(stacks: Stacks, asked: Any, words: str) -> None:
    with pytest.raises(ClientError, match=words):
        stacks.client().describe_events(**asked)
