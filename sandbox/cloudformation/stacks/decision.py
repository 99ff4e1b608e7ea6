"""What an update does to a resource that exists: kept, updated or replaced, and why.

Change sets show it beforehand and deployments do it; both ask here.
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
    """The physical resource is what it should be."""


@dataclass(frozen=True)
class Update:
    """The physical resource is changed in place, or an update that failed is finished."""


@dataclass(frozen=True)
class Replace:
    """A new physical resource takes the place of the present one.

    properties: the create-only ones that change. certain: whether they do for sure; before the
    deployment some values are not known. unfinished: the creation of the present one failed, so a
    new one is made whatever changes.
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
    """What brings a resource to `properties`, in the types of its schema, and `stack_tags`."""
    if resource is None or resource.instance is None:
        return Create()
    if resource.status == "CREATE_FAILED":
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
