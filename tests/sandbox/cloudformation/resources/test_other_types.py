"""Types that are not hosted: moto's own, nested stacks, and those that make nothing."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import Stacks, failed, running, template, thing

BUCKET = {"Type": "AWS::S3::Bucket"}
CHILD = "AWS::CloudFormation::Stack"


@pytest.fixture
def stacks() -> Iterator[Stacks]:
    with running() as sandbox:
        yield sandbox


def bucket(name: str, **attributes: Any) -> dict[str, Any]:
    return {**BUCKET, "Properties": {"BucketName": name}, **attributes}


def queue(name: str, seconds: int) -> dict[str, Any]:
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": name, "VisibilityTimeout": seconds},
    }


def upload(stacks: Stacks, resources: Any, **more: Any) -> str:
    s3 = stacks.client("s3")
    if not s3.list_buckets()["Buckets"]:
        s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="child.json", Body=template(resources, more))
    return f"{stacks.url}/templates/child.json"


def nested(url: str, **parameters: Any) -> dict[str, Any]:
    return {"Type": CHILD, "Properties": {"TemplateURL": url, "Parameters": parameters}}


def test_a_buckets_policy_is_made_changed_and_taken_away(stacks: Stacks) -> None:
    def policy(*statements: dict[str, Any]) -> dict[str, Any]:
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        properties = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": document}
        return {"Type": "AWS::S3::BucketPolicy", "Properties": properties}

    def actions() -> list[str]:
        held = stacks.client("s3").get_bucket_policy(Bucket="the-bucket")["Policy"]
        return [statement["Action"] for statement in json.loads(held)["Statement"]]

    allow = {"Effect": "Allow", "Principal": "*", "Resource": "*"}
    # moto would take it for a denial of everything.
    deny = {**allow, "Effect": "Deny", "Action": "s3:*", "Condition": {"Bool": {"a": "b"}}}
    kept = {"Bucket": bucket("the-bucket")}
    stacks.create({**kept, "Policy": policy({**allow, "Action": "s3:GetObject"}, deny)})
    assert stacks.resource("Policy")["PhysicalResourceId"] == "the-bucket"
    assert actions() == ["s3:GetObject"]

    stacks.update({**kept, "Policy": policy({**allow, "Action": "s3:PutObject"})})
    assert actions() == ["s3:PutObject"]
    stacks.update(kept)
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        actions()


def test_a_roles_policies_and_trust_follow_its_properties(stacks: Stacks) -> None:
    iam = stacks.client("iam")

    def role(service: str, **policies: str) -> dict[str, Any]:
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
        documents = [
            {
                "PolicyName": name,
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}],
                },
            }
            for name, action in policies.items()
        ]
        properties = {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": documents,
        }
        return {"Type": "AWS::IAM::Role", "Properties": properties}

    def held() -> tuple[str, dict[str, str]]:
        name = stacks.resource("Role")["PhysicalResourceId"]
        trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        actions = {}
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            got = iam.get_role_policy(RoleName=name, PolicyName=policy)
            actions[policy] = got["PolicyDocument"]["Statement"][0]["Action"]
        return trust["Statement"][0]["Principal"]["Service"], actions

    capabilities = ["CAPABILITY_IAM"]
    before = role("a.amazonaws.com", Kept="s3:Get*", Old="s3:*")
    stacks.create({"Role": before}, Capabilities=capabilities)
    assert held() == ("a.amazonaws.com", {"Kept": "s3:Get*", "Old": "s3:*"})
    name = stacks.resource("Role")["PhysicalResourceId"]
    after = role("b.amazonaws.com", Kept="s3:List*", New="s3:Put*")
    stacks.update({"Role": after}, Capabilities=capabilities)
    assert held() == ("b.amazonaws.com", {"Kept": "s3:List*", "New": "s3:Put*"})
    assert stacks.resource("Role")["PhysicalResourceId"] == name


def test_motos_types_are_made_used_and_deleted(stacks: Stacks) -> None:
    stacks.create(
        {
            "Bucket": bucket("the-bucket"),
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Thing": thing({"Secret": {"Fn::GetAtt": ["Bucket", "Arn"]}}),
        }
    )
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
    assert stacks.shop.sent("CREATE")[0]["Secret"] == "arn:aws:s3:::the-bucket"
    assert stacks.resource("Bucket")["PhysicalResourceId"] == "the-bucket"
    stacks.delete()
    assert stacks.client("s3").list_buckets()["Buckets"] == []
    assert stacks.client("sns").list_topics()["Topics"] == []


def test_what_moto_refuses_is_an_event_and_rolls_back(stacks: Stacks) -> None:
    role = {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": ["nobody"]}}
    stacks.create(
        {"Bucket": bucket("the-bucket"), "Thing": {**role, "DependsOn": "Bucket"}},
        Capabilities=["CAPABILITY_IAM"],
    )
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "nobody" in stacks.reason("CREATE_FAILED")
    assert stacks.client("s3").list_buckets()["Buckets"] == []


def test_a_changed_type_of_motos_is_updated_in_place(stacks: Stacks) -> None:
    stacks.create({"Queue": queue("q", 1)})
    url = stacks.resource("Queue")["PhysicalResourceId"]
    assert stacks.update({"Queue": queue("q", 5)}) == "UPDATE_COMPLETE"
    attributes = stacks.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert attributes["Attributes"]["VisibilityTimeout"] == "5"
    assert stacks.resource("Queue")["PhysicalResourceId"] == url


def test_a_create_only_property_of_motos_replaces_by_the_published_schema(stacks: Stacks) -> None:
    stacks.create({"Queue": queue("old", 1)})
    described = stacks.client()
    described.create_change_set(
        StackName="shop", ChangeSetName="plan", TemplateBody=template({"Queue": queue("new", 1)})
    )
    (change,) = described.describe_change_set(StackName="shop", ChangeSetName="plan")["Changes"]
    assert change["ResourceChange"]["Replacement"] == "True"
    assert stacks.update({"Queue": queue("new", 1)}) == "UPDATE_COMPLETE"
    urls = stacks.client("sqs").list_queues()["QueueUrls"]
    assert [url.rpartition("/")[2] for url in urls] == ["new"]


def test_what_moto_cannot_update_fails_with_words_and_rolls_back(stacks: Stacks) -> None:
    def group(days: int) -> dict[str, Any]:
        properties = {"LogGroupName": "logs", "RetentionInDays": days}
        return {"Type": "AWS::Logs::LogGroup", "Properties": properties}

    stacks.create({"Group": group(1)})
    assert stacks.update({"Group": group(3)}) == "UPDATE_ROLLBACK_COMPLETE"
    reason = stacks.reason("UPDATE_FAILED", logical_id="Group")
    assert "The sandbox cannot update a resource of type AWS::Logs::LogGroup" in reason


def test_a_wait_condition_handle_makes_nothing(stacks: Stacks) -> None:
    stacks.create({"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}})
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_nested_stack_is_created_updated_and_deleted_with_its_parent(stacks: Stacks) -> None:
    declared = {"Parameters": {"Size": {"Type": "Number"}}}
    outputs = {"Outputs": {"Arn": {"Value": {"Ref": "Thing"}}}}
    child = {"Thing": thing({"Size": {"Ref": "Size"}, "Name": "cog"})}
    url = upload(stacks, child, **declared, **outputs)
    parent = {"Child": nested(url, Size="3")}
    result = {"Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Arn"]}}}}
    stacks.create(parent, template=result, Tags=[{"Key": "a", "Value": "1"}])
    assert stacks.describe()["Outputs"][0]["OutputValue"] == "arn:toy:cog:1"
    child_id = stacks.resource("Child")["PhysicalResourceId"]
    described = stacks.describe(child_id)
    assert described["StackStatus"] == "CREATE_COMPLETE"
    assert described["ParentId"] == described["RootId"] == stacks.describe()["StackId"]
    assert stacks.shop.of("CREATE")[0]["requestData"]["stackTags"] == {"a": "1"}

    assert stacks.update({"Child": nested(url, Size="4")}, template=result) == "UPDATE_COMPLETE"
    assert stacks.shop.sent("UPDATE")[0]["Size"] == 4
    assert stacks.describe(child_id)["StackStatus"] == "UPDATE_COMPLETE"

    upload(stacks, {"Thing": thing({"Size": 5, "Name": "cog"})}, **declared, **outputs)
    assert stacks.update({"Child": nested(url, Size="4")}, template=result) == "UPDATE_COMPLETE"
    assert stacks.shop.sent("UPDATE")[1]["Size"] == 5

    assert stacks.delete() == "DELETE_COMPLETE"
    assert stacks.describe(child_id)["StackStatus"] == "DELETE_COMPLETE"
    assert stacks.shop.things == {}


def test_a_nested_stack_that_fails_takes_its_parent_back(stacks: Stacks) -> None:
    url = upload(stacks, {"Thing": thing()})
    stacks.shop.will("CREATE", failed("InvalidRequest", "no"))
    stacks.create({"Child": nested(url)})
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    reason = stacks.reason("CREATE_FAILED", logical_id="Child")
    assert "was not successfully created: The following resource(s) failed to create: [Thing]" in (
        reason
    )
    assert [each["StackName"] for each in stacks.client().describe_stacks()["Stacks"]] == ["shop"]


def test_a_failed_update_of_a_parent_takes_the_nested_stack_back(stacks: Stacks) -> None:
    child = {"Thing": thing({"Size": {"Ref": "Size"}})}
    url = upload(stacks, child, Parameters={"Size": {"Type": "Number"}})
    after = thing({"Size": 1}, DependsOn="Child")
    stacks.create({"Child": nested(url, Size="1"), "After": after})
    stacks.shop.will("UPDATE", None, failed("InvalidRequest", "no"))
    changed = {"Child": nested(url, Size="2"), "After": {**after, "Properties": {"Size": 2}}}
    assert stacks.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert {each["Size"] for each in stacks.shop.things.values()} == {1}


def test_a_template_may_lie_in_s3_and_a_missing_one_is_refused(stacks: Stacks) -> None:
    url = upload(stacks, {"Thing": thing()})
    client = stacks.client()
    client.create_stack(StackName="shop", TemplateURL=url)
    assert stacks.settled() == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match="S3 error"):
        client.create_stack(StackName="other", TemplateURL=f"{stacks.url}/templates/none.json")


def test_templates_are_validated_and_summarized_without_a_stack(stacks: Stacks) -> None:
    body = template({"Thing": thing()}, {"Parameters": {"A": {"Type": "String", "Default": "x"}}})
    client = stacks.client()
    validated = client.validate_template(TemplateBody=body)
    assert validated["Parameters"][0]["DefaultValue"] == "x"
    summary = client.get_template_summary(TemplateBody=body)
    assert summary["ResourceTypes"] == ["Toy::Shop::Thing"]
    with pytest.raises(ClientError, match="Unrecognized resource types"):
        client.validate_template(TemplateBody=json.dumps({"Resources": {"A": {"Type": "A::B::C"}}}))


def test_a_notification_goes_to_the_topic_that_the_stack_names(stacks: Stacks) -> None:
    sns, sqs = stacks.client("sns"), stacks.client("sqs")
    topic = sns.create_topic(Name="news")["TopicArn"]
    url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:123456789012:inbox"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    stacks.create({"Thing": thing()}, NotificationARNs=[topic])
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert any("ResourceStatus='CREATE_COMPLETE'" in message["Body"] for message in messages)


def test_a_stack_takes_no_longer_when_there_are_many(stacks: Stacks) -> None:
    def seconds(name: str) -> float:
        started = time.perf_counter()
        stacks.create({"Thing": thing()}, name=name)
        stacks.delete(name)
        return time.perf_counter() - started

    alone = min(seconds(f"early{number}") for number in range(5))
    client = stacks.client()
    body = template({"Thing": thing()})
    for number in range(300):
        client.create_stack(StackName=f"many{number}", TemplateBody=body)
    stacks.settled("many299")
    among_many = min(seconds(f"late{number}") for number in range(5))
    assert among_many < 3 * alone + 0.1
