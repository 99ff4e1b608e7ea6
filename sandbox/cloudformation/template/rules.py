"""The Rules section: assertions about the parameters, checked before anything is created.

Sources: CloudFormation user guide, "CloudFormation template Rules syntax", and template reference,
"Rule functions". That Fn::If and Condition cannot be used: cloudformation-coverage-roadmap, issues
921 and 1183.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.template.existing_resources import (
    TYPES_WITH_ATTRIBUTES,
    attribute,
    has_attribute,
    identifiers,
)
from sandbox.cloudformation.template.intrinsics import PSEUDO_PARAMETERS, intrinsic
from sandbox.cloudformation.template.parameter_types import AWS_SPECIFIC_TYPES, item_type
from sandbox.hosting.place import Place
from sandbox.hosting.scalars import text

Declared = Mapping[str, Mapping[str, Any]]

OPERANDS = {
    "Fn::And": range(2, 11),
    "Fn::Contains": range(2, 3),
    "Fn::EachMemberEquals": range(2, 3),
    "Fn::EachMemberIn": range(2, 3),
    "Fn::Equals": range(2, 3),
    "Fn::Not": range(1, 2),
    "Fn::Or": range(2, 11),
    "Fn::ValueOf": range(2, 3),
    "Fn::ValueOfAll": range(2, 3),
}
"""The length of the list that each function requires."""


def check_rules(rules: Any, declared: Declared) -> None:
    """Check the form of the Rules section. declared: the Parameters section.

    Raises ValidationError, with the path, if it is malformed, and if a function needs something
    that the sandbox lacks.
    """
    if not isinstance(rules, dict):
        raise _malformed("", "Rules must be an object.")
    for name, rule in rules.items():
        path = f"/{name}"
        if not isinstance(rule, dict):
            raise _malformed(path, "Every Rules member must be an object.")
        if unknown := sorted(set(rule) - {"Assertions", "RuleCondition"}):
            raise _malformed(path, f"Encountered unsupported property {unknown[0]}")
        if "RuleCondition" in rule:
            _check_boolean(rule["RuleCondition"], f"{path}/RuleCondition", declared)
        assertions = rule.get("Assertions")
        if not isinstance(assertions, list) or not assertions:
            raise _malformed(
                f"{path}/Assertions", "Assertions must be a list with at least one assertion."
            )
        for index, assertion in enumerate(assertions):
            _check_assertion(assertion, f"{path}/Assertions/{index}", declared)


def _check_assertion(assertion: Any, path: str, declared: Declared) -> None:
    if not isinstance(assertion, dict) or "Assert" not in assertion:
        raise _malformed(path, "Every assertion must be an object with an Assert member.")
    if unknown := sorted(set(assertion) - {"Assert", "AssertDescription"}):
        raise _malformed(path, f"Encountered unsupported property {unknown[0]}")
    if not isinstance(assertion.get("AssertDescription", ""), str):
        raise _malformed(f"{path}/AssertDescription", "AssertDescription must be a string.")
    _check_boolean(assertion["Assert"], f"{path}/Assert", declared)


def _check_boolean(expression: Any, path: str, declared: Declared) -> None:
    call = _call(expression)
    if call is None or call[0] not in BOOLEAN_FUNCTIONS:
        if call and call[0] not in VALUE_FUNCTIONS:
            raise _unsupported_function(path, call[0])
        raise _malformed(path, "A rule function that returns true or false is required here.")
    _check_value(expression, path, declared)


def _check_value(value: Any, path: str, declared: Declared) -> None:
    """Check a value, and what is in it."""
    call = _call(value)
    if call is None:
        if isinstance(value, dict):
            raise _malformed(path, "A string, a list of strings or a rule function is required.")
        for index, item in enumerate(value if isinstance(value, list) else ()):
            _check_value(item, f"{path}/{index}", declared)
        return
    function, argument = call
    path = f"{path}/{function}"
    if function not in {*BOOLEAN_FUNCTIONS, *VALUE_FUNCTIONS}:
        raise _unsupported_function(path, function)
    _check_number(function, argument, path)
    if function in VALUE_FUNCTIONS:
        _check_names(function, argument, path, declared)
        return
    check = _check_boolean if function in {"Fn::And", "Fn::Not", "Fn::Or"} else _check_value
    for index, operand in enumerate(argument):
        check(operand, f"{path}/{index}", declared)


def _check_number(function: str, argument: Any, path: str) -> None:
    allowed = OPERANDS.get(function)
    if allowed and not (isinstance(argument, list) and len(argument) in allowed):
        few, many = allowed[0], allowed[-1]
        number = str(few) if few == many else f"{few} to {many}"
        raise _malformed(path, f"{function} requires a list with a length of {number}.")


def _check_names(function: str, argument: Any, path: str, declared: Declared) -> None:
    """Check the names in a Ref, Fn::RefAll, Fn::ValueOf or Fn::ValueOfAll."""
    names = argument if isinstance(argument, list) else [argument]
    if not all(isinstance(name, str) for name in names) or (
        function in {"Ref", "Fn::RefAll"} and isinstance(argument, list)
    ):
        raise _malformed(path, f"Every argument of {function} must be a string.")
    first = names[0]
    if function == "Ref":
        if first not in {*declared, *PSEUDO_PARAMETERS}:
            raise _unresolved(first)
        return
    type_name = first
    if function == "Fn::ValueOf":
        if first not in declared:
            raise _unresolved(first)
        type_name = item_type(text(declared[first]["Type"]))
    if type_name not in AWS_SPECIFIC_TYPES:
        raise _malformed(path, f"{function} requires an AWS-specific parameter type: {type_name}")
    if type_name not in TYPES_WITH_ATTRIBUTES:
        raise ValidationError(
            f"The sandbox does not support {function} of {type_name} in Rules [/Rules{path}]. It "
            f"supports {', '.join(sorted(TYPES_WITH_ATTRIBUTES))}."
        )
    if len(names) == 2 and not has_attribute(type_name, names[1]):
        raise _malformed(path, f"{type_name} has no attribute {names[1]}.")


def _call(value: Any) -> tuple[str, Any] | None:
    if isinstance(value, dict) and set(value) == {"Condition"}:
        return "Condition", value["Condition"]
    return intrinsic(value)


def _malformed(path: str, words: str) -> ValidationError:
    return ValidationError(f"Template format error: [/Rules{path}] {words}")


def _unsupported_function(path: str, function: str) -> ValidationError:
    supported = ", ".join(sorted({*BOOLEAN_FUNCTIONS, *VALUE_FUNCTIONS}))
    return _malformed(
        path, f"Encountered unsupported function: {function} Supported functions are: [{supported}]"
    )


def _unresolved(name: str) -> ValidationError:
    return ValidationError(
        f"Template format error: Unresolved dependencies [{name}]. Cannot reference resources in "
        "the Rules block of the template"
    )


@dataclass(frozen=True)
class RuleScope:
    """What the functions of Rules refer to.

    ref: returns the value of a parameter or pseudo parameter.
    """

    declared: Declared
    ref: Callable[[str], Any]
    place: Place


def enforce_rules(rules: Mapping[str, Any], scope: RuleScope) -> None:
    """Check the assertions of each rule whose condition is true.

    rules: the Rules section, which `check_rules` has checked.

    Raises ValidationError, with the description of each assertion that is false.
    """
    failed = [
        f"rule {name} failed: {assertion.get('AssertDescription', 'an assertion is false')}"
        for name, rule in rules.items()
        if "RuleCondition" not in rule or _holds(rule["RuleCondition"], scope)
        for assertion in rule["Assertions"]
        if not _holds(assertion["Assert"], scope)
    ]
    if failed:
        raise ValidationError(f"Template error: {'; '.join(failed)}")


def _holds(expression: Any, scope: RuleScope) -> bool:
    ((function, operands),) = expression.items()
    return BOOLEAN_FUNCTIONS[function](operands, scope)


def _equals(operands: Any, scope: RuleScope) -> bool:
    left, right = (_value(operand, scope) for operand in operands)
    return bool(left == right)


def _contains(operands: Any, scope: RuleScope) -> bool:
    members, wanted = operands
    return _value(wanted, scope) in _listed(members, scope)


def _each_member_equals(operands: Any, scope: RuleScope) -> bool:
    members, wanted = operands
    expected = _value(wanted, scope)
    return all(member == expected for member in _listed(members, scope))


def _each_member_in(operands: Any, scope: RuleScope) -> bool:
    members, allowed = (_listed(operand, scope) for operand in operands)
    return all(member in allowed for member in members)


BOOLEAN_FUNCTIONS: dict[str, Callable[[Any, RuleScope], bool]] = {
    "Fn::And": lambda operands, scope: all(_holds(operand, scope) for operand in operands),
    "Fn::Contains": _contains,
    "Fn::EachMemberEquals": _each_member_equals,
    "Fn::EachMemberIn": _each_member_in,
    "Fn::Equals": _equals,
    "Fn::Not": lambda operands, scope: not _holds(operands[0], scope),
    "Fn::Or": lambda operands, scope: any(_holds(operand, scope) for operand in operands),
}


def _value(value: Any, scope: RuleScope) -> Any:
    """A value as text, or a list of texts."""
    if isinstance(value, list):
        return [_value(item, scope) for item in value]
    call = intrinsic(value)
    if call is None:
        return _as_text(value)
    function, argument = call
    if function in VALUE_FUNCTIONS:
        return VALUE_FUNCTIONS[function](argument, scope)
    return text(_holds(value, scope))


def _value_of(argument: Any, scope: RuleScope) -> Any:
    name, wanted = argument
    type_name = item_type(text(scope.declared[name]["Type"]))
    given = scope.ref(name)
    if isinstance(given, list):
        return _attributes(scope, type_name, given, wanted)
    return attribute(scope.place, type_name, text(given), wanted) or ""


def _value_of_all(argument: Any, scope: RuleScope) -> Any:
    type_name, wanted = argument
    return _attributes(scope, type_name, _given(scope, type_name), wanted)


VALUE_FUNCTIONS: dict[str, Callable[[Any, RuleScope], Any]] = {
    "Fn::RefAll": lambda type_name, scope: identifiers(scope.place, type_name),
    "Fn::ValueOf": _value_of,
    "Fn::ValueOfAll": _value_of_all,
    "Ref": lambda name, scope: _as_text(scope.ref(name)),
}


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [text(item) for item in value]
    return "" if value is None else text(value)


def _listed(value: Any, scope: RuleScope) -> list[Any]:
    """The members of a list. A list in a list, such as that of a Ref, counts as its members."""
    found = _value(value, scope)
    members: list[Any] = []
    for member in found if isinstance(found, list) else [found]:
        members.extend(member if isinstance(member, list) else [member])
    return members


def _given(scope: RuleScope, type_name: str) -> list[str]:
    """The values of all parameters of a type."""
    values: list[str] = []
    for name, declaration in scope.declared.items():
        if item_type(text(declaration["Type"])) == type_name:
            value = scope.ref(name)
            values.extend(value if isinstance(value, list) else [value])
    return values


def _attributes(scope: RuleScope, type_name: str, given: list[str], wanted: str) -> list[str]:
    found = (attribute(scope.place, type_name, value, wanted) for value in given)
    return [value for value in found if value is not None]
