"""Creating stacks: what is refused at once, what fails as an event, and what it ends in."""

import json
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import (
    ACCOUNT,
    THING,
    Event,
    Stacks,
    failed,
    in_progress,
    thing,
)


def refusal(stacks: Stacks, resources: Any, **more: Any) -> str:
    with pytest.raises(ClientError) as error:
        stacks.create(resources, **more)
    return f"{error.value.response['Error']['Code']}: {error.value.response['Error']['Message']}"


def test_create_answers_at_once_and_works_in_the_background(stacks: Stacks) -> None:
    answered = threading.Event()

    def wait_for_the_answer(_: Event) -> None:
        answered.wait(20)

    stacks.shop.will("CREATE", wait_for_the_answer)
    stacks.create({"Thing": thing()}, wait=False)
    assert stacks.describe()["StackStatus"] == "CREATE_IN_PROGRESS"
    answered.set()
    assert stacks.settled() == "CREATE_COMPLETE"


def test_events_tell_the_story_as_cloudformation_tells_it(stacks: Stacks) -> None:
    stack_id = stacks.create({"Thing": thing({"Name": "cog"})})
    told = [
        (
            event["LogicalResourceId"],
            event["ResourceStatus"],
            event.get("ResourceStatusReason"),
            event["PhysicalResourceId"],
        )
        for event in stacks.events()
    ]
    assert told == [
        ("shop", "CREATE_IN_PROGRESS", "User Initiated", stack_id),
        ("Thing", "CREATE_IN_PROGRESS", None, ""),
        ("Thing", "CREATE_IN_PROGRESS", "Resource creation Initiated", "arn:toy:cog:1"),
        ("Thing", "CREATE_COMPLETE", None, "arn:toy:cog:1"),
        ("shop", "CREATE_COMPLETE", None, stack_id),
    ]
    of_thing = stacks.events(logical_id="Thing")[0]
    assert json.loads(of_thing["ResourceProperties"]) == {"Size": 1, "Name": "cog"}
    assert of_thing["ResourceType"] == THING


def test_no_two_events_have_one_id_however_soon_they_follow_each_other(stacks: Stacks) -> None:
    # Waits for nothing, so that many of its events fall into the same millisecond.
    handle = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    stacks.create({f"Handle{number}": handle for number in range(50)})
    events = stacks.events()
    assert len(events) == 50 * 3 + 2
    assert len({event["EventId"] for event in events}) == len(events)


def test_the_newest_event_comes_first_and_events_come_in_pages(stacks: Stacks) -> None:
    stacks.create({f"Thing{n}": thing() for n in range(40)})
    page = stacks.client().describe_stack_events(StackName="shop")
    assert page["StackEvents"][0]["ResourceStatus"] == "CREATE_COMPLETE"
    assert len(page["StackEvents"]) == 100
    assert len(stacks.events()) == 2 + 3 * 40


def test_ref_gives_the_identifier_and_getatt_a_read_only_property(stacks: Stacks) -> None:
    outputs = {
        "Ref": {"Value": {"Ref": "Thing"}, "Description": "which"},
        "Made": {"Value": {"Fn::GetAtt": ["Thing", "Made"]}},
        "Sub": {"Value": {"Fn::Sub": "${Thing} in ${AWS::Region} by ${Thing.Made} ${!kept}"}},
    }
    stacks.create({"Thing": thing({"Name": "cog"})}, template={"Outputs": outputs})
    found = {o["OutputKey"]: o["OutputValue"] for o in stacks.describe()["Outputs"]}
    made = "2026-11-20T20:21:24.397Z"
    assert found["Ref"] == "arn:toy:cog:1"
    assert found["Made"] == made
    assert found["Sub"] == f"arn:toy:cog:1 in us-east-1 by {made} ${{kept}}"
    assert stacks.describe()["Outputs"][0]["Description"] == "which"


