"""Resource types with handlers: every operation invokes a handler."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.resources.resource_type import (
    Instance,
    Operation,
    ResourceFailed,
    ResourceGone,
)
from sandbox.cloudformation.resources.schema_resource import SchemaResource
from sandbox.hosting import credentials
from sandbox.hosting.driving import HandlerFailed, NoIdentifier
from sandbox.hosting.handler_client import HandlerClient
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.pointers import dig
from sandbox.registry.registrations import provisioning_type


class HostedResource(SchemaResource):
    """A hosted type. The state of an instance is the model that a handler last returned."""

    def __init__(self, hosted: HostedType) -> None:
        super().__init__(hosted)
        self.hosted = hosted
        self.takes_stack_tags = hosted.takes_stack_tags
        if provisioning_type(hosted.schema) != "NON_PROVISIONABLE":
            self.import_identifier = hosted.identifier_names
            read_only = set(hosted.read_only)
            self.identifier_is_read_only = not read_only.isdisjoint(hosted.primary_identifier)

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Create the resource with the CREATE handler.

        Raises ResourceFailed if the handler fails, with the instance that exists anyway, if any.
        """
        made: list[Instance] = []

        def on_model(model: Mapping[str, Any]) -> None:
            made.append(self._instance(operation, properties, model))
            operation.identified(made[-1])

        try:
            model = self._handlers(operation).create(properties, operation.stack_tags, on_model)
        except HandlerFailed as failure:
            # A handler that returns FAILED also says what it leaves behind: a model to delete, or
            # none. A handler that crashed or timed out says nothing, so the last model that it
            # returned counts.
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
        """Update the resource with the UPDATE handler.

        Raises ResourceFailed if the handler fails or changes the primary identifier.
        """
        return self._update(operation, instance, properties)

    def read_existing(self, operation: Operation, identifier: Mapping[str, str]) -> Instance:
        """Read a resource with the READ handler, which receives the identifier alone.

        Raises ResourceFailed if the handler fails.
        """
        asked = self.convert(self.hosted.identified_by(identifier))
        try:
            model = self._handlers(operation).read(asked)
        except HandlerFailed as failure:
            words = failure.message
            if not words and failure.code == "NotFound":
                shown = "|".join(identifier[name] for name in self.import_identifier)
                words = status_reasons.nothing_to_import(self.hosted.type_name, shown)
            raise ResourceFailed(
                words or status_reasons.handler_failed(words, failure.token, failure.code)
            ) from failure
        return replace(self._instance(operation, {}, model), stack_tags={})

    def apply_stack_tags(self, operation: Operation, instance: Instance) -> Instance:
        """Apply the stack's tags with the UPDATE handler, if the type has one.

        The previous properties of that update are those of the template, and there were no stack
        tags and no system tags. So the handler sees no difference but these tags, and changes
        nothing else.

        Raises ResourceFailed if the handler fails.
        """
        if not self.hosted.can_update:
            return replace(instance, stack_tags=operation.stack_tags)
        return self._update(operation, instance, instance.properties, had_system_tags=False)

    def delete(self, operation: Operation, instance: Instance) -> None:
        """Delete the resource with the DELETE handler. NotFound counts as success.

        Raises ResourceFailed if the handler fails.
        """
        properties = self._with_known(instance.properties, instance)
        try:
            self._handlers(operation).delete(properties, operation.stack_tags)
        except HandlerFailed as failure:
            if failure.code != "NotFound":
                raise _resource_failed(failure) from failure

    def actual(self, operation: Operation, instance: Instance) -> Mapping[str, Any]:
        """Return the model that the READ handler returns, given only the primary identifier.

        Raises ResourceGone if the handler returns NotFound, and ResourceFailed if it fails.
        """
        try:
            return self._handlers(operation).read(self.hosted.identifying(instance.state))
        except HandlerFailed as failure:
            reason = failure.message or str(failure.code)
            raise (ResourceGone if failure.code == "NotFound" else ResourceFailed)(
                reason
            ) from failure

    def _update(
        self,
        operation: Operation,
        instance: Instance,
        properties: Mapping[str, Any],
        *,
        had_system_tags: bool = True,
    ) -> Instance:
        try:
            model = self._handlers(operation).update(
                self._with_known(properties, instance),
                operation.stack_tags,
                self._with_known(instance.properties, instance),
                instance.stack_tags,
                had_system_tags,
            )
        except HandlerFailed as failure:
            raise _resource_failed(failure) from failure
        updated = self._instance(operation, properties, model)
        if updated.physical_id != instance.physical_id:
            raise ResourceFailed(
                status_reasons.identifier_changed(instance.physical_id, updated.physical_id)
            )
        return updated

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
        # The handler client returns only models that have an identifier.
        physical_id = self.hosted.identifier(model) or ""
        return Instance(physical_id, properties, operation.stack_tags, dict(model))

    def _with_known(self, properties: Mapping[str, Any], instance: Instance) -> dict[str, Any]:
        """The properties that CloudFormation sends for an existing resource.

        CloudFormation adds the identifier and read-only properties to those in the template.
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
    """Turn a handler's failure into the resource's. left: the instance that exists anyway."""
    message = failure.message
    if isinstance(failure, NoIdentifier):
        message = status_reasons.NO_PHYSICAL_RESOURCE
    reason = status_reasons.handler_failed(message, failure.token, failure.code)
    return ResourceFailed(reason, left)
