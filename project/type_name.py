"""The name of a resource type: what the registry takes for one, and how files and names hold it.

The sandbox's registry goes by the same rules.
"""

from __future__ import annotations

import re

PATTERN = "[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}"
"""What RegisterType takes as the TypeName of a resource type:
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RegisterType.html"""

RESERVED_NAMESPACES = ("Alexa", "AMZN", "Amazon", "AWS", "Custom", "Dev")
"""Organization namespaces that nobody may register a type in; the same page lists them."""

MAX_VERSIONS = 50
"""How many versions of one name can be registered in an account and region, unless the account has
had the quota raised; the same page."""

EXAMPLE = "YourOrg::SageMaker::ModelQualityJobDefinition"


class TypeNameError(ValueError):
    """A name that cannot be used; the message shows it and says what to type."""


def check_name(type_name: str) -> str:
    """Give ``type_name`` as it is, if it is one. Raises TypeNameError."""
    if not re.fullmatch(PATTERN, type_name):
        raise TypeNameError(
            f"TYPE_NAME is {type_name!r}, which is no name of a resource type: that has three "
            f"parts of 2 to 64 letters and digits, as in {EXAMPLE} (pattern: ^{PATTERN}$)."
        )
    return type_name


def is_reserved(type_name: str) -> bool:
    """Whether nobody can register a type in the namespace of this one.

    In any case of letters: what looks like AWS's own type is nobody's gain.
    """
    namespace = type_name.partition("::")[0]
    return namespace.casefold() in {reserved.casefold() for reserved in RESERVED_NAMESPACES}


def refuse_reserved(type_name: str) -> str:
    """Give ``type_name`` as it is, if it may be registered. Raises TypeNameError."""
    namespace, _, rest = check_name(type_name).partition("::")
    if is_reserved(type_name):
        raise TypeNameError(
            f"TYPE_NAME is {type_name}, and nobody can register a type in the namespace "
            f"{namespace}: {', '.join(RESERVED_NAMESPACES)} are reserved. Put your organization's "
            f"name in its place: TYPE_NAME=YourOrg::{rest}"
        )
    return type_name


def hyphenated(type_name: str) -> str:
    """The name as the CLI has it in files: the schema, the package, the log group."""
    return type_name.replace("::", "-").lower()


def module(type_name: str) -> str:
    """The Python package that the CLI's plugin looks for the handlers in."""
    return type_name.replace("::", "_").lower()


def spellings(type_name: str) -> tuple[str, ...]:
    """Every way in which the project's files, their names and AWS's names hold the type's name."""
    return (
        type_name,  # schema, .rpdk-config, template.yml, TYPE_NAME, docs/, examples/, inputs/
        hyphenated(type_name),  # the schema's file, the package's file, the log group
        module(type_name),  # the folder in src/, the entry points
        type_name.replace("::", "-"),  # the ARN of the type: resource-role.yaml
        type_name.replace("::", "/"),  # the namespace of the metrics
    )


def renamed(text: str, old: str, new: str) -> str:
    """``text`` with the type's name changed from ``old`` to ``new``, however it is spelled."""
    names = dict(zip(spellings(old), spellings(new), strict=True))
    return re.sub("|".join(map(re.escape, names)), lambda found: names[found[0]], text)
