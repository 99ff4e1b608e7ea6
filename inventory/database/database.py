"""The tables, and the answers to queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from inventory.connection import connected
from inventory.database import plan as plans
from inventory.database.branch import Branch
from inventory.database.plan import Plan, Scan
from inventory.database.tables import STACKQL, TABLES, TEXT
from inventory.errors import QueryRefused
from inventory.reading.reading import Failure, Reading, Source
from inventory.tables import ERRORS

BATCH = 256
"""How many rows each batch of an answer has at most."""

EVERYTHING = f"SELECT count(*) FROM {STACKQL.name}"
"""What is read to find out what cannot be read."""

Parameters = Mapping[str, Any]


class Answer(NamedTuple):
    """An answer, which is read while it is written.

    reading: knows what could not be read, once the reader has come to its end.
    """

    reader: pa.RecordBatchReader
    reading: Reading


class Fetched(NamedTuple):
    """A whole answer. missing: what could not be read for it."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    missing: list[Failure]


class _Failures(ds.Dataset):  # type: ignore[misc]  # pyarrow has no types
    """What the present query could not read, as branch 0."""

    schema = pa.schema([(f"{name}_0", TEXT) for name in Failure._fields])

    def __init__(self, reading: Callable[[], Reading]) -> None:
        self._reading = reading

    def scanner(self, **options: Any) -> Any:
        rows = zip(*self._reading().failures, strict=True)
        columns = list(rows) or [()] * len(self.schema)
        table = pa.table([pa.array(column, TEXT) for column in columns], schema=self.schema)
        return ds.dataset(table).scanner(**options)


def _without_our_names(message: str) -> str:
    """DuckDB's message without a suggestion of what only this module needs.

    Where no suggestion is left for a table that does not exist, all tables are named.
    """
    message = re.sub(r'\nDid you mean "(?:temp\.main\.)?branch_\d+"\?', "", message)
    no_table = r"\A(Catalog Error: Table with name .+ does not exist.*)$(?!\nDid you mean)"
    tables = "".join(f"\n  {name}" for name in (*(table.name for table in TABLES), ERRORS))
    return re.sub(no_table, rf"\1\nThese tables exist:{tables}", message, flags=re.MULTILINE)