def test_dependencies_decide_the_order_whatever_the_template_says(stacks: Stacks) -> None:
    stacks.create(
        {
            "A": thing({"Secret": {"Fn::Sub": "${B}"}}),
            "B": thing({"Secret": {"Fn::If": ["Yes", {"Ref": "C"}, {"Ref": "AWS::NoValue"}]}}),
            "C": thing({}, DependsOn="D"),
            "D": thing({"Secret": {"Fn::GetAtt": ["E", "Made"]}}),
            "E": thing(),
        },
        template={"Conditions": {"Yes": {"Fn::Equals": ["1", "1"]}}},
    )
    created = [event["requestData"]["logicalResourceId"] for event in stacks.shop.of("CREATE")]
    assert created == ["E", "D", "C", "B", "A"]
    stacks.delete()
    deleted = [event["requestData"]["logicalResourceId"] for event in stacks.shop.of("DELETE")]
    assert deleted == created[::-1]


def test_a_resource_whose_condition_is_false_is_not_made(stacks: Stacks) -> None:
    conditions = {"No": {"Fn::Not": [{"Condition": "Yes"}]}, "Yes": {"Fn::Equals": ["a", "a"]}}
    secret = {"Fn::If": ["No", "x", {"Ref": "AWS::NoValue"}]}
    stacks.create(
        {"Thing": thing({"Secret": secret}), "Other": thing(Condition="No")},
        template={"Conditions": conditions},
    )
    assert stacks.shop.sent("CREATE") == [{"Size": 1}]


def test_yaml_with_short_functions_deploys(stacks: Stacks) -> None:
    stacks.create(
        """
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Kind: {Type: String, Default: cog}
Conditions:
  Big: !Not [!Equals [!Ref Kind, wheel]]
  Both: !And [!Condition Big, !Equals ["true", true]]
Mappings:
  Sizes:
    cog: {Size: 7}
Resources:
  Thing:
    Type: Toy::Shop::Thing
    Properties:
      Size: !FindInMap [Sizes, !Ref Kind, Size]
      Name: !If [Both, !Join ["-", [a, !Ref Kind]], !Ref AWS::NoValue]
      Secret: !Sub ["${x}/${AWS::AccountId}", {x: !Select [1, !Split [",", "p,q"]]}]
      Parts:
        - !If [Big, {Kind: !Ref Kind, Count: "3"}, !Ref AWS::NoValue]
        - !If [Big, !Ref AWS::NoValue, {Kind: wheel}]
      Environment: {A: 2026-11-21, B: true, C: 0.5, D: 8}
      Empty: {}
  Other:
    Type: Toy::Shop::Thing
    Properties:
      Size: "1"
      Secret: !GetAtt Thing.Made
"""
    )
    first, second = stacks.shop.sent("CREATE")
    assert first == {
        "Size": 7,
        "Name": "a-cog",
        "Secret": f"q/{ACCOUNT}",
        "Parts": [{"Kind": "cog", "Count": 3}],
        "Environment": {"A": "2026-11-21", "B": "true", "C": "0.5", "D": "8"},
        "Empty": {},
    }
    assert second["Secret"] == "2026-11-20T20:21:24.397Z"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "Template format error: JSON not well-formed. (line 1, column 2)"),
        ("a: b: c", "Template format error: YAML not well-formed. (line 1, column 5)"),
        ("- 1", "Template format error: unsupported structure."),
        ("Resources: {}", "At least one Resources member must be defined"),
        ("Reources: {}", "Invalid template property or properties [Reources]"),
        ({"Thing": {"Properties": {}}}, "Every Resources object must contain a Type member"),
        ({"a-b": thing()}, "Resource name a-b is non alphanumeric"),
        ({"Thing": thing(Propertys={})}, "Invalid template resource property 'Propertys'"),
        (
            {"Thing": thing({"Secret": None})},
            "[/Resources/Thing/Properties/Secret] 'null' values are not allowed in templates",
        ),
        (
            {"Thing": thing({"Secret": {"Ref": "Nobody"}})},
            "Unresolved resource dependencies [Nobody] in the Resources block of the template",
        ),
        (
            {"Thing": thing({"Secret": {"Fn::Sub": "${Nobody}"}})},
            "Unresolved resource dependencies [Nobody] in the Resources block of the template",
        ),
        (
            {"Thing": thing(DependsOn=["Nobody"])},
            "Unresolved resource dependencies [Nobody] in the Resources block of the template",
        ),
        (
            {"Thing": thing({"Secret": {"Fn::GetAtt": ["Nobody", "Arn"]}})},
            "Template error: instance of Fn::GetAtt references undefined resource Nobody",
        ),
        (
            {"Thing": thing(), "Other": thing({"Secret": {"Fn::GetAtt": ["Thing", "Size"]}})},
            "Template error: resource Thing does not support attribute type Size in Fn::GetAtt",
        ),
        (
            {"Thing": thing({"Secret": {"Fn::If": ["Never", "a", "b"]}})},
            "Template error: unresolved condition dependency Never in Fn::If",
        ),
        ({"Thing": thing(Condition="Never")}, "Unresolved condition dependency Never"),
        (
            {"Thing": thing({"Secret": {"Fn::Nonsense": []}})},
            "Template error: Encountered unsupported function: Fn::Nonsense",
        ),
        (
            {"Thing": {"Type": "Toy::Shop::Nothing"}, "Other": {"Type": "No::Such::Type"}},
            "Unrecognized resource types: [Toy::Shop::Nothing, No::Such::Type]",
        ),
        (
            {
                "A": thing({"Secret": {"Ref": "B"}}),
                "B": thing({"Secret": {"Ref": "A"}}),
                "C": thing({"Secret": {"Ref": "A"}}),
            },
            "Circular dependency between resources: [A, B]",
        ),
        ({"Thing": thing(DeletionPolicy="Keep")}, "Unrecognized DeletionPolicy Keep"),
    ],
)
def test_what_cloudformation_refuses_at_once_is_refused_in_its_words(
    stacks: Stacks, body: Any, message: str
) -> None:
    said = refusal(stacks, body)
    assert said.startswith("ValidationError: ")
    assert message in said
    assert stacks.client().describe_stacks()["Stacks"] == []


