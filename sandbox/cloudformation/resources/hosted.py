"""Registry types, worked through their handlers."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.resources.resource_type import (
    Instance,
    Operation,
    ResourceFailed,
)
from sandbox.cloudformation.resources.schema_resource import SchemaResource
from sandbox.hosting import credentials
from sandbox.hosting.driving import HandlerFailed
from sandbox.hosting.handler_client import HandlerClient
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.pointers import dig


class HostedResource(SchemaResource):
    """A type in the registry. An instance's state is the model that its handlers answered last."""

    def __init__(self, hosted: HostedType) -> None:
        super().__init__(hosted)
        self.hosted = hosted
        self.takes_stack_tags = hosted.takes_stack_tags

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Have the CREATE handler make it."""
        made: list[Instance] = []

        def on_model(model: Mapping[str, Any]) -> None:
            made.append(self._instance(operation, properties, model))
            operation.identified(made[-1])

        try:
            model = self._handlers(operation).create(properties, operation.stack_tags, on_model)
        except HandlerFailed as failure:
            # A handler that says FAILED also says what it leaves behind: a model to delete, or
            # none. One that broke off says nothing, and what it named before is all there is.
            left = None
            if self.hosted.identifier(failure.model):
                left = self._instance(operation, properties, failure.model or {})
            elif not failure.answered and made:
                left = made[-1]
            raise _resource_failed(failure, left) from failure
        return self._instance(operation, properties, model)

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Have the UPDATE handler change it."""
        try:
            model = self._handlers(operation).update(
                self._with_known(properties, instance),
                operation.stack_tags,
                self._with_known(instance.properties, instance),
                instance.stack_tags,
            )
        except HandlerFailed as failure:
            raise _resource_failed(failure) from failure
        updated = self._instance(operation, properties, model)
        if updated.physical_id != instance.physical_id:
            raise ResourceFailed(
                f"UPDATE changed the primary identifier from {instance.physical_id} "
                f"to {updated.physical_id}"
            )
        return updated

    def delete(self, operation: Operation, instance: Instance) -> None:
        """Have the DELETE handler remove it; one that is gone is removed."""
        properties = self._with_known(instance.properties, instance)
        try:
            self._handlers(operation).delete(properties, operation.stack_tags)
        except HandlerFailed as failure:
            if failure.code != "NotFound":
                raise _resource_failed(failure) from failure

    def _handlers(self, operation: Operation) -> HandlerClient:
        place = operation.stack.place
        return HandlerClient(
            self.hosted,
            place,
            lambda: credentials.of_type(self.hosted, place),
            stack=operation.stack.context(operation.logical_id),
            timing=operation.timing,
            wait=operation.interruption.wait,
        )

    def _instance(
        self, operation: Operation, properties: Mapping[str, Any], model: Mapping[str, Any]
    ) -> Instance:
        # The handler client lets no model without an identifier through.
        physical_id = self.hosted.identifier(model) or ""
        return Instance(physical_id, properties, operation.stack_tags, dict(model))

    def _with_known(self, properties: Mapping[str, Any], instance: Instance) -> dict[str, Any]:
        """Properties as CloudFormation sends them for a resource that exists.

        To the template's it adds what only the resource could tell, its identifier before all.
        """
        merged = copy.deepcopy(dict(properties))
        for pointer in (*self.hosted.primary_identifier, *self.hosted.read_only):
            value = None if "*" in pointer else dig(instance.state, pointer)
            if value is not None:
                place = merged
                for name in pointer[:-1]:
                    place = place.setdefault(name, {})
                place.setdefault(pointer[-1], value)
        return merged


def _resource_failed(failure: HandlerFailed, left: Instance | None = None) -> ResourceFailed:
    """A handler's failure as the resource's; left: what exists all the same."""
    reason = status_reasons.handler_failed(failure.message, failure.token, failure.code)
    return ResourceFailed(reason, failure.code, left)
