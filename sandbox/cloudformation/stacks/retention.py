"""Which physical resources a stack leaves behind: DeletionPolicy and UpdateReplacePolicy."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.cloudformation.stacks.stack import LogicalResource

Retained = Callable[[LogicalResource], bool]
"""Whether a physical resource is retained although its logical resource is removed."""


def when_removed(resource: LogicalResource) -> bool:
    """Whether it is retained when the template no longer has it, or the stack is deleted."""
    return _deletion_policy(resource) in ("Retain", "RetainExceptOnCreate")


def when_replaced(resource: LogicalResource) -> bool:
    """Whether the former physical resource is retained after a replacement."""
    return bool(resource.definition.get("UpdateReplacePolicy", "Delete") == "Retain")


def on_rollback(resource: LogicalResource, retain_except_on_create: bool) -> bool:
    """Whether a rollback retains it, if the operation that failed has created it."""
    return _deletion_policy(resource) == "Retain" and not retain_except_on_create


def _deletion_policy(resource: LogicalResource) -> str:
    return str(resource.definition.get("DeletionPolicy", "Delete"))
