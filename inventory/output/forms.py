"""JSON, CSV and Parquet, made while the rows arrive."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import IO

import duckdb
import pyarrow as pa

from inventory.connection import connected
from inventory.errors import InventoryError
from inventory.output.values import AS_JSON, AS_TEXT, distinct_names, rows

_NOT_IN_JSON = re.compile(r'("(?:[^"\\]|\\.)*")|-?(?:NaN|Infinity)')


def json_text(reader: pa.RecordBatchReader) -> Iterator[str]:
    """An array of objects, one in a line. Columns of JSON, structs and MAPs are objects in them.

    A second column of a name is called `name_1`, because few programs read a key twice.
    """
    with connected() as connection:
        names = distinct_names(connection, reader.schema)
    keys = [json.dumps(name, ensure_ascii=False) for name in names]
    before = "[\n"
    for piece in rows(reader, AS_JSON):
        objects = (
            ",".join(f"{key}:{value or 'null'}" for key, value in zip(keys, row, strict=True))
            for row in piece
        )
        yield before + ",\n".join(f"{{{_valid(members)}}}" for members in objects)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _valid(members: str) -> str:
    """JSON has no numbers for what is not finite. They are strings here, as in Protocol Buffers."""
    if "NaN" not in members and "Infinity" not in members:
        return members
    return _NOT_IN_JSON.sub(lambda found: found[1] or f'"{found[0]}"', members)


def csv_text(reader: pa.RecordBatchReader) -> Iterator[str]:
    """A line of names, and one for each row. NULL is empty, as an empty text is."""
    yield _lines([reader.schema.names])
    for piece in rows(reader, AS_TEXT):
        yield _lines(piece)


def _lines(piece: Iterable[Iterable[str | None]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(piece)
    return text.getvalue()


def write_parquet(reader: pa.RecordBatchReader, file: IO[bytes]) -> None:
    """Write an answer as Parquet to an empty file, which has a descriptor.

    Raises InventoryError if it cannot be written, and what the reader raises.
    """
    failures: list[BaseException] = []
    with connected() as connection:
        names = distinct_names(connection, reader.schema)

        def batches() -> Iterator[pa.RecordBatch]:
            try:
                for batch in reader:
                    yield batch.rename_columns(names)
            except BaseException as failure:
                # DuckDB makes its own of it.
                failures.append(failure)
                raise

        fields = map(pa.Field.with_name, reader.schema, names)
        answer = connection.from_arrow(
            pa.RecordBatchReader.from_batches(pa.schema(fields), batches())
        )
        try:
            # Not its path, which may be any bytes.
            where = f"/dev/fd/{file.fileno()}"
            answer.query(
                "answer",
                f"COPY (FROM answer) TO '{where}' (FORMAT parquet, USE_TMP_FILE false)",
            )
        except duckdb.Error as error:
            if failures:
                raise failures[0] from None
            raise InventoryError(f"Could not write the answer as Parquet: {error}") from None
