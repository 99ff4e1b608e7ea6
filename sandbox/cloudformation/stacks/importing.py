"""What a change set of type IMPORT may contain, and what it finds.

A request is refused at once if an import cannot do what it asks for. Otherwise the resources are
read; if that fails, or if a stack has one of them, the change set has failed. The words are
CloudFormation's where they are known (guide/assumptions.md, B139 to B141).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.resources.hosted import HostedResource
from sandbox.cloudformation.resources.resource_type import (
    Operation,
    ResourceFailed,
    ResourceType,
)
from sandbox.cloudformation.stacks.plan import Change, Planner
from sandbox.cloudformation.stacks.records import StackRecords
from sandbox.cloudformation.stacks.stack import LogicalResource, Stack
from sandbox.cloudformation.template import dynamic_references
from sandbox.cloudformation.template.configuration import Configuration
from sandbox.cloudformation.template.intrinsics import contains_unknown
from sandbox.hosting.interruption import Interruption
from sandbox.hosting.pointers import dig
from sandbox.hosting.scalars import text
from sandbox.process_wide import PROCESS

TO_BE_VERIFIED = (
    "Verify that resources and their properties defined in the template match the intended "
    "configuration of the resource import to avoid unexpected changes."
)
"""The status reason of an import change set that can be executed."""

FindType = Callable[[str], ResourceType | None]


@dataclass(frozen=True)
class ResourceToImport:
    """A resource that a request wants to import.

    identifier: the values of the properties that identify the existing resource, by name.
    """

    logical_id: str
    type_name: str
    identifier: Mapping[str, str]


class CannotImport(Exception):
    """A resource cannot be imported. The message is the status reason of the change set."""


class ImportPlanner:
    """Plans the imports of one account and region.

    find: returns the implementation of a type, or None if the type is unknown.
    """

    def __init__(self, records: StackRecords, planner: Planner, find: FindType) -> None:
        self._records = records
        self._planner = planner
        self._find = find

    def check(
        self, stack: Stack, target: Configuration, imports: Sequence[ResourceToImport]
    ) -> None:
        """Raise ValidationError if a request to import `imports` into `stack` must be refused.

        target: the configuration that the stack would have after the import.
        """
        _check_entries(imports)
        self._refuse_other_settings(stack, target)
        self._check_resources(target, imports)
        self._refuse_other_changes(stack, target, imports)
        unprotected = [
            each.logical_id
            for each in imports
            if "DeletionPolicy" not in target.active[each.logical_id]
        ]
        if unprotected:
            raise ValidationError(
                f"The following resources to import {_listed(unprotected)} must have "
                "DeletionPolicy attribute specified in the template."
            )
        for each in imports:
            _check_stated_identifier(each, target)

    def _refuse_other_changes(
        self, stack: Stack, target: Configuration, imports: Iterable[ResourceToImport]
    ) -> None:
        """Raise ValidationError if `target` changes more than an import of `imports` may."""
        wanted = [each.logical_id for each in imports]
        changes = self._planner.changes(stack, target)
        added = [change.logical_id for change in changes if change.action == "Add"]
        if not added:
            raise ValidationError(
                "The template should contain at least one new resource to import."
            )
        if present := [logical_id for logical_id in wanted if logical_id not in added]:
            raise ValidationError(
                f"Resources {_listed(present)} passed in ResourceToImport are already in a stack "
                "and cannot be imported."
            )
        if missing := [logical_id for logical_id in added if logical_id not in wanted]:
            raise ValidationError(
                f"Resources {_listed(missing)} is missing from ResourceToImport list"
            )
        if modified := [change.logical_id for change in changes if change.action != "Add"]:
            raise ValidationError(
                f"You have modified resources {_listed(modified)} in your template that are not "
                "being imported. Update, create or delete operations cannot be executed during "
                "import operations."
            )

    def _refuse_other_settings(self, stack: Stack, target: Configuration) -> None:
        """Raise ValidationError if outputs, role or tags differ. A new stack has none of them.

        Outputs that a condition excludes do not count.
        """
        if stack.is_undeployed:
            new_outputs = bool(target.active_outputs)
            role, tags = None, {}
        else:
            before = stack.configuration
            new_outputs = (
                target.active_outputs != before.active_outputs
                or self._planner.changes_outputs(stack, target)
            )
            role, tags = before.role_arn, dict(before.tags)
        changed = [
            name
            for name, is_changed in {
                "Outputs": new_outputs,
                "RoleArn": target.role_arn != role,
                "Tags": dict(target.tags) != tags,
            }.items()
            if is_changed
        ]
        if changed:
            raise ValidationError(
                f"As part of the import operation, you cannot modify or add {_listed(changed)}"
            )

    def plan(
        self, stack: Stack, target: Configuration, imports: Iterable[ResourceToImport]
    ) -> list[Change]:
        """Read the resources. Returns the changes that importing them makes.

        Call it without the lock of the stack records: it waits for handlers.

        Raises CannotImport if a resource does not exist, cannot be read or belongs to a stack, or
        if its properties in the template are not valid.
        """
        try:
            found = {each.logical_id: self._read(stack, target, each) for each in imports}
            self._refuse_held(found.values())
            properties = self._planner.imported_properties(stack, target, found)
            kinds = {logical_id: self._kind(found[logical_id].type_name) for logical_id in found}
        except ResourceFailed as failure:
            raise CannotImport(failure.reason) from failure
        except ValidationError as error:
            raise CannotImport(str(error.message)) from error
        for logical_id, kind in kinds.items():
            found_later = contains_unknown(properties[logical_id])
            if found_later or dynamic_references.contains(properties[logical_id]):
                continue
            violations = kind.violations(properties[logical_id])
            if violations:
                raise CannotImport(status_reasons.invalid_properties(logical_id, violations))
        return [
            Change("Import", resource.logical_id, resource.type_name, resource.physical_id)
            for resource in found.values()
        ]

    def note_on_existing(self, changes: Iterable[Change]) -> str | None:
        """Return what a change set with ImportExistingResources says of the resources it adds.

        CloudFormation imports an existing resource automatically if the template has its whole
        primary identifier. Otherwise it creates the resource, as the sandbox does in any case.
        """
        added = [change for change in changes if change.action == "Add"]
        notes = []
        for type_name in dict.fromkeys(change.type_name for change in added):
            logical_ids = _listed(each.logical_id for each in added if each.type_name == type_name)
            kind = self._kind(type_name)
            if kind.identifier_is_read_only:
                notes.append(
                    f"{logical_ids} will be created, not imported: primary IDs with read-only "
                    f"properties aren't supported by ImportExistingResources, and that of "
                    f"{type_name} is {', '.join(kind.import_identifier)}. To import an existing "
                    "resource, use ChangeSetType IMPORT with ResourcesToImport."
                )
            else:
                notes.append(
                    f"{logical_ids} will be created, not imported: the sandbox does not support "
                    "ImportExistingResources. To import an existing resource, use ChangeSetType "
                    "IMPORT with ResourcesToImport."
                )
        return " ".join(notes) or None

    def _kind(self, type_name: str) -> ResourceType:
        """The implementation of a type. Raises ResourceFailed if it is unknown."""
        kind = self._find(type_name)
        if kind is None:
            raise ResourceFailed(status_reasons.type_not_registered(type_name))
        return kind

    def _check_resources(self, target: Configuration, imports: Iterable[ResourceToImport]) -> None:
        """Raise ValidationError if a resource is not in the template, or is named wrongly."""
        imports = list(imports)
        wanted = [each.logical_id for each in imports]
        if absent := [name for name in wanted if name not in target.template.resources]:
            raise ValidationError(
                f"The logical resource ids {_listed(absent)} provided in ResourceToImport do not "
                "exist in the template."
            )
        if excluded := [name for name in wanted if name not in target.active]:
            raise ValidationError(
                f"The logical resource ids {_listed(excluded)} provided in ResourceToImport have a "
                "Condition in the template that is false."
            )
        for each in imports:
            kind = self._find(each.type_name)
            expected = kind.import_identifier if kind else ()
            if expected and set(each.identifier) != set(expected):
                raise ValidationError(
                    f"Invalid resource identifier for resource type {each.type_name}. "
                    f"Expected {_listed(expected)}"
                )
            declared = target.active[each.logical_id]["Type"]
            if each.type_name != declared:
                raise ValidationError(
                    f"Resource type of [{each.logical_id}] passed in ResourceToImport does not "
                    "match with resource type defined in the template. Resource type in "
                    f"ResourceToImport: {each.type_name}; Resource type in Template: {declared}."
                )
        named = dict.fromkeys(each.type_name for each in imports)
        unsupported = [name for name in named if not self._kind(name).import_identifier]
        if unsupported:
            raise ValidationError(self._unsupported(unsupported))

    def _unsupported(self, type_names: Sequence[str]) -> str:
        refusal = f"ResourceTypes {_listed(type_names)} are not supported for Import"
        without_handlers = [
            name for name in type_names if not isinstance(self._kind(name), HostedResource)
        ]
        if not without_handlers:
            return refusal
        return (
            f"{refusal} in the sandbox, which only imports types with handlers. AWS may be able "
            f"to import {_listed(without_handlers)}."
        )

    def _read(self, stack: Stack, target: Configuration, each: ResourceToImport) -> LogicalResource:
        """Read one resource. Raises ResourceFailed if it does not exist or cannot be read."""
        operation = Operation(
            stack=stack.identity,
            logical_id=each.logical_id,
            stack_tags=target.tags,
            timing=PROCESS.timing,
            interruption=Interruption(),
        )
        instance = self._kind(each.type_name).read_existing(operation, each.identifier)
        definition = target.active[each.logical_id]
        return LogicalResource(each.logical_id, definition, instance=instance)

    def _refuse_held(self, found: Iterable[LogicalResource]) -> None:
        """Raise ResourceFailed if a stack has one of the resources, or if one appears twice."""
        seen: dict[tuple[str, str], str] = {}
        holders = self._records.holders()
        for resource in found:
            key = (resource.type_name, resource.physical_id)
            first = seen.setdefault(key, resource.logical_id)
            if first != resource.logical_id:
                both = [first, resource.logical_id]
                raise ResourceFailed(status_reasons.named_twice(resource.physical_id, both))
            holder = holders.get(key)
            if holder:
                raise ResourceFailed(
                    status_reasons.in_a_stack(resource.physical_id, holder.stack_id)
                )


def _check_entries(imports: Sequence[ResourceToImport]) -> None:
    """Raise ValidationError if the list itself is not valid."""
    if not imports:
        raise ValidationError("Must Provide at least one resource to import")
    if len({each.logical_id for each in imports}) < len(imports):
        raise ValidationError("Every resource to import must have unique LogicalResourceId")


def _check_stated_identifier(each: ResourceToImport, target: Configuration) -> None:
    """Raise ValidationError if the template states another identifier. It need not state any."""
    properties = target.active[each.logical_id].get("Properties", {})
    for name, value in each.identifier.items():
        stated = dig(properties, tuple(name.split("/")))
        if dynamic_references.contains(stated):
            continue
        if isinstance(stated, str | int | float) and text(stated) != value:
            raise ValidationError(
                f"The Identifier [{name}] for resource [{each.logical_id}] does not match the "
                "identifier value for the resource in the template"
            )


def _listed(names: Iterable[str]) -> str:
    return f"[{', '.join(names)}]"
