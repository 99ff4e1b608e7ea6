"""The backend that replaces moto's: CloudFormation in one account and region.

moto's own engine deploys inside the API call, keeps one status for all resources, and supports
neither rollback nor replacement. This backend uses moto's accounts, regions, wire layer and stack
sets, and keeps the method names that moto itself calls. `StackOperations` deploys the stacks. moto
requires the module's name: it looks for a backend's URLs beside a module named `models`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from typing import Any
from uuid import uuid4

from moto.cloudformation import models as moto_models
from moto.cloudformation.exceptions import StackSetNotFoundException

from sandbox.cloudformation.catalog import FURTHER_TYPES, Catalog
from sandbox.cloudformation.configuration_references import resolved
from sandbox.cloudformation.drift.detection import DriftDetection
from sandbox.cloudformation.errors import NoUpdates, ValidationError
from sandbox.cloudformation.generator.scans import ResourceScans
from sandbox.cloudformation.generator.templates import GeneratedTemplates
from sandbox.cloudformation.resources.resource_type import ResourceType
from sandbox.cloudformation.stacks.exports import Exports
from sandbox.cloudformation.stacks.operations import StackOperations
from sandbox.cloudformation.stacks.records import StackRecords
from sandbox.cloudformation.stacks.requests import StackRequest
from sandbox.cloudformation.stacks.stack import Stack
from sandbox.cloudformation.stored_objects import object_at
from sandbox.hosting.place import Place
from sandbox.process_wide import PROCESS
from sandbox.registry.registrations import Registrations

_STACK_SET_TAGS: ContextVar[Mapping[str, str] | None] = ContextVar("stack_set_tags", default=None)
"""The tags of the stack set whose instances are being created. moto does not pass them on."""


class CloudFormationBackend(moto_models.CloudFormationBackend):
    """The stacks, change sets, exports, registrations and scans of one account and region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.place = Place(account_id, region_name, self.partition)
        self.registrations = Registrations(
            PROCESS.types,
            partial(object_at, self.place),
            self.place,
            partial(resolved, self.place),
        )
        self.records = StackRecords(self.place)
        # Other parts of moto read these attributes, such as stack sets and the tagging API.
        self.stacks = self.records.live  # type: ignore[assignment]  # in place of moto's Stack
        self.deleted_stacks = self.records.deleted  # type: ignore[assignment]
        self.export_index = Exports(self.exports, lambda stack_id: self.stacks[stack_id].name)
        self.operations = StackOperations(self.records, self.export_index, self._find_type)
        self.drift = DriftDetection(self.records, self.operations)
        self.catalog = Catalog(
            PROCESS.types, self.place, self.operations, self.registrations, FURTHER_TYPES
        )
        self.scans = ResourceScans(PROCESS.types, self.place)
        self.generated_templates = GeneratedTemplates(PROCESS.types, self.place)

    def _find_type(self, type_name: str) -> ResourceType | None:
        return self.catalog.find(type_name)

    def reset(self) -> None:
        """Stop running operations, then remove everything."""
        self.operations.stop()
        self.drift.stop()
        self.scans.stop()
        self.generated_templates.stop()
        self.registrations.clear()
        super().reset()

    def get_stack(self, name_or_stack_id: str) -> Stack:  # type: ignore[override]  # ours
        """Return a live stack by name or id, or a deleted stack by id.

        Raises ValidationError if there is no such stack.
        """
        return self.records.get(name_or_stack_id)

    def delete_stack(self, name_or_stack_id: str) -> None:
        """Start to delete a stack. Called by moto's stack sets."""
        self.operations.delete(name_or_stack_id)

    def create_stack(  # type: ignore[override]  # only the arguments that moto's stack sets pass
        self, name: str, template: str, parameters: Mapping[str, str]
    ) -> Stack:
        """Start to create a stack of a stack set. Returns the stack.

        name: made unique, and its colons, which moto uses, become hyphens.
        """
        name = f"{name.replace(':', '-')}-{uuid4()}"
        request = StackRequest(template, _given(parameters), _STACK_SET_TAGS.get())
        return self.operations.create(name, request)

    def create_stack_set(self, name: str, template: str, **request: Any) -> Any:  # type: ignore[override]  # the rest is moto's to read
        """Create a stack set. Raises ValidationError if its template is not valid."""
        if template:
            self.operations.requests.check_template(template)
        return super().create_stack_set(name, template, **request)

    def update_stack_set(self, stackset_name: str, **request: Any) -> dict[str, Any]:  # type: ignore[override]  # the rest is moto's to read
        """Update a stack set and its instances: all of them, or those in the given places.

        moto only records the change; this method also updates the stacks. Returns moto's operation.
        """
        stack_set = self.describe_stack_set(stackset_name)
        if request.get("template"):
            self.operations.requests.check_template(request["template"])
        # moto declares the parameters as a list, but they are a mapping unless overridden.
        parts: Any = stack_set.instances
        inheriting = [each for each in parts.stack_instances if each.parameters == parts.parameters]
        if unknown := [
            each["ParameterKey"]
            for each in request["parameters"]
            if each.get("UsePreviousValue") and each["ParameterKey"] not in stack_set.parameters
        ]:
            raise ValidationError(f"Parameters: [{', '.join(unknown)}] have no previous value")
        operation: dict[str, Any] = super().update_stack_set(stackset_name, **request)
        parts.template, parts.parameters = stack_set.template, stack_set.parameters
        accounts, regions = request["accounts"], request["regions"]
        for instance in parts.stack_instances:
            if instance in inheriting:
                instance.parameters = parts.parameters
            if (not accounts or instance.account_id in accounts) and (
                not regions or instance.region_name in regions
            ):
                _update_instance(instance, stack_set)
        return operation

    def create_stack_instances(
        self,
        stackset_name: str,
        accounts: list[str],
        regions: list[str],
        parameters: list[dict[str, str]],
        deployment_targets: dict[str, Any] | None,
    ) -> str:
        """Create instances of a stack set. Returns the operation's id.

        parameters: those that differ from the stack set's. moto would drop all others.
        """
        stack_set = self.describe_stack_set(stackset_name)
        before = list(stack_set.stack_instances)
        merged = _given(_merged(stack_set, parameters)) if parameters else []
        tags = _STACK_SET_TAGS.set(stack_set.tags)
        try:
            operation_id = super().create_stack_instances(
                stackset_name, accounts, regions, merged, deployment_targets
            )
        finally:
            _STACK_SET_TAGS.reset(tags)
        for instance in stack_set.stack_instances:
            if parameters and instance not in before:
                instance.parameters = parameters
        return operation_id

    def update_stack_instances(
        self,
        stackset_name: str,
        accounts: list[str],
        regions: list[str],
        parameters: list[dict[str, Any]],
    ) -> dict[str, Any]:
        """Update the parameters of instances. Returns moto's operation.

        moto only records the change; this method also updates the stacks.
        """
        stack_set = self.describe_stack_set(stackset_name)
        operation = super().update_stack_instances(stackset_name, accounts, regions, parameters)
        for instance in stack_set.stack_instances:
            if instance.account_id in accounts and instance.region_name in regions:
                _update_instance(instance, stack_set)
        return operation

    def find_stack_set(self, name: str) -> moto_models.StackSet | None:
        """Return the stack set with this name or id, or None."""
        try:
            return self.describe_stack_set(name)
        except StackSetNotFoundException:
            return None


def _merged(stack_set: moto_models.StackSet, overrides: Any) -> dict[str, str]:
    """The parameters of a stack set, with those that an instance overrides."""
    own = {each["ParameterKey"]: each["ParameterValue"] for each in overrides}
    return {**stack_set.parameters, **own}


def _given(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": parameters[key]} for key in parameters]


def _update_instance(instance: Any, stack_set: moto_models.StackSet) -> None:
    """Start to update the stack of an instance, unless it is already up to date."""
    backend = moto_models.cloudformation_backends[instance.account_id][instance.region_name]
    assert isinstance(backend, CloudFormationBackend)  # noqa: S101 - for mypy; `install` guarantees it
    parameters = instance.parameters
    if not isinstance(parameters, Mapping):  # overridden parameters have the API's form
        parameters = _merged(stack_set, parameters)
    request = StackRequest(stack_set.template, _given(parameters), stack_set.tags)
    with suppress(NoUpdates):
        backend.operations.update(instance.stack.name, request)
