"""Nested stacks: a child's operation runs within its parent's, in the parent's thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .configuration import Configuration
from .deployment import Deployment, Surroundings
from .errors import Cancelled, ResourceFailed, ValidationError
from .resources import Instance, Operation
from .stack import Stack


class NestedHost(Surroundings, Protocol):
    """What nested stacks need of their account and region."""

    def add_nested(self, operation: Operation, properties: Mapping[str, Any]) -> Stack:
        """A new stack in CREATE_IN_PROGRESS."""

    def nested_target(self, child: Stack, properties: Mapping[str, Any]) -> Configuration | None:
        """What a child should become; None where it is that already."""


class NestedStacks:
    """Implements `ChildStacks`."""

    def __init__(self, host: NestedHost) -> None:
        self._host = host

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Stack:
        """A child that is complete. Raises ResourceFailed."""
        try:
            child = self._host.add_nested(operation, properties)
        except (KeyError, ValidationError) as error:
            raise ResourceFailed(_words(error)) from error
        instance = Instance(child.stack_id, properties, operation.stack_tags, child)
        operation.identified(instance)
        Deployment(child, self._host, operation.deployment).create()
        if child.status != "CREATE_COMPLETE":
            raise _failure(child, "created", instance)
        return child

    def update(self, operation: Operation, child: Stack, properties: Mapping[str, Any]) -> None:
        """Brings a child to what it should be. Raises ResourceFailed."""
        try:
            target = self._host.nested_target(child, properties)
        except (KeyError, ValidationError) as error:
            raise ResourceFailed(_words(error)) from error
        if target:
            child.client_request_token = operation.deployment.stack.client_request_token
            child.enter("UPDATE_IN_PROGRESS", "User Initiated")
            Deployment(child, self._host, operation.deployment).update(target)
            if child.status != "UPDATE_COMPLETE":
                raise _failure(child, "updated")

    def delete(self, operation: Operation, child: Stack) -> None:
        """Deletes a child. Raises ResourceFailed."""
        previous = child.status
        if previous == "DELETE_COMPLETE":
            return
        child.enter("DELETE_IN_PROGRESS", "User Initiated")
        Deployment(child, self._host, operation.deployment).delete(previous)
        if child.status != "DELETE_COMPLETE":
            raise _failure(child, "deleted")

    def is_current(self, child: Stack, properties: Mapping[str, Any]) -> bool:
        """Whether an update would find nothing to do."""
        try:
            return self._host.nested_target(child, properties) is None
        except (KeyError, ValidationError):
            return False  # the update itself will say what is wrong


def _failure(child: Stack, done: str, instance: Instance | None = None) -> Exception:
    if child.status == "CREATE_IN_PROGRESS":
        return Cancelled()  # the parent's operation was cut short, and its child's with it
    reasons = [event.resource_status_reason for event in child.events]
    failures = [reason for reason in reasons if reason and "failed to" in reason]
    reason = failures[-1] if failures else child.status_reason
    return ResourceFailed(
        f"Embedded stack {child.stack_id} was not successfully {done}: {reason}", instance=instance
    )


def _words(error: KeyError | ValidationError) -> str:
    if isinstance(error, ValidationError):
        return str(error.message)
    return f"Properties validation failed: #: required key [{error.args[0]}] not found"
