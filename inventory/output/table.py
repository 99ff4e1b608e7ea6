"""An answer for people to read.

rich measures the characters, and the table is written here: rich's own took 9 s for 4,000 rows of
14 columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
from rich.cells import cell_len

from inventory.output.values import AS_TEXT, rows

NULL = "NULL"
_GAP = "  "


def table(reader: pa.RecordBatchReader, width: int | None) -> Iterator[str]:
    """A table, with a row in each line; if that is wider than the width, a line for each value.

    Nothing is ever cut. NULL is the word, and an empty text is empty. Nothing in a value can
    control a terminal.
    """
    names = [visible(name) for name in reader.schema.names]
    cells = [
        [NULL if value is None else visible(value) for value in row]
        for piece in rows(reader, AS_TEXT)
        for row in piece
    ]
    widths = [max(map(cell_len, column)) for column in zip(names, *cells, strict=True)]
    if width is not None and sum(widths) + len(_GAP) * (len(widths) - 1) > width:
        yield from _records(names, cells) if cells else ("No rows.\n",)
        return
    right = [_is_number(column) for column in reader.schema.types]
    yield _line(names, widths, right)
    yield _line(["─" * one for one in widths], widths, right)
    for row in cells:
        yield _line(row, widths, right)


def visible(text: str, besides: str = "") -> str:
    r"""The text with what cannot be printed as Python writes it: `\n`, `\x1b`, `\u202e`.

    besides: characters that stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in besides
        else character.encode("unicode_escape").decode()
        for character in text
    )


def _is_number(kind: pa.DataType) -> bool:
    return any(
        is_kind(kind)
        for is_kind in (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    )


def _line(row: Iterable[str], widths: Iterable[int], right: Iterable[bool]) -> str:
    padded = []
    for text, width, is_number in zip(row, widths, right, strict=True):
        space = " " * (width - cell_len(text))
        padded.append(f"{space}{text}" if is_number else f"{text}{space}")
    return f"{_GAP.join(padded).rstrip()}\n"


def _records(names: list[str], cells: list[list[str]]) -> Iterator[str]:
    """Each row as lines of a name and a value, which a terminal wraps where it is too long."""
    width = max(map(cell_len, names))
    for number, row in enumerate(cells, 1):
        yield f"{f'─ {number} ':─<{width}}\n"
        for name, value in zip(names, row, strict=True):
            yield _line((name, value), (width, 0), (False, False))
