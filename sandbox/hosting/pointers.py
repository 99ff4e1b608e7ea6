"""JSON pointers (RFC 6901): parse them, and find the value that one points to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Pointer = tuple[str, ...]
"""A path of names, such as `("Endpoint", "Name")`."""


def parse(pointer: str) -> Pointer:
    """Return the names in a pointer such as `/properties/A~1B`. A leading `#` is ignored."""
    parts = pointer.removeprefix("#").strip("/").split("/")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def property_pointers(paths: Iterable[str]) -> tuple[Pointer, ...]:
    """Turn a schema's paths (`/properties/A/B`) into pointers below `properties` (`("A", "B")`)."""
    return tuple(parse(path)[1:] for path in paths)


def dig(value: Any, pointer: Pointer) -> Any:
    """Return the value at `pointer`, or None. A `*` returns a list with one value per item."""
    for position, name in enumerate(pointer):
        if name == "*":
            members = value if isinstance(value, list) else []
            return [dig(member, pointer[position + 1 :]) for member in members]
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


def without(value: Any, pointer: Pointer) -> Any:
    """Return a copy of `value` without the member at `pointer`; a `*` stands for every item.

    The copy shares what it has in common with `value`.
    """
    name, rest = pointer[0], pointer[1:]
    if name == "*" and isinstance(value, list) and rest:
        return [without(item, rest) for item in value]
    if not isinstance(value, Mapping) or name not in value:
        return value
    if rest:
        return {**value, name: without(value[name], rest)}
    return {each: member for each, member in value.items() if each != name}


def put(value: Mapping[str, Any], pointer: Pointer, member: Any) -> dict[str, Any]:
    """Return a copy of `value` with `member` at `pointer`. Missing objects on the way are added.

    The copy shares what it has in common with `value`.
    """
    name, rest = pointer[0], pointer[1:]
    return {**value, name: put(value.get(name, {}), rest, member) if rest else member}
