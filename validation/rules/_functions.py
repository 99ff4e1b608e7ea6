"""What CloudFormation's functions return, as far as a template says it.

cfn-lint resolves functions too, but a value that it finds does not say all that it depends on:
which key of a mapping was looked up, or which branch a variable of Fn::Sub comes from. Here each
value comes with what has been decided on the way to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar

from cfnlint.helpers import REGEX_DYN_REF, REGIONS, is_function

# Of those that a value can be, as many are looked at; cfn-lint has the same limit.
MOST_VALUES = 512
REGION = "AWS::Region"
ACCOUNT = "AWS::AccountId"
# What a key of a mapping looks like that these are looked up by.
_KEYS = {REGION: re.compile("|".join(REGIONS)), ACCOUNT: re.compile("[0-9]{12}")}
_IN_SUB = re.compile(r"\$\{([^{}]*)\}")

KnownT = TypeVar("KnownT", bound="Known")


class Known(Protocol):
    """What is decided about a deployment, or about some."""

    @property
    def mappings(self) -> dict[str, Any]:
        """The template's Mappings."""

    def offered(self: KnownT, name: str) -> Iterator[tuple[Any, KnownT]]:
        """Yield what a Ref returns, each with what is decided then; nothing if it is not known."""

    def keys_of(self: KnownT, name: str, keys: list[str]) -> Iterator[tuple[str, KnownT]]:
        """Yield each key that a pseudo parameter which is not decided can be."""

    def decided(self: KnownT, condition: Any) -> Iterator[tuple[bool, KnownT]]:
        """Yield the states that a condition can have; nothing if there is no such condition."""


@dataclass(frozen=True)
class Unknown:
    """A value that only the deployment knows.

    ``written`` is what returns it, with what is decided in place of its functions.
    """

    written: Any


