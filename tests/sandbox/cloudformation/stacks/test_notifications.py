"""Notifications: a topic has to exist when it is first named, and may be deleted later."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import Stacks, thing

NEVER = "arn:aws:sns:us-east-1:123456789012:never"


@pytest.fixture
def topic(stacks: Stacks) -> str:
    arn: str = stacks.client("sns").create_topic(Name="news")["TopicArn"]
    return arn


def refused(stacks: Stacks, *arns: str) -> str:
    """The message that CreateStack refuses topics with."""
    with pytest.raises(ClientError) as error:
        stacks.create({"Thing": thing()}, NotificationARNs=list(arns))
    assert error.value.response["Error"]["Code"] == "ValidationError"
    message: str = error.value.response["Error"]["Message"]
    return message


def test_a_stack_whose_topic_is_gone_is_updated_and_deleted(stacks: Stacks, topic: str) -> None:
    stacks.create({"Thing": thing()}, NotificationARNs=[topic])
    stacks.client("sns").delete_topic(TopicArn=topic)
    assert stacks.update({"Thing": thing({"Size": 2})}) == "UPDATE_COMPLETE"
    again = {"Thing": thing({"Size": 3})}
    assert stacks.update(again, NotificationARNs=[topic]) == "UPDATE_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_topic_that_goes_in_the_middle_of_an_operation_does_not_stop_it(
    stacks: Stacks, topic: str
) -> None:
    stacks.shop.will("CREATE", lambda _: stacks.client("sns").delete_topic(TopicArn=topic) and None)
    stacks.create({"Thing": thing()}, NotificationARNs=[topic])
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
    assert stacks.statuses(logical_id="Thing")[-1] == "CREATE_COMPLETE"


def test_a_create_with_a_topic_that_never_was_is_refused_and_leaves_nothing(
    stacks: Stacks,
) -> None:
    assert refused(stacks, NEVER) == (
        f"Topic does not exist: {NEVER} "
        "(Service: AmazonSNS; Status Code: 404; Error Code: NotFound)"
    )
    assert stacks.client().list_stacks()["StackSummaries"] == []
    stacks.create({"Thing": thing()})
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("arn", "why"),
    [
        ("news", "not an ARN of a topic"),
        ("arn:aws:sns:us-east-1::news", "not an ARN of a topic"),
        ("arn:aws:sqs:us-east-1:123456789012:news", "not an ARN of a topic"),
        ("arn:aws:sns:eu-west-1:123456789012:news", "a topic of another region"),
    ],
)
def test_what_is_no_topic_of_the_region_is_refused(stacks: Stacks, arn: str, why: str) -> None:
    assert refused(stacks, arn) == (
        f"Invalid parameter: TopicArn Reason: {why}: {arn} "
        "(Service: AmazonSNS; Status Code: 400; Error Code: InvalidParameter)"
    )


def test_more_than_five_topics_are_refused(stacks: Stacks, topic: str) -> None:
    assert "Member must have length less than or equal to 5" in refused(stacks, *[topic] * 6)


def test_an_update_that_names_a_new_topic_that_never_was_is_refused(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    with pytest.raises(ClientError, match="Topic does not exist"):
        stacks.update({"Thing": thing({"Size": 2})}, NotificationARNs=[NEVER])
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"


def test_a_change_set_whose_topic_is_gone_is_not_executed(stacks: Stacks, topic: str) -> None:
    stacks.create({"Thing": thing()}, NotificationARNs=[topic])
    stacks.client("sns").delete_topic(TopicArn=topic)
    body = json.dumps({"Resources": {"Thing": thing({"Size": 2})}})
    names = {"StackName": "shop", "ChangeSetName": "plan"}
    stacks.client().create_change_set(TemplateBody=body, **names)
    with pytest.raises(ClientError, match="Topic does not exist"):
        stacks.client().execute_change_set(**names)
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
    stacks.client().delete_change_set(**names)
    stacks.client().create_change_set(TemplateBody=body, NotificationARNs=[], **names)
    stacks.client().execute_change_set(**names)
    assert stacks.settled() == "UPDATE_COMPLETE"


def test_a_topic_of_another_account_is_notified(stacks: Stacks) -> None:
    sts = stacks.client("sts")
    role = "arn:aws:iam::111111111111:role/other"
    keys = sts.assume_role(RoleArn=role, RoleSessionName="other")["Credentials"]
    other = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
    sns, sqs = stacks.client("sns", **other), stacks.client("sqs", **other)
    topic, url = sns.create_topic(Name="news")["TopicArn"], sqs.create_queue(QueueName="inbox")
    queue = sqs.get_queue_attributes(QueueUrl=url["QueueUrl"], AttributeNames=["QueueArn"])
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue["Attributes"]["QueueArn"])
    stacks.create({"Thing": thing()}, NotificationARNs=[topic])
    received = sqs.receive_message(QueueUrl=url["QueueUrl"], MaxNumberOfMessages=10)
    assert any("CREATE_COMPLETE" in message["Body"] for message in received["Messages"])


def test_a_subscriber_that_fails_harms_no_operation(stacks: Stacks, topic: str) -> None:
    gone = "arn:aws:sqs:us-east-1:123456789012:gone"
    stacks.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=gone)
    stacks.create({"Thing": thing()}, NotificationARNs=[topic])
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_nested_stack_with_a_topic_that_never_was_fails_with_words(stacks: Stacks) -> None:
    url = stacks.upload({"Thing": thing()})
    child = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": url, "NotificationARNs": [NEVER]},
    }
    stacks.create({"Child": child})
    assert stacks.reason("CREATE_FAILED", logical_id="Child").startswith("Topic does not exist")
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
