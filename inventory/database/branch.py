"""A table in one account and region, which DuckDB reads lazily.

DuckDB asks a branch for rows only if its plan needs that branch. The columns that it asks for, and
its filter, decide which calls are made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from aws_sagemaker_modelqualityjobdefinition.service_errors import SageMakerError
from inventory.database.judge import Judge
from inventory.database.tables import Column, Table
from inventory.reading.kinds import Item, Part, Values
from inventory.reading.reading import Reading, Source

FIRST_CHUNK = 4
"""How many items are read first where the query may be content with few. Each further chunk has
twice as many."""

CHUNK = 64
AHEAD = 3
"""How many chunks of items are read ahead where everything is needed."""

_KNOWN: Future[Values | None] = Future()
_KNOWN.set_result({})


class Branch(ds.Dataset):  # type: ignore[misc]  # pyarrow has no types
    """One table in one place.

    Each column has the branch's number in its name, so that DuckDB's plan tells which branches it
    is going to read.

    reading: returns what the present query reads.
    """

    def __init__(
        self,
        number: int,
        table: Table,
        source: Source,
        reading: Callable[[], Reading],
    ) -> None:
        self.number = number
        self.table = table
        self.source = source
        self.reading = reading
        self.columns = {
            f"{column.name}_{number}": column for column in table.columns if column.part
        }

    @property
    def schema(self) -> pa.Schema:
        """The columns that are read."""
        return pa.schema([(name, column.type) for name, column in self.columns.items()])

    def select(self) -> str:
        """The SQL that gives the table's rows of this place, in a view."""
        constants = {"region": self.source.region, "account": self.source.account}
        columns = ", ".join(
            f"{column.name}_{self.number} AS {column.name}"
            if column.part
            else f"'{constants[column.source]}' AS {column.name}"
            for column in self.table.columns
        )
        return f"SELECT {columns} FROM temp.main.{self.view}"

    @property
    def view(self) -> str:
        """The name under which DuckDB knows the branch."""
        return f"branch_{self.number}"

    def scanner(
        self,
        columns: Sequence[str] | None = None,
        filter: Any = None,  # noqa: A002 - pyarrow's name
        **_: Any,
    ) -> _Scan:
        """What DuckDB calls to read; columns are all unless it names some."""
        return _Scan(self, list(self.columns) if columns is None else list(columns), filter)


class _Scan:
    """One reading of a branch."""

    def __init__(self, branch: Branch, columns: list[str], expression: Any) -> None:
        self._branch = branch
        self._reading = branch.reading()
        self._columns = columns
        self._expression = expression
        self._judge = Judge(branch.columns, branch.table.kind, branch.source, expression)
        needed = {*columns, *self._judge.columns}
        self._needed = [name for name in branch.columns if name in needed]
        parts = {branch.columns[name].part for name in self._needed}
        self._parts = [part for part in (Part.DESCRIPTION, Part.TAGS) if part in parts]

    @property
    def projected_schema(self) -> pa.Schema:
        return pa.schema([self._branch.schema.field(name) for name in self._columns])

    def to_reader(self) -> pa.RecordBatchReader:
        """Read lazily. DuckDB calls this for all branches that it needs before it reads the first.

        pyarrow's own scanners read ahead, and would read everything for a LIMIT.
        """
        if self._reading.ahead and self._judge.names is None and self._is_asked():
            self._listing().start()
        return pa.RecordBatchReader.from_batches(self.projected_schema, self._batches())

    def _listing(self) -> Any:
        return self._reading.listing(self._branch.source, self._branch.table.kind)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        if not self._is_asked():
            return
        try:
            for chunk in self._complete(self._chunks()):
                table = self._table(chunk, self._needed)
                if self._expression is not None:
                    table = table.filter(self._expression)
                self._reading.rows += table.num_rows
                yield from table.select(self._columns).to_batches()
                if self._satisfied():
                    return
        except SageMakerError as error:
            self._failed(Part.LIST, error)
        except GeneratorExit:
            # DuckDB needs no more.
            raise
        except BaseException as error:
            # DuckDB would tell it in words of its own.
            self._reading.bug = error
            raise

    def _is_asked(self) -> bool:
        return self._reading.asked(self._branch.source)

    def _satisfied(self) -> bool:
        enough = self._reading.enough
        return enough is not None and self._reading.rows >= enough

    def _chunks(self) -> Iterator[list[Item]]:
        """The items that may pass the filter, in groups that are read together."""
        if self._satisfied():
            return
        found = self._looked_up()
        items = iter(self._listing() if found is None else found)
        size = CHUNK if self._reading.ahead else FIRST_CHUNK
        while chunk := list(islice(items, size)):
            yield self._judge.passing(chunk, self._table)
            size = min(2 * size, CHUNK)

    def _looked_up(self) -> list[Item] | None:
        """The items of the only names that the filter lets pass; None if they have to be listed.

        SageMaker finds a definition whatever the case of the name. If it spells the identifier in
        another way than the query does, only the list tells what passes.
        """
        names = self._judge.names
        if names is None:
            return None
        kind, source = self._branch.table.kind, self._branch.source
        futures = [self._reading.lookup(source, kind, name) for name in sorted(names)]
        try:
            found = [item for each in futures if (item := self._reading.threads.result(each))]
        except SageMakerError as error:
            self._failed(Part.DESCRIPTION, error)
            return []
        return found if all(self._judge.is_as_asked(item) for item in found) else None

    def _complete(self, chunks: Iterator[list[Item]]) -> Iterator[list[Item]]:
        """The same chunks, with the parts that are needed. They are read ahead if that is wanted.

        Items that are gone by now are left out, and so are those that could not be read.
        """
        ahead = AHEAD if self._reading.ahead and self._parts else 0
        waiting: deque[list[Item]] = deque()
        for chunk in chunks:
            for item in chunk:
                for part in self._parts:
                    self._part(item, part)
            waiting.append(chunk)
            if len(waiting) > ahead:
                yield list(filter(self._is_complete, waiting.popleft()))
        for chunk in waiting:
            yield list(filter(self._is_complete, chunk))

    def _part(self, item: Item, part: Part) -> Any:
        return self._reading.part(self._branch.source, self._branch.table.kind, item, part)

    def _is_complete(self, item: Item) -> bool:
        for part in self._parts:
            try:
                values = self._reading.threads.result(self._part(item, part))
            except SageMakerError as error:
                self._failed(part, error)
                return False
            if values is None:
                return False
            item.values = values | item.values
            # There are two futures for each item, and they take more memory than its values.
            item.parts[part] = _KNOWN
        return True

    def _failed(self, part: Part, error: SageMakerError) -> None:
        operation = self._branch.table.kind.operations[part]
        self._reading.failed(self._branch.source, operation, error)

    def _table(self, items: Sequence[Item], names: Sequence[str]) -> pa.Table:
        """The items as rows. Values that are not known yet are NULL."""
        columns = [(name, self._branch.columns[name]) for name in names]
        return pa.table(
            {name: self._array(column, items) for name, column in columns},
            schema=pa.schema([self._branch.schema.field(name) for name in names]),
        )

    def _array(self, column: Column, items: Sequence[Item]) -> pa.Array:
        region = self._branch.source.region
        values = [
            None
            if (value := item.values.get(column.source)) is None
            else column.value(value, region)
            for item in items
        ]
        if isinstance(column.type, pa.BaseExtensionType):
            storage = pa.array(values, column.type.storage_type)
            return pa.ExtensionArray.from_storage(column.type, storage)
        return pa.array(values, column.type)
