"""Tables for people: what is aligned, what is shown, and what wide rows become."""

from textwrap import dedent
from typing import Any

import pyarrow as pa
import pytest

from inventory.output.table import table


def shown(width: int | None = None, **columns: list[Any]) -> str:
    return "".join(table(pa.table(columns).to_reader(), width))


def test_columns_are_aligned_by_what_a_terminal_shows_and_numbers_to_the_right() -> None:
    text = shown(name=["日本", "e", None, ""], count=[5, 1000, None, 7])
    assert text == dedent("""\
        name  count
        ────  ─────
        日本      5
        e      1000
        NULL   NULL
                  7
    """)


def test_an_answer_without_rows_has_the_names_of_the_columns() -> None:
    assert shown(5, name=pa.array([], pa.string())).splitlines() == ["name", "────"]


def test_an_answer_without_rows_says_so_if_its_names_do_not_fit() -> None:
    assert shown(3, name=pa.array([], pa.string())) == "No rows.\n"


def test_rows_that_are_wider_than_the_terminal_have_a_line_for_each_value() -> None:
    columns: dict[str, list[Any]] = {"name": ["a", None], "document": ["x" * 200, "two\nlines"]}
    assert shown(80, **columns) == (
        f"─ 1 ────\nname      a\ndocument  {'x' * 200}\n"
        "─ 2 ────\nname      NULL\ndocument  two\\nlines\n"
    )
    wide = shown(None, **columns)
    assert len(wide.splitlines()) == 4
    assert "x" * 200 in wide


@pytest.mark.parametrize("width", [5, None])
def test_two_columns_may_have_one_name(width: int | None) -> None:
    twice = pa.record_batch([pa.array([1]), pa.array([22])], names=["a", "a"])
    reader = pa.RecordBatchReader.from_batches(twice.schema, [twice])
    assert "".join(table(reader, width)).split() == ["a", "a", "─", "──", "1", "22"]
