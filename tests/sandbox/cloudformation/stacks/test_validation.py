"""The validation before provisioning: what it finds, what follows, and what it leaves alone."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import Stacks, template, thing

WRONG = {"Name": "n0", "Size": 0, "Wrong": 1, "Arn": "arn:x"}
FOUND = {
    "#: extraneous key [Wrong] is not permitted": "",
    r"#/Name: string [n0] does not match pattern ^[\p{L}-]+$": "/Name",
    "#/Size: 0 is not greater or equal to 1": "/Size",
    "#/Arn: read-only property cannot be specified": "/Arn",
}
COUNTED = (
    "Validation failed with {} error(s). Call DescribeEvents to retrieve the full list of issues "
    "with resource and property details, resolve each error, then retry the operation."
)
DETECTED = "Validation failure detected. See the operation's FAILED event for details."


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


def test_nothing_is_created_and_each_violation_is_an_event_with_its_place(stacks: Stacks) -> None:
    stacks.create({"Fine": thing(), "Thing": thing(WRONG, DependsOn="Fine")})
    assert stacks.statuses() == [
        "shop CREATE_IN_PROGRESS",
        "shop CREATE_FAILED",
        "shop ROLLBACK_IN_PROGRESS",
        "shop ROLLBACK_COMPLETE",
    ]
    assert stacks.shop.events == []
    events = stacks.operation_events(StackName="shop", Filters={"FailedEvents": True})
    findings = [event for event in events if event["EventType"] == "VALIDATION_ERROR"]
    places = {each["ValidationStatusReason"]: each["ValidationPath"] for each in findings}
    assert places == {
        reason: f"/Resources/Thing/Properties{place}" for reason, place in FOUND.items()
    }
    assert {name: findings[0][name] for name in findings[0] if name.startswith("Validation")} == {
        "ValidationFailureMode": "FAIL",
        "ValidationName": "PROPERTY_VALIDATION",
        "ValidationStatus": "FAILED",
        "ValidationStatusReason": findings[0]["ValidationStatusReason"],
        "ValidationPath": findings[0]["ValidationPath"],
    }
    assert (findings[0]["LogicalResourceId"], findings[0]["PhysicalResourceId"]) == ("Thing", "")
    assert stacks.reason("CREATE_FAILED", logical_id="shop") == COUNTED.format(4)
    assert stacks.reason("ROLLBACK_IN_PROGRESS", logical_id="shop") == DETECTED


@pytest.mark.parametrize(
    ("on_failure", "status"), [("DO_NOTHING", "CREATE_FAILED"), ("DELETE", "DELETE_COMPLETE")]
)
def test_on_failure_says_what_becomes_of_the_stack(
    stacks: Stacks, on_failure: str, status: str
) -> None:
    stack_id = stacks.create({"Thing": thing(WRONG)}, OnFailure=on_failure)
    assert stacks.describe(stack_id)["StackStatus"] == status
    assert stacks.reason("CREATE_FAILED", stack_id, "shop") == COUNTED.format(4)
    assert len(stacks.invalid(StackName=stack_id)) == 4


@pytest.mark.parametrize(
    ("options", "status"),
    [({}, "UPDATE_ROLLBACK_COMPLETE"), ({"DisableRollback": True}, "UPDATE_FAILED")],
    ids=["rolled back", "as it is"],
)
def test_an_update_leaves_the_resources_and_the_template_as_they_were(
    stacks: Stacks, options: Any, status: str
) -> None:
    stacks.create({"Thing": thing()})
    before = stacks.resource()
    resources = {"Thing": thing({"Size": 0}), "Other": thing()}
    assert stacks.update(resources, **options) == status
    assert stacks.invalid() == ["#/Size: 0 is not greater or equal to 1"]
    assert [event["action"] for event in stacks.shop.events] == ["CREATE"]
    assert stacks.resource() == before
    body = stacks.client().get_template(StackName="shop")["TemplateBody"]
    assert body == json.loads(template({"Thing": thing()}))
    assert stacks.update({"Thing": thing({"Size": 2})}) == "UPDATE_COMPLETE"


def test_a_change_set_fails_and_cannot_be_executed(stacks: Stacks) -> None:
    client = stacks.client()
    made = client.create_change_set(
        StackName="shop",
        ChangeSetName="plan",
        ChangeSetType="CREATE",
        TemplateBody=template({"Thing": thing(WRONG)}),
    )
    described = client.describe_change_set(ChangeSetName=made["Id"])
    assert (described["Status"], described["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert described["StatusReason"] == (
        "The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]. To "
        "troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure "
        "information."
    )
    assert set(stacks.invalid(ChangeSetName=made["Id"])) == set(FOUND)
    with pytest.raises(ClientError, match="cannot be executed"):
        client.execute_change_set(ChangeSetName=made["Id"])
    assert stacks.describe()["StackStatus"] == "REVIEW_IN_PROGRESS"


def test_a_change_set_without_validation_fails_when_it_is_executed(stacks: Stacks) -> None:
    client = stacks.client()
    made = client.create_change_set(
        StackName="shop",
        ChangeSetName="plan",
        ChangeSetType="CREATE",
        TemplateBody=template({"Thing": thing(WRONG)}),
        DisableValidation=True,
    )
    client.execute_change_set(ChangeSetName=made["Id"])
    assert stacks.settled() == "ROLLBACK_COMPLETE"
    assert stacks.reason("CREATE_FAILED").startswith("Properties validation failed for resource")
    assert stacks.invalid() == []


def test_a_value_that_only_the_deployment_can_know_is_let_be(stacks: Stacks) -> None:
    stacks.create(
        {
            "First": thing(),
            "Thing": thing(
                {
                    "Name": {"Fn::GetAtt": ["First", "Made"]},
                    "Size": "{{resolve:ssm:size}}",
                    "Secret": {"Fn::Sub": "${First}-{{resolve:secretsmanager:secret}}"},
                    "Parts": [{"Kind": {"Ref": "First"}}, {"Knd": {"Ref": "First"}}],
                }
            ),
        }
    )
    # What is known of the same properties is validated nonetheless.
    assert sorted(stacks.invalid()) == [
        "#/Parts/1: extraneous key [Knd] is not permitted",
        "#/Parts/1: required key [Kind] not found",
    ]


def test_the_value_of_a_parameter_with_no_echo_is_not_shown(stacks: Stacks) -> None:
    secret = {"Parameters": {"Word": {"Type": "String", "NoEcho": True, "Default": "hunter2"}}}
    resources = {"Thing": thing({"Name": {"Ref": "Word"}})}
    stacks.create(resources, template=secret)
    [said] = stacks.invalid()
    assert said.startswith("#/Name: string [****] does not match pattern")


def test_the_items_of_a_list_with_no_echo_are_not_shown(stacks: Stacks) -> None:
    words = {"Type": "CommaDelimitedList", "NoEcho": True, "Default": "hunter, hunter2"}
    resources = {"Thing": thing({"Name": {"Ref": "Words"}})}
    stacks.create(resources, template={"Parameters": {"Words": words}})
    [said] = stacks.invalid()
    assert said == '#/Name: expected type: String, found: JSONArray [["****", "****"]]'


def test_what_the_deployment_finds_out_fails_the_resource_as_before(stacks: Stacks) -> None:
    stacks.create({"First": thing(), "Thing": thing({"Name": {"Ref": "First"}})})
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stacks.invalid() == []
    assert "#/Name: string [arn:toy::1] does not match" in stacks.reason("CREATE_FAILED")


def test_a_resource_whose_condition_is_false_is_not_validated(stacks: Stacks) -> None:
    conditions = {"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}}
    resources = {"Fine": thing(), "Thing": thing(WRONG, Condition="Never")}
    stacks.create(resources, template=conditions)
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        (bucket(BucketNam="a"), "#: extraneous key [BucketNam] is not permitted"),
        (
            bucket(NotificationConfiguration={"QueueConfigurations": [{"Queue": "arn"}]}),
            "#/NotificationConfiguration/QueueConfigurations/0: required key [Event] not found",
        ),
        (
            bucket(VersioningConfiguration="Enabled"),
            "#/VersioningConfiguration: expected type: JSONObject, found: String [Enabled]",
        ),
        ({"Type": "AWS::CloudFormation::Stack"}, "#: required key [TemplateURL] not found"),
    ],
    ids=["a misspelt name", "a missing member", "a wrong type", "a nested stack"],
)
def test_types_of_aws_are_validated_by_their_published_schemas(
    stacks: Stacks, resource: Any, found: str
) -> None:
    stacks.create({"Mine": resource})
    assert stacks.invalid() == [found]
    assert stacks.client("s3").list_buckets()["Buckets"] == []


def test_limits_and_patterns_of_published_schemas_are_left_to_the_service(stacks: Stacks) -> None:
    stacks.create({"Mine": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 2}}})
    assert stacks.invalid() == []


class TestNameConflict:
    def test_a_new_resource_must_not_have_the_name_of_an_existing_one(self, stacks: Stacks) -> None:
        stacks.client("s3").create_bucket(Bucket="taken")
        stacks.create({"Thing": thing(), "Mine": bucket(BucketName="taken")})
        assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
        [finding] = [
            event
            for event in stacks.operation_events(StackName="shop")
            if event["EventType"] == "VALIDATION_ERROR"
        ]
        assert finding["ValidationName"] == "NAME_CONFLICT_VALIDATION"
        assert finding["ValidationPath"] == "/Resources/Mine"
        assert finding["ValidationStatusReason"] == (
            "Resource of type 'AWS::S3::Bucket' with identifier 'taken' already exists."
        )
        assert stacks.shop.events == []
        assert [each["Name"] for each in stacks.client("s3").list_buckets()["Buckets"]] == ["taken"]

    def test_a_resource_of_the_stack_itself_is_none(self, stacks: Stacks) -> None:
        stacks.create({"Mine": bucket(BucketName="mine")})
        changed = bucket(BucketName="mine", Tags=[{"Key": "a", "Value": "b"}])
        assert stacks.update({"Mine": changed, "Thing": thing()}) == "UPDATE_COMPLETE"

    def test_a_change_set_names_the_check(self, stacks: Stacks) -> None:
        stacks.client("s3").create_bucket(Bucket="taken")
        client = stacks.client()
        resources = {"Mine": bucket(BucketName="taken"), "Thing": thing(WRONG)}
        made = client.create_change_set(
            StackName="shop",
            ChangeSetName="plan",
            ChangeSetType="CREATE",
            TemplateBody=template(resources),
        )
        reason = client.describe_change_set(ChangeSetName=made["Id"])["StatusReason"]
        for check in ("ResourceExistenceCheck", "PropertyValidation"):
            assert f"AWS::EarlyValidation::{check}" in reason


def test_a_change_set_warns_of_a_bucket_that_is_not_empty(stacks: Stacks) -> None:
    stacks.create({"Thing": thing(), "Mine": bucket(BucketName="full")})
    stacks.client("s3").put_object(Bucket="full", Key="key", Body=b"")
    client = stacks.client()
    made = client.create_change_set(
        StackName="shop", ChangeSetName="plan", TemplateBody=template({"Thing": thing()})
    )
    described = client.describe_change_set(ChangeSetName=made["Id"])
    assert described["ExecutionStatus"] == "AVAILABLE"
    [warning] = [
        event
        for event in stacks.operation_events(ChangeSetName=made["Id"])
        if event["EventType"] == "VALIDATION_ERROR"
    ]
    assert (warning["ValidationFailureMode"], warning["LogicalResourceId"]) == ("WARN", "Mine")
    assert warning["ValidationStatusReason"].startswith("The bucket 'full' is not empty.")


class TestNestedStacks:
    def test_a_nested_template_is_validated_when_its_stack_is_created(self, stacks: Stacks) -> None:
        inner = {"TemplateURL": stacks.upload({"Thing": thing({"Size": 0})})}
        outer = {
            "First": thing(),
            "Inner": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": inner,
                "DependsOn": "First",
            },
        }
        stacks.create(outer)
        assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
        assert stacks.invalid() == []
        created = [
            event
            for event in stacks.events(logical_id="Inner")
            if event["ResourceStatus"] == "CREATE_FAILED"
        ]
        inner_id = created[0]["PhysicalResourceId"]
        assert stacks.invalid(StackName=inner_id) == ["#/Size: 0 is not greater or equal to 1"]
        assert "Validation failed with 1 error(s). Call" in created[0]["ResourceStatusReason"]

    def test_disable_validation_counts_for_nested_stacks_too(self, stacks: Stacks) -> None:
        inner = {"TemplateURL": stacks.upload({"Thing": thing({"Size": 0})})}
        outer = {"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": inner}}
        stacks.create(outer, DisableValidation=True)
        [event] = [
            event
            for event in stacks.events(logical_id="Inner")
            if event["ResourceStatus"] == "CREATE_FAILED"
        ]
        assert stacks.invalid(StackName=event["PhysicalResourceId"]) == []
        assert "failed to create: [Thing]" in event["ResourceStatusReason"]
