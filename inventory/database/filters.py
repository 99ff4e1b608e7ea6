"""What DuckDB's filter on a table says before all columns are known.

DuckDB hands a filter over as an expression of pyarrow, which can be applied, but not looked into.
What it is pickled as can be read: a record batch with the literals, whose metadata has the calls in
their order. A filter that is not understood only means that more is read, because the whole filter
is applied to all rows in the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

_METADATA = re.compile(r"^(\w+): '(.*)'$", re.MULTILINE)
_COMPARISONS = {"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"}


@dataclass
class Call:
    """A function of an expression."""

    function: str
    arguments: list[Call | Column | Literal] = field(default_factory=list)
    options: Any = None


@dataclass(frozen=True)
class Column:
    """A column of an expression."""

    name: str


@dataclass(frozen=True)
class Literal:
    """A value of an expression."""

    value: Any


Node = Call | Column | Literal


def parsed(expression: Any) -> Node:
    """What a filter consists of.

    Raises ValueError if this version of pyarrow writes expressions in another way.
    """
    try:
        _, (pickled, *_) = expression.__reduce__()
        batch = pa.ipc.open_file(pickled).get_batch(0)
    except (TypeError, ValueError, pa.ArrowInvalid) as error:
        raise ValueError(f"not a filter: {error}") from error
    whole = Call("")
    open_calls = [whole]
    text = batch.schema.to_string(truncate_metadata=False, show_field_metadata=False)
    for key, value in _METADATA.findall(text):
        if key == "call":
            call = Call(value)
            open_calls[-1].arguments.append(call)
            open_calls.append(call)
        elif key == "end":
            open_calls.pop()
        elif key == "field_ref":
            open_calls[-1].arguments.append(Column(value))
        elif key == "literal":
            open_calls[-1].arguments.append(Literal(batch.column(int(value)).to_pylist()[0]))
        elif key == "options":
            open_calls[-1].options = batch.column(int(value)).to_pylist()[0]
    if len(open_calls) != 1 or len(whole.arguments) != 1:
        raise ValueError("not a filter: a call has no end")
    return whole.arguments[0]


def columns(node: Node) -> set[str]:
    """The columns that a filter depends on."""
    return {each.name for each in _all(node) if isinstance(each, Column)}


def bound(node: Node, column: str) -> set[str] | None:
    """The only values that a column can have in rows that pass; None if they are not known."""
    if not isinstance(node, Call):
        return None
    if node.function in {"and_kleene", "or_kleene"}:
        left, right = (bound(each, column) for each in node.arguments)
        if left is not None and right is not None:
            return left & right if node.function == "and_kleene" else left | right
        either = right if left is None else left
        return either if node.function == "and_kleene" else None
    if node.function == "if_else":
        # if_else(is_valid(a), is_in(a), null) is how DuckDB writes IN.
        _, then, otherwise = node.arguments
        return bound(then, column) if otherwise == Literal(None) else None
    if node.function == "equal" and Column(column) in node.arguments:
        values = [each.value for each in node.arguments if isinstance(each, Literal)]
    elif node.function == "is_in" and node.arguments == [Column(column)]:
        values = node.options["value_set"]
    else:
        return None
    return set(values) if values and all(isinstance(value, str) for value in values) else None


def can_be_judged_without(node: Node, unknown: set[str]) -> bool:
    """Whether a row that fails the filter with NULL in unknown columns fails it with any value.

    A comparison with NULL is neither true nor false, and decides nothing. IS NULL would.
    """
    if not isinstance(node, Call) or not columns(node) & unknown:
        return True
    if node.function in {"and_kleene", "or_kleene"}:
        return all(can_be_judged_without(each, unknown) for each in node.arguments)
    return node.function in _COMPARISONS


def _all(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Call):
        for each in node.arguments:
            yield from _all(each)
