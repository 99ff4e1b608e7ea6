"""Every member of every request is used, or refused in one sentence."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores, method_names_from_class

from sandbox.cloudformation.api.dispatch import CloudFormationResponse
from sandbox.cloudformation.api.members import USED
from sandbox.json_service.models import input_shape, service_model
from tests.harness.cloudformation import THING, Stacks, template, thing

BODY = template({"Thing": thing()})
NEW = {"StackName": "new", "TemplateBody": BODY}
SET = {"StackSetName": "set"}
INSTANCES = {**SET, "Accounts": ["123456789012"], "Regions": ["us-east-1"]}
TRIGGER = {"RollbackTriggers": [{"Arn": "arn:alarm", "Type": "AWS::CloudWatch::Alarm"}]}


def operations() -> list[str]:
    """The operations that the sandbox has."""
    methods = set(method_names_from_class(CloudFormationResponse))
    methods -= set(method_names_from_class(BaseResponse))
    names = service_model("cloudformation").operation_names
    return [name for name in names if camelcase_to_underscores(name) in methods]


def members(operation: str) -> set[str]:
    shape = input_shape("cloudformation", operation)
    return set(shape.members) if shape else set()


@pytest.mark.parametrize("operation", operations())
def test_each_operation_says_which_members_it_uses(operation: str) -> None:
    assert {name.partition(".")[0] for name in USED[operation]} <= members(operation)


def refused(stacks: Stacks, operation: str, **request: Any) -> str:
    call = getattr(stacks.client(), camelcase_to_underscores(operation))
    with pytest.raises(ClientError) as error:
        call(**request)
    assert error.value.response["Error"]["Code"] == "ValidationError"
    message: str = error.value.response["Error"]["Message"]
    return message


@pytest.mark.parametrize(
    ("operation", "member", "request_"),
    [
        ("CreateStack", "RollbackConfiguration", {**NEW, "RollbackConfiguration": TRIGGER}),
        (
            "CreateStack",
            "RollbackConfiguration",
            {**NEW, "RollbackConfiguration": {"MonitoringTimeInMinutes": 5}},
        ),
        (
            "CreateChangeSet",
            "IncludeNestedStacks",
            {**NEW, "ChangeSetName": "plan", "IncludeNestedStacks": True},
        ),
        (
            "DescribeChangeSet",
            "IncludePropertyValues",
            {"StackName": "new", "ChangeSetName": "plan", "IncludePropertyValues": True},
        ),
        ("CreateStackSet", "StackId", {**SET, "StackId": "arn:aws:cloudformation:::stack/a/b"}),
        (
            "CreateStackInstances",
            "OperationPreferences",
            {**INSTANCES, "OperationPreferences": {"MaxConcurrentCount": 1}},
        ),
        ("DeleteStackInstances", "RetainStacks", {**INSTANCES, "RetainStacks": True}),
        ("ListTypes", "Filters.Category", {"Filters": {"Category": "THIRD_PARTY"}}),
        ("TestType", "LogDeliveryBucket", {"TypeName": THING, "LogDeliveryBucket": "logs"}),
    ],
)
def test_a_member_that_nothing_uses_is_refused(
    stacks: Stacks, operation: str, member: str, request_: dict[str, Any]
) -> None:
    assert refused(stacks, operation, **request_) == (
        f"The sandbox does not support {member} of {operation}. Leave it out."
    )
    assert stacks.client().list_stacks()["StackSummaries"] == []


@pytest.mark.parametrize(
    ("member", "value", "instead"),
    [("PermissionModel", "SERVICE_MANAGED", "SELF_MANAGED"), ("CallAs", "DELEGATED_ADMIN", "SELF")],
)
def test_a_choice_that_the_sandbox_does_not_have_is_refused(
    stacks: Stacks, member: str, value: str, instead: str
) -> None:
    assert refused(stacks, "CreateStackSet", TemplateBody=BODY, **SET, **{member: value}) == (
        f"The sandbox does not support {member} {value} of CreateStackSet. Use {instead}."
    )


def test_a_type_that_is_no_resource_type_is_refused(stacks: Stacks) -> None:
    assert refused(stacks, "DescribeType", Type="HOOK", TypeName=THING) == (
        "The sandbox does not support Type HOOK of DescribeType. Use RESOURCE."
    )
    assert stacks.client().list_types(Type="HOOK")["TypeSummaries"] == []


def test_a_value_that_asks_for_nothing_is_accepted(stacks: Stacks) -> None:
    nothing = {"RollbackTriggers": [], "MonitoringTimeInMinutes": 0}
    stacks.create({"Thing": thing()}, RollbackConfiguration=nothing)
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.parametrize("pattern", [THING, "Toy::*", "*"])
def test_a_stack_has_only_the_resource_types_that_the_request_lists(
    stacks: Stacks, pattern: str
) -> None:
    words = f"Resource type {THING} is not allowed by parameter ResourceTypes [AWS::*]"
    assert refused(stacks, "CreateStack", ResourceTypes=["AWS::*"], **NEW) == words
    stacks.create({"Thing": thing()}, ResourceTypes=[pattern, "AWS::S3::*"])
    changed = template({"Thing": thing({"Size": 2})})
    update = {"StackName": "shop", "TemplateBody": changed, "ResourceTypes": ["AWS::*"]}
    assert refused(stacks, "UpdateStack", **update) == words
    assert refused(stacks, "CreateChangeSet", ChangeSetName="plan", **update) == words
    resources = {"Thing": thing(), "Topic": {"Type": "AWS::SNS::Topic"}}
    assert stacks.update(resources, ResourceTypes=["AWS::SNS::Topic"]) == "UPDATE_COMPLETE"


def test_resource_types_and_capabilities_exclude_each_other(stacks: Stacks) -> None:
    both = {"ResourceTypes": ["*"], "Capabilities": ["CAPABILITY_IAM"]}
    assert refused(stacks, "CreateStack", **NEW, **both) == (
        "Only one of the Capabilities and ResourceTypes parameters can be specified."
    )


def test_a_repeated_change_set_with_the_same_token_is_the_same_one(stacks: Stacks) -> None:
    asked = {**NEW, "ChangeSetName": "plan", "ChangeSetType": "CREATE"}
    first = stacks.client().create_change_set(ClientToken="one", **asked)["Id"]
    assert stacks.client().create_change_set(ClientToken="one", **asked)["Id"] == first
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        stacks.client().create_change_set(ClientToken="two", **asked)


@pytest.mark.parametrize("operation", ["CreateStack", "CreateChangeSet", "DeleteStack"])
def test_a_role_is_checked_as_far_as_it_can_be(stacks: Stacks, operation: str) -> None:
    asked: dict[str, Any] = {
        "CreateStack": NEW,
        "CreateChangeSet": {**NEW, "ChangeSetName": "plan", "ChangeSetType": "CREATE"},
        "DeleteStack": {"StackName": "new"},
    }[operation]
    assert refused(stacks, operation, RoleARN="deploying-role-of-mine", **asked) == (
        "deploying-role-of-mine is not a valid RoleARN"
    )
    call = getattr(stacks.client(), camelcase_to_underscores(operation))
    with pytest.raises(ClientError, match=r"AccessDenied.*Cross-account pass role is not allowed"):
        call(RoleARN="arn:aws:iam::999999999999:role/deploy", **asked)
    call(RoleARN="arn:aws:iam::123456789012:role/deploy", **asked)


def test_a_stack_is_found_by_a_physical_resource(stacks: Stacks) -> None:
    stack_id = stacks.create({"Thing": thing(), "Other": thing()})
    physical_id = stacks.resource()["PhysicalResourceId"]
    describe = stacks.client().describe_stack_resources
    found = describe(PhysicalResourceId=physical_id)["StackResources"]
    assert {(each["StackId"], each["LogicalResourceId"]) for each in found} == {
        (stack_id, "Thing"),
        (stack_id, "Other"),
    }
    one = describe(PhysicalResourceId=physical_id, LogicalResourceId="Other")["StackResources"]
    assert [each["LogicalResourceId"] for each in one] == ["Other"]
    words = "Stack for arn:nothing does not exist"
    assert refused(stacks, "DescribeStackResources", PhysicalResourceId="arn:nothing") == words
    assert refused(stacks, "DescribeStackResources") == (
        "Specify either StackName or PhysicalResourceId."
    )


def test_a_token_of_a_page_that_never_was_is_refused(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    plan = {"StackName": "shop", "ChangeSetName": "plan"}
    body = json.dumps({"Resources": {"Thing": thing({"Size": 2})}})
    stacks.client().create_change_set(TemplateBody=body, **plan)
    assert refused(stacks, "DescribeChangeSet", NextToken="2", **plan) == "Invalid next token: 2"


def test_tags_with_equal_keys_are_refused(stacks: Stacks) -> None:
    tags = [{"Key": "team", "Value": "one"}, {"Key": "team", "Value": "two"}]
    words = "Tags contain duplicate keys; tag keys must be unique"
    assert refused(stacks, "CreateStack", Tags=tags, **NEW) == words
    stacks.create({"Thing": thing()})
    assert refused(stacks, "UpdateStack", StackName="shop", TemplateBody=BODY, Tags=tags) == words