class Database:
    """All tables over some sources, in the order in which their rows come.

    unreachable: what is missing from every answer.
    """

    def __init__(self, sources: Sequence[Source], unreachable: Sequence[Failure] = ()) -> None:
        self._reading = Reading()
        self._unreachable = unreachable
        # DuckDB's own threads would begin to read all branches, even if a LIMIT needs only one.
        self._connection = connected()
        self._branches = [
            Branch(number, table, source, lambda: self._reading)
            for number, (table, source) in enumerate(
                ((table, source) for table in TABLES for source in sources), start=1
            )
        ]
        self._create_tables()

    def columns(self) -> dict[str, dict[str, str]]:
        """The types of all columns, by the names of the tables and of the columns."""
        names = [table.name for table in TABLES] + [ERRORS]
        rows = {name: self._connection.execute(f"DESCRIBE {name}").fetchall() for name in names}
        return {name: {row[0]: row[1] for row in rows[name]} for name in names}

    def plan(self, query: str, parameters: Parameters | None = None) -> Plan:
        """What DuckDB is going to read. Nothing is called.

        Raises QueryRefused if the query cannot be run.
        """
        self._reading = Reading(asked=lambda _: False)
        with self._refusing():
            return self._planned(query, parameters)

    def branch(self, number: int) -> Branch:
        """The branch of a number in a plan."""
        return self._branches[number - 1]

    @contextmanager
    def answer(
        self,
        query: str,
        parameters: Parameters | None = None,
        *,
        asked: Callable[[Source], bool] = lambda _: True,
        on_calls: Callable[[Reading], None] = lambda _: None,
    ) -> Iterator[Answer]:
        """Run a query. Its answer is to be read within the block.

        asked: whether a source is read, if the query does not exclude it anyway.
        on_calls: called before each call of SageMaker, from several threads.

        Raises QueryRefused if the query cannot be run, even while the answer is read, or Stopped.
        """
        with self._relation(query, parameters, asked, on_calls) as relation:
            yield Answer(relation.to_arrow_reader(BATCH), self._reading)

    def fetch(
        self,
        query: str,
        parameters: Parameters | None = None,
        *,
        asked: Callable[[Source], bool] = lambda _: True,
        on_calls: Callable[[Reading], None] = lambda _: None,
    ) -> Fetched:
        """The whole answer to a query; see `answer`."""
        with self._relation(query, parameters, asked, on_calls) as relation:
            rows = relation.fetchall()
            return Fetched(relation.columns, rows, list(self._reading.failures))

    def interrupt(self) -> None:
        """End the query that another thread runs: it raises Stopped."""
        self._reading.threads.stop()
        self._connection.interrupt()

    def close(self) -> None:
        """Let go of everything."""
        self._reading.threads.stop()
        self._connection.close()

    @contextmanager
    def _relation(
        self,
        query: str,
        parameters: Parameters | None,
        asked: Callable[[Source], bool],
        on_calls: Callable[[Reading], None],
    ) -> Iterator[Any]:
        # DuckDB reads what it needs to know the columns of a PIVOT before it plans.
        self._reading = Reading(asked, on_calls)
        try:
            with self._refusing():
                plan = self._planned(query, parameters)
                if plan.scans:
                    self._reading.failures.update(dict.fromkeys(self._unreachable))
                if plan.scans.keys() != {0}:
                    # A LIMIT of the errors alone says nothing about what is read to find them.
                    self._reading.ahead, self._reading.enough = not plan.stops_early, plan.enough
                if 0 in plan.scans:
                    # What cannot be read is known once everything has been read, which is then
                    # read from memory.
                    first = (query, parameters) if len(plan.scans) > 1 else (EVERYTHING, None)
                    self._sql(*first).fetchall()
                self._reading.rows = 0
                yield self._sql(query, parameters)
        finally:
            self._reading.threads.stop()

    def _planned(self, query: str, parameters: Parameters | None) -> Plan:
        if not parameters:
            # This only looks at names and types. Its errors show the place in the query.
            self._sql(query, None)
        explained = f"EXPLAIN (FORMAT json) {query}"
        rows = self._connection.execute(explained, parameters or None).fetchall()
        if not rows:
            # DuckDB 1 does not explain a PIVOT that finds out its columns.
            return Plan(dict.fromkeys(range(len(self._branches) + 1), Scan()), False, None)
        return plans.parsed(rows[0][1])

    def _sql(self, query: str, parameters: Parameters | None) -> Any:
        return self._connection.sql(query, params=parameters or None)

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except (duckdb.Error, pa.ArrowException) as error:
            if self._reading.bug:
                raise self._reading.bug from None
            self._reading.threads.check()
            raise QueryRefused(_without_our_names(str(error))) from None

    def _create_tables(self) -> None:
        connection = self._connection
        # A name in a query is never that of a variable of this program.
        connection.execute("SET python_enable_replacements = false")
        # DuckDB would collect a megabyte before it gives the first row.
        connection.execute("SET streaming_buffer_size = '16KB'")
        # The answer's types say which columns are JSON.
        connection.execute("SET arrow_lossless_conversion = true")
        connection.execute("ATTACH ':memory:' AS aws")
        connection.execute("CREATE SCHEMA aws.sagemaker")
        connection.register("branch_0", _Failures(lambda: self._reading))
        for branch in self._branches:
            connection.register(branch.view, branch)
        for table in TABLES:
            selects = [branch.select() for branch in self._branches if branch.table is table]
            connection.execute(f"CREATE VIEW {table.name} AS {' UNION ALL '.join(selects)}")
        failures = ", ".join(f"{name}_0 AS {name}" for name in Failure._fields)
        connection.execute(f"CREATE VIEW {ERRORS} AS SELECT {failures} FROM temp.main.branch_0")
        # Queries can read and write no file, and cannot allow it either.
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
