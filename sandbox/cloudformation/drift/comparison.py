"""The differences between expected and actual properties, as CloudFormation shows them.

Only what is expected is compared. A further member of an object is no drift, because no template
declared it; nor is a further key of a map. A further item of a list is drift. Keys of KMS are not
compared, because the same key can have several names.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
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
            if _is_kms_key(name, subschema):
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
    elif (wanted := _by_key(expected)) is not None and (there := _by_key(actual)) is not None:
        counterparts = {wanted[key]: there[key] for key in wanted if key in there}
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


def _by_key(items: Sequence[Any]) -> dict[str, int] | None:
    """The indexes of the items of an unordered list by their keys, if they are like tags.

    Returns None unless each item has a Value and a Key of its own that is text.
    """
    indexes = {
        item["Key"]: index
        for index, item in enumerate(items)
        if isinstance(item, Mapping) and "Value" in item and isinstance(item.get("Key"), str)
    }
    return indexes if len(indexes) == len(items) else None


def _without_differences(
    expected: Sequence[Any], actual: Sequence[Any], items: Subschema
) -> dict[int, int]:
    """Match as many items of an unordered list as possible, without differences within a pair.

    Returns the indexes of the actual items by those of the expected ones.

    Equal items are matched first: whatever fits one of them fits the other one, so that leaves no
    fewer pairs. The rest is a maximum matching in a bipartite graph, by augmenting paths.
    """
    equal = defaultdict[str, list[int]](list)
    for index in reversed(range(len(actual))):
        equal[_canonical(actual[index])].append(index)
    found: dict[int, int] = {}
    for index, item in enumerate(expected):
        if same := equal.get(_canonical(item)):
            found[index] = same.pop()
    left = [index for index in range(len(expected)) if index not in found]
    free = set(range(len(actual))) - set(found.values())
    candidates = _Candidates(actual, sorted(free), items)
    fitting: dict[str, list[int]] = {}
    for index in left:
        item, text = expected[index], _canonical(expected[index])
        if text not in fitting:
            fitting[text] = [
                candidate
                for candidate in candidates.of(item)
                if next(_differences(item, actual[candidate], items, ()), None) is None
            ]
    return {**found, **_matched({index: fitting[_canonical(expected[index])] for index in left})}


class _Candidates:
    """Finds the items that may fit another one quickly: they have its scalars in the same place."""

    def __init__(self, items: Sequence[Any], indexes: Sequence[int], subschema: Subschema) -> None:
        """Take the items at these indexes. subschema: that of each item."""
        self._all = indexes
        self._subschema = subschema
        self._with: dict[Hashable, list[int]] = defaultdict(list)
        for index in indexes:
            for scalar in set(_scalars(items[index], subschema)):
                self._with[scalar].append(index)

    def of(self, item: Any) -> Sequence[int]:
        """Return the indexes of the items that an expected one may fit."""
        shared = (self._with.get(scalar, ()) for scalar in _scalars(item, self._subschema))
        return min(shared, key=len, default=self._all)


def _scalars(value: Any, subschema: Subschema, path: Pointer = ()) -> Iterator[Hashable]:
    """The scalars in a value that are compared, with their paths; a `*` stands for any index."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            if not _is_kms_key(name, subschema):
                yield from _scalars(member, subschema.member(name), (*path, name))
    elif isinstance(value, list):
        for item in value:
            yield from _scalars(item, subschema.items, (*path, "*"))
    else:
        # As _equal compares them: 1 is 1.0, but not true.
        yield path, isinstance(value, bool), value


def _is_kms_key(name: str, around: Subschema) -> bool:
    """Whether a member is a property for a KMS key, and not an entry of a map with that name."""
    return name.lower() == KMS_KEY and name in around.declared


def _canonical(item: Any) -> str:
    """One text for all items that are equal."""
    return json.dumps(item, sort_keys=True)


def _matched(fitting: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Return a maximum matching: the chosen one of the values that fit each key.

    A key gives way to another one if another value fits it, too. Not recursive, because such a
    chain can be as long as the lists.
    """
    chosen: dict[int, int] = {}
    taken: dict[int, int] = {}
    hopeless: set[int] = set()
    for key in fitting:
        reached: dict[int, int] = {}
        waiting = deque([key])
        while waiting and key not in chosen:
            current = waiting.popleft()
            for value in fitting[current]:
                if value in reached or value in hopeless:
                    continue
                reached[value] = current
                if value not in taken:
                    _shift(value, key, reached, chosen, taken)
                    break
                waiting.append(taken[value])
        if key not in chosen:
            # No free value can be reached from these, now or later.
            hopeless.update(reached)
    return chosen


def _shift(
    value: int, key: int, reached: dict[int, int], chosen: dict[int, int], taken: dict[int, int]
) -> None:
    """Give each key on the way from `key` to a free value the next value."""
    current = None
    while current != key:
        current = reached[value]
        former = chosen.get(current)
        chosen[current], taken[value] = value, current
        if former is not None:
            value = former


def _equal(expected: Any, actual: Any) -> bool:
    """Whether two values are equal in JSON, where 1 is 1.0 but not true."""
    return isinstance(expected, bool) is isinstance(actual, bool) and bool(expected == actual)


def _path(pointer: Pointer) -> str:
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in pointer)
