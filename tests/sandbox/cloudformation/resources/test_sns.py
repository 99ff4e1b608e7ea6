"""Topics, subscriptions and policies of topics in a stack."""

import json
from typing import Any

import pytest

from tests.harness.cloudformation import Stacks


def topic(**properties: Any) -> dict[str, Any]:
    return {"Topic": {"Type": "AWS::SNS::Topic", "Properties": properties}}


def subscription(**properties: Any) -> dict[str, Any]:
    return {
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "email",
                "Endpoint": "a@example.com",
                **properties,
            },
        }
    }


def email(address: str) -> dict[str, str]:
    return {"Protocol": "email", "Endpoint": address}


def arn(stacks: Stacks, logical_id: str = "Topic") -> str:
    return str(stacks.resource(logical_id)["PhysicalResourceId"])


def attributes(stacks: Stacks) -> dict[str, str]:
    answer = stacks.client("sns").get_topic_attributes(TopicArn=arn(stacks))
    found: dict[str, str] = answer["Attributes"]
    return found


def endpoints(stacks: Stacks) -> list[str]:
    answer = stacks.client("sns").list_subscriptions_by_topic(TopicArn=arn(stacks))
    return sorted(each["Endpoint"] for each in answer["Subscriptions"])


def tags(stacks: Stacks) -> dict[str, str]:
    answer = stacks.client("sns").list_tags_for_resource(ResourceArn=arn(stacks))
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def test_a_topic_is_what_the_template_says(stacks: Stacks) -> None:
    outputs = {
        name: {"Value": {"Fn::GetAtt": ["Topic", name]}} for name in ("TopicArn", "TopicName")
    }
    made = topic(
        DisplayName="Owners",
        Subscription=[email("a@example.com")],
        Tags=[{"Key": "team", "Value": "a"}],
    )
    stacks.create(made, template={"Outputs": outputs}, Tags=[{"Key": "stage", "Value": "test"}])
    assert attributes(stacks)["DisplayName"] == "Owners"
    assert endpoints(stacks) == ["a@example.com"]
    assert tags(stacks) == {"team": "a", "stage": "test"}
    shown = {each["OutputKey"]: each["OutputValue"] for each in stacks.describe()["Outputs"]}
    assert shown == {"TopicArn": arn(stacks), "TopicName": arn(stacks).rpartition(":")[2]}
    assert shown["TopicName"].startswith("shop-Topic-")


def test_a_change_keeps_the_topic_and_those_who_subscribed_later(stacks: Stacks) -> None:
    first = topic(
        DisplayName="Owners",
        KmsMasterKeyId="alias/aws/sns",
        Subscription=[email("a@example.com")],
        Tags=[{"Key": "team", "Value": "a"}],
    )
    stacks.create(first)
    before = arn(stacks)
    stacks.client("sns").subscribe(TopicArn=before, **email("later@example.com"))
    second = topic(DisplayName="Everyone", Subscription=[email("b@example.com")])
    assert stacks.update(second) == "UPDATE_COMPLETE"
    assert arn(stacks) == before
    assert attributes(stacks)["DisplayName"] == "Everyone"
    assert "KmsMasterKeyId" not in attributes(stacks)
    assert endpoints(stacks) == ["b@example.com", "later@example.com"]
    assert tags(stacks) == {}


def test_another_name_replaces_the_topic_and_a_deleted_stack_leaves_none(stacks: Stacks) -> None:
    stacks.create(topic(TopicName="one"))
    assert stacks.update(topic(TopicName="two")) == "UPDATE_COMPLETE"
    topics = stacks.client("sns").list_topics()["Topics"]
    assert [each["TopicArn"].rpartition(":")[2] for each in topics] == ["two"]
    assert stacks.delete() == "DELETE_COMPLETE"
    assert stacks.client("sns").list_topics()["Topics"] == []


def test_a_fifo_topic_without_a_name_gets_one_that_says_so(stacks: Stacks) -> None:
    stacks.create(topic(FifoTopic="true", ContentBasedDeduplication=True))
    assert arn(stacks).endswith(".fifo")
    assert attributes(stacks)["ContentBasedDeduplication"] == "true"


