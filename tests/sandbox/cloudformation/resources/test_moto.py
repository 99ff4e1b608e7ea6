"""Types that moto provides: made, used, updated, replaced and deleted."""

from typing import Any

from tests.harness.cloudformation import Stacks, template, thing


def bucket(name: str) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}


def queue(name: str, seconds: int) -> dict[str, Any]:
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": name, "VisibilityTimeout": seconds},
    }


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
