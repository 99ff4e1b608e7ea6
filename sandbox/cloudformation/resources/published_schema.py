"""The schemas that AWS publishes for its own types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


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
