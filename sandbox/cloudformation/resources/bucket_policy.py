"""AWS::S3::BucketPolicy, which moto's S3 has and moto's CloudFormation lacks.

The stack that the CloudFormation CLI makes for its uploads has two. moto holds requests against
bucket policies without looking at conditions, so a conditional denial would deny everything: the
CLI's "no transport but TLS", for instance. Such statements are left out of what moto gets.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.s3.exceptions import MissingBucket
from moto.s3.models import S3Backend, s3_backends
from moto.utilities.utils import get_partition

from sandbox import moto_seams


@moto_seams.add
class BucketPolicy(CloudFormationModel):
    """The policy of a bucket as a stack's resource; Ref gives the bucket's name."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket

    @property
    def physical_resource_id(self) -> str:
        """Give the type's primary identifier."""
        return self.bucket

    @staticmethod
    def cloudformation_name_type() -> str:
        """Give the property that names it."""
        return "Bucket"

    @staticmethod
    def cloudformation_type() -> str:
        """Give the type's name."""
        return "AWS::S3::BucketPolicy"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:  # noqa: ARG003 - the signature is moto's
        """Tell that Fn::GetAtt has nothing to give."""
        return False

    def is_created(self) -> bool:
        """Tell that it is there, as soon as it was made."""
        return True

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003 - the signature is moto's
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,  # noqa: ARG003 - the signature is moto's
    ) -> BucketPolicy:
        """Give a bucket the policy of the properties."""
        properties = cloudformation_json["Properties"]
        document = properties["PolicyDocument"]
        statements = [
            statement
            for statement in document["Statement"]
            if statement["Effect"] != "Deny" or "Condition" not in statement
        ]
        policy = json.dumps({**document, "Statement": statements})
        _s3(account_id, region_name).put_bucket_policy(properties["Bucket"], policy.encode())
        return cls(properties["Bucket"])

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,  # noqa: ARG003 - the signature is moto's
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> BucketPolicy:
        """Put another policy in the place of the bucket's; the bucket is create-only."""
        return cls.create_from_cloudformation_json(
            new_resource_name, cloudformation_json, account_id, region_name
        )

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],  # noqa: ARG003 - the signature is moto's
        account_id: str,
        region_name: str,
    ) -> None:
        """Take the policy away; where the bucket is gone, it is gone too."""
        with suppress(MissingBucket):
            _s3(account_id, region_name).delete_bucket_policy(resource_name)


def _s3(account_id: str, region_name: str) -> S3Backend:
    return s3_backends[account_id][get_partition(region_name)]
