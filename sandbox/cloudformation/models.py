"""moto's seam: CloudFormation in one account and region, under the names that moto looks for.

moto's engine works inside the API call, keeps one status for all resources, and has neither
rollback nor replacement. This backend keeps moto's place in the process (its accounts, regions,
wire layer, stack sets) and moto's method names where moto itself calls them. Stacks are really
deployed, by `StackOperations`. The module's name is moto's convention: a backend's URLs are looked
up beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import uuid4

from moto.cloudformation import models as moto_models

from sandbox.cloudformation.catalog import FURTHER_TYPES, Catalog
from sandbox.cloudformation.errors import NoUpdates
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


class CloudFormationBackend(moto_models.CloudFormationBackend):
    """What the API works on: stacks, change sets, exports and the registry of one place."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.place = Place(account_id, region_name, self.partition)
        self.registrations = Registrations(
            PROCESS.types, partial(object_at, self.place), self.place
        )
        self.records = StackRecords(self.place)
        # moto's own readers of these, such as stack sets and the tagging API, see ours.
        self.stacks = self.records.live  # type: ignore[assignment]  # in place of moto's Stack
        self.deleted_stacks = self.records.deleted  # type: ignore[assignment]
        self.export_index = Exports(self.exports, lambda stack_id: self.stacks[stack_id].name)
        self.operations = StackOperations(self.records, self.export_index, self._find_type)
        self.catalog = Catalog(
            PROCESS.types, self.place, self.operations, self.registrations, FURTHER_TYPES
        )

    def _find_type(self, type_name: str) -> ResourceType | None:
        return self.catalog.find(type_name)

    def reset(self) -> None:
        """Forget everything, running operations before all."""
        self.operations.stop()
        self.registrations.clear()
        super().reset()

    def get_stack(self, name_or_stack_id: str) -> Stack:  # type: ignore[override]  # ours
        """A live stack by name or id, or a deleted one by id. Raises ValidationError: none."""
        return self.records.get(name_or_stack_id)

    def delete_stack(self, name_or_stack_id: str) -> None:
        """Begin to delete a stack, for moto's stack sets."""
        self.operations.delete(name_or_stack_id)

    def create_stack(  # type: ignore[override]  # what moto's stack sets call it with, and no more
        self, name: str, template: str, parameters: Mapping[str, str]
    ) -> Stack:
        """Begin to create a stack of a stack set, under a name that a stack may have."""
        name = f"{name.replace(':', '-')}-{uuid4()}"
        return self.operations.create(name, StackRequest(template, _given(parameters)))

    def update_stack_set(self, stackset_name: str, **request: Any) -> dict[str, Any]:  # type: ignore[override]  # the rest is moto's to read
        """Change a stack set and its instances, all of them or those asked for.

        moto notes the change, and leaves the stacks as they are.
        """
        stack_set = self.describe_stack_set(stackset_name)
        # moto says that parameters are a list; they are a mapping, unless overridden.
        parts: Any = stack_set.instances
        inheriting = [each for each in parts.stack_instances if each.parameters == parts.parameters]
        operation: dict[str, Any] = super().update_stack_set(stackset_name, **request)
        parts.template, parts.parameters = stack_set.template, stack_set.parameters
        accounts, regions = request["accounts"], request["regions"]
        for instance in parts.stack_instances:
            if instance in inheriting:
                instance.parameters = parts.parameters
            if (not accounts or instance.account_id in accounts) and (
                not regions or instance.region_name in regions
            ):
                _update_instance(instance, stack_set.template)
        return operation


def _given(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": parameters[key]} for key in parameters]


def _update_instance(instance: Any, template: str) -> None:
    """Begin to update the stack of an instance, where it is not what it should be already."""
    backend = moto_models.cloudformation_backends[instance.account_id][instance.region_name]
    assert isinstance(backend, CloudFormationBackend)  # noqa: S101 - tells mypy what install did
    parameters = instance.parameters
    if not isinstance(parameters, Mapping):  # overrides, in the API's form
        parameters = {each["ParameterKey"]: each["ParameterValue"] for each in parameters}
    with suppress(NoUpdates):
        backend.operations.update(instance.stack.name, StackRequest(template, _given(parameters)))
