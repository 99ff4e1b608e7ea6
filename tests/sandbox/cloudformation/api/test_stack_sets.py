"""Stack sets: moto keeps them, and what it does not look at is not ignored."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import ACCOUNT, REGION, Stacks, failed, template, thing

SET = {"StackSetName": "set"}
HERE = {**SET, "Accounts": [ACCOUNT], "Regions": [REGION]}
PARAMETERS = {
    "Parameters": {"Size": {"Type": "Number"}, "Name": {"Type": "String", "Default": "cog"}}
}
BODY = template({"Thing": thing({"Size": {"Ref": "Size"}, "Name": {"Ref": "Name"}})}, PARAMETERS)


def given(**values: Any) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": str(values[key])} for key in values]


def create(stacks: Stacks, **more: Any) -> Any:
    return stacks.client().create_stack_set(
        **{**SET, "TemplateBody": BODY, "Parameters": given(Size=1), **more}
    )


def error(call: Any, **request: Any) -> tuple[str, str]:
    """The code and the message of the error that a request is refused with."""
    with pytest.raises(ClientError) as refused:
        call(**request)
    found = refused.value.response["Error"]
    return found["Code"], found["Message"]


def settled(stacks: Stacks) -> str:
    """The status of the only stack, once it is settled."""
    (stack,) = stacks.client().describe_stacks()["Stacks"]
    return stacks.settled(stack["StackId"])


def test_an_instance_has_the_parameters_that_it_does_not_override(stacks: Stacks) -> None:
    create(stacks)
    overrides = given(Name="wheel")
    stacks.client().create_stack_instances(ParameterOverrides=overrides, **HERE)
    assert settled(stacks) == "CREATE_COMPLETE"
    assert stacks.shop.sent("CREATE")[0] == {"Size": 1, "Name": "wheel"}


def test_an_update_of_instances_updates_their_stacks(stacks: Stacks) -> None:
    create(stacks)
    stacks.client().create_stack_instances(**HERE)
    settled(stacks)
    stacks.client().update_stack_instances(ParameterOverrides=given(Size=2), **HERE)
    assert settled(stacks) == "UPDATE_COMPLETE"
    assert stacks.shop.sent("UPDATE")[0]["Size"] == 2


def test_an_instance_is_what_its_stack_is(stacks: Stacks) -> None:
    create(stacks)
    stacks.client().create_stack_instances(**HERE)
    settled(stacks)
    where = {"StackInstanceAccount": ACCOUNT, "StackInstanceRegion": REGION, **SET}
    found = stacks.client().describe_stack_instance(**where)["StackInstance"]
    (stack,) = stacks.client().describe_stacks()["Stacks"]
    assert (found["StackId"], found["Status"]) == (stack["StackId"], "CURRENT")
    assert found["StackInstanceStatus"] == {"DetailedStatus": "SUCCEEDED"}
    assert "StatusReason" not in found
    stacks.shop.will("UPDATE", failed("InvalidRequest", "no"))
    stacks.client().update_stack_set(TemplateBody=BODY, Parameters=given(Size=2), **SET)
    assert settled(stacks) == "UPDATE_ROLLBACK_COMPLETE"
    (found,) = stacks.client().list_stack_instances(**SET)["Summaries"]
    assert (found["Status"], found["StackInstanceStatus"]) == (
        "OUTDATED",
        {"DetailedStatus": "FAILED"},
    )
    assert found["StatusReason"].startswith("The following resource(s) failed to update: [Thing]")
    code, _ = error(
        stacks.client().describe_stack_instance, **{**where, "StackInstanceRegion": "eu-west-1"}
    )
    assert code == "StackInstanceNotFoundException"


def test_an_operation_has_the_id_that_the_request_gives_it(stacks: Stacks) -> None:
    create(stacks)
    asked = {**HERE, "OperationId": "op-1"}
    assert stacks.client().create_stack_instances(**asked)["OperationId"] == "op-1"
    code, _ = error(stacks.client().delete_stack_instances, RetainStacks=False, **asked)
    assert code == "OperationIdAlreadyExistsException"
    described = stacks.client().describe_stack_set_operation(OperationId="op-1", **SET)
    assert described["StackSetOperation"]["Status"] == "SUCCEEDED"
    code, message = error(stacks.client().stop_stack_set_operation, OperationId="op-1", **SET)
    assert code == "InvalidOperationException"
    assert message == "Operation op-1 is SUCCEEDED and cannot be stopped."


def test_a_name_is_taken_until_its_stack_set_is_deleted(stacks: Stacks) -> None:
    first = create(stacks, ClientRequestToken="one")["StackSetId"]
    assert create(stacks, ClientRequestToken="one")["StackSetId"] == first
    code, _ = error(stacks.client().create_stack_set, TemplateBody=BODY, **SET)
    assert code == "NameAlreadyExistsException"
    stacks.client().delete_stack_set(**SET)
    assert create(stacks)["StackSetId"] != first
    listed = stacks.client().list_stack_sets
    assert [each["Status"] for each in listed(Status="ACTIVE")["Summaries"]] == ["ACTIVE"]
    assert len(listed()["Summaries"]) == 2


def test_a_template_that_no_stack_could_have_is_refused(stacks: Stacks) -> None:
    unknown = template({"Thing": {"Type": "Toy::Shop::Unknown"}})
    _, message = error(stacks.client().create_stack_set, TemplateBody=unknown, **SET)
    assert "Toy::Shop::Unknown" in message
    iam = template({"Role": {"Type": "AWS::IAM::Role", "Properties": {}}})
    code, _ = error(stacks.client().create_stack_set, TemplateBody=iam, **SET)
    assert code == "InsufficientCapabilitiesException"
    _, message = error(stacks.client().create_stack_set, **SET)
    assert message == "Either Template URL or Template Body must be specified."


@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_instances_are_somewhere(stacks: Stacks, verb: str) -> None:
    create(stacks)
    call = getattr(stacks.client(), f"{verb}_stack_instances")
    more = {"RetainStacks": False} if verb == "delete" else {}
    nowhere = {**HERE, **more, "Regions": [REGION, "nowhere-1"]}
    assert error(call, **nowhere) == ("ValidationError", "There is no region nowhere-1.")
    of_nobody = {**SET, **more, "Regions": [REGION]}
    assert error(call, **of_nobody) == ("ValidationError", "Specify Accounts.")
    assert stacks.client().list_stack_instances(**SET)["Summaries"] == []


def test_instances_are_listed_by_account_and_region_and_in_pages(stacks: Stacks) -> None:
    create(stacks)
    regions = [REGION, "eu-west-1"]
    stacks.client().create_stack_instances(**{**HERE, "Regions": regions})
    listed = stacks.client().list_stack_instances

    def found(**asked: Any) -> list[str]:
        return [each["Region"] for each in listed(**SET, **asked)["Summaries"]]

    assert found() == regions
    assert found(StackInstanceRegion="eu-west-1") == ["eu-west-1"]
    assert found(StackInstanceAccount="999999999999") == []
    first = listed(MaxResults=1, **SET)
    assert found(MaxResults=1, NextToken=first["NextToken"]) == ["eu-west-1"]


def test_a_parameter_without_a_previous_value_is_refused(stacks: Stacks) -> None:
    create(stacks)
    previous = [{"ParameterKey": "Other", "UsePreviousValue": True}]
    update = {**SET, "UsePreviousTemplate": True, "Parameters": previous}
    _, message = error(stacks.client().update_stack_set, **update)
    assert message == "Parameters: [Other] have no previous value"


def test_the_stacks_of_a_stack_set_have_its_tags(stacks: Stacks) -> None:
    create(stacks, Tags=[{"Key": "team", "Value": "churn"}])
    stacks.client().create_stack_instances(**HERE)
    assert settled(stacks) == "CREATE_COMPLETE"
    assert stacks.shop.of("CREATE")[0]["requestData"]["stackTags"] == {"team": "churn"}
    update = {**SET, "UsePreviousTemplate": True, "Parameters": given(Size=1)}
    stacks.client().update_stack_set(Tags=[{"Key": "team", "Value": "fraud"}], **update)
    assert settled(stacks) == "UPDATE_COMPLETE"
    assert stacks.shop.of("UPDATE")[0]["requestData"]["stackTags"] == {"team": "fraud"}
    described = stacks.client().describe_stack_set(**SET)["StackSet"]
    assert described["Tags"] == [{"Key": "team", "Value": "fraud"}]
