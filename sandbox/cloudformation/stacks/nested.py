"""Nested stacks: the operation of a child stack runs inside that of its parent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.resources.published_schema import published_type
from sandbox.cloudformation.resources.resource_type import (
    NESTED_STACK,
    Instance,
    Operation,
    ResourceFailed,
)
from sandbox.cloudformation.resources.schema_resource import SchemaResource
from sandbox.cloudformation.stacks.deployment import Deployment
from sandbox.cloudformation.stacks.stack import Stack
from sandbox.cloudformation.stacks.surroundings import Surroundings
from sandbox.cloudformation.template.configuration import Configuration
from sandbox.hosting.interruption import Cancelled


class NestedHost(Surroundings, Protocol):
    """What nested stacks need from their account and region."""

    def add_nested(self, operation: Operation, properties: Mapping[str, Any]) -> Stack:
        """Add a nested stack in CREATE_IN_PROGRESS and return it.

        Raises KeyError if a required property is missing.
        Raises ValidationError if the template or another property is not valid.
        """

    def nested_target(self, child: Stack, properties: Mapping[str, Any]) -> Configuration | None:
        """Return the desired configuration of a child, or None if it is up to date.

        Raises as `add_nested` does.
        """


class NestedStack(SchemaResource):
    """AWS::CloudFormation::Stack. The physical id is the child's ARN; attributes are its outputs.

    The state of an instance is the child's Stack.
    """

    takes_stack_tags = True
    # A secure reference in a parameter is resolved where the child's resources use it, so that the
    # child's parameters do not show its value.
    takes_secrets = False

    def __init__(self, host: NestedHost, region: str) -> None:
        super().__init__(published_type(NESTED_STACK, region))
        self.host = host
        self._asked: tuple[Stack, Mapping[str, Any], Configuration | None] | None = None

    def has_attribute(self, name: str) -> bool:
        """Return whether `name` is an output. Only the child knows which outputs exist."""
        return name.startswith("Outputs.")

    def attribute(self, instance: Instance, name: str) -> Any:
        """Return the value of an output. Raises ResourceFailed if the child has no such output."""
        wanted = name.removeprefix("Outputs.")
        for output in instance.state.outputs:
            if output["OutputKey"] == wanted:
                return output["OutputValue"]
        raise ResourceFailed(status_reasons.no_output(wanted, instance.physical_id))

    def is_current(
        self, instance: Instance, properties: Mapping[str, Any], stack_tags: Mapping[str, str]
    ) -> bool:
        """Return whether properties, tags and the template at its URL are unchanged."""
        if not super().is_current(instance, properties, stack_tags):
            return False
        try:
            return self._target(instance.state, properties) is None
        except (KeyError, ValidationError):
            return False  # the update itself reports the error

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Create the child. Raises ResourceFailed if that fails."""
        with _errors_as_resource_failed():
            child = self.host.add_nested(operation, properties)
        instance = Instance(child.stack_id, properties, operation.stack_tags, child)
        operation.identified(instance)
        self._deployment(operation, child).create()
        if child.status != "CREATE_COMPLETE":
            raise _failure(child, "created", instance)
        return instance

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Update the child. Raises ResourceFailed if that fails."""
        child: Stack = instance.state
        with _errors_as_resource_failed():
            target = self._target(child, properties)
        if target:
            child.client_request_token = child.root.client_request_token
            child.enter("UPDATE_IN_PROGRESS", status_reasons.USER_INITIATED)
            self._deployment(operation, child).update(target)
            if child.status != "UPDATE_COMPLETE":
                raise _failure(child, "updated")
        return replace(instance, properties=properties, stack_tags=operation.stack_tags)

    def delete(self, operation: Operation, instance: Instance) -> None:
        """Delete the child. Raises ResourceFailed if that fails."""
        child: Stack = instance.state
        previous = child.status
        if previous == "DELETE_COMPLETE":
            return
        child.enter("DELETE_IN_PROGRESS", status_reasons.USER_INITIATED)
        self._deployment(operation, child).delete(previous)
        if child.status != "DELETE_COMPLETE":
            raise _failure(child, "deleted")

    def _target(self, child: Stack, properties: Mapping[str, Any]) -> Configuration | None:
        """What the child should become, or None if it is that.

        The decision on an update asks first, and the update itself after it.
        """
        if self._asked is None or self._asked[:2] != (child, properties):
            self._asked = (child, properties, self.host.nested_target(child, properties))
        return self._asked[2]

    def _deployment(self, operation: Operation, child: Stack) -> Deployment:
        return Deployment(child, self.host, operation.interruption)


def _failure(child: Stack, done: str, instance: Instance | None = None) -> Exception:
    if child.status == "CREATE_IN_PROGRESS":
        return Cancelled()  # the parent's operation was cancelled, and the child's with it
    return ResourceFailed(
        status_reasons.nested_failed(child.stack_id, done, child.reason_of_failure),
        instance=instance,
    )


@contextmanager
def _errors_as_resource_failed() -> Iterator[None]:
    """Turn errors in the properties of a nested stack into ResourceFailed."""
    try:
        yield
    except KeyError as error:
        raise ResourceFailed(status_reasons.missing_key("#", error.args[0])) from error
    except ValidationError as error:
        raise ResourceFailed(str(error.message)) from error