def test_a_subscription_is_created_changed_and_deleted(stacks: Stacks) -> None:
    policy = {"severity": ["high"]}
    stacks.create({**topic(), **subscription(FilterPolicy=policy, RawMessageDelivery="false")})
    client, made = stacks.client("sns"), arn(stacks, "Subscription")
    shown = client.get_subscription_attributes(SubscriptionArn=made)["Attributes"]
    assert json.loads(shown["FilterPolicy"]) == policy
    assert shown["TopicArn"] == arn(stacks)

    changed = {**topic(), **subscription(RawMessageDelivery=True)}
    assert stacks.update(changed) == "UPDATE_COMPLETE"
    assert arn(stacks, "Subscription") == made
    shown = client.get_subscription_attributes(SubscriptionArn=made)["Attributes"]
    assert shown["RawMessageDelivery"] == "true"
    assert not shown.get("FilterPolicy")

    assert stacks.update({**topic(), **subscription(Endpoint="b@example.com")}) == "UPDATE_COMPLETE"
    assert endpoints(stacks) == ["b@example.com"]
    assert stacks.update(topic()) == "UPDATE_COMPLETE"
    assert endpoints(stacks) == []


def policy(sid: str) -> dict[str, Any]:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": sid,
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": "*",
            }
        ],
    }
    properties = {"PolicyDocument": document, "Topics": [{"Ref": "Topic"}]}
    return {"Policy": {"Type": "AWS::SNS::TopicPolicy", "Properties": properties}}


def test_a_policy_of_a_topic_is_set_changed_and_taken_back(stacks: Stacks) -> None:
    stacks.create(topic())
    default = json.loads(attributes(stacks)["Policy"])
    for sid in ("first", "second"):
        assert stacks.update({**topic(), **policy(sid)}) == "UPDATE_COMPLETE"
        assert json.loads(attributes(stacks)["Policy"])["Statement"][0]["Sid"] == sid
    assert stacks.update(topic()) == "UPDATE_COMPLETE"
    assert json.loads(attributes(stacks)["Policy"]) == default
    assert stacks.update({**topic(), **policy("again")}) == "UPDATE_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_policy_of_a_topic_that_is_not_there_fails(stacks: Stacks) -> None:
    absent = policy("first")
    absent["Policy"]["Properties"]["Topics"] = ["arn:aws:sns:us-east-1:123456789012:absent"]
    stacks.create(absent)
    assert "NotFound" in stacks.reason("CREATE_FAILED", logical_id="Policy")


def test_a_topic_whose_name_is_taken_is_not_adopted(stacks: Stacks) -> None:
    taken = stacks.client("sns").create_topic(Name="one")["TopicArn"]
    stacks.create(topic(TopicName="one"))
    assert stacks.reason("CREATE_FAILED", logical_id="Topic") == (
        f"Resource of type 'AWS::SNS::Topic' with identifier '{taken}' already exists."
    )
    assert stacks.client("sns").list_topics()["Topics"] == [{"TopicArn": taken}]


@pytest.mark.parametrize(
    ("resources", "logical_id", "message"),
    [
        (
            topic(TracingConfig="Active", SignatureVersion="2"),
            "Topic",
            "The sandbox does not support SignatureVersion, TracingConfig of AWS::SNS::Topic.",
        ),
        (
            {**topic(), **subscription(ReplayPolicy={"PointType": "Timestamp"})},
            "Subscription",
            "The sandbox does not support ReplayPolicy of AWS::SNS::Subscription.",
        ),
    ],
)
def test_what_the_sandbox_lacks_fails_the_resource(
    stacks: Stacks, resources: Any, logical_id: str, message: str
) -> None:
    stacks.create(resources)
    assert stacks.reason("CREATE_FAILED", logical_id=logical_id) == message


def test_the_reason_of_a_failure_is_what_the_service_says(stacks: Stacks) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True, "QueueName": "q.fifo"}}
    to_queue = subscription(Protocol="sqs", Endpoint={"Fn::GetAtt": ["Queue", "Arn"]})
    stacks.create({**topic(), **to_queue, "Queue": queue})
    reason = stacks.reason("CREATE_FAILED", logical_id="Subscription")
    assert reason.startswith("Invalid parameter:")
    assert "FIFO SQS Queues can not be subscribed to standard SNS topics" in reason
    assert "retries" not in reason
