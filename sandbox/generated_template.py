"""Write a template for resources that exist, as text that people can read and edit.

Imports no moto, so that commands that work on real accounts can use it too.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import yaml

from sandbox.hosting.pointers import Pointer
from sandbox.hosting.type_schema import TypeSchema

# What parsers other than PyYAML may read as a number, a date, a boolean or a merge key.
_AMBIGUOUS = re.compile(r"[-+.\d][-+.:_\da-fox]*|[yn]|<<|=", re.IGNORECASE)
# Characters that YAML reads as the end of a line, or that PyYAML does not write as they are.
_LINE_BREAKS = re.compile("[\r\x85\u2028\u2029\ufeff]")


def resource(
    of_type: TypeSchema,
    model: Mapping[str, Any],
    deletion_policy: str = "Retain",
    update_replace_policy: str = "Retain",
) -> dict[str, Any]:
    """Return the entry of a resource in a template's `Resources`.

    model: what READ returns. Read-only properties and tags of AWS's own are left out.
    deletion_policy, update_replace_policy: Delete or Retain.
    """
    declared = of_type.declarable(model)
    order = list(of_type.schema.get("properties", {}))
    return {
        "Type": of_type.type_name,
        "DeletionPolicy": deletion_policy,
        "UpdateReplacePolicy": update_replace_policy,
        "Properties": {
            **{name: declared[name] for name in order if name in declared},
            **{name: member for name, member in declared.items() if name not in order},
        },
    }


def as_json(template: Mapping[str, Any]) -> str:
    """Return a template as JSON text."""
    return json.dumps(template, indent=2, ensure_ascii=False) + "\n"


def as_yaml(template: Mapping[str, Any], comments: Mapping[Pointer, str] | None = None) -> str:
    """Return a template as YAML text: one item a line, and texts of several lines as blocks.

    comments: a comment of one line for each member that should have one. It stands above the
        member. A pointer to nothing is ignored.
    """
    text: str = yaml.dump(
        template, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=math.inf
    )
    lines = text.split("\n")
    root = yaml.compose(text, yaml.SafeLoader)
    places = [(_place(root, pointer), comment) for pointer, comment in (comments or {}).items()]
    # From the last to the first, so that each line still has its number.
    for (line, column), comment in sorted(((a, b) for a, b in places if a), reverse=True):
        lines.insert(line, f"{' ' * column}# {comment}")
    return "\n".join(lines)


class _Dumper(yaml.SafeDumper):
    """Writes lists indented, as CloudFormation's documentation does, and every value in full."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # indented in any case
        super().increase_indent(flow, False)

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _represent_text(dumper: Any, text: str) -> yaml.ScalarNode:
    is_text = dumper.resolve(yaml.ScalarNode, text, (True, False)) == _TEXT
    style = None
    if _LINE_BREAKS.search(text) or _AMBIGUOUS.fullmatch(text) or not is_text:
        style = '"'
    elif "\n" in text:
        style = "|" if dumper.analyze_scalar(text).allow_block else '"'
    node: yaml.ScalarNode = dumper.represent_scalar(_TEXT, text, style=style)
    return node


_TEXT = "tag:yaml.org,2002:str"
_Dumper.add_representer(str, _represent_text)


def _place(node: yaml.Node | None, pointer: Pointer) -> tuple[int, int] | None:
    """The line and column where the member at `pointer` begins, or None if there is none."""
    mark = None
    for name in pointer:
        found: tuple[Any, yaml.Node] | None = None
        if isinstance(node, yaml.MappingNode):
            members = ((key.start_mark, value) for key, value in node.value if key.value == name)
            found = next(members, None)
        elif isinstance(node, yaml.SequenceNode) and name.isdigit() and int(name) < len(node.value):
            node = node.value[int(name)]
            found = node.start_mark, node
        if found is None:
            return None
        mark, node = found
    return (mark.line, mark.column) if mark else None