def test_parameters_are_checked_before_anything_begins(stacks: Stacks) -> None:
    declared = {
        "Kind": {"Type": "String", "AllowedValues": ["cog", "wheel"]},
        "Count": {"Type": "Number", "Default": 3, "MaxValue": 5},
    }

    def given(**parameters: str) -> str:
        values = [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()]
        return refusal(
            stacks, {"Thing": thing()}, template={"Parameters": declared}, Parameters=values
        )

    assert given() == "ValidationError: Parameters: [Kind] must have values"
    assert "Parameters: [Wrong] do not exist in the template" in given(Kind="cog", Wrong="x")
    assert "Parameter 'Kind' must be one of AllowedValues" in given(Kind="nail")
    assert "Parameter 'Count' must be a number not greater than 5" in given(Kind="cog", Count="9")
    assert "Parameter 'Count' must be a number." in given(Kind="cog", Count="many")


def test_a_secret_parameter_is_not_shown(stacks: Stacks) -> None:
    declared = {"Password": {"Type": "String", "NoEcho": True}}
    values = [{"ParameterKey": "Password", "ParameterValue": "hush"}]
    stacks.create(
        {"Thing": thing({"Secret": {"Ref": "Password"}})},
        template={"Parameters": declared},
        Parameters=values,
    )
    assert stacks.describe()["Parameters"][0]["ParameterValue"] == "****"
    assert stacks.shop.sent("CREATE")[0]["Secret"] == "hush"


def test_a_name_that_is_taken_is_refused_and_the_same_token_is_the_same_request(
    stacks: Stacks,
) -> None:
    first = stacks.create({"Thing": thing()}, ClientRequestToken="once")
    assert stacks.create({"Thing": thing()}, ClientRequestToken="once") == first
    assert refusal(stacks, {"Thing": thing()}) == (
        "AlreadyExistsException: Stack [shop] already exists"
    )
    assert len(stacks.shop.of("CREATE")) == 1
    assert {event["ClientRequestToken"] for event in stacks.events()} == {"once"}


def test_a_stack_name_has_a_pattern(stacks: Stacks) -> None:
    assert "Value 'a_b' at 'stackName'" in refusal(stacks, {"Thing": thing()}, name="a_b")


