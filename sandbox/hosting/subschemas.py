"""Find what a schema says of a value, and of the values inside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.hosting.patterns import finds
from sandbox.hosting.pointers import Pointer, dig, parse

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Subschema:
    """The part of a schema that describes one value.

    branches: all schemas that may apply to the value, alternatives included. Empty if the schema
        says nothing of it, as `true`, `false` and a `$ref` to nothing do.
    root: the document that `$ref` points into.
    """

    branches: tuple[Schema, ...]
    root: Schema

    @classmethod
    def of(cls, schema: Schema, root: Schema | None = None) -> Subschema:
        """Return the part that describes the value itself. root: by default `schema`."""
        return cls._of([schema], schema if root is None else root)

    @classmethod
    def _of(cls, schemas: Iterable[Schema], root: Schema) -> Subschema:
        return cls(tuple(branch for schema in schemas for branch in _branches(schema, root)), root)

    def member(self, name: str) -> Subschema:
        """Return the part that describes the member `name` of an object."""
        found = [b["properties"][name] for b in self.branches if name in b.get("properties", {})]
        if not found:
            found = [
                member
                for branch in self.branches
                for pattern, member in branch.get("patternProperties", {}).items()
                if finds(pattern, name)
            ]
        if not found:
            others = (branch.get("additionalProperties") for branch in self.branches)
            found = [member for member in others if isinstance(member, Mapping)]
        return self._of(found, self.root)

    def at(self, pointer: Pointer) -> Subschema:
        """Return the part that describes the value at `pointer`; a `*` stands for every item."""
        found = self
        for name in pointer:
            found = found.items if name == "*" else found.member(name)
        return found

    @property
    def items(self) -> Subschema:
        """The part that describes the items of an array."""
        found = [b["items"] for b in self.branches if isinstance(b.get("items"), Mapping)]
        return self._of(found, self.root)

    @property
    def declared(self) -> set[str]:
        """The members of an object that it names. The keys of a map are not among them."""
        return {name for branch in self.branches for name in branch.get("properties", {})}

    @property
    def required(self) -> set[str]:
        """The members that an object must have, according to it or to one of its alternatives."""
        return {name for branch in self.branches for name in branch.get("required", ())}

    @property
    def description(self) -> str:
        """The first description of the value, or an empty string."""
        return next((str(b["description"]) for b in self.branches if "description" in b), "")

    @property
    def types(self) -> set[str]:
        """The types that the value may have, such as `string`."""
        named = [branch.get("type", []) for branch in self.branches]
        return {name for each in named for name in ([each] if isinstance(each, str) else each)}

    @property
    def is_ordered(self) -> bool:
        """Whether the order of an array matters, as it does unless `insertionOrder` is false."""
        return all(branch.get("insertionOrder", True) for branch in self.branches)


def _branches(schema: Any, root: Schema, seen: tuple[str, ...] = ()) -> Iterator[Schema]:
    """The schema and its alternatives: those of `$ref`, `anyOf`, `oneOf` and `allOf`."""
    if not isinstance(schema, Mapping):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference in seen:
            return
        yield from _branches(dig(root, parse(reference)), root, (*seen, reference))
    yield schema
    for keyword in ("anyOf", "oneOf", "allOf"):
        for alternative in schema.get(keyword, ()):
            yield from _branches(alternative, root, seen)
