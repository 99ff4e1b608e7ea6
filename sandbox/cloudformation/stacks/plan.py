"""Plan what an update would do to a stack's resources: the content of a change set.

A change is *dynamic* if its value is unknown until the update runs. A replacement that depends on
such a value is *conditional* (API reference, ResourceChange and ResourceChangeDetail).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.resources.resource_type import ResourceFailed, ResourceType
from sandbox.cloudformation.stacks import retention
from sandbox.cloudformation.stacks.decision import Decision, Keep, Replace, Update, decide
from sandbox.cloudformation.stacks.provisioning import (
    comparable,
    comparable_resource,
    conceal,
    known_plain_values,
)
from sandbox.cloudformation.stacks.stack import LogicalResource, Stack
from sandbox.cloudformation.stacks.stack_policy import Action
from sandbox.cloudformation.template.configuration import Configuration
from sandbox.cloudformation.template.intrinsics import Unknown, contains_unknown
from sandbox.cloudformation.template.references import Reference, references

ATTRIBUTES = ("CreationPolicy", "DeletionPolicy", "Metadata", "UpdatePolicy", "UpdateReplacePolicy")


@dataclass(frozen=True)
class Detail:
    """One reason for a change. recreation: Never or Always."""

    attribute: str
    name: str | None
    recreation: str
    dynamic: bool
    source: str
    cause: str | None = None

    def describe(self) -> dict[str, Any]:
        """Return the detail as ResourceChange's Details show it."""
        target = {"Attribute": self.attribute, "RequiresRecreation": self.recreation}
        if self.name:
            target["Name"] = self.name
        described: dict[str, Any] = {
            "Target": target,
            "Evaluation": "Dynamic" if self.dynamic else "Static",
            "ChangeSource": self.source,
        }
        return {**described, "CausingEntity": self.cause} if self.cause else described


@dataclass(frozen=True)
class Change:
    """What happens to one logical resource.

    action: Add, Modify, Remove or Import.
    replacement: True, False or Conditional; None unless modified.
    retain: whether the physical resource stays when it is removed or replaced.
    update_actions: what stack policies call it, if they apply to it; more than one if only the
        deployment can tell which of them it is.
    """

    action: str
    logical_id: str
    type_name: str
    physical_id: str = ""
    replacement: str | None = None
    retain: bool = False
    details: tuple[Detail, ...] = field(default=())
    update_actions: tuple[Action, ...] = ()

    def describe(self) -> dict[str, Any]:
        """Return the change as DescribeChangeSet's Changes show it."""
        change: dict[str, Any] = {
            "Action": self.action,
            "LogicalResourceId": self.logical_id,
            "ResourceType": self.type_name,
            "Scope": sorted({detail.attribute for detail in self.details}),
            "Details": [detail.describe() for detail in self.details],
        }
        if self.physical_id:
            change["PhysicalResourceId"] = self.physical_id
        if self.replacement:
            change["Replacement"] = self.replacement
        end = "Retain" if self.retain else "Delete"
        if self.action == "Remove":
            change["PolicyAction"] = end
        elif self.replacement == "True":
            change["PolicyAction"] = f"ReplaceAnd{end}"
        return {"Type": "Resource", "ResourceChange": change}


