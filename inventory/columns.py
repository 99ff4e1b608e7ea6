"""The columns of a definition, which are the schema's properties under names for SQL.

Each property is a column: JobDefinitionArn is job_definition_arn.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass

from botocore import xform_name

from project.settings import schema_path

ARN = "job_definition_arn"
REGION = "region"
TAGS = "tags"


@dataclass(frozen=True)
class Property:
    """A property of the schema.

    name: CloudFormation's. column: SQL's. required: to create a definition. read_only: SageMaker
    sets it.
    """

    name: str
    column: str
    required: bool
    read_only: bool


@functools.cache
def properties() -> tuple[Property, ...]:
    """The properties of a definition, in the schema's order."""
    schema = json.loads(schema_path().read_text("utf-8"))
    return tuple(
        Property(
            name,
            column_name(name),
            required=name in schema["required"],
            read_only=f"/properties/{name}" in schema["readOnlyProperties"],
        )
        for name in schema["properties"]
    )


def property_named(name: str) -> Property | None:
    """The property that a statement calls by CloudFormation's name, in any case, or by SQL's."""
    lower = name.lower()
    return next((one for one in properties() if lower in {one.name.lower(), one.column}), None)


def column_name(name: str) -> str:
    """SQL's name of a property or member: RoleArn is role_arn."""
    column: str = xform_name(name)
    return column
