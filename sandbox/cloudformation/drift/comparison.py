"""The differences between expected and actual properties, as CloudFormation shows them.

Only what is expected is compared. A further member of an object is no drift: no template declared
it, so it is a default of the service. A further item of a list is drift. Keys of KMS are not
compared, because the same key can have several names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sandbox.hosting.pointers import Pointer
from sandbox.hosting.subschemas import Subschema
from sandbox.hosting.type_schema import TypeSchema

NULL = "null"
KMS_KEY = "kmskeyid"
"""The name, in lower case, of the properties that are not compared."""


class PropertyDifference(NamedTuple):
    """One difference.

    path: such as `/Tags/0/Value`. expected, actual: the values as text; `null` if there is none.
    kind: NOT_EQUAL, REMOVE (expected, but not there) or ADD (there, but not expected).
    """

    path: str
    expected: str
    actual: str
    kind: str


class _Pair(NamedTuple):
    """The indexes of an expected item and its actual counterpart; None without counterpart."""

    expected: int | None
    actual: int | None


def differences(
    schema: TypeSchema, expected: Mapping[str, Any], actual: Mapping[str, Any]
) -> tuple[PropertyDifference, ...]:
    """Return all differences, in the order of the expected properties.

    The order of a list matters unless its schema has `insertionOrder: false`.
    """
    return tuple(_differences(expected, actual, Subschema.of(schema.schema), ()))


def as_text(value: Any) -> str:
    """Return a value as drift results show it: text unchanged, everything else as compact JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _differences(
    expected: Any, actual: Any, subschema: Subschema, path: Pointer
) -> Iterator[PropertyDifference]:
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for name, member in expected.items():
            place = (*path, name)
            if name.lower() == KMS_KEY:
                continue
            if actual.get(name) is None:
                yield PropertyDifference(_path(place), as_text(member), NULL, "REMOVE")
            else:
                yield from _differences(member, actual[name], subschema.member(name), place)
    elif isinstance(expected, list) and isinstance(actual, list):
        yield from _differences_of_lists(expected, actual, subschema, path)
    elif not _equal(expected, actual):
        yield PropertyDifference(_path(path), as_text(expected), as_text(actual), "NOT_EQUAL")


def _differences_of_lists(
    expected: Sequence[Any], actual: Sequence[Any], subschema: Subschema, path: Pointer
) -> Iterator[PropertyDifference]:
    items = subschema.items
    if subschema.is_ordered:
        counterparts = {index: index for index in range(min(len(expected), len(actual)))}
    elif all(map(_has_key_and_value, (*expected, *actual))):
        counterparts = _by_key(expected, actual)
    else:
        counterparts = _without_differences(expected, actual, items)
    for index, item in enumerate(expected):
        place = (*path, str(index))
        if index in counterparts:
            yield from _differences(item, actual[counterparts[index]], items, place)
        else:
            yield PropertyDifference(_path(place), as_text(item), NULL, "REMOVE")
    found = set(counterparts.values())
    for index, item in enumerate(actual):
        if index not in found:
            yield PropertyDifference(_path((*path, str(index))), NULL, as_text(item), "ADD")


def _has_key_and_value(item: Any) -> bool:
    return isinstance(item, Mapping) and "Key" in item and "Value" in item


def _by_key(expected: Sequence[Any], actual: Sequence[Any]) -> dict[int, int]:
    """Match the items of an unordered list by their keys, as tags are."""
    indexes = {item["Key"]: index for index, item in enumerate(actual)}
    return {
        index: indexes.pop(item["Key"])
        for index, item in enumerate(expected)
        if item["Key"] in indexes
    }


def _without_differences(
    expected: Sequence[Any], actual: Sequence[Any], items: Subschema
) -> dict[int, int]:
    """Match as many items of an unordered list as possible, without differences within a pair.

    An actual item may have members that are not expected, so it can fit several expected ones. An
    item therefore gives way to another one if it fits elsewhere.
    """
    fitting = [
        [
            index
            for index, candidate in enumerate(actual)
            if next(_differences(item, candidate, items, ()), None) is None
        ]
        for item in expected
    ]
    taken: dict[int, int] = {}

    def place(item: int, tried: set[int]) -> bool:
        for index in fitting[item]:
            if index not in tried:
                tried.add(index)
                if index not in taken or place(taken[index], tried):
                    taken[index] = item
                    return True
        return False

    for item in range(len(expected)):
        place(item, set())
    return {item: index for index, item in taken.items()}


def _equal(expected: Any, actual: Any) -> bool:
    """Whether two values are equal in JSON, where 1 is 1.0 but not true."""
    return isinstance(expected, bool) is isinstance(actual, bool) and bool(expected == actual)


def _path(pointer: Pointer) -> str:
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in pointer)
