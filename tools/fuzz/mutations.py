"""Break a template at random: its text, or what it holds. The same seed breaks it the same way."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import yaml

Path = tuple[Any, ...]

ODD_TEXTS = (
    *("\t", "\0", "\x07", "\ufeff", "\r", "\n\n", "  ", "ü", "\U0001f600", "²", "٣"),
    *("---\n", "...\n", "<<: ", "&a ", "*a", "!Ref ", "!Foo ", "!!binary ", "!!python/name:os "),
    *(".nan", ".inf", "1e999", "0x_", "9" * 400, "NaN", "{", "}", "[", "]", "? ", ": ", "- ", "'"),
    *('"', "#", "%YAML 9.9\n", "${", "}", "&{Id}", "\\ud800", "null", "~", "ON", "!Sub '${'"),
)
ODD_KEYS = (
    *("", " ", "ON", "8080", "~", "ü", "a.b", "k" * 300, "Condition", "DependsOn", "Ref"),
    *("Fn::Transform", "Fn::If", "Fn::Foo", "Fn::ForEach::", "Fn::ForEach::L", "Fn::ForEach", "<<"),
    *(
        "Type",
        "Properties",
        "DeletionPolicy",
        "UpdatePolicy",
        "CreationPolicy",
        "Metadata",
        "Hooks",
    ),
    *("Parameters", "Conditions", "Mappings", "Outputs", "Rules", "Transform", "Export", "Value"),
)
ODD_VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        2**70,
        1.5,
        "",
        " ",
        "²",
        "x" * 3000,
        "ü" * 200,
        [],
        {},
        [[]],
        [{}],
    ),
    *("AWS::S3::Bucket", "AWS::CloudFormation::Stack", "Custom::X", "AWS::LanguageExtensions"),
    *("AWS::NoValue", "AWS::Region", "{{resolve:ssm:none}}", "${AWS::StackId}", "${X.Y}", "(a+)+$"),
    *({"Ref": "AWS::NoValue"}, {"Ref": "AWS::Region"}, {"Ref": "Definition"}, {"Ref": ["x"]}),
    *({"Ref": {"Ref": "x"}}, {"Fn::GetAtt": "a.b"}, {"Fn::GetAtt": [{}, 1]}, {"Fn::GetAtt": 1}),
    *({"Fn::Sub": ["${a}", {"a": {"Ref": "AWS::StackName"}}]}, {"Fn::Sub": ["${a}", []]}),
    *({"Fn::Join": ["", [1, {"Ref": "AWS::Region"}]]}, {"Fn::Split": ["", "a"]}, {"Fn::Not": []}),
    *({"Fn::Select": ["²", ["a"]]}, {"Fn::Select": [10**20, ["a"]]}, {"Fn::Length": {"Ref": "x"}}),
    *({"Fn::Cidr": ["10.0.0.0/8", 10**9, 8]}, {"Fn::Cidr": ["::/0", 3, 130]}, {"Fn::Cidr": []}),
    *({"Fn::ToJsonString": {"a": [1, {"Ref": "AWS::Region"}]}}, {"Fn::Base64": {}}),
    *({"Fn::FindInMap": ["a", "b", "c", {"DefaultValue": []}]}, {"Fn::ImportValue": "none"}),
    *({"Fn::If": ["a", 1, 2]}, {"Fn::And": [{"Condition": "x"}]}, {"Fn::Equals": [[], {}]}),
    *({"Fn::GetAZs": []}, {"Condition": ["x"]}, {"Fn::Transform": {"Name": "AWS::Include"}}),
    {"Fn::ForEach::L": ["Id", ["a", "b"], {"${Id}": 1}]},
    {"Fn::ForEach::L": ["Id", {"Ref": "AWS::NotificationARNs"}, {"X&{Id}": {"Ref": "Id"}}]},
)
WRAPPERS: tuple[Callable[[Any], Any], ...] = (
    lambda value: [value],
    lambda value: {"Fn::If": ["x", value, {"Ref": "AWS::NoValue"}]},
    lambda value: {"Fn::Join": ["", [value]]},
    lambda value: {"Fn::Sub": value},
    lambda value: {"Fn::Sub": [value, {"x": value}]},
    lambda value: {"Fn::Select": [0, [value]]},
    lambda value: {"Fn::Length": value},
    lambda value: {"Fn::ToJsonString": value},
    lambda value: {"Fn::ForEach::L": ["Id", ["a", "b"], {"X${Id}": value}]},
    lambda value: {"Fn::FindInMap": [value, value, value, {"DefaultValue": value}]},
    lambda value: {"Ref": value},
    lambda value: {"Fn::GetAtt": [value, "Arn"]},
    lambda value: {"Condition": value},
)
RETYPES: tuple[Callable[[Any], Any], ...] = (str, json.dumps, lambda value: {"x": value}, bool, len)


def broken(source: bytes, document: Any, seed: int) -> bytes:
    """Return a template broken in one to three ways.

    source: the text of the template. document: what it holds, which no YAML tag is needed for.
    """
    chance = random.Random(seed)  # noqa: S311 - to reproduce, not to protect
    times = chance.randint(1, 3)
    if chance.random() < 0.4:
        for _ in range(times):
            source = chance.choice(TEXT_MUTATIONS)(source, chance)
        return source
    document = copy.deepcopy(document)
    for _ in range(times):
        chance.choice(STRUCTURE_MUTATIONS)(document, chance)
    if chance.random() < 0.3:
        document["Transform"] = "AWS::LanguageExtensions"
    dumped = (
        json.dumps(document)
        if chance.random() < 0.5
        else yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    )
    return dumped.encode(errors="surrogatepass")


# -- text ------------------------------------------------------------------------------------------


def _change_byte(source: bytes, chance: random.Random) -> bytes:
    position = chance.randrange(len(source) or 1)
    return source[:position] + bytes([chance.randrange(256)]) + source[position + 1 :]


def _cut(source: bytes, chance: random.Random) -> bytes:
    position = chance.randrange(len(source) or 1)
    return source[:position] + source[position + chance.randint(1, 40) :]


def _end_early(source: bytes, chance: random.Random) -> bytes:
    return source[: chance.randrange(len(source) or 1)]


def _insert(source: bytes, chance: random.Random) -> bytes:
    position = chance.randrange(len(source) or 1)
    return source[:position] + chance.choice(ODD_TEXTS).encode() + source[position:]


def _change_lines(source: bytes, chance: random.Random) -> bytes:
    lines = source.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(5):
        case 0:
            del lines[one]
        case 1:
            lines.insert(one, lines[other])
        case 2:
            lines[one], lines[other] = lines[other], lines[one]
        case 3:
            lines[one] = b" " * chance.randint(1, 4) + lines[one]
        case _:
            lines[one] = lines[one].lstrip()
    return b"\n".join(lines)


TEXT_MUTATIONS = (_change_byte, _cut, _end_early, _insert, _change_lines, _change_lines)


# -- structure -------------------------------------------------------------------------------------


def _paths(value: Any, prefix: Path = ()) -> Iterator[Path]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in members:
        yield (*prefix, name)
        if isinstance(member, dict | list):
            yield from _paths(member, (*prefix, name))


def _place(document: Any, chance: random.Random) -> tuple[Any, Any]:
    """A place in the document: what holds it, and its name or index there."""
    paths = list(_paths(document))
    *parents, last = chance.choice(paths) if paths else ("Resources",)
    holder = document
    for name in parents:
        holder = holder[name]
    if not paths:
        document["Resources"] = {}
    return holder, last


def _replace(document: Any, chance: random.Random) -> None:
    holder, name = _place(document, chance)
    holder[name] = copy.deepcopy(chance.choice(ODD_VALUES))


def _delete(document: Any, chance: random.Random) -> None:
    holder, name = _place(document, chance)
    del holder[name]


def _move(document: Any, chance: random.Random) -> None:
    holder, name = _place(document, chance)
    moved = copy.deepcopy(holder[name])
    holder, name = _place(document, chance)
    holder[name] = moved


def _wrap(document: Any, chance: random.Random) -> None:
    holder, name = _place(document, chance)
    holder[name] = chance.choice(WRAPPERS)(copy.deepcopy(holder[name]))


def _retype(document: Any, chance: random.Random) -> None:
    holder, name = _place(document, chance)
    retype = chance.choice(RETYPES)
    holder[name] = retype(holder[name]) if isinstance(holder[name], dict | list | str) else []


def _rename(document: Any, chance: random.Random) -> None:
    holder, name = _place(document, chance)
    if isinstance(holder, dict):
        holder[chance.choice(ODD_KEYS)] = holder.pop(name)


def _add(document: Any, chance: random.Random) -> None:
    holder, _ = _place(document, chance)
    if isinstance(holder, dict):
        holder[chance.choice(ODD_KEYS)] = copy.deepcopy(chance.choice(ODD_VALUES))
    else:
        holder.append(copy.deepcopy(chance.choice(ODD_VALUES)))


STRUCTURE_MUTATIONS = (_replace, _replace, _delete, _move, _wrap, _retype, _rename, _add)
