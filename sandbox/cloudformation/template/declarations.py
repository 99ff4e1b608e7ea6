"""Check what a template declares: its sections, parameters, mappings and outputs, and their number.

Sources: CloudFormation user guide, "Template sections", "Understand CloudFormation quotas". The
words about a number that is too high:
https://github.com/amplify-education/serverless-log-forwarding/issues/26. Those about an unknown
member of a parameter: https://github.com/zalando-stups/senza/pull/94.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.template.parameter_types import is_parameter_type

MOST = {"Mappings": 200, "Outputs": 200, "Parameters": 200, "Resources": 500}
MAX_DESCRIPTION = 1024
"""In bytes."""
NAME = re.compile(r"[A-Za-z0-9]{1,255}")
TEXTS_OF_PARAMETERS = ("ConstraintDescription", "Description")
SCALARS_OF_PARAMETERS = (
    "AllowedPattern",
    "Default",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
)
MEMBERS_OF_PARAMETERS = frozenset(
    ("AllowedValues", "Type", *TEXTS_OF_PARAMETERS, *SCALARS_OF_PARAMETERS)
)
MEMBERS_OF_OUTPUTS = frozenset(("Condition", "Description", "Export", "Value"))


def check_parameters(declared: Any) -> None:
    """Raise ValidationError if a Parameters section is not well-formed."""
    _check_section("Parameters", declared)
    for name, definition in declared.items():
        _check_parameter(name, definition)


def check_sections(body: Mapping[str, Any]) -> None:
    """Raise ValidationError if a section is not of the kind that it must be.

    What is in the sections is not looked at: loops and snippets may stand for it.
    """
    if body.get("AWSTemplateFormatVersion", "2010-09-09") != "2010-09-09":
        raise ValidationError(
            "Template format error: unsupported value for AWSTemplateFormatVersion."
        )
    _check_description(body.get("Description", ""))
    for section in ("Conditions", "Mappings", "Metadata", "Outputs", "Resources"):
        _check_section(section, body.get(section, {}))


def check_numbers(body: Mapping[str, Any]) -> None:
    """Raise ValidationError if a section has more members than CloudFormation allows."""
    for section, most in MOST.items():
        number = len(body.get(section, {}))
        if number > most:
            raise ValidationError(
                f"Template format error: Number of {section.lower()}, {number}, is greater than "
                f"maximum allowed, {most}"
            )


def check_mappings(declared: Mapping[str, Any]) -> None:
    """Raise ValidationError if a mapping is not well-formed."""
    for name, keys in declared.items():
        _check_mapping(name, keys)


def check_outputs(declared: Mapping[str, Any]) -> None:
    """Raise ValidationError if an output is not well-formed."""
    for name, definition in declared.items():
        _check_output(name, definition)


def _check_section(name: str, section: Any) -> None:
    if not isinstance(section, dict):
        raise ValidationError(f"Template format error: [/{name}] {name} must be an object.")


def _check_description(description: Any) -> None:
    if not isinstance(description, str):
        raise ValidationError("Template format error: Description must be a string.")
    if len(description.encode()) > MAX_DESCRIPTION:
        raise ValidationError(
            f"Template format error: 'Description' length is greater than {MAX_DESCRIPTION}."
        )


def _check_member(section: str, name: str, definition: Any, required: str) -> None:
    if not NAME.fullmatch(name):
        raise ValidationError(
            f"Template format error: {section[:-1]} name {name} is non alphanumeric."
        )
    if not isinstance(definition, dict) or required not in definition:
        raise ValidationError(
            f"Template format error: [/{section}/{name}] Every {section} object must contain a "
            f"{required} member."
        )


def _check_parameter(name: str, definition: Any) -> None:
    _check_member("Parameters", name, definition, "Type")
    if unknown := sorted(set(definition) - MEMBERS_OF_PARAMETERS):
        raise ValidationError(f"Invalid template parameter property '{unknown[0]}'")
    declared = definition["Type"]
    if not isinstance(declared, str) or not is_parameter_type(declared):
        raise ValidationError(f"Template format error: Unrecognized parameter type: {declared}")
    for member in TEXTS_OF_PARAMETERS:
        if not isinstance(definition.get(member, ""), str):
            raise _malformed(f"Parameters/{name}/{member}", f"Every {member} must be a string.")
    for member in SCALARS_OF_PARAMETERS:
        if isinstance(definition.get(member, ""), dict | list):
            raise _malformed(
                f"Parameters/{name}/{member}", f"Every {member} must be a string or a number."
            )
    if str(definition.get("NoEcho", False)).lower() not in ("false", "true"):
        raise _malformed(f"Parameters/{name}/NoEcho", "Every NoEcho must be true or false.")
    allowed = definition.get("AllowedValues", [])
    if not isinstance(allowed, list) or any(isinstance(each, dict | list) for each in allowed):
        raise _malformed(
            f"Parameters/{name}/AllowedValues", "Every AllowedValues must be a list of strings."
        )


def _check_output(name: str, definition: Any) -> None:
    _check_member("Outputs", name, definition, "Value")
    if unknown := sorted(set(definition) - MEMBERS_OF_OUTPUTS):
        raise _malformed(f"Outputs/{name}", f"Encountered unsupported property {unknown[0]}")
    if not isinstance(definition.get("Description", ""), str):
        raise _malformed(f"Outputs/{name}/Description", "Every Description must be a string.")
    export = definition.get("Export", {"Name": ""})
    if not isinstance(export, dict) or set(export) != {"Name"}:
        raise _malformed(f"Outputs/{name}/Export", "Export must be an object with a Name.")


def _check_mapping(name: str, keys: Any) -> None:
    if not isinstance(keys, dict) or not all(isinstance(key, dict) for key in keys.values()):
        raise _malformed(f"Mappings/{name}", "Every Mappings member must be a map of maps.")
    for top, values in keys.items():
        for second, value in values.items():
            items = value if isinstance(value, list) else [value]
            if any(isinstance(item, dict | list) for item in items):
                raise _malformed(
                    f"Mappings/{name}/{top}/{second}",
                    "Every Mappings attribute must be a String or a List.",
                )


def _malformed(pointer: str, problem: str) -> ValidationError:
    return ValidationError(f"Template format error: [/{pointer}] {problem}")
