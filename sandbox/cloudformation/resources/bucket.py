"""AWS::S3::Bucket: moto's, with the properties that S3's own API takes as templates have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore import xform_name

from sandbox.cloudformation.resources.api_types import api_request
from sandbox.cloudformation.resources.moto import MotoResource
from sandbox.cloudformation.resources.resource_type import Instance, Operation
from sandbox.moto_client import moto_client
from sandbox.moto_seams import MOTO_LOCK

BUCKET = "AWS::S3::Bucket"
_SET = {
    "OwnershipControls": "BucketOwnershipControls",
    "PublicAccessBlockConfiguration": "PublicAccessBlock",
    "VersioningConfiguration": "BucketVersioning",
}
"""The properties that moto leaves out, and what S3's operations call them."""


class Bucket(MotoResource):
    """moto's bucket, with its versioning, ownership and public access set after create and update.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
    """

    completed = frozenset(("BucketEncryption", "Tags", *_SET))

    def complete(
        self, operation: Operation, instance: Instance, before: Mapping[str, Any] | None
    ) -> None:
        """Set what moto leaves out. Remove what only the previous properties have.

        Versioning cannot be removed, so it is suspended. Raises ResourceFailed if S3 rejects it.
        """
        verb = "create" if before is None else "update"
        properties, bucket = instance.properties, {"Bucket": instance.physical_id}
        s3 = moto_client("s3", operation.stack.place)
        gone = (before or {}).keys() - properties.keys()
        with self.failing_readably(verb, properties), MOTO_LOCK:
            for name, in_api in _SET.items():
                if name in properties:
                    request = api_request("s3", f"Put{in_api}", {name: properties[name]})
                    getattr(s3, f"put_{xform_name(in_api)}")(**bucket, **request)
            if "VersioningConfiguration" in gone:
                s3.put_bucket_versioning(**bucket, VersioningConfiguration={"Status": "Suspended"})
            if "PublicAccessBlockConfiguration" in gone:
                s3.delete_public_access_block(**bucket)
            if "OwnershipControls" in gone:
                s3.delete_bucket_ownership_controls(**bucket)
            if "BucketEncryption" in gone:
                s3.delete_bucket_encryption(**bucket)
            if "Tags" in gone:
                s3.delete_bucket_tagging(**bucket)
