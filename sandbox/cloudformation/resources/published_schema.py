"""The schemas that AWS publishes for its own types."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from sandbox.hosting.type_schema import TypeSchema
from sandbox.hosting.validation import structure_violations

CUSTOM_RESOURCE = "AWS::CloudFormation::CustomResource"
FIRST_REGION = "us-east-1"
"""The region that has all types."""


def published_schema(type_name: str, region: str) -> Mapping[str, Any]:
    """Return AWS's schema of a type from cfn-lint's copy, or an empty mapping if there is none.

    cfn-lint is imported on first use, because the import takes almost a second.
    """
    from cfnlint.schema import ResourceNotFoundError
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    try:
        schema: Mapping[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(
            region, type_name
        ).schema
    except ResourceNotFoundError:
        return {}
    return schema


@lru_cache(maxsize=32)
def published_type(type_name: str, region: str = FIRST_REGION) -> TypeSchema:
    """Return what AWS's schema of a type declares. The type must exist."""
    return TypeSchema(published_schema(type_name, region))


@lru_cache(maxsize=64)
def published_types(region: str) -> Collection[str]:
    """Return the names of the types that AWS has in a region, as cfn-lint's copy lists them.

    Those of transforms and modules are not among them.
    """
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    names = PROVIDER_SCHEMA_MANAGER.get_resource_types(region)
    return frozenset(name for name in names if not name.startswith("AWS::Serverless::"))


def published_attributes(type_name: str, region: str) -> Collection[str] | None:
    """Return the attributes that AWS's type has for Fn::GetAtt, or None if there is no schema.

    cfn-lint derives them from the schema, and knows the types that have more of them.
    """
    from cfnlint.schema import ResourceNotFoundError
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    try:
        return list(PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, type_name).get_atts)
    except ResourceNotFoundError:
        return None


def published_violations(properties: Mapping[str, Any], type_name: str, region: str) -> list[str]:
    """Return the members that AWS's schema lacks, requires or has otherwise.

    properties: resolved, and converted to the types of the schema.
    Its patterns, limits and lists of values are not checked: cfn-lint's copies have more of them
    than AWS, and a value that AWS accepts must not be rejected. CloudFormation does not validate
    custom resources (user guide, "Validate stack deployments").
    """
    if type_name.startswith("Custom::") or type_name == CUSTOM_RESOURCE:
        return []
    schema = published_schema(type_name, region)
    return structure_violations(properties, schema) if schema else []
