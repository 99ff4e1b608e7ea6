"""Tell a resource type that AWS has and the sandbox lacks from one that does not exist.

CloudFormation has one message for a type that it does not know, whether its name is misspelt or it
is a private type that is not registered: aws-cloudformation/cloudformation-cli issue 366, and
aws-cloudformation-resource-providers-awsutilities-commandrunner issue 42.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from sandbox.cloudformation.resources.published_schema import FIRST_REGION, published_types

PAGE = "guide/coverage.md"
SAM = "AWS::Serverless::"
_AS_SIMILAR = 0.85
_SUGGESTIONS = 3


def is_of_aws(type_name: str, region: str) -> bool:
    """Return whether CloudFormation knows a type of this name in a region without registration."""
    return type_name in published_types(region)


def unknown_types(type_names: Iterable[str], region: str, registered: Iterable[str]) -> str:
    """Return the message about the types of a template that the sandbox does not find.

    registered: the names of the registered types, which are suggested like those of AWS.
    """
    names = list(dict.fromkeys(type_names))
    modules = [name for name in names if name.endswith("::MODULE")]
    lacking = [name for name in names if is_of_aws(name, region)]
    unrecognized = [name for name in names if name not in (*modules, *lacking)]
    sentences: list[str] = []
    if unrecognized:
        sentences += _unrecognized(unrecognized, region, registered)
    if lacking:
        sentences.append(
            f"The sandbox has no {', '.join(lacking)}, which AWS has. {PAGE} lists the resource "
            "types of the sandbox."
        )
    if modules:
        sentences.append(f"The sandbox does not support modules: {', '.join(modules)}.")
    return " ".join(sentences)


def _unrecognized(names: Sequence[str], region: str, registered: Iterable[str]) -> list[str]:
    """CloudFormation's message, then what may help."""
    sentences = [f"Template format error: Unrecognized resource types: [{', '.join(names)}]."]
    by_lower = {each.lower(): each for each in (*published_types(region), *registered)}
    elsewhere = [name for name in names if is_of_aws(name, FIRST_REGION)]
    if elsewhere:
        sentences.append(f"In AWS, the region {region} does not have {', '.join(elsewhere)}.")
    sentences += [
        f"Instead of {name}, did you mean {' or '.join(similar)}?"
        for name in names
        if name not in elsewhere and (similar := _similar(name.lower(), by_lower))
    ]
    if any(name.startswith(SAM) for name in names):
        sentences.append(
            "AWS::Serverless types need the transform AWS::Serverless-2016-10-31, which the "
            "sandbox does not support."
        )
    if not all(name.startswith("AWS::") for name in names):
        sentences.append("Other types than AWS's must be registered in this account and region.")
    return sentences


def _similar(name: str, by_lower: dict[str, str]) -> list[str]:
    if name in by_lower:
        return [by_lower[name]]
    longer = [each for each in by_lower if each.startswith(name) and name.count("::") > 1]
    close = get_close_matches(name, by_lower, _SUGGESTIONS, _AS_SIMILAR)
    return [by_lower[each] for each in dict.fromkeys([*longer, *close])][:_SUGGESTIONS]
