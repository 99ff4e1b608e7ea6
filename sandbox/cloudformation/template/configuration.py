"""The desired state of a stack: a template with its parameters, tags and the rest of the request.

A configuration is immutable. An update creates a new one; a rollback returns to the old one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.identity import StackIdentity
from sandbox.cloudformation.template.dynamic_references import check_references, misplaced
from sandbox.cloudformation.template.intrinsics import (
    NO_VALUE,
    Scope,
    Unknown,
    contains_unknown,
    evaluate,
    evaluate_condition,
    intrinsic,
)
from sandbox.cloudformation.template.parameters import Parameter
from sandbox.cloudformation.template.references import dependency_order, depends_on, references
from sandbox.cloudformation.template.template import Template
from sandbox.hosting.scalars import text

MOST_CHAINED = 30
"""How many conditions may depend on one another in a chain, so that the stack suffices."""
URL_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}


class Values(Protocol):
    """The values that a template gets from resources and other stacks."""

    def ref(self, logical_id: str) -> Any:
        """Return the physical id of a resource."""

    def get_att(self, logical_id: str, attribute: str) -> Any:
        """Return an attribute of a resource."""

    def import_value(self, name: str) -> Any:
        """Return the value of an export."""


@dataclass(frozen=True, eq=False)
class Configuration:
    """The desired state of a stack. Call `check` after creating one."""

    stack: StackIdentity
    template: Template
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    role_arn: str | None = None
    notification_arns: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()

    def check(self) -> None:
        """Raise ValidationError if a condition cannot be evaluated, or dependencies cannot be met.

        They cannot be met if they are circular, or if the condition of one is false. Raises it
        also if a dynamic reference is malformed or in a place where it is not supported.
        """
        _ = self.conditions, self.order
        self._check_dynamic_references()

    def with_template(self, template: Template) -> Configuration:
        """Return the configuration with another template, such as the processed one."""
        return replace(self, template=template)

    def scope(self, values: Values) -> Scope:
        """Return what resolves the names in the template."""
        return _Scope(self, values)

    @cached_property
    def active(self) -> dict[str, Mapping[str, Any]]:
        """The resources whose condition is true, by logical id."""
        return {
            logical_id: definition
            for logical_id, definition in self.template.resources.items()
            if "Condition" not in definition or self.condition(definition["Condition"])
        }

    @property
    def active_types(self) -> set[str]:
        """The names of the types of the active resources."""
        return {definition["Type"] for definition in self.active.values()}

    @cached_property
    def dependencies(self) -> dict[str, frozenset[str]]:
        """For each active resource, the resources that must exist before it."""
        found = {}
        for logical_id, definition in self.active.items():
            mentioned = self._mentioned(definition)
            self._refuse_absent(mentioned, "Resources")
            declared = {name for name in depends_on(definition) if name in self.active}
            found[logical_id] = frozenset(mentioned & set(self.active) | declared)
        for definition in self.active_outputs.values():
            self._refuse_absent(self._mentioned(definition), "Outputs")
        return found

    @cached_property
    def order(self) -> list[str]:
        """The logical ids of the active resources, each after those that it depends on."""
        return dependency_order(self.dependencies)

    @cached_property
    def active_outputs(self) -> dict[str, Mapping[str, Any]]:
        """The outputs whose condition is true."""
        return {
            name: definition
            for name, definition in self.template.outputs.items()
            if "Condition" not in definition or self.condition(definition["Condition"])
        }

    def condition(self, name: Any) -> bool:
        """Return whether a condition is true. Raises ValidationError if it is not defined."""
        if not isinstance(name, str) or name not in self.conditions:
            raise ValidationError(
                f"Template error: unresolved condition dependency {name} in Fn::If"
            )
        return self.conditions[name]

    @cached_property
    def conditions(self) -> dict[str, bool]:
        """The value of each condition."""
        return _evaluate_conditions(self)

    def evaluate(self, value: Any, values: Values) -> Any:
        """Return a value of the template with all functions resolved.

        Raises ValidationError if a function is malformed or a name has no value.
        """
        result = evaluate(value, self.scope(values))
        return None if result is NO_VALUE else result

    def properties(self, logical_id: str, values: Values) -> dict[str, Any]:
        """Return the resolved properties of a resource, not yet converted to its schema's types.

        Raises ValidationError if a function is malformed or a name has no value.
        """
        properties = self.evaluate(self.active[logical_id].get("Properties", {}), values)
        return properties if isinstance(properties, dict) else {}

    def outputs(self, values: Values) -> list[dict[str, Any]]:
        """Return the stack's outputs as DescribeStacks shows them.

        Raises ValidationError if an output is not a string or cannot be evaluated.
        """
        described = []
        for key, definition in self.active_outputs.items():
            value = self.evaluate(definition["Value"], values)
            if value is None or isinstance(value, dict | list):
                raise ValidationError(
                    f"Template format error: Output {key} is malformed. The Value field of every "
                    "Outputs member must evaluate to a String."
                )
            output = {
                "OutputKey": key,
                "OutputValue": value if contains_unknown(value) else text(value),
            }
            if "Description" in definition:
                output["Description"] = definition["Description"]
            if "Export" in definition:
                output["ExportName"] = text(self.evaluate(definition["Export"]["Name"], values))
            described.append(output)
        return described

    def parameter(self, name: str) -> Any:
        """Return the value of a parameter or pseudo parameter, or None if it is unknown."""
        parameter = self.parameters.get(name)
        return parameter.value if parameter else self.pseudo_parameter(name)

    def pseudo_parameter(self, name: str) -> Any:
        """Return the value of a pseudo parameter such as AWS::Region, or None if it is unknown."""
        stack = self.stack
        return {
            "AWS::AccountId": stack.account_id,
            "AWS::NotificationARNs": list(self.notification_arns),
            "AWS::Partition": stack.place.partition,
            "AWS::Region": stack.region,
            "AWS::StackId": stack.stack_id,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": URL_SUFFIXES.get(stack.place.partition, "amazonaws.com"),
        }.get(name)

    def _check_dynamic_references(self) -> None:
        paths: list[str] = []
        for logical_id, definition in self.active.items():
            try:
                properties = self.properties(logical_id, Later())
            except ValidationError:
                continue  # the deployment reports it
            paths += check_references(definition["Type"], properties)
        if paths:
            raise misplaced(paths)

    def _mentioned(self, definition: Any) -> set[str]:
        """The resources that a definition mentions, except in branches that are not taken."""
        taken = self._taken({k: v for k, v in definition.items() if k != "DependsOn"})
        return {
            reference.name
            for reference in references(taken)
            if reference.name in self.template.resources
        }

    def _taken(self, value: Any) -> Any:
        """Return `value` with each Fn::If replaced by the branch that its condition selects."""
        call = intrinsic(value)
        if call and call[0] == "Fn::If" and isinstance(call[1], list) and len(call[1]) == 3:
            name, then, otherwise = call[1]
            return self._taken(then if self.condition(name) else otherwise)
        if isinstance(value, Mapping):
            return {key: self._taken(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self._taken(item) for item in value]
        return value

    def _refuse_absent(self, names: set[str], block: str) -> None:
        if absent := sorted(names - set(self.active)):
            raise ValidationError(
                f"Template format error: Unresolved resource dependencies [{', '.join(absent)}] "
                f"in the {block} block of the template"
            )


class _Scope:
    """Resolves names with a configuration and the current values of a deployment."""

    def __init__(self, configuration: Configuration, values: Values) -> None:
        self.configuration = configuration
        self.values = values
        self.condition: Callable[[str], bool] = configuration.condition

    def get_att(self, logical_id: str, attribute: str) -> Any:
        return self.values.get_att(logical_id, attribute)

    def import_value(self, name: str) -> Any:
        return self.values.import_value(name)

    def ref(self, name: str) -> Any:
        parameter = self.configuration.parameters.get(name)
        if parameter is not None:
            return parameter.value
        if name.startswith("AWS::"):
            return self.configuration.pseudo_parameter(name)
        return self.values.ref(name)

    def mapping(self, name: str) -> Mapping[str, Any] | None:
        return self.configuration.template.mappings.get(name)


class _ConditionScope(_Scope):
    """Resolves names in the Conditions section: parameters, mappings and other conditions."""

    def __init__(self, configuration: Configuration, condition: Callable[[str], bool]) -> None:
        super().__init__(configuration, _NoResources())
        self.condition = condition


class Later:
    """The values from resources and other stacks before a deployment: all are Unknown."""

    @staticmethod
    def ref(logical_id: str) -> Any:
        """Return Unknown."""
        return Unknown({"Ref": logical_id})

    @staticmethod
    def get_att(logical_id: str, attribute: str) -> Any:
        """Return Unknown."""
        return Unknown({"Fn::GetAtt": [logical_id, attribute]})

    @staticmethod
    def import_value(name: str) -> Any:
        """Return Unknown."""
        return Unknown({"Fn::ImportValue": name})


class _NoResources:
    def ref(self, logical_id: str) -> Any:
        raise ValidationError(
            f"Template format error: Unresolved dependencies [{logical_id}]. Cannot reference "
            "resources in the Conditions block of the template"
        )

    def get_att(self, logical_id: str, _attribute: str) -> Any:
        return self.ref(logical_id)

    def import_value(self, name: str) -> Any:
        return self.ref(name)


def _evaluate_conditions(configuration: Configuration) -> dict[str, bool]:
    declared = configuration.template.conditions
    known: dict[str, bool] = {}
    pending: list[str] = []

    def condition(name: str) -> bool:
        if name not in declared:
            raise ValidationError(
                f"Template format error: Unresolved condition dependency {name} in the Conditions "
                "block of the template"
            )
        if len(pending) > MOST_CHAINED:
            raise ValidationError(
                f"The sandbox does not support chains of more than {MOST_CHAINED} conditions."
            )
        if name in pending:
            raise ValidationError(
                f"Template format error: Circular dependency between conditions: [{name}]"
            )
        if name not in known:
            pending.append(name)
            known[name] = evaluate_condition(declared[name], scope)
            pending.pop()
        return known[name]

    scope = _ConditionScope(configuration, condition)
    return {name: condition(name) for name in declared}
