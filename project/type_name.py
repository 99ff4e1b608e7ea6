"""The name of a resource type: what the registry accepts, and how it is spelled in files and names.

The sandbox's registry follows the same rules.
"""

from __future__ import annotations

import re

PATTERN = "[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}"
"""What RegisterType accepts as the TypeName of a resource type:
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RegisterType.html"""

RESERVED_NAMESPACES = ("Alexa", "AMZN", "Amazon", "AWS", "Custom", "Dev")
"""Organization namespaces that nobody can register a type in; the same page lists them."""

MAX_VERSIONS = 50
"""How many versions of a type can be registered in an account and region, unless the quota was
raised; the same page."""

EXAMPLE = "YourOrg::SageMaker::ModelQualityJobDefinition"


class TypeNameError(ValueError):
    """The name cannot be used; the message shows it and says what to type."""


def missing(command: str, purpose: str) -> str:
    """The sentences that TYPE_NAME is missing. purpose: what the name is for, after "the name"."""
    return f"TYPE_NAME is missing. Give the name {purpose}: {command} TYPE_NAME={EXAMPLE}"


def check_name(type_name: str) -> str:
    """Return ``type_name`` unchanged if it is valid. Raises TypeNameError otherwise."""
    if not re.fullmatch(PATTERN, type_name):
        raise TypeNameError(
            f"TYPE_NAME is {type_name!r}, which is not the name of a resource type. Such a name "
            f"has three parts of 2 to 64 letters and digits, as in {EXAMPLE} "
            f"(pattern: ^{PATTERN}$)."
        )
    return type_name


def is_reserved(type_name: str) -> bool:
    """Whether nobody can register a type in the namespace of this one.

    Upper and lower case are the same here: a name must not look like one of AWS's own types.
    """
    namespace = type_name.partition("::")[0]
    return namespace.casefold() in {reserved.casefold() for reserved in RESERVED_NAMESPACES}


def refuse_reserved(type_name: str) -> str:
    """Return ``type_name`` unchanged if it can be registered. Raises TypeNameError otherwise."""
    namespace, _, rest = check_name(type_name).partition("::")
    if is_reserved(type_name):
        raise TypeNameError(
            f"TYPE_NAME is {type_name}, but nobody can register a type in the namespace "
            f"{namespace}: {', '.join(RESERVED_NAMESPACES)} are reserved. Use your organization's "
            f"name instead: TYPE_NAME=YourOrg::{rest}"
        )
    return type_name


def own_names(text: str, type_name: str) -> set[str]:
    """The names of one's own in a text that differ from ``type_name`` only in their namespace."""
    kind = type_name.partition("::")[2]
    found = re.findall(rf"(?<![\w:])[A-Za-z0-9]{{2,64}}::{kind}(?![\w:])", text)
    return {name for name in found if not is_reserved(name)}


def hyphenated(type_name: str) -> str:
    """The name as the CLI spells it for the schema, the package and the log group."""
    return type_name.replace("::", "-").lower()


def module(type_name: str) -> str:
    """The name of the Python package in which the CLI's plugin looks for the handlers."""
    return type_name.replace("::", "_").lower()


def spellings(type_name: str) -> tuple[str, ...]:
    """All spellings of the type's name in the project's files, in their names and in AWS."""
    return (
        type_name,  # schema, .rpdk-config, template.yml, TYPE_NAME, docs/, examples/, inputs/
        hyphenated(type_name),  # the schema's file, the package's file, the log group
        module(type_name),  # the folder in src/, the entry points
        type_name.replace("::", "-"),  # the ARN of the type: resource-role.yaml
        type_name.replace("::", "/"),  # the namespace of the metrics
    )


def renamed(text: str, old: str, new: str) -> str:
    """``text`` with the type's name changed from ``old`` to ``new``, in all of its spellings."""
    names = dict(zip(spellings(old), spellings(new), strict=True))
    return re.sub("|".join(map(re.escape, names)), lambda found: names[found[0]], text)
