"""Small resource types in packages as `cfn submit` makes them, and helpers to register them."""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.harness.stacks import Clients
from tools.packaging import archive

#: A provider without dependencies. Its things record which version of the type created them.
HANDLERS = """
import uuid

def resource(event, context):
    if event["action"] == "DELETE":
        return {"status": "SUCCESS"}
    thing = dict(event["requestData"]["resourceProperties"])
    thing.setdefault("Id", str(uuid.uuid4()))
    thing["Version"] = event["resourceTypeVersion"]
    return {"status": "SUCCESS", "resourceModel": thing}
"""
PATIENCE_SECONDS = 60


def schema_of(type_name: str, **changes: Any) -> dict[str, Any]:
    """Return a schema that the registry accepts. changes: members to replace."""
    return {
        "typeName": type_name,
        "description": "A thing.",
        "properties": {
            "Id": {"type": "string"},
            "Size": {"type": "integer"},
            "Version": {"type": "string"},
        },
        "additionalProperties": False,
        "tagging": {"taggable": False},
        "primaryIdentifier": ["/properties/Id"],
        "readOnlyProperties": ["/properties/Id", "/properties/Version"],
        "handlers": {
            name: {"permissions": []} for name in ("create", "read", "update", "delete", "list")
        },
        **changes,
    }


def settings_of(type_name: str) -> dict[str, Any]:
    """Return the .rpdk-config of such a type."""
    module = type_name.replace("::", "_").lower()
    return {
        "artifact_type": "RESOURCE",
        "typeName": type_name,
        "language": "python312",
        "runtime": "python3.12",
        "entrypoint": f"{module}.handlers.resource",
        "testEntrypoint": f"{module}.handlers.resource",
        "settings": {"use_docker": False, "no_docker": True, "protocolVersion": "2.0.0"},
    }


def packaged(type_name: str, members: Mapping[str, str | bytes | None] | None = None) -> bytes:
    """Return a package as `cfn submit` uploads it.

    members: files to replace, or to leave out if the content is None.
    """
    module = type_name.replace("::", "_").lower()
    code = {f"{module}/__init__.py": b"", f"{module}/handlers.py": HANDLERS.encode()}
    files: dict[str, str | bytes | None] = {
        "schema.json": json.dumps(schema_of(type_name)),
        ".rpdk-config": json.dumps(settings_of(type_name)),
        "ResourceProvider.zip": archive.pack(code),
        **(members or {}),
    }
    return archive.pack(
        {
            name: content.encode() if isinstance(content, str) else content
            for name, content in files.items()
            if content is not None
        }
    )


def new_type_name() -> str:
    """Return a unique type name."""
    return f"Acme::Test::Thing{uuid.uuid4().hex}"


class Registry:
    """The registry of a sandbox in one region."""

    def __init__(self, aws: Clients, region: str) -> None:
        self.aws = aws
        self.api = aws.cloudformation
        self.bucket = f"packages-{region}-{uuid.uuid4().hex[:8]}"
        # S3 rejects a location constraint for us-east-1.
        where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        aws.s3.create_bucket(Bucket=self.bucket, **(where if region != "us-east-1" else {}))

    def upload(self, content: bytes) -> str:
        """Upload a package. Returns its s3:// URL."""
        key = f"{uuid.uuid4().hex}.zip"
        self.aws.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        return f"s3://{self.bucket}/{key}"

    def begin(self, type_name: str, content: bytes | None = None, **more: Any) -> str:
        """Start to register a type. Returns the registration token.

        content: the package; by default a valid one. more: further arguments of RegisterType.
        """
        url = self.upload(packaged(type_name) if content is None else content)
        request = {"Type": "RESOURCE", "TypeName": type_name, "SchemaHandlerPackage": url, **more}
        return str(self.api.register_type(**request)["RegistrationToken"])

    def settled(self, token: str) -> dict[str, Any]:
        """Wait for the end of a registration. Returns its description."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer: dict[str, Any] = self.api.describe_type_registration(RegistrationToken=token)
            if answer["ProgressStatus"] != "IN_PROGRESS":
                return answer
            assert time.monotonic() < until, answer
            time.sleep(0.02)

    def register(self, type_name: str, content: bytes | None = None, **more: Any) -> str:
        """Register a type. Returns the ARN of the new version."""
        answer = self.settled(self.begin(type_name, content, **more))
        assert answer["ProgressStatus"] == "COMPLETE", answer
        return str(answer["TypeVersionArn"])

    def versions(self, type_name: str, status: str = "LIVE") -> dict[str, bool]:
        """Return whether each version of a type is the default. Empty for an unknown type."""
        try:
            answer = self.api.list_type_versions(
                Type="RESOURCE", TypeName=type_name, DeprecatedStatus=status
            )
        except self.api.exceptions.CFNRegistryException:
            return {}
        return {
            each["VersionId"]: each["IsDefaultVersion"] for each in answer["TypeVersionSummaries"]
        }


@contextmanager
def registered(
    aws: Clients, region: str, type_name: str, content: bytes, **more: Any
) -> Iterator[str]:
    """Have a type registered for a while. Nothing is left of it then. Returns the version's ARN.

    content: the package. more: further arguments of RegisterType.
    """
    registry = Registry(aws, region)
    try:
        arn = registry.register(type_name, content, **more)
        try:
            yield arn
        finally:
            registry.api.deregister_type(Arn=arn)
    finally:
        for each in aws.s3.list_objects_v2(Bucket=registry.bucket).get("Contents", ()):
            aws.s3.delete_object(Bucket=registry.bucket, Key=each["Key"])
        aws.s3.delete_bucket(Bucket=registry.bucket)


def project_of(type_name: str, folder: Path) -> Path:
    """Write a project for the CloudFormation CLI with such a type. Returns the folder."""
    module = type_name.replace("::", "_").lower()
    code = folder / "src" / module
    code.mkdir(parents=True)
    (code / "__init__.py").touch()
    (code / "handlers.py").write_text(HANDLERS)
    (folder / "requirements.txt").touch()
    (folder / ".rpdk-config").write_text(json.dumps(settings_of(type_name)))
    schema = json.dumps(schema_of(type_name))
    (folder / f"{type_name.replace('::', '-').lower()}.json").write_text(schema)
    (folder / "resource-role.yaml").write_text(ROLE)
    return folder


#: The role template that `cfn generate` writes, without the policy.
ROLE = """
Resources:
  ExecutionRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: resources.cloudformation.amazonaws.com
            Action: sts:AssumeRole
Outputs:
  ExecutionRoleArn:
    Value: !GetAtt ExecutionRole.Arn
"""
