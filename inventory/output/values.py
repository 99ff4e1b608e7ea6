"""The values of an answer as text.

A database of its own makes the text, so that every type looks as DuckDB has it: the one that runs
the query may reach no file, and this one knows nothing but the answer. Batches come from a
connection with `SET arrow_lossless_conversion = true`; without that, JSON is text.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa

from inventory.connection import connected

AS_TEXT = "COLUMNS(*)::VARCHAR"
AS_JSON = "to_json(COLUMNS(*))::VARCHAR"

Row = tuple[str | None, ...]

ROWS_AT_ONCE = 2048
"""So that the text of a large batch is not all in memory."""


def distinct_names(connection: duckdb.DuckDBPyConnection, schema: pa.Schema) -> list[str]:
    """The names of columns, as DuckDB renames those that an answer has twice: `a` and `a_1`."""
    empty = pa.RecordBatchReader.from_batches(schema, iter(()))
    return connection.from_arrow(empty).columns


def rows(reader: pa.RecordBatchReader, expression: str) -> Iterator[list[Row]]:
    """The rows of an answer in pieces. NULL is None.

    expression: AS_TEXT or AS_JSON.
    """
    with connected() as connection:
        names = distinct_names(connection, reader.schema)
        for batch in reader:
            for start in range(0, batch.num_rows, ROWS_AT_ONCE):
                piece = batch.slice(start, ROWS_AT_ONCE).rename_columns(names)
                table = pa.Table.from_batches([piece])
                yield connection.from_arrow(table).project(expression).fetchall()
