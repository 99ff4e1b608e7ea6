"""CloudFormation's intrinsic functions and conditions, evaluated over a parsed template.

moto's own evaluator is not used. It creates resources when it finds their names, leaves
`AWS::NoValue` in lists, ignores `Fn::GetAtt` paths beyond their first part, and raises Python
errors for malformed functions. A deployment needs the names before the values, and users need
readable errors. The error messages are CloudFormation's own.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.cloudformation.errors import ValidationError
from sandbox.hosting.scalars import text

EXTENSIONS = frozenset(("Fn::Length", "Fn::ToJsonString"))
"""The functions that exist only where the transform AWS::LanguageExtensions is declared."""
DEFAULT = "DefaultValue"
"""The member of the fourth parameter of Fn::FindInMap, which the same transform adds."""
MOST_CIDRS = 256
MOST_OPERANDS = 10
"""The number of conditions that Fn::And and Fn::Or take (template reference, "Condition
functions")."""
SUB_VARIABLE = re.compile(r"\$\{([^}]*)\}")
PSEUDO_PARAMETERS = frozenset(
    f"AWS::{name}"
    for name in (
        "AccountId",
        "NoValue",
        "NotificationARNs",
        "Partition",
        "Region",
        "StackId",
        "StackName",
        "URLSuffix",
    )
)


class _NoValue:
    def __repr__(self) -> str:
        return "AWS::NoValue"


NO_VALUE = _NoValue()


@dataclass(frozen=True)
class Unknown:
    """A value that is unknown before the deployment, such as the ARN of a new resource."""

    expression: Any


class Scope(Protocol):
    """Resolves the names in a template."""

    @property
    def condition(self) -> Callable[[str], bool]:
        """A function that returns whether a condition is true."""

    def ref(self, name: str) -> Any:
        """Return the value of a parameter or pseudo parameter, or the physical id of a resource."""

    def get_att(self, logical_id: str, attribute: str) -> Any:
        """Return an attribute of a resource."""

    def mapping(self, name: str) -> Mapping[str, Any] | None:
        """Return an entry of the Mappings section, or None."""

    def import_value(self, name: str) -> Any:
        """Return the value of an export."""


def intrinsic(value: Any) -> tuple[str, Any] | None:
    """Return the name and argument if `value` is a call of an intrinsic function, else None."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref" or (isinstance(name, str) and name.startswith("Fn::")):
            return name, argument
    return None


def evaluate(value: Any, scope: Scope) -> Any:
    """Return the value with every function replaced by its result, without `AWS::NoValue`.

    Raises ValidationError if a function is unknown or malformed.
    """
    call = intrinsic(value)
    if call:
        name, argument = call
        function = FUNCTIONS.get(name)
        if function is None:
            raise ValidationError(unsupported_function(name))
        return function(argument, scope)
    if isinstance(value, Mapping):
        members = {key: evaluate(member, scope) for key, member in value.items()}
        return {key: member for key, member in members.items() if member is not NO_VALUE}
    if isinstance(value, list):
        items = (evaluate(item, scope) for item in value)
        return [item for item in items if item is not NO_VALUE]
    return value


def contains_unknown(value: Any) -> bool:
    """Return whether any part of a value is Unknown."""
    if isinstance(value, Mapping):
        return any(contains_unknown(member) for member in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return isinstance(value, Unknown)


def _text(value: Any) -> str:
    return "" if value is NO_VALUE else text(value)


def unsupported_function(name: str) -> str:
    """Return CloudFormation's error message for a function that does not exist."""
    supported = ", ".join(sorted(set(FUNCTIONS) - EXTENSIONS - {"Ref"}))
    return (
        f"Template error: Encountered unsupported function: {name} "
        f"Supported functions are: [{supported}]"
    )


def split_get_att(argument: Any) -> tuple[str, Any]:
    """Return the logical id and attribute (a name, or `{"Ref": parameter}`) of an `Fn::GetAtt`.

    Raises ValidationError if the argument is malformed.
    """
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    if (
        isinstance(argument, list)
        and len(argument) >= 2
        and isinstance(argument[0], str)
        and all(argument)
    ):
        if len(argument) == 2:
            return argument[0], argument[1]
        if all(isinstance(part, str) for part in argument):
            return argument[0], ".".join(argument[1:])
    raise ValidationError(
        "Template error: every Fn::GetAtt object requires two non-empty parameters, "
        "the resource name and the resource attribute"
    )


def split_sub(argument: Any) -> tuple[str, Mapping[str, Any]]:
    """Return the text and variable map of an `Fn::Sub`.

    Raises ValidationError if the argument is malformed.
    """
    variables: Any = {}
    if isinstance(argument, list) and len(argument) == 2:
        argument, variables = argument
    if isinstance(argument, str) and isinstance(variables, Mapping):
        return argument, variables
    raise ValidationError(
        "Template error: One or more Fn::Sub intrinsic functions don't specify expected "
        "arguments. Specify a string as first argument, and an optional second argument to "
        "specify a mapping of values to replace in the string"
    )


def sub_variables(template: str) -> Iterator[str]:
    """Yield the names in `${...}`, except escaped ones (`${!...}`)."""
    for name in SUB_VARIABLE.findall(template):
        if not name.startswith("!"):
            yield name.strip()


def _ref(argument: Any, scope: Scope) -> Any:
    if not isinstance(argument, str):
        raise ValidationError("Template error: every Ref object must have a single String value.")
    return NO_VALUE if argument == "AWS::NoValue" else scope.ref(argument)


def _get_att(argument: Any, scope: Scope) -> Any:
    logical_id, attribute = split_get_att(argument)
    return scope.get_att(logical_id, _text(evaluate(attribute, scope)))


def _if(argument: Any, scope: Scope) -> Any:
    if not (isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str)):
        raise ValidationError(
            "Template error: Fn::If requires a list argument with three elements, the first of "
            "which is the name of a condition"
        )
    name, then, otherwise = argument
    return evaluate(then if scope.condition(name) else otherwise, scope)


