"""The answer to a query: its rows, and what is missing from them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa

from inventory.database.database import Database
from inventory.output.destination import Destination
from inventory.progress import Progress
from inventory.reading.reading import Failure, Reading, Source
from inventory.statements.statement import Select

MAX_FAILURES = 10
"""How many lines a note on what is missing has. The table of errors has them all."""


class Answered(NamedTuple):
    """What there is to say after the rows.

    missing: what could not be read, and why; empty if nothing is missing.
    timing: how long it took, and which calls were made.
    """

    missing: str
    timing: str


def answer(
    query: Select,
    database: Database,
    asked: Callable[[Source], bool],
    destination: Destination,
) -> Answered:
    """Write the answer to a query while it is read.

    asked: whether a source is read, if the query does not exclude it anyway.

    Raises QueryRefused if the query cannot be run, InventoryError if the answer cannot be written,
    and Stopped.
    """
    started = time.monotonic()
    with Progress() as progress:

        def on_calls(reading: Reading) -> None:
            calls, regions = sum(reading.calls.values()), len(reading.places)
            progress.update(f"{calls:,} calls in {regions} regions, {reading.rows:,} rows")

        with database.answer(query.text, query.parameters, asked=asked, on_calls=on_calls) as (
            reader,
            reading,
        ):
            arrivals: list[float] = []
            destination.write(_noting(reader, arrivals), progress.stop)
    return Answered(
        missing(list(reading.failures), len(reading.places)), _timing(reading, started, arrivals)
    )


def missing(failures: Sequence[Failure], places: int) -> str:
    """What is missing from an answer, and why; empty if nothing is.

    places: how many regions were called, in all accounts.
    """
    if not failures:
        return ""
    incomplete = {(failure.account, failure.region) for failure in failures}
    first: dict[tuple[str, str, str], Failure] = {}
    for failure in failures:
        first.setdefault((failure.account, failure.region, failure.operation), failure)
    lines = [f"  {each.told}" for each in list(first.values())[:MAX_FAILURES]]
    if len(first) > MAX_FAILURES:
        lines.append("  … SELECT * FROM aws.sagemaker.errors tells about all of them.")
    called = max(places, len(incomplete))
    verb = "is" if len(incomplete) == 1 else "are"
    what = f"{len(incomplete)} of {called} regions {verb} missing from this answer:"
    return "\n".join([what, *lines])


def _noting(reader: pa.RecordBatchReader, arrivals: list[float]) -> pa.RecordBatchReader:
    """The same answer; notes when its first rows arrive."""

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            if not arrivals:
                arrivals.append(time.monotonic())
            yield batch

    return pa.RecordBatchReader.from_batches(reader.schema, batches())


def _timing(reading: Reading, started: float, arrivals: Sequence[float]) -> str:
    ended = time.monotonic()
    calls: Counter[str] = Counter()
    for (_, _, operation), number in reading.calls.items():
        calls[operation] += number
    made = ", ".join(f"{number:,} {operation}" for operation, number in calls.most_common())
    return (
        f"First row after {(arrivals or [ended])[0] - started:.2f} s, the last after "
        f"{ended - started:.2f} s.\n"
        f"Calls in {len(reading.places)} regions: {made or 'none'}."
    )
