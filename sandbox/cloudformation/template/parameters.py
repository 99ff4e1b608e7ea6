"""Give each parameter that a template declares a value, and check it.

What parameters of Systems Manager types and dynamic references in values do: the tests T1 to T7
that guide/evidence.md lists as CFC.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.template import dynamic_references
from sandbox.cloudformation.template.dynamic_references import StoredParameter, parse_reference
from sandbox.cloudformation.template.parameter_types import SSM_NAME, SSM_TYPE, is_list
from sandbox.cloudformation.template.stored_values import NoValue, stored_parameter, value_of
from sandbox.hosting.patterns import read
from sandbox.hosting.place import Place
from sandbox.hosting.scalars import text

NUMBER = re.compile(r"\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*")
NO_ECHO = "****"
MAX_VALUE = 4096
"""The size of a value in bytes (CloudFormation quotas)."""
LONGEST_MATCH = 2.0
"""The number of seconds that it may take to match a value with an AllowedPattern."""


@dataclass(frozen=True)
class Parameter:
    """One parameter with its value.

    given: the text from the request or the default. value: the value of Ref.
    resolved: for a Systems Manager parameter type, the value of that parameter.
    """

    given: str
    value: Any
    resolved: str | None = None
    no_echo: bool = False

    def describe(self, key: str) -> dict[str, Any]:
        """Return the parameter as a stack's Parameters show it. NoEcho hides its value."""
        described = {"ParameterKey": key, "ParameterValue": self.given}
        if self.resolved is not None:
            described["ResolvedValue"] = self.resolved
        if self.no_echo:
            described = {**dict.fromkeys(described, NO_ECHO), "ParameterKey": key}
        return described