class Planner:
    """Plans the changes of updates.

    resource_type: returns the implementation of a type.
    export: returns the value of an export, or Unknown.
    """

    def __init__(
        self, resource_type: Callable[[str], ResourceType], export: Callable[[str], Any]
    ) -> None:
        self._resource_type = resource_type
        self._export = export

    def changes(self, stack: Stack, target: Configuration) -> list[Change]:
        """Return the changes from `stack` to `target`, in the order in which they happen.

        Raises ValidationError if the type of a resource would change.
        """
        _refuse_other_types(stack, target)
        values = self._values(stack)
        for logical_id in target.order:
            change = _change(stack, target, logical_id, values)
            if change:
                values.changes[logical_id] = change
        removed = [
            Change(
                action="Remove",
                logical_id=resource.logical_id,
                type_name=resource.type_name,
                physical_id=resource.physical_id,
                retain=retention.when_removed(resource),
                update_actions=("Update:Delete",),
            )
            for resource in stack.resources.values()
            if resource.logical_id not in target.active
        ]
        return [*values.changes.values(), *removed]

    def planned_properties(self, stack: Stack, target: Configuration) -> dict[str, dict[str, Any]]:
        """Return the desired properties of all resources, by logical id, not yet converted.

        They contain Unknown for what only the deployment can know. A resource whose properties
        cannot be resolved is left out: the deployment reports why.
        """
        values = self._values(stack)
        values.changes = {change.logical_id: change for change in self.changes(stack, target)}
        planned = {}
        for logical_id in target.order:
            with suppress(ValidationError, ResourceFailed):
                planned[logical_id] = target.properties(logical_id, values)
        return planned

    def has_updates(
        self, stack: Stack, target: Configuration, changes: list[Change] | None = None
    ) -> bool:
        """Return whether anything would change. If not, CloudFormation rejects the update.

        changes: what `changes` returns for the same arguments, if known already.
        """
        changes = self.changes(stack, target) if changes is None else changes
        if changes or dict(stack.configuration.tags) != dict(target.tags):
            return True
        return bool(target.outputs(self._values(stack)) != stack.outputs)

    def changes_outputs(self, stack: Stack, target: Configuration) -> bool:
        """Return whether the outputs of `target` have other values than the stack's own.

        Raises ValidationError if an output cannot be evaluated.
        """
        values = self._values(stack)
        values.changes = {change.logical_id: change for change in self.changes(stack, target)}
        return target.outputs(values) != stack.configuration.outputs(values)

    def imported_properties(
        self, stack: Stack, target: Configuration, existing: Mapping[str, LogicalResource]
    ) -> dict[str, dict[str, Any]]:
        """Return the desired properties of existing resources that an import would add, by id.

        They are converted to the types of the schema. They contain Unknown where they depend on
        an export that does not exist yet.

        Raises ValidationError or ResourceFailed if they cannot be resolved.
        """
        values = self._values(stack)
        values.resources = {**stack.resources, **existing}
        return {
            logical_id: self._resource_type(resource.type_name).convert(
                target.properties(logical_id, values)
            )
            for logical_id, resource in existing.items()
        }

    def _values(self, stack: Stack) -> _PlannedValues:
        return _PlannedValues(stack, self._resource_type, self._export)


def _refuse_other_types(stack: Stack, target: Configuration) -> None:
    retyped = [
        logical_id
        for logical_id, definition in target.active.items()
        if logical_id in stack.resources
        and stack.resources[logical_id].type_name != definition["Type"]
    ]
    if retyped:
        raise ValidationError(
            "Update of resource type is not permitted. The new template modifies resource type "
            f"of the following resources: [{', '.join(retyped)}]"
        )


class _PlannedValues:
    """The current values, or Unknown where a planned change may alter them."""

    def __init__(
        self,
        stack: Stack,
        resource_type: Callable[[str], ResourceType],
        export: Callable[[str], Any],
    ) -> None:
        self.resources: Mapping[str, LogicalResource] = stack.resources
        self.resource_type = resource_type
        self.import_value = export
        self.changes: dict[str, Change] = {}

    def ref(self, logical_id: str) -> Any:
        change = self.changes.get(logical_id)
        if change and change.replacement != "False":
            return Unknown({"Ref": logical_id})
        resource = self.resources.get(logical_id)
        return resource.physical_id if resource else Unknown({"Ref": logical_id})

    def get_att(self, logical_id: str, attribute: str) -> Any:
        resource = self.resources.get(logical_id) if self._stays(logical_id) else None
        if resource and resource.instance:
            try:
                kind = self.resource_type(resource.type_name)
                found = kind.attribute(resource.instance, attribute)
                return conceal(found, resource.instance.reference_values)
            except ResourceFailed:
                pass  # the update itself reports the error
        return Unknown({"Fn::GetAtt": [logical_id, attribute]})

    def _stays(self, logical_id: str) -> bool:
        change = self.changes.get(logical_id)
        return change is None or all(detail.attribute == "Tags" for detail in change.details)


