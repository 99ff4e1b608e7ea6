"""The tags of resources whose types call a service like a client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.cloudformation.resources.resource_type import Operation


def desired_tags(operation: Operation, properties: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of the stack and those of the resource, which take precedence."""
    own = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", ())}
    return {**operation.stack_tags, **own}


def set_tags(client: Any, resource: Mapping[str, str], desired: Mapping[str, str]) -> None:
    """Give a resource the desired tags and no others.

    resource: the parameter that names it in the service's operations on tags.
    """
    existing = client.list_tags_for_resource(**resource)["Tags"]
    if gone := [tag["Key"] for tag in existing if tag["Key"] not in desired]:
        client.untag_resource(**resource, TagKeys=gone)
    if desired:
        tags = [{"Key": key, "Value": value} for key, value in desired.items()]
        client.tag_resource(**resource, Tags=tags)
