"""Check the structure of a template, and give access to its sections.

The checks are those that CreateStack, UpdateStack and CreateChangeSet make before they start, with
CloudFormation's messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.template.intrinsics import PSEUDO_PARAMETERS
from sandbox.cloudformation.template.reading import parse
from sandbox.cloudformation.template.references import Reference, depends_on, references
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
LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
"""The only supported transform. Its functions (Fn::Length, Fn::ToJsonString, FindInMap's default)
are evaluated directly, without expanding the template."""

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
    """A template. text: as the user wrote it. body: the parsed document."""

    text: str
    body: Mapping[str, Any]

    @classmethod
    def parse(cls, source: str) -> Template:
        """Parse and check a template's text.

        Raises ValidationError if it is neither JSON nor YAML, or not a well-formed template.
        """
        template = cls(source, parse(source))
        template._check_structure()
        template._check_references()
        return template

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """All resources, including those whose condition is false."""
        resources: Mapping[str, Mapping[str, Any]] = self.body["Resources"]
        return resources

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
    def outputs(self) -> Mapping[str, Mapping[str, Any]]:
        """All outputs, including those whose condition is false."""
        return self._section("Outputs")

    @property
    def description(self) -> str | None:
        """The template's description, if any."""
        return self.body.get("Description")

    @property
    def transforms(self) -> list[str]:
        """The declared transforms."""
        declared = self.body.get("Transform", [])
        return declared if isinstance(declared, list) else [declared]

    @cached_property
    def resource_types(self) -> list[str]:
        """The names of the resource types that the template uses, without duplicates."""
        return list(dict.fromkeys(definition["Type"] for definition in self.resources.values()))

    @cached_property
    def needed_capabilities(self) -> tuple[list[str], str]:
        """The capabilities that the caller must acknowledge, and the reason in words."""
        iam = [name for name in self.resource_types if name in IAM_TYPES_BY_NAME_PROPERTY]
        if not iam:
            return [], ""
        named = any(
            IAM_TYPES_BY_NAME_PROPERTY.get(definition["Type"]) in definition.get("Properties", {})
            for definition in self.resources.values()
        )
        capability = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
        return [capability], f"The following resource(s) require capabilities: [{', '.join(iam)}]"

    def _section(self, name: str) -> Mapping[str, Any]:
        section: Mapping[str, Any] = self.body.get(name, {})
        return section

    def _check_structure(self) -> None:
        if unknown := sorted(set(self.body) - SECTIONS):
            raise ValidationError(f"Invalid template property or properties [{', '.join(unknown)}]")
        if self.body.get("AWSTemplateFormatVersion", "2010-09-09") != "2010-09-09":
            raise ValidationError(
                "Template format error: unsupported value for AWSTemplateFormatVersion."
            )
        if not isinstance(self.body.get("Description", ""), str):
            raise ValidationError("Template format error: Description must be a string.")
        self._check_sections()
        if unsupported := [name for name in self.transforms if name != LANGUAGE_EXTENSIONS]:
            raise ValidationError(
                f"No transform named {unsupported[0]} found. "
                "(The sandbox does not expand transforms.)"
            )
        for logical_id, definition in self.resources.items():
            _check_resource(logical_id, definition)

    def _check_sections(self) -> None:
        for name in ("Conditions", "Mappings", "Outputs", "Parameters", "Resources"):
            if not isinstance(self.body.get(name, {}), dict):
                raise ValidationError(f"Template format error: [/{name}] {name} must be an object.")
        if not self.body.get("Resources"):
            raise ValidationError(
                "Template format error: At least one Resources member must be defined."
            )
        for section, member in (("Parameters", "Type"), ("Outputs", "Value")):
            for name, definition in self._section(section).items():
                if not isinstance(definition, dict) or member not in definition:
                    raise ValidationError(
                        f"Template format error: [/{section}/{name}] Every {section} object must "
                        f"contain a {member} member."
                    )
                export = definition.get("Export", {"Name": ""})
                if not isinstance(export, dict) or set(export) != {"Name"}:
                    raise ValidationError(
                        f"Template format error: [/{section}/{name}/Export] Export must be an "
                        "object with a Name."
                    )
        for name, keys in self.mappings.items():
            if not isinstance(keys, dict) or not all(isinstance(k, dict) for k in keys.values()):
                raise ValidationError(
                    f"Template format error: [/Mappings/{name}] Every Mappings member must be a "
                    "map of maps."
                )

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
        for node in _nodes(value):
            match node:
                case {"Fn::If": [str(name), *_]} if name not in self.conditions:
                    raise ValidationError(
                        f"Template error: unresolved condition dependency {name} in Fn::If"
                    )
                case {"Condition": str(name)} if block == "Conditions":
                    self._check_condition(name, block)


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
        if policy not in values:
            raise ValidationError(
                f"Template format error: Unrecognized {attribute} {policy} for resource "
                f"{logical_id}"
            )
    if not all(isinstance(name, str) for name in depends_on(definition)):
        raise ValidationError(
            f"Template format error: [/Resources/{logical_id}/DependsOn] DependsOn must be a "
            "string or a list of strings."
        )


def _without_depends_on(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in definition.items() if name != "DependsOn"}


def _nodes(value: Any) -> Iterator[Any]:
    yield value
    members = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    )
    for member in members:
        yield from _nodes(member)
