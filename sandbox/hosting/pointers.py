"""JSON pointers (RFC 6901), and what stands at them in a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Pointer = tuple[str, ...]
"""A path of names, such as `("Endpoint", "Name")`."""


def parse(pointer: str) -> Pointer:
    """The names in a pointer such as `/properties/A~1B`; a leading `#` is ignored."""
    parts = pointer.removeprefix("#").strip("/").split("/")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def property_pointers(paths: Iterable[str]) -> tuple[Pointer, ...]:
    """A schema's property list (`/properties/A/B`) as paths below `properties` (`("A", "B")`)."""
    return tuple(parse(path)[1:] for path in paths)


def dig(value: Any, pointer: Pointer) -> Any:
    """What stands at `pointer`, or None; a `*` collects the members of a list."""
    for position, name in enumerate(pointer):
        if name == "*":
            members = value if isinstance(value, list) else []
            return [dig(member, pointer[position + 1 :]) for member in members]
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value
