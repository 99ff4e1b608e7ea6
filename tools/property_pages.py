"""Corrects what `cfn generate` gets wrong in the pages of properties."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_UPDATES = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
    "using-cfn-updating-stacks-update-behaviors.html"
)
_IN_PLACE = f"[No interruption]({_UPDATES}#update-no-interrupt)"
_REPLACEMENT = f"[Replacement]({_UPDATES}#update-replacement)"
_ANCHOR = re.compile(r'(?<=href="#)[^"]+')


def corrected(path: Path, text: str, schema: dict[str, Any]) -> str:
    """A page of docs/ with three corrections; any other file as it is.

    path: the file that the CLI generated. schema: what it generated the file from.

    The CLI looks up each member of a structure among the create-only properties. Only the property
    that holds the structure is listed there, so the CLI claims that a change of a member needs no
    replacement. It also marks every member that an anyOf mentions as required. And it links to a
    heading by the whole name of a pattern property, while the anchor of a heading has only the
    letters, digits, underscores and hyphens of it.
    """
    names = {name.lower(): name for name in schema["definitions"]}
    name = names.get(path.stem.partition("-")[0]) if path.parent.name == "docs" else None
    if name is None:
        return text
    text = _ANCHOR.sub(lambda anchor: re.sub(r"[^\w-]", "", anchor[0]), text)
    if name not in _definitions_updated_in_place(schema):
        text = text.replace(_IN_PLACE, _REPLACEMENT)
    definition = schema["definitions"][name]
    for alternative in definition.get("anyOf", ()):
        for member in set(alternative["required"]) - set(definition.get("required", ())):
            before, heading, section = text.partition(f"#### {member}\n")
            section = section.replace("_Required_: Yes", "_Required_: No", 1)
            text = before + heading + section
    return text


def _definitions_updated_in_place(schema: dict[str, Any]) -> set[str]:
    """The definitions that properties which are not create-only refer to, at any depth."""
    create_only = {pointer.rpartition("/")[2] for pointer in schema["createOnlyProperties"]}
    found: set[str] = set()
    open_ends = [value for name, value in schema["properties"].items() if name not in create_only]
    while open_ends:
        part = open_ends.pop()
        if isinstance(part, list):
            open_ends += part
        elif isinstance(part, dict):
            open_ends += part.values()
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                open_ends.append(schema["definitions"][name])
    return found
