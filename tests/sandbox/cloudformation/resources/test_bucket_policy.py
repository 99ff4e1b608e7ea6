"""AWS::S3::BucketPolicy: the policy that the bucket then has."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import Stacks


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
    kept = {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "the-bucket"}}}
    stacks.create({**kept, "Policy": policy({**allow, "Action": "s3:GetObject"}, deny)})
    assert stacks.resource("Policy")["PhysicalResourceId"] == "the-bucket"
    assert actions() == ["s3:GetObject"]

    stacks.update({**kept, "Policy": policy({**allow, "Action": "s3:PutObject"})})
    assert actions() == ["s3:PutObject"]
    stacks.update(kept)
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        actions()


def test_a_single_statement_and_a_document_as_text_are_policies_too(stacks: Stacks) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    properties = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": document}
    stacks.create(
        {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties},
        }
    )
    name = stacks.resource("Policy")["PhysicalResourceId"]
    held = json.loads(stacks.client("s3").get_bucket_policy(Bucket=name)["Policy"])
    assert held["Statement"] == [statement]


def test_a_policy_without_statements_is_refused_in_s3s_words(stacks: Stacks) -> None:
    properties = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Version": "2012-10-17"}}
    stacks.create(
        {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Thing": {"Type": "AWS::S3::BucketPolicy", "Properties": properties},
        }
    )
    assert stacks.reason("CREATE_FAILED").startswith("Missing required field Statement")
