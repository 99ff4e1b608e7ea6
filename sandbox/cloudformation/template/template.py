"""Check the structure of a template, and give access to its sections.

The checks are those that CreateStack, UpdateStack and CreateChangeSet make before they start, with
CloudFormation's messages. What a transform may still change is checked after the transform.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.template.declarations import (
    check_mappings,
    check_numbers,
    check_outputs,
    check_parameters,
    check_sections,
)
from sandbox.cloudformation.template.intrinsics import (
    EXTENSIONS,
    PSEUDO_PARAMETERS,
    unsupported_function,
)
from sandbox.cloudformation.template.reading import parse
from sandbox.cloudformation.template.references import Reference, depends_on, references
from sandbox.cloudformation.template.rules import check_rules
from sandbox.logical_id import LOGICAL_ID

SECTIONS = frozenset(
    (
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Hooks",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    )
)
RESOURCE_ATTRIBUTES = frozenset(
    (
        "Condition",
        "CreationPolicy",
        "DeletionPolicy",
        "DependsOn",
        "Description",
        "Metadata",
        "Properties",
        "Type",
        "UpdatePolicy",
        "UpdateReplacePolicy",
        "Version",
    )
)
DELETION_POLICIES = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"),
    "UpdateReplacePolicy": ("Delete", "Retain", "Snapshot"),
}
WITHOUT_EFFECT = frozenset(("AutoScalingCreationPolicy", "AutoScalingScheduledAction"))
"""Members of the policies below that change nothing here, where no signals are sent and no
scheduled action runs."""
LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
INCLUDE = "AWS::Include"
TRANSFORM_CALL = "Fn::Transform"
FOR_EACH = "Fn::ForEach::"
TRANSFORMS = frozenset((LANGUAGE_EXTENSIONS, INCLUDE))
"""The supported transforms."""
AUTO_EXPAND = "CAPABILITY_AUTO_EXPAND"

IAM_TYPES_BY_NAME_PROPERTY = {
    "AWS::IAM::AccessKey": None,
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": None,
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": None,
}
"""The types that need CAPABILITY_IAM, and the property that needs CAPABILITY_NAMED_IAM
(CloudFormation API reference, CreateStack, Capabilities)."""


@dataclass(frozen=True, eq=False)
class Template:
    """A template. text: as the user wrote it. body: the document, after the transforms if any.

    declared_transforms: the names of the transforms that the text declares at its top level.
    """

    text: str
    body: Mapping[str, Any]
    declared_transforms: tuple[str, ...] = ()
    is_transformed: bool = False

    @classmethod
    def parse(cls, source: str) -> Template:
        """Parse a template's text, and check all that no transform can change.

        Call `check` when the transforms have been applied.

        Raises ValidationError if it is neither JSON nor YAML, or not a well-formed template.
        """
        body = parse(source)
        names = tuple(_transform_names(body.get("Transform", [])))
        template = cls(source, body, names)
        template._refuse_unsupported()
        check_parameters(body.get("Parameters", {}))
        if template.has_includes:
            check_sections(body)
        else:
            template.check_frame()
        if not template.has_transforms:
            template.check()
        return template

    @property
    def has_transforms(self) -> bool:
        """Whether transforms are declared, at the top level or in a section."""
        return bool(self.declared_transforms) or self.has_includes

    @cached_property
    def has_includes(self) -> bool:
        """Whether a part of the template lies elsewhere. The only such transform is an include."""
        return INCLUDE in self.declared_transforms or any(
            isinstance(node, dict) and TRANSFORM_CALL in node for node in nodes(self.body)
        )

    @property
    def processed(self) -> str:
        """The text of the template after its transforms: the user's own if it has none."""
        return json.dumps(self.body) if self.is_transformed else self.text

    def transformed(self, body: Mapping[str, Any]) -> Template:
        """Return the template that a transform has made of this one."""
        return replace(self, body=body, is_transformed=True)

    def check(self) -> None:
        """Raise ValidationError if the template is not well-formed. Call it after transforms."""
        self.check_frame()
        self._refuse_extensions()
        check_numbers(self.body)
        check_outputs(self.outputs)
        for logical_id, definition in self.resources.items():
            _check_resource(logical_id, definition)
        self._check_references()

    def check_frame(self) -> None:
        """Raise ValidationError if what loops cannot stand for is not well-formed.

        That is all but the resources, conditions and outputs. Call it after snippets are included.
        """
        if unknown := sorted(set(self.body) - SECTIONS):
            raise ValidationError(f"Invalid template property or properties [{', '.join(unknown)}]")
        check_sections(self.body)
        if not self.resources:
            raise ValidationError(
                "Template format error: At least one Resources member must be defined."
            )
        check_mappings(self.mappings)
        check_rules(self.rules, self.parameters)

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """All resources, including those whose condition is false."""
        return self._section("Resources")

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """The declared parameters."""
        return self._section("Parameters")

    @property
    def conditions(self) -> Mapping[str, Any]:
        """The declared conditions."""
        return self._section("Conditions")

    @property
    def mappings(self) -> Mapping[str, Any]:
        """The Mappings section."""
        return self._section("Mappings")

    @property
    def rules(self) -> Mapping[str, Any]:
        """The declared rules."""
        return self._section("Rules")

    @property
    def outputs(self) -> Mapping[str, Mapping[str, Any]]:
        """All outputs, including those whose condition is false."""
        return self._section("Outputs")

    @property
    def description(self) -> str | None:
        """The template's description, if any."""
        return self.body.get("Description")

    @cached_property
    def resource_types(self) -> list[str]:
        """The names of the resource types that the template uses, without duplicates."""
        return list(dict.fromkeys(definition["Type"] for _, definition in self.definitions))

    @property
    def definitions(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The resources by logical id, and those in loops that have not been expanded."""
        return list(_definitions(self.resources))

    @cached_property
    def needed_capabilities(self) -> tuple[list[str], str]:
        """The capabilities that the caller must acknowledge, and the reason in words."""
        iam = [name for name in self.resource_types if name in IAM_TYPES_BY_NAME_PROPERTY]
        if not iam:
            return [], ""
        named = any(
            IAM_TYPES_BY_NAME_PROPERTY.get(definition["Type"]) in definition["Properties"]
            for _, definition in self.definitions
            if isinstance(definition.get("Properties"), dict)
        )
        capability = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
        return [capability], f"The following resource(s) require capabilities: [{', '.join(iam)}]"

    def _section(self, name: str) -> Mapping[str, Any]:
        section: Mapping[str, Any] = self.body.get(name, {})
        return section

    def _refuse_unsupported(self) -> None:
        """Raise ValidationError if the template declares something that the sandbox lacks."""
        for name in self.declared_transforms:
            if name not in TRANSFORMS:
                raise unsupported_transform(name)
        declared = self.body.get("Transform")
        for transform in declared if isinstance(declared, list) else [declared]:
            match transform:
                case {"Name": str(name), "Parameters": dict(given)} if name != INCLUDE and given:
                    raise ValidationError(
                        f"The transform {name} has no parameter {next(iter(given))}."
                    )
        if "Hooks" in self.body:
            raise ValidationError("The sandbox does not support the Hooks section of templates.")

    def _refuse_extensions(self) -> None:
        """Raise ValidationError for a function of a transform that is not declared."""
        if LANGUAGE_EXTENSIONS in self.declared_transforms:
            return
        for logical_id in self.resources:
            if logical_id.startswith(FOR_EACH):
                raise ValidationError(
                    f"Template format error: [/Resources/{logical_id}] resource definition is "
                    "malformed"
                )
        for node in nodes([self.conditions, self.resources, self.outputs]):
            match node:
                case {"Fn::FindInMap": [_, _, _, _]}:
                    raise ValidationError(
                        "Template error: every Fn::FindInMap object requires three parameters, the "
                        "map name, map key and the attribute for return value"
                    )
                case dict():
                    for name in node:
                        if name in EXTENSIONS or name.startswith(FOR_EACH):
                            raise ValidationError(unsupported_function(name))

    def _check_references(self) -> None:
        for expression in self.conditions.values():
            unresolved = sorted(
                {reference.name for reference in references(expression)}
                - set(self.parameters)
                - PSEUDO_PARAMETERS
            )
            if unresolved:
                raise ValidationError(
                    f"Template format error: Unresolved dependencies [{', '.join(unresolved)}]. "
                    "Cannot reference resources in the Conditions block of the template"
                )
            self._check_condition_names(expression, "Conditions")
        for definition in self.resources.values():
            self._check_condition(definition.get("Condition"), "Resources")
            self._check_condition_names(definition, "Resources")
            self._check_names(references(_without_depends_on(definition)), "Resources")
            self._refuse_unresolved(set(depends_on(definition)) - set(self.resources), "Resources")
        for definition in self.outputs.values():
            self._check_condition(definition.get("Condition"), "Outputs")
            self._check_condition_names(definition, "Outputs")
            self._check_names(references(definition), "Outputs")

    def _check_names(self, mentioned: Iterable[Reference], block: str) -> None:
        unresolved = []
        for reference in mentioned:
            if reference.attribute is None:
                known = {*self.resources, *self.parameters, *PSEUDO_PARAMETERS}
                if reference.name not in known:
                    unresolved.append(reference.name)
            elif reference.name not in self.resources:
                raise ValidationError(
                    "Template error: instance of Fn::GetAtt references undefined resource "
                    f"{reference.name}"
                )
        self._refuse_unresolved(unresolved, block)

    def _refuse_unresolved(self, names: Iterable[str], block: str) -> None:
        if unresolved := ", ".join(sorted(set(names))):
            raise ValidationError(
                f"Template format error: Unresolved resource dependencies [{unresolved}] in the "
                f"{block} block of the template"
            )

    def _check_condition(self, name: Any, block: str) -> None:
        if name is not None and not (isinstance(name, str) and name in self.conditions):
            raise ValidationError(
                f"Template format error: Unresolved condition dependency {name} in the {block} "
                "block of the template"
            )

    def _check_condition_names(self, value: Any, block: str) -> None:
        for node in nodes(value):
            match node:
                case {"Fn::If": [str(name), *_]} if name not in self.conditions:
                    raise ValidationError(
                        f"Template error: unresolved condition dependency {name} in Fn::If"
                    )
                case {"Condition": str(name)} if block == "Conditions":
                    self._check_condition(name, block)


def _definitions(resources: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, definition in resources.items():
        match definition:
            case {"Type": str()}:
                yield name, definition
            case [_, _, dict() as fragment] if name.startswith(FOR_EACH):
                yield from _definitions(fragment)


def unsupported_transform(name: str) -> ValidationError:
    """Return the error for a transform or macro that the sandbox lacks."""
    return ValidationError(
        f"The sandbox does not support the transform {name}. Use a template to which it has been "
        "applied already."
    )


def _transform_names(declared: Any) -> Iterator[str]:
    for each in declared if isinstance(declared, list) else [declared]:
        match each:
            case str(name) | {"Name": str(name)}:
                yield name
            case _:
                raise ValidationError(
                    "Template format error: [/Transform] Every transform must be a string, or an "
                    "object with a Name."
                )


def _check_resource(logical_id: Any, definition: Any) -> None:
    if not LOGICAL_ID.fullmatch(str(logical_id)):
        raise ValidationError(
            f"Template format error: Resource name {logical_id} is non alphanumeric."
        )
    if not isinstance(definition, dict) or not isinstance(definition.get("Type"), str):
        raise ValidationError(
            f"Template format error: [/Resources/{logical_id}] Every Resources object must "
            "contain a Type member."
        )
    if unknown := sorted(set(definition) - RESOURCE_ATTRIBUTES):
        raise ValidationError(f"Invalid template resource property '{unknown[0]}'")
    if not isinstance(definition.get("Properties", {}), dict):
        raise ValidationError(
            f"Template format error: [/Resources/{logical_id}/Properties] Properties must be an "
            "object."
        )
    for attribute, values in DELETION_POLICIES.items():
        policy = definition.get(attribute, "Delete")
        if not isinstance(policy, str):
            raise ValidationError(
                f"Template format error: Every {attribute} member must be a string."
            )
        if policy not in values:
            raise ValidationError(
                f"Template format error: Unrecognized {attribute} {policy} for resource "
                f"{logical_id}"
            )
    for attribute in ("CreationPolicy", "UpdatePolicy"):
        _check_policy(attribute, logical_id, definition.get(attribute, {}))
    if not all(isinstance(name, str) for name in depends_on(definition)):
        raise ValidationError(
            f"Template format error: [/Resources/{logical_id}/DependsOn] DependsOn must be a "
            "string or a list of strings."
        )


def _check_policy(attribute: str, logical_id: str, members: Any) -> None:
    """Check CreationPolicy or UpdatePolicy, which no resource type here obeys."""
    if not isinstance(members, dict):
        raise ValidationError(
            f"Template format error: [/Resources/{logical_id}/{attribute}] {attribute} must be an "
            "object."
        )
    if lacking := sorted(members.keys() - WITHOUT_EFFECT):
        raise ValidationError(
            f"The sandbox does not support {', '.join(lacking)} in the {attribute} of "
            f"{logical_id}. Leave it out."
        )


def _without_depends_on(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in definition.items() if name != "DependsOn"}


def nodes(value: Any) -> Iterator[Any]:
    """Yield a value and everything in it."""
    yield value
    members = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    )
    for member in members:
        yield from nodes(member)
