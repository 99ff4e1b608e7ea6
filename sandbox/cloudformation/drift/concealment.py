"""What drift results show of properties with dynamic references: the references, not the values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sandbox.cloudformation.drift.comparison import PropertyDifference, as_text
from sandbox.cloudformation.stacks.provisioning import Values, conceal
from sandbox.cloudformation.template.dynamic_references import (
    contains,
    parse_reference,
    references_in,
)
from sandbox.hosting.pointers import parse

HIDDEN = "****"
"""What stands for a value that differs from the one of a secure reference."""


class Comparison(NamedTuple):
    """What was compared, and the differences."""

    expected: Any
    actual: Any
    differences: tuple[PropertyDifference, ...]


def with_references(compared: Comparison, written: Any, values: Values) -> Comparison:
    """Return a comparison of values as results show it.

    written: the expected properties, with the references.
    """
    actual = _hidden(compared.expected, written, compared.actual)
    return Comparison(
        written,
        conceal(actual, values),
        tuple(_difference(each, written, values) for each in compared.differences),
    )


def _difference(found: PropertyDifference, written: Any, values: Values) -> PropertyDifference:
    if found.kind == "ADD":
        return found._replace(actual=conceal(found.actual, values))
    expected = _at(written, parse(found.path))
    hidden = found.kind == "NOT_EQUAL" and _is_secure(expected)
    return found._replace(
        expected=as_text(expected), actual=HIDDEN if hidden else conceal(found.actual, values)
    )


def _hidden(expected: Any, written: Any, actual: Any) -> Any:
    """An actual value, with references where it equals their value, and no other secrets."""
    if isinstance(written, Mapping) and isinstance(actual, Mapping):
        return {
            name: _hidden(expected[name], written[name], member) if name in written else member
            for name, member in actual.items()
        }
    if isinstance(written, list) and isinstance(actual, list):
        pairs = list(zip(expected, written, actual, strict=False))
        return [*(_hidden(*each) for each in pairs), *actual[len(pairs) :]]
    if not contains(written):
        return actual
    if expected == actual:
        return written
    return HIDDEN if _is_secure(written) else actual


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def _is_secure(written: Any) -> bool:
    return any(parse_reference(text).is_secure for text in references_in(written))