def resolve_parameters(
    declared: Mapping[str, Mapping[str, Any]],
    requested: Iterable[Mapping[str, Any]],
    previous: Mapping[str, Parameter],
    place: Place,
) -> dict[str, Parameter]:
    """Return the template's parameters with their values.

    declared: the template's Parameters section.
    requested: as in the API (ParameterKey with ParameterValue or UsePreviousValue).
    previous: the stack's current parameters, for UsePreviousValue.

    Raises ValidationError if a parameter is unknown, missing or violates a declared limit.
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
            _refuse_versionless(key, given[key])
    if missing := [key for key in declared if key not in given]:
        raise ValidationError(f"Parameters: [{', '.join(missing)}] must have values")
    return {
        key: _resolve(key, declaration, given[key], place) for key, declaration in declared.items()
    }


def _resolve(key: str, declaration: Mapping[str, Any], given: str, place: Place) -> Parameter:
    if len(given.encode()) > MAX_VALUE:
        raise ValidationError(f"The value of parameter '{key}' is longer than {MAX_VALUE} bytes.")
    type_name, resolved = text(declaration["Type"]), None
    listed = is_list(type_name)
    numeric = type_name in ("Number", "List<Number>")
    if SSM_TYPE.fullmatch(type_name):
        # The limits are those of the name, and not of the value that it stands for.
        _check_limits(key, declaration, given, numeric=False)
        resolved = _stored(given, listed, place)
        source = resolved
    else:
        source = _with_fixed_references(given, place)
    values = [item.strip() for item in source.split(",")] if listed else [source]
    if resolved is None and not dynamic_references.contains(source):
        for value in values:
            _check_limits(key, declaration, value, numeric)
        if type_name == SSM_NAME and stored_parameter(place, given) is None:
            raise ValidationError(
                f"Parameter validation failed: parameter value {given} for parameter name {key} "
                "does not exist."
            )
        if numeric:
            values = [_number(value) for value in values]
    return Parameter(
        given=given,
        value=values if listed else values[0],
        resolved=resolved,
        no_echo=text(declaration.get("NoEcho", False)).lower() == "true",
    )


def _stored(name: str, listed: bool, place: Place) -> str:
    """The value of a parameter of Parameter Store, without spaces around the items of a list.

    name: may end with a version. Raises ValidationError if there is none of the right type.
    """
    found = stored_parameter(place, name)
    if found is None:
        raise ValidationError(
            f"Unable to fetch parameters [{name}] from parameter store for this account."
        )
    if found.parameter_type == "SecureString":
        raise ValidationError(
            f"Parameters [{name}] referenced by template have types not supported by "
            "CloudFormation."
        )
    if listed != (found.parameter_type == "StringList"):
        raise ValidationError(
            f"Types for SSM parameters [{name}] defined in CFN template and SSM are incompatible"
        )
    return ",".join(item.strip() for item in found.value.split(",")) if listed else found.value


def _refuse_versionless(key: str, default: str) -> None:
    for found in dynamic_references.references_in(default):
        reference = parse_reference(found)
        if isinstance(reference, StoredParameter) and reference.version is None:
            raise ValidationError(
                f"Template error: parameter {key} should not contain ssm versionless resolver"
            )


def _with_fixed_references(given: str, place: Place) -> str:
    """A value with the values of `ssm` references to a version.

    The other references are resolved where properties of resources use the parameter.

    Raises ValidationError if a reference is malformed or leads nowhere.
    """

    def replacement(found: str) -> str:
        reference = parse_reference(found)
        if reference.is_secure or not isinstance(reference, StoredParameter):
            return found
        return found if reference.version is None else value_of(reference, place)

    try:
        return str(dynamic_references.substitute(given, replacement))
    except NoValue as error:
        raise ValidationError(str(error)) from None


def _check_limits(key: str, declaration: Mapping[str, Any], value: str, numeric: bool) -> None:
    """Raise ValidationError if a value violates a limit; ConstraintDescription may say why."""
    if numeric and not _is_number(value):
        raise ValidationError(f"Parameter '{key}' must be a number.")
    for name, (holds, words) in LIMITS.items():
        if name not in declaration or (name in NUMERIC_ONLY and not numeric):
            continue
        limit = declaration[name]
        try:
            held = holds(value, limit)
        except TimeoutError:
            raise ValidationError(
                f"The sandbox takes too long to match parameter '{key}' with its AllowedPattern. "
                "Use a simpler pattern."
            ) from None
        except (OverflowError, TypeError, ValueError):
            raise ValidationError(
                f"Template format error: [/Parameters/{key}/{name}] {limit} is not a valid {name}."
            ) from None
        if not held:
            description = declaration.get("ConstraintDescription")
            broken = (
                f"failed to satisfy constraint: {description}"
                if description
                else words.format(text(limit))
            )
            raise ValidationError(f"Parameter '{key}' {broken}")


LIMITS: dict[str, tuple[Callable[[str, Any], bool], str]] = {
    "AllowedValues": (
        lambda value, limit: value in [text(allowed) for allowed in limit],
        "must be one of AllowedValues {}",
    ),
    "AllowedPattern": (
        lambda value, limit: read(limit).fullmatch(value, timeout=LONGEST_MATCH) is not None,
        "must match pattern {}",
    ),
    "MinLength": (
        lambda value, limit: len(value) >= int(text(limit)),
        "must contain at least {} characters",
    ),
    "MaxLength": (
        lambda value, limit: len(value) <= int(text(limit)),
        "must contain at most {} characters",
    ),
    "MinValue": (
        lambda value, limit: float(value) >= _limit(limit),
        "must be a number not less than {}",
    ),
    "MaxValue": (
        lambda value, limit: float(value) <= _limit(limit),
        "must be a number not greater than {}",
    ),
}
NUMERIC_ONLY = frozenset(("MinValue", "MaxValue"))


def _is_number(value: str) -> bool:
    return NUMBER.fullmatch(value) is not None and math.isfinite(float(value))


def _limit(limit: Any) -> float:
    if not _is_number(text(limit)):
        raise ValueError(f"{limit} is not a number")
    return float(limit)


def _number(value: str) -> Any:
    """The number, or the unchanged text if the number would be written differently.

    `1.50` in an Fn::Sub must remain `1.50`. moto's own types need numbers; for hosted types, the
    schema decides on the conversion.
    """
    number = float(value)
    candidate = int(number) if number.is_integer() else number
    return candidate if text(candidate) == value else value
