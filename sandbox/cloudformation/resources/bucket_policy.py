"""AWS::S3::BucketPolicy, which moto supports in S3 but not in CloudFormation.

The stack that the CloudFormation CLI creates for its uploads has two bucket policies. When moto
checks requests against bucket policies, it ignores conditions, so a conditional denial would deny
everything: the CLI's denial of requests without TLS, for instance. Therefore moto gets the policy
without such statements.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from moto.s3.exceptions import MissingBucket, S3ClientError
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
        """Return False: the type has no attributes."""
        return False

    def attribute(self, _instance: Instance, name: str) -> Any:
        """Raise ResourceFailed: the type has no attributes."""
        raise self.unknown_attribute(name)

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Set the bucket's policy. Raises ResourceFailed if moto rejects it."""
        with self.failing_readably("create", properties), MOTO_LOCK:
            policy = json.dumps(_without_conditional_denials(properties["PolicyDocument"]))
            self._s3().put_bucket_policy(properties["Bucket"], policy.encode())
        instance = Instance(properties["Bucket"], properties, operation.stack_tags)
        operation.identified(instance)
        return instance

    def update(
        self, operation: Operation, _instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Replace the policy of the bucket. Raises ResourceFailed if moto rejects it."""
        return self.create(operation, properties)

    def delete(self, _operation: Operation, instance: Instance) -> None:
        """Remove the policy. Does nothing if the bucket no longer exists."""
        with self.failing_readably("delete"), suppress(MissingBucket), MOTO_LOCK:
            self._s3().delete_bucket_policy(instance.physical_id)

    def _s3(self) -> S3Backend:
        return s3_backends[self._place.account_id][self._place.partition]


def _without_conditional_denials(document: Any) -> dict[str, Any]:
    """Return a policy document, given as an object or as text, without these statements.

    Raises MalformedPolicy, as S3 does, if it has no statements.
    """
    policy = json.loads(document) if isinstance(document, str) else document
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise MalformedPolicy
    stated = policy["Statement"]
    statements = [
        statement
        for statement in (stated if isinstance(stated, list) else [stated])
        if statement.get("Effect") != "Deny" or "Condition" not in statement
    ]
    return {**policy, "Statement": statements}


class MalformedPolicy(S3ClientError):
    """S3's error for a policy without statements."""

    def __init__(self) -> None:
        super().__init__("MalformedPolicy", "Missing required field Statement")
