"""One broken request for each constraint that the service model has for an operation.

Walks a valid request and the model side by side, so a constraint that a newer botocore brings
is covered by itself.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import regex
from botocore.model import Shape

# Characters of which at least one breaks every pattern that can be broken at all.
_BREAKERS = ("\n", "!", " ", "\u0000", "x")
_WRONG_TYPES: dict[str, Any] = {
    "structure": "text",
    "list": {"a": "structure"},
    "map": ["a list"],
    "string": 7,
    "integer": "7",
    "double": "0.5",
    "boolean": "true",
    "timestamp": "yesterday",
}


@dataclass
class Mutation:
    """A request with one thing wrong."""

    name: str
    request: Any
    #: The path by which the service names the value, None where it names none (a wrong type).
    path: str | None
    #: The constraint in the service's words.
    constraint: str | None
    #: Whose constraint it is, where it is not the value's own: that of its members, say.
    of: str | None = None


def mutations(shape: Shape, request: dict[str, Any]) -> Iterator[Mutation]:
    """Yield the mutations of a valid request which has every member of the shape."""
    yield from _walk(shape, request, request, (), "")


def members(shape: Shape, prefix: str = "") -> Iterator[str]:
    """Yield the path of every member that the shape has, at every depth."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield f"{prefix}/{name}"
            yield from members(member, f"{prefix}/{name}")
    elif shape.type_name == "list":
        yield from members(shape.member, f"{prefix}/[]")


def _walk(
    shape: Shape, root: Any, value: Any, keys: tuple[Any, ...], path: str
) -> Iterator[Mutation]:
    if keys:
        wrong = _replaced(root, keys, _WRONG_TYPES[shape.type_name])
        yield Mutation(f"wrong type at {path}", wrong, None, None)
    where: dict[str, Any] = {"root": root, "keys": keys, "path": path}
    yield from (
        Mutation(f"{constraint} at {path}", _replaced(root, keys, broken), path, constraint)
        for constraint, broken in _broken(shape)
    )
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            member_path = f"{path}.{name[0].lower()}{name[1:]}".lstrip(".")
            if name in shape.required_members:
                null = "Member must not be null"
                missing = _replaced(root, (*keys, name), None, absent=True)
                yield Mutation(f"missing {member_path}", missing, member_path, null)
            yield from _walk(member, root, value[name], (*keys, name), member_path)
    elif shape.type_name == "list" and shape.member.type_name == "structure":
        yield from _walk(shape.member, root, value[0], (*keys, 0), f"{path}.1.member")
    elif shape.type_name == "list":
        yield from _of_items("Member", shape.member, lambda item: [item], **where)
    elif shape.type_name == "map":
        yield from _of_items("Map keys", shape.key, lambda key: {key: "v"}, **where)
        yield from _of_items("Map value", shape.value, lambda item: {"K": item}, **where)


def _of_items(
    who: str, shape: Shape, wrap: Any, *, root: Any, keys: tuple[Any, ...], path: str
) -> Iterator[Mutation]:
    if who != "Map keys":
        wrong = _replaced(root, keys, wrap(_WRONG_TYPES[shape.type_name]))
        yield Mutation(f"wrong type of {who} at {path}", wrong, None, None)
    for constraint, broken in _broken(shape):
        request = _replaced(root, keys, wrap(broken))
        yield Mutation(f"{who}: {constraint} at {path}", request, path, constraint, of=who)


def _broken(shape: Shape) -> Iterator[tuple[str, Any]]:
    """Yield each constraint of a shape, in the service's words, and a value that breaks it."""
    limits = shape.metadata
    sized = shape.type_name in ("string", "list", "map")
    of = "length" if sized else "value"
    if "max" in limits:
        highest = limits["max"]
        value = _sized(shape, highest + 1) if sized else highest + 1
        yield f"Member must have {of} less than or equal to {highest}", value
    if "min" in limits and (not sized or limits["min"] > 0):
        lowest = limits["min"]
        value = _sized(shape, lowest - 1) if sized else lowest - 1
        yield f"Member must have {of} greater than or equal to {lowest}", value
    if "enum" in limits:
        yield f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]", "Nonesuch"
    if "pattern" in limits:
        pattern = limits["pattern"]
        breaking = [each for each in _BREAKERS if not regex.fullmatch(pattern, each)]
        # Nothing breaks [\S\s]*, the pattern of Environment's values.
        if breaking:
            yield f"Member must satisfy regular expression pattern: {pattern}", breaking[0]


def _sized(shape: Shape, size: int) -> Any:
    if shape.type_name == "string":
        return "a" * size
    if shape.type_name == "map":
        return {f"K{number}": "v" for number in range(size)}
    return [_example(shape.member) for _ in range(size)]


def _example(shape: Shape) -> Any:
    if shape.type_name == "structure":
        return {name: _example(shape.members[name]) for name in shape.required_members}
    return "s3://a/b" if "s3" in shape.metadata.get("pattern", "") else "a"


def _replaced(root: Any, keys: tuple[Any, ...], value: Any, absent: bool = False) -> Any:
    request = copy.deepcopy(root)
    holder = request
    for key in keys[:-1]:
        holder = holder[key]
    if absent:
        del holder[keys[-1]]
    else:
        holder[keys[-1]] = value
    return request
