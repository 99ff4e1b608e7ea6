"""Decide what an update does to a resource: create, keep, update or replace it, and why.

Both change sets and deployments use these decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.cloudformation.resources.resource_type import ResourceType
from sandbox.cloudformation.stacks.stack import LogicalResource
from sandbox.cloudformation.template.intrinsics import contains_unknown
from sandbox.hosting.pointers import Pointer, dig


@dataclass(frozen=True)
class Create:
    """There is no physical resource yet."""


@dataclass(frozen=True)
class Keep:
    """The physical resource is already in the desired state."""


@dataclass(frozen=True)
class Update:
    """The physical resource is updated in place. This also completes a failed update."""


@dataclass(frozen=True)
class Replace:
    """A new physical resource replaces the current one.

    properties: the create-only properties that change.
    certain: whether they are certain to change; some values are unknown before the deployment.
    unfinished: the creation of the current resource failed, so it is replaced in any case.
    """

    properties: tuple[Pointer, ...] = ()
    certain: bool = True
    unfinished: bool = False


Decision = Create | Keep | Update | Replace


def decide(
    resource: LogicalResource | None,
    kind: ResourceType,
    properties: Mapping[str, Any],
    stack_tags: Mapping[str, str],
) -> Decision:
    """Decide how a resource gets the desired properties and stack tags.

    resource: the current resource, or None if it does not exist.
    properties: the desired properties, already converted to the types of the schema.
    """
    if resource is None or resource.instance is None:
        return Create()
    if not resource.is_complete:
        return Replace(unfinished=True)
    instance = resource.instance
    failed_before = resource.status.endswith("FAILED")
    if not failed_before and kind.is_current(instance, properties, stack_tags):
        return Keep()
    replacing = tuple(kind.replacing(instance.properties, properties))
    if not replacing:
        return Update()
    certain = any(not contains_unknown(dig(properties, pointer)) for pointer in replacing)
    return Replace(replacing, certain)
