"""AWS::S3::BucketPolicy, which moto's S3 has and moto's CloudFormation lacks.

The stack that the CloudFormation CLI makes for its uploads has two. moto checks requests against
bucket policies without looking at conditions, so a conditional denial would deny everything: the
CLI's "no transport but TLS", for instance. moto therefore gets the policy without such statements.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from moto.s3.exceptions import MissingBucket
from moto.s3.models import S3Backend, s3_backends

from sandbox.cloudformation.resources.aws_resource import AwsResource
from sandbox.cloudformation.resources.resource_type import Instance, Operation
from sandbox.hosting.place import Place
from sandbox.moto_seams import MOTO_LOCK

BUCKET_POLICY = "AWS::S3::BucketPolicy"


class BucketPolicy(AwsResource):
    """The policies of the buckets in one place; physical id and Ref are the bucket's name."""

    def __init__(self, place: Place) -> None:
        super().__init__(BUCKET_POLICY, place.region)
        self._place = place

    def has_attribute(self, _name: str) -> bool:
        """It has no attributes."""
        return False

    def attribute(self, _instance: Instance, name: str) -> Any:
        """It has no attributes. Raises ResourceFailed."""
        raise self.unknown_attribute(name)

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Give the bucket the policy."""
        with self.failing_readably(), MOTO_LOCK:
            document = properties["PolicyDocument"]
            statements = [
                statement
                for statement in document["Statement"]
                if statement["Effect"] != "Deny" or "Condition" not in statement
            ]
            policy = json.dumps({**document, "Statement": statements})
            self._s3().put_bucket_policy(properties["Bucket"], policy.encode())
        instance = Instance(properties["Bucket"], properties, operation.stack_tags)
        operation.identified(instance)
        return instance

    def update(
        self, operation: Operation, _instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Give the same bucket another policy."""
        return self.create(operation, properties)

    def delete(self, _operation: Operation, instance: Instance) -> None:
        """Remove the policy; without the bucket, there is none."""
        with self.failing_readably(), suppress(MissingBucket), MOTO_LOCK:
            self._s3().delete_bucket_policy(instance.physical_id)

    def _s3(self) -> S3Backend:
        return s3_backends[self._place.account_id][self._place.partition]