def test_iam_resources_ask_for_a_capability(stacks: Stacks) -> None:
    trust: dict[str, Any] = {"AssumeRolePolicyDocument": {"Statement": []}}
    role = {"Type": "AWS::IAM::Role", "Properties": trust}
    named = {"Type": "AWS::IAM::Role", "Properties": {**trust, "RoleName": "keeper"}}
    assert refusal(stacks, {"Role": role}) == (
        "InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_IAM]"
    )
    assert "[CAPABILITY_NAMED_IAM]" in refusal(
        stacks, {"Role": named}, Capabilities=["CAPABILITY_IAM"]
    )
    stacks.create({"Role": named}, Capabilities=["CAPABILITY_NAMED_IAM"])
    assert stacks.client("iam").get_role(RoleName="keeper")["Role"]["RoleName"] == "keeper"


def test_without_validation_a_property_against_the_schema_fails_the_resource(
    stacks: Stacks,
) -> None:
    wrong = {"Name": "n0", "Size": 0, "Wrong": 1, "Arn": "arn:x"}
    resources = {"Fine": thing(), "Thing": thing(wrong, DependsOn="Fine")}
    stacks.create(resources, DisableValidation=True)
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    reason = stacks.reason("CREATE_FAILED")
    assert reason.startswith("Properties validation failed for resource Thing with message:\n")
    for line in (
        "#: extraneous key [Wrong] is not permitted",
        r"#/Name: string [n0] does not match pattern ^[\p{L}-]+$",
        "#/Size: 0 is not greater or equal to 1",
        "#/Arn: read-only property cannot be specified",
    ):
        assert line in reason.splitlines()
    assert [event["requestData"]["logicalResourceId"] for event in stacks.shop.of("CREATE")] == [
        "Fine"
    ]
    assert stacks.shop.things == {}


def test_a_failed_create_rolls_back_with_the_handlers_own_message(stacks: Stacks) -> None:
    stacks.shop.will("CREATE", None, failed("AlreadyExists", "a thing of that name is there"))
    stacks.create({"First": thing(), "Thing": thing(DependsOn="First")})
    token = stacks.shop.of("CREATE")[-1]["bearerToken"]
    assert stacks.reason("CREATE_FAILED") == (
        'Resource handler returned message: "a thing of that name is there" '
        f"(RequestToken: {token}, HandlerErrorCode: AlreadyExists)"
    )
    assert stacks.statuses()[-7:] == [
        "Thing CREATE_IN_PROGRESS",
        "Thing CREATE_FAILED",
        "shop ROLLBACK_IN_PROGRESS",
        "Thing DELETE_COMPLETE",
        "First DELETE_IN_PROGRESS",
        "First DELETE_COMPLETE",
        "shop ROLLBACK_COMPLETE",
    ]
    assert stacks.reason("ROLLBACK_IN_PROGRESS", logical_id="shop") == (
        "The following resource(s) failed to create: [Thing]. Rollback requested by user."
    )
    assert stacks.shop.things == {}


def test_a_stack_that_was_rolled_back_can_be_deleted_and_not_updated(stacks: Stacks) -> None:
    stacks.shop.will("CREATE", failed("InvalidRequest", "no"))
    stack_id = stacks.create({"Thing": thing()})
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        stacks.update({"Thing": thing({"Size": 2})})
    assert stacks.delete() == "DELETE_COMPLETE"
    assert stacks.describe(stack_id)["StackStatus"] == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    ("choice", "status"),
    [
        ({"OnFailure": "DELETE"}, "DELETE_COMPLETE"),
        ({"OnFailure": "DO_NOTHING"}, "CREATE_FAILED"),
        ({"DisableRollback": True}, "CREATE_FAILED"),
        ({"OnFailure": "ROLLBACK"}, "ROLLBACK_COMPLETE"),
    ],
)
def test_the_user_decides_what_a_failure_ends_in(
    stacks: Stacks, choice: dict[str, Any], status: str
) -> None:
    stacks.shop.will("CREATE", None, failed("InvalidRequest", "no"))
    stack_id = stacks.create({"A": thing(), "B": thing()}, **choice)
    assert stacks.describe(stack_id)["StackStatus"] == status
    assert len(stacks.shop.things) == (1 if status == "CREATE_FAILED" else 0)


