"""A stack's parameters: what the caller gave against what the template declares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.ssm.models import ssm_backends

from .errors import ValidationError
from .intrinsics import text

SSM_TYPE = re.compile(r"AWS::SSM::Parameter::Value<(?P<type>.+)>")
NO_ECHO = "****"


@dataclass(frozen=True)
class Parameter:
    """given: the text that was passed or defaulted. value: what Ref gives. resolved: what the
    Systems Manager parameter of that name holds, for parameters of that type.
    """

    given: str
    value: Any
    resolved: str | None = None
    no_echo: bool = False

    def describe(self, key: str) -> dict[str, Any]:
        described = {
            "ParameterKey": key,
            "ParameterValue": NO_ECHO if self.no_echo else self.given,
        }
        return described if self.resolved is None else {**described, "ResolvedValue": self.resolved}


def resolve_parameters(
    declared: Mapping[str, Mapping[str, Any]],
    requested: Iterable[Mapping[str, Any]],
    previous: Mapping[str, Parameter],
    account_id: str,
    region: str,
) -> dict[str, Parameter]:
    """The template's parameters, each with its value.

    requested: as in the API (ParameterKey with ParameterValue or UsePreviousValue).
    previous: those of the stack as it stands, for UsePreviousValue.
    raises ValidationError: unknown, missing, or against the declared limits.
    """
    given: dict[str, str] = {}
    for parameter in requested:
        key = parameter["ParameterKey"]
        if parameter.get("UsePreviousValue"):
            if parameter.get("ParameterValue"):
                raise ValidationError(
                    f"Invalid input for parameter key {key}. Cannot specify usePreviousValue as "
                    "true and non empty value for a parameter"
                )
            if key not in previous:
                raise ValidationError(
                    f"Invalid input for parameter key {key}. Cannot specify usePreviousValue as "
                    "true for a parameter key not in the previous template"
                )
            given[key] = previous[key].given
        else:
            given[key] = parameter.get("ParameterValue", "")
    if unknown := sorted(set(given) - set(declared)):
        raise ValidationError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    for key, declaration in declared.items():
        if key not in given and "Default" in declaration:
            given[key] = text(declaration["Default"])
    if missing := [key for key in declared if key not in given]:
        raise ValidationError(f"Parameters: [{', '.join(missing)}] must have values")
    return {
        key: _resolve(key, declaration, given[key], account_id, region)
        for key, declaration in declared.items()
    }


def _resolve(
    key: str, declaration: Mapping[str, Any], given: str, account_id: str, region: str
) -> Parameter:
    type_name, resolved = declaration["Type"], None
    if stored := SSM_TYPE.fullmatch(type_name):
        type_name = stored["type"]
        parameter = ssm_backends[account_id][region].get_parameter(given)
        if parameter is None:
            raise ValidationError(f"Parameters: [ssm:{given}] cannot be found.")
        resolved = parameter.value
    source = given if resolved is None else resolved
    is_list = type_name == "CommaDelimitedList" or type_name.startswith("List<")
    values = [item.strip() for item in source.split(",")] if is_list else [source]
    numeric = type_name in ("Number", "List<Number>")
    for value in values:
        _check_limits(key, declaration, value, numeric)
    converted = [_number(value) if numeric else value for value in values]
    return Parameter(
        given=given,
        value=converted if is_list else converted[0],
        resolved=resolved,
        no_echo=text(declaration.get("NoEcho", False)).lower() == "true",
    )


def _check_limits(key: str, declaration: Mapping[str, Any], value: str, numeric: bool) -> None:
    """Words: CloudFormation's; ConstraintDescription takes their place where it is given."""
    number = 0.0
    if numeric:
        try:
            number = float(value)
        except ValueError:
            raise ValidationError(f"Parameter '{key}' must be a number.") from None
    limits = {name: float(declaration[name]) for name in NUMERIC_LIMITS if name in declaration}
    allowed = declaration.get("AllowedValues")
    pattern = declaration.get("AllowedPattern")
    broken = None
    if allowed is not None and value not in map(text, allowed):
        broken = f"must be one of AllowedValues [{', '.join(map(text, allowed))}]"
    elif pattern is not None and not re.fullmatch(pattern, value):
        broken = f"must match pattern {pattern}"
    elif len(value) < limits.get("MinLength", 0):
        broken = f"must contain at least {declaration['MinLength']} characters"
    elif len(value) > limits.get("MaxLength", float("inf")):
        broken = f"must contain at most {declaration['MaxLength']} characters"
    elif numeric and number < limits.get("MinValue", float("-inf")):
        broken = f"must be a number not less than {declaration['MinValue']}"
    elif numeric and number > limits.get("MaxValue", float("inf")):
        broken = f"must be a number not greater than {declaration['MaxValue']}"
    if broken:
        description = declaration.get("ConstraintDescription")
        if description:
            broken = f"failed to satisfy constraint: {description}"
        raise ValidationError(f"Parameter '{key}' {broken}")


NUMERIC_LIMITS = ("MinLength", "MaxLength", "MinValue", "MaxValue")


def _number(value: str) -> Any:
    """The number, unless writing it out again would change the text: `1.50` in an Fn::Sub is
    `1.50`. (moto's own types want numbers; hosted types are converted by their schema.)
    """
    number = float(value)
    candidate = int(number) if number.is_integer() else number
    return candidate if text(candidate) == value else value