def scalar(value: Any) -> str | None:
    """Return a value as the text that CloudFormation takes it for; None if it is no scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else None


def parts_of_sub(template: str, variables: dict[str, Any]) -> list[Any]:
    """Return the texts and functions that a Fn::Sub puts together."""
    parts: list[Any] = []
    end = 0
    for match in _IN_SUB.finditer(template):
        parts.append(template[end : match.start()])
        end = match.end()
        name = match[1].strip()
        if name.startswith("!"):
            parts.append(f"${{{name[1:]}}}")
        elif name in variables:
            parts.append(variables[name])
        else:
            parts.append({"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name})
    return [part for part in (*parts, template[end:]) if part != ""]


def branches(argument: Any, given: KnownT) -> Iterator[tuple[int, KnownT]]:
    """Yield the position of each branch that an Fn::If can choose, with what is decided then.

    Nothing if it is malformed, or its condition is.
    """
    if isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str):
        for state, there in given.decided(argument[0]):
            yield 1 if state else 2, there


def returned(written: Any, given: KnownT) -> Iterator[tuple[Any, KnownT]]:
    """Yield what a value can be, each with what is decided then.

    None is AWS::NoValue. What only the deployment knows is `Unknown`.
    """
    name, argument = is_function(written)
    if isinstance(name, str) and name in _FUNCTIONS:
        found = False
        for each in _FUNCTIONS[name](argument, given):
            found = True
            yield each
        if not found:
            yield Unknown(written), given
    elif name is not None or is_dynamic(written):
        yield from given.offered(written) if is_dynamic(written) else ()
        yield Unknown(written), given
    else:
        yield written, given


def is_dynamic(written: Any) -> bool:
    """Whether a text has a dynamic reference in it."""
    return isinstance(written, str) and REGEX_DYN_REF.search(written) is not None


def _ref(argument: Any, given: KnownT) -> Iterator[tuple[Any, KnownT]]:
    if argument == "AWS::NoValue":
        yield None, given
    elif isinstance(argument, str):
        yield from given.offered(argument)


def _if(argument: Any, given: KnownT) -> Iterator[tuple[Any, KnownT]]:
    for position, there in branches(argument, given):
        yield from returned(argument[position], there)


def _sub(argument: Any, given: KnownT) -> Iterator[tuple[Any, KnownT]]:
    template, variables = argument if _is_list(argument, 2) else (argument, {})
    if isinstance(template, str) and isinstance(variables, dict):
        yield from _joined("", parts_of_sub(template, variables), given)


def _join(argument: Any, given: KnownT) -> Iterator[tuple[Any, KnownT]]:
    if not _is_list(argument, 2):
        return
    for delimiter, there in returned(argument[0], given):
        if isinstance(delimiter, str):
            for items, then in _lists(argument[1], there):
                if isinstance(items, Unknown):
                    yield Unknown({"Fn::Join": [delimiter, items.written]}), then
                else:
                    yield from _joined(delimiter, items, then)


def _joined(delimiter: str, items: list[Any], given: KnownT) -> Iterator[tuple[Any, KnownT]]:
    for values, there in _all(items, given):
        texts: list[Any] = []
        for value in values:
            one = value.written if isinstance(value, Unknown) else scalar(value)
            if one is None:
                break
            texts += [delimiter, one] if texts and delimiter else [one]
        else:
            known = None if any(isinstance(each, dict) for each in texts) else "".join(texts)
            if known is not None and not is_dynamic(known):
                yield known, there
            else:
                alone = len(texts) == 1
                yield Unknown(texts[0] if alone else {"Fn::Join": ["", texts]}), there


def _select(argument: Any, given: KnownT) -> Iterator[tuple[Any, KnownT]]:
    if not _is_list(argument, 2):
        return
    for index, there in returned(argument[0], given):
        position = int(digits) if (digits := scalar(index) or "").isdecimal() else -1
        if position >= 0:
            for items, then in _lists(argument[1], there):
                if isinstance(items, Unknown):
                    yield Unknown({"Fn::Select": [position, items.written]}), then
                elif position < len(items):
                    yield from returned(items[position], then)


def _split(argument: Any, given: KnownT) -> Iterator[tuple[Any, KnownT]]:
    if not _is_list(argument, 2) or not isinstance(argument[0], str) or not argument[0]:
        return
    for text, there in returned(argument[1], given):
        if isinstance(text, Unknown):
            yield Unknown({"Fn::Split": [argument[0], text.written]}), there
        elif isinstance(text, str):
            yield text.split(argument[0]), there


def _find_in_map(argument: Any, given: KnownT) -> Iterator[tuple[Any, KnownT]]:
    if not _is_list(argument, 3) and not _is_list(argument, 4):
        return
    for mapping, first in _looked_up(argument[0], given.mappings, given):
        for top, second in _looked_up(argument[1], mapping, first):
            for value, there in _looked_up(argument[2], top, second):
                if isinstance(value, str | int | float | list):
                    yield value, there
                elif value is _MISSING and _is_list(argument, 4):
                    yield from returned(_default_of(argument[3]), there)
                else:
                    yield Unknown({"Fn::FindInMap": argument}), there


class _Nothing:
    """What stands for a key that a mapping does not have."""


_MISSING = _Nothing()


def _looked_up(written: Any, inside: Any, given: KnownT) -> Iterator[tuple[Any, KnownT]]:
    """Yield what a mapping has for each key that a value can be."""
    if not isinstance(inside, dict):
        yield inside, given
        return
    values = {key: value for each, value in inside.items() if (key := scalar(each)) is not None}
    for key, there in returned(written, given):
        if not isinstance(key, Unknown):
            missing = None if "Fn::Transform" in values else _MISSING
            yield values.get(scalar(key) or "", missing), there
            continue
        name = key.written.get("Ref") if isinstance(key.written, dict) else None
        keys = [each for each in values if name in _KEYS and _KEYS[name].fullmatch(each)]
        found = False
        for one, then in there.keys_of(str(name), keys):
            found = True
            yield values[one], then
        if not found:
            yield key, there


def _default_of(options: Any) -> Any:
    return options.get("DefaultValue") if isinstance(options, dict) else None


def _lists(written: Any, given: KnownT) -> Iterator[tuple[list[Any] | Unknown, KnownT]]:
    """Yield the lists that an argument can be. Their items may be functions, but none is absent."""
    if isinstance(written, list):
        may_vanish = any(
            is_function(each)[0] == "Fn::If" or each == {"Ref": "AWS::NoValue"} for each in written
        )
        if not may_vanish:
            yield written, given
            return
        for values, there in _all(written, given):
            items = [each.written if isinstance(each, Unknown) else each for each in values]
            yield items, there
        return
    for value, there in returned(written, given):
        if isinstance(value, list | Unknown):
            yield value, there


def _all(items: list[Any], given: KnownT) -> Iterator[tuple[list[Any], KnownT]]:
    """Yield what a list's items can be together, without those that are absent."""
    found: list[tuple[list[Any], KnownT]] = [([], given)]
    for item in items:
        longer = (
            (values if value is None else [*values, value], then)
            for values, there in found
            for value, then in returned(item, there)
        )
        found = [*islice(longer, MOST_VALUES)]
    yield from found


def _is_list(argument: Any, length: int) -> bool:
    return isinstance(argument, list) and len(argument) == length


_FUNCTIONS = {
    "Ref": _ref,
    "Fn::If": _if,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::FindInMap": _find_in_map,
}


def text(written: Any) -> str | None:
    """Return a value as the text of a Fn::Sub, so that the same value has the same text.

    A function that Fn::Sub cannot have is written out. None if the value is no text, or if nobody
    knows that it is the same each time.
    """
    name, argument = is_function(written)
    if name is None:
        literal = scalar(written)
        return None if literal is None else literal.replace("${", "${!")
    if name == "Ref" and isinstance(argument, str):
        return f"${{{argument}}}"
    if name == "Fn::GetAtt":
        parts = argument if isinstance(argument, list) else [argument]
        return f"${{{'.'.join(parts)}}}" if all(isinstance(each, str) for each in parts) else None
    items, delimiter = None, None
    if name == "Fn::Join" and _is_list(argument, 2) and isinstance(argument[1], list):
        items, delimiter = argument[1], text(argument[0])
    elif name == "Fn::Sub":
        template, variables = argument if _is_list(argument, 2) else (argument, {})
        if isinstance(template, str) and isinstance(variables, dict):
            items, delimiter = parts_of_sub(template, variables), ""
    if items is not None:
        texts = [text(each) for each in items]
        return None if delimiter is None or None in texts else delimiter.join(map(str, texts))
    if name in ("Fn::Transform", "Fn::Join", "Fn::Sub", "Fn::If"):
        return None
    return f"${{{name} {json.dumps(argument, sort_keys=True, default=str)}}}"