def _change(
    stack: Stack, target: Configuration, logical_id: str, values: _PlannedValues
) -> Change | None:
    definition = target.active[logical_id]
    resource = stack.resources.get(logical_id)
    type_name = definition["Type"]
    if resource is None or resource.instance is None:
        return Change("Add", logical_id, type_name)
    kind = values.resource_type(type_name)
    new = kind.convert(target.properties(logical_id, values))
    new = comparable(kind, new, known_plain_values(new, target.stack.place))
    resource = comparable_resource(kind, resource)
    decision = decide(resource, kind, new, target.tags)
    details = _details(stack, target, resource, kind, new, decision)
    if decision == Keep() and not details:
        return None
    replacement = "False"
    actions: tuple[Action, ...] = ()
    match decision:
        case Replace(unfinished=True):
            replacement = "True"
        case Replace(certain=True):
            replacement, actions = "True", ("Update:Replace",)
        case Replace():
            replacement, actions = "Conditional", ("Update:Modify", "Update:Replace")
        case Update():
            actions = ("Update:Modify",)
    return Change(
        "Modify",
        logical_id,
        type_name,
        resource.physical_id,
        replacement,
        retention.when_replaced(replace(resource, definition=definition)),
        tuple(details),
        actions,
    )


def _details(  # noqa: PLR0913, PLR0917  # both states of one resource and their context
    stack: Stack,
    target: Configuration,
    resource: LogicalResource,
    kind: ResourceType,
    new: Mapping[str, Any],
    decision: Decision,
) -> list[Detail]:
    instance = resource.instance
    old = instance.properties if instance else {}
    before, after = resource.definition, target.active[resource.logical_id]
    replaced = decision if isinstance(decision, Replace) else None
    replacing = {pointer[0] for pointer in replaced.properties} if replaced else set()
    all_anew = replaced is not None and replaced.unfinished
    details = []
    for name in sorted({*old, *new}):
        if old.get(name) == new.get(name) and (name in old) == (name in new):
            continue
        source, cause = _source(
            stack, target, before.get("Properties", {}).get(name), after.get("Properties", {}), name
        )
        details.append(
            Detail(
                attribute="Tags" if name == "Tags" else "Properties",
                name=None if name == "Tags" else name,
                recreation="Always" if all_anew or name in replacing else "Never",
                dynamic=contains_unknown(new.get(name)),
                source=source,
                cause=cause,
            )
        )
    if instance and kind.takes_stack_tags and dict(instance.stack_tags) != dict(target.tags):
        details.append(Detail("Tags", None, "Never", False, "DirectModification"))
    details.extend(
        Detail(attribute, None, "Never", False, "DirectModification")
        for attribute in ATTRIBUTES
        if before.get(attribute) != after.get(attribute)
    )
    return details


def _source(
    stack: Stack, target: Configuration, before: Any, properties: Mapping[str, Any], name: str
) -> tuple[str, str | None]:
    """The ChangeSource of a changed property, and its CausingEntity."""
    after = properties.get(name)
    if before != after:
        return "DirectModification", None
    for reference in references(after):
        if reference.name in target.parameters:
            was = stack.configuration.parameters.get(reference.name)
            if was is None or was.value != target.parameters[reference.name].value:
                return "ParameterReference", reference.name
    for reference in references(after):
        if reference.name in target.active:
            return _resource_source(reference)
    return "DirectModification", None


def _resource_source(reference: Reference) -> tuple[str, str]:
    if reference.attribute is None:
        return "ResourceReference", reference.name
    return "ResourceAttribute", f"{reference.name}.{reference.attribute}"