def _sub(argument: Any, scope: Scope) -> Any:
    template, variables = split_sub(argument)
    values: dict[str, Any] = {}
    for name in sub_variables(template):
        if name in variables:
            values[name] = evaluate(variables[name], scope)
        elif "." in name:
            values[name] = scope.get_att(*name.split(".", 1))
        else:
            values[name] = scope.ref(name)
    if any(isinstance(value, Unknown) for value in values.values()):
        return Unknown({"Fn::Sub": [template, values]})
    for name, value in values.items():
        if isinstance(value, list | dict):
            raise ValidationError(
                f"Template error: the variable {name} in Fn::Sub is not a string: {value}"
            )

    def replace(match: re.Match[str]) -> str:
        name = match[1]
        return "${" + name[1:] + "}" if name.startswith("!") else _text(values[name.strip()])

    return SUB_VARIABLE.sub(replace, template)


def _strict(name: str, function: Callable[[Any], Any]) -> Callable[[Any, Scope], Any]:
    """Wrap a function of evaluated arguments. The result is Unknown if any argument is."""

    def call(argument: Any, scope: Scope) -> Any:
        evaluated = evaluate(argument, scope)
        return Unknown({name: evaluated}) if contains_unknown(evaluated) else function(evaluated)

    return call


def _join(argument: Any) -> str:
    match argument:
        case [str(delimiter), list(items)] if not any(isinstance(i, dict | list) for i in items):
            return delimiter.join(map(text, items))
    raise ValidationError(
        "Template error: every Fn::Join object requires two parameters, (1) a string delimiter "
        "and (2) a list of strings to be joined or a function that returns a list of strings "
        "(such as Fn::GetAZs) to be joined."
    )


def _split(argument: Any) -> list[str]:
    match argument:
        case [str(delimiter), str(source)] if delimiter:
            return source.split(delimiter)
    raise ValidationError(
        "Template error: every Fn::Split object requires two parameters, (1) a string delimiter "
        "and (2) a string to be split or a function that returns a string to be split."
    )


def _select(argument: Any) -> Any:
    match argument:
        case [index, list(items)] if re.fullmatch("[0-9]{1,9}", text(index)):
            if int(text(index)) < len(items):
                return items[int(text(index))]
            raise ValidationError(
                f"Template error: Fn::Select cannot select nonexistent value at index {index}"
            )
    raise ValidationError(
        "Template error: Fn::Select requires a list argument with two elements: "
        "an integer index and a list"
    )


def _base64(argument: Any) -> str:
    if not isinstance(argument, str):
        raise ValidationError(
            "Template error: every Fn::Base64 object must have a String-typed value."
        )
    return base64.b64encode(argument.encode()).decode()


def _cidr(argument: Any) -> list[str]:
    try:
        block, count, bits = [*argument, 8][:3] if len(argument) == 2 else argument
        if not 1 <= int(count) <= MOST_CIDRS:
            raise ValueError(f"the number must be from 1 to {MOST_CIDRS}")
        network = ipaddress.ip_network(block, strict=False)
        subnets = network.subnets(new_prefix=network.max_prefixlen - int(bits))
        return [str(next(subnets)) for _ in range(int(count))]
    except (OverflowError, TypeError, ValueError, StopIteration, RuntimeError) as error:
        raise ValidationError(
            "Template error: every Fn::Cidr object requires a CIDR block, the number of blocks "
            f"to take from it and, optionally, their size in bits: {error}"
        ) from None


