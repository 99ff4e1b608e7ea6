"""AWS::S3::Bucket: what the template says is what S3's own API says."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import Stacks

BLOCK = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}
OWNERSHIP = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties}}


def test_a_bucket_has_its_versioning_ownership_and_public_access(stacks: Stacks) -> None:
    stacks.create(
        bucket(
            VersioningConfiguration={"Status": "Enabled"},
            PublicAccessBlockConfiguration={**BLOCK, "BlockPublicAcls": "true"},
            OwnershipControls=OWNERSHIP,
        )
    )
    created = stacks.resource("Bucket")
    assert created["ResourceStatus"] == "CREATE_COMPLETE"
    assert "ResourceStatusReason" not in created
    s3, name = stacks.client("s3"), created["PhysicalResourceId"]
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    access = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert access == BLOCK
    assert s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"] == OWNERSHIP


def test_what_an_update_removes_is_removed_from_the_bucket(stacks: Stacks) -> None:
    stacks.create(
        bucket(
            VersioningConfiguration={"Status": "Enabled"},
            PublicAccessBlockConfiguration=BLOCK,
            OwnershipControls=OWNERSHIP,
            Tags=[{"Key": "team", "Value": "a"}],
        )
    )
    assert stacks.update(bucket()) == "UPDATE_COMPLETE"
    s3, name = stacks.client("s3"), stacks.resource("Bucket")["PhysicalResourceId"]
    assert "ResourceStatusReason" not in stacks.resource("Bucket")
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Suspended"
    for get in (
        s3.get_public_access_block,
        s3.get_bucket_ownership_controls,
        s3.get_bucket_tagging,
    ):
        with pytest.raises(ClientError, match=r"NotFound|NoSuch"):
            get(Bucket=name)


def test_what_s3_rejects_fails_the_bucket_and_leaves_none(stacks: Stacks) -> None:
    stacks.create(bucket(PublicAccessBlockConfiguration={}))
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stacks.client("s3").list_buckets()["Buckets"] == []