def test_a_failed_rollback_says_which_resource_is_left(stacks: Stacks) -> None:
    stacks.shop.will("CREATE", None, failed("InvalidRequest", "no"))
    stacks.shop.will("DELETE", failed("ResourceInUse", "in use"))
    stacks.create({"A": thing(), "B": thing(DependsOn="A")})
    stack = stacks.describe()
    assert stack["StackStatus"] == "ROLLBACK_FAILED"
    assert "The following resource(s) failed to delete: [A]." in stack["StackStatusReason"]
    assert stacks.delete() == "DELETE_COMPLETE"
    assert stacks.shop.things == {}


def test_retained_resources_survive_a_rollback_unless_retained_except_on_create(
    stacks: Stacks,
) -> None:
    stacks.shop.will("CREATE", None, None, failed("InvalidRequest", "no"))
    stacks.create(
        {
            "Kept": thing({"Name": "kept"}, DeletionPolicy="Retain"),
            "Gone": thing({"Name": "gone"}, DeletionPolicy="RetainExceptOnCreate"),
            "Wrong": thing(DependsOn=["Kept", "Gone"]),
        }
    )
    assert [each["Name"] for each in stacks.shop.things.values()] == ["kept"]
    assert stacks.statuses(logical_id="Kept")[-1] == "DELETE_SKIPPED"


def test_exports_are_unique_importable_and_kept_while_in_use(stacks: Stacks) -> None:
    export = {"Arn": {"Value": {"Ref": "Thing"}, "Export": {"Name": "the-thing"}}}
    stacks.create({"Thing": thing({"Name": "cog"})}, template={"Outputs": export})
    importing = {"Thing": thing({"Secret": {"Fn::ImportValue": "the-thing"}})}
    stacks.create(importing, name="user")
    assert stacks.shop.sent("CREATE")[-1]["Secret"] == "arn:toy:cog:1"
    exports = stacks.client().list_exports()["Exports"]
    assert [(e["Name"], e["Value"]) for e in exports] == [("the-thing", "arn:toy:cog:1")]
    imports = stacks.client().list_imports(ExportName="the-thing")["Imports"]
    assert imports == ["user"]

    stacks.create({"Thing": thing()}, name="twin", template={"Outputs": export})
    assert stacks.describe("twin")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "Export with name the-thing is already exported by stack shop" in stacks.reason(
        "ROLLBACK_IN_PROGRESS", "twin", "twin"
    )

    assert stacks.delete() == "CREATE_COMPLETE"
    assert (
        "Export the-thing cannot be deleted as it is in use by user"
        in (stacks.describe()["StackStatusReason"])
    )
    stacks.delete("user")
    assert stacks.delete() == "DELETE_COMPLETE"


def test_an_export_that_does_not_exist_fails_the_resource(stacks: Stacks) -> None:
    stacks.create({"Thing": thing({"Secret": {"Fn::ImportValue": "nothing"}})})
    assert stacks.reason("CREATE_FAILED") == "No export named nothing found."


def test_a_stack_out_of_time_rolls_back(stacks: Stacks, monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.monotonic
    stacks.shop.will("CREATE", in_progress({"Arn": "arn:toy:late", "Size": 1}, delay=1))
    stacks.create({"Thing": thing()}, wait=False, TimeoutInMinutes=1)
    # Not by DescribeStacks, which would hold its answer until the handler is asked again.
    while not stacks.shop.events:
        time.sleep(0.01)
    monkeypatch.setattr(time, "monotonic", lambda: real() + 120)
    assert stacks.until(lambda status: status == "ROLLBACK_COMPLETE", seconds=20)
    assert "Stack creation time exceeded the specified timeout" in stacks.reason(
        "ROLLBACK_IN_PROGRESS", logical_id="shop"
    )


def test_a_notification_goes_to_the_topic_that_the_stack_names(stacks: Stacks) -> None:
    sns, sqs = stacks.client("sns"), stacks.client("sqs")
    topic = sns.create_topic(Name="news")["TopicArn"]
    url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:123456789012:inbox"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    stacks.create({"Thing": thing()}, NotificationARNs=[topic])
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert any("ResourceStatus='CREATE_COMPLETE'" in message["Body"] for message in messages)