def _length(argument: Any) -> int:
    if not isinstance(argument, list):
        raise ValidationError("Template error: Fn::Length requires a list")
    return len(argument)


def _to_json_string(argument: Any) -> str:
    if not isinstance(argument, dict | list):
        raise ValidationError("Template error: Fn::ToJsonString requires an object or an array")
    return json.dumps(argument, ensure_ascii=False, separators=(",", ":"))


def _find_in_map(argument: Any, scope: Scope) -> Any:
    if not isinstance(argument, list) or len(argument) not in (3, 4):
        raise ValidationError(
            "Template error: every Fn::FindInMap object requires three parameters, the map "
            "name, map key and the attribute for return value"
        )
    if len(argument) == 4 and not (isinstance(argument[3], dict) and set(argument[3]) == {DEFAULT}):
        raise ValidationError(
            "Template error: the fourth parameter of Fn::FindInMap must be an object with a "
            f"{DEFAULT}"
        )
    names = [evaluate(name, scope) for name in argument[:3]]
    if contains_unknown(names):
        return Unknown({"Fn::FindInMap": names})
    map_name, top, second = map(text, names)
    entry = (scope.mapping(map_name) or {}).get(top, {}).get(second)
    if entry is None and len(argument) == 4:
        entry = evaluate(argument[3][DEFAULT], scope)
    if entry is None:
        raise ValidationError(
            f"Template error: Unable to get mapping for {map_name}::{top}::{second}"
        )
    return entry


def _get_azs(argument: Any, scope: Scope) -> Any:
    region = evaluate(argument, scope) or scope.ref("AWS::Region")
    if isinstance(region, Unknown):
        return Unknown({"Fn::GetAZs": region})
    if not isinstance(region, str):
        raise ValidationError("Template error: Fn::GetAZs requires the name of a region.")
    return [f"{region}{zone}" for zone in "abc"]


def _import_value(argument: Any, scope: Scope) -> Any:
    name = evaluate(argument, scope)
    if contains_unknown(name):
        return Unknown({"Fn::ImportValue": name})
    if not isinstance(name, str):
        raise ValidationError(
            "Template error: the attribute in Fn::ImportValue must resolve to a String."
        )
    return scope.import_value(name)


FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "Ref": _ref,
    "Fn::Base64": _strict("Fn::Base64", _base64),
    "Fn::Cidr": _strict("Fn::Cidr", _cidr),
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _strict("Fn::Join", _join),
    "Fn::Length": _strict("Fn::Length", _length),
    "Fn::Select": _strict("Fn::Select", _select),
    "Fn::Split": _strict("Fn::Split", _split),
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _strict("Fn::ToJsonString", _to_json_string),
}


def evaluate_condition(expression: Any, scope: Scope) -> bool:
    """Return the value of one entry of a template's Conditions section.

    Raises ValidationError if the expression is not a condition.
    """
    match expression:
        case {"Fn::Equals": operands}:
            return _equal(operands, scope)
        case {"Fn::Not": [operand]}:
            return not evaluate_condition(operand, scope)
        case {"Fn::Not": _}:
            raise ValidationError(
                "Template error: every Fn::Not object requires a list with exactly 1 boolean "
                "parameter."
            )
        case {"Fn::And": operands}:
            return all(
                evaluate_condition(operand, scope) for operand in _operands("Fn::And", operands)
            )
        case {"Fn::Or": operands}:
            return any(
                evaluate_condition(operand, scope) for operand in _operands("Fn::Or", operands)
            )
        case {"Condition": str(name)}:
            return scope.condition(name)
        case bool(value):
            return value
    raise ValidationError(
        f"Template format error: Conditions can only be boolean operations on parameters and "
        f"other conditions: {json.dumps(expression, default=repr)}"
    )


def _operands(function: str, operands: Any) -> list[Any]:
    if isinstance(operands, list) and 2 <= len(operands) <= MOST_OPERANDS:
        return operands
    raise ValidationError(
        f"Template error: every {function} object requires a list of at least 2 and at most "
        f"{MOST_OPERANDS} boolean parameters."
    )


def _equal(operands: Any, scope: Scope) -> bool:
    if isinstance(operands, list) and len(operands) == 2:
        left, right = (evaluate(operand, scope) for operand in operands)
        if not isinstance(left, list | dict) and not isinstance(right, list | dict):
            return _text(left) == _text(right)
    raise ValidationError(
        "Template error: every Fn::Equals object requires a list of 2 string parameters."
    )
