"""AWS's own schemas of its types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def published_schema(type_name: str, region: str) -> Mapping[str, Any]:
    """AWS's own schema of a type, of which cfn-lint carries a copy; empty where it has none.

    Imported when it is first needed: that takes the better part of a second.
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
