"""Which items pass a filter, as far as it can be told before everything about them is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from inventory.database import filters
from inventory.database.tables import Column
from inventory.reading.kinds import Item, Kind, Part
from inventory.reading.reading import Source

MAX_LOOKUPS = 20
"""How many names are looked up one by one. More are found faster in the list."""

_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
"""The names of definitions and of schedules (DescribeModelQualityJobDefinition and
DescribeMonitoringSchedule, in SageMaker's service model). Nothing else can exist."""


class Judge:
    """Judges the items of one branch.

    columns: those that the filter depends on.
    names: those of the only items that can pass; None if they are not known.
    """

    def __init__(
        self, columns: Mapping[str, Column], kind: Kind, source: Source, expression: Any
    ) -> None:
        self.columns: set[str] = set()
        self.names: set[str] | None = None
        self._expression = None
        self._asked: dict[str, set[str]] = {}
        if expression is None:
            return
        try:
            node = filters.parsed(expression)
        except ValueError:
            # The filter may depend on everything.
            self.columns = set(columns)
            return
        self.columns = filters.columns(node)
        unknown = {name for name in self.columns if columns[name].part is not Part.LIST}
        if filters.can_be_judged_without(node, unknown):
            self._expression = expression
        for name, column in columns.items():
            values = filters.bound(node, name)
            if values is not None and column.source in {kind.arn, kind.name}:
                self._asked[column.source] = self._asked.get(column.source, values) & values
        self.names = self._only_names(kind, source)

    def passing(
        self, items: list[Item], table: Callable[[Sequence[Item], Sequence[str]], pa.Table]
    ) -> list[Item]:
        """The items that may pass. table: makes rows of items, with some columns."""
        if self._expression is None or not items:
            return items
        rows = ds.dataset(table(items, sorted(self.columns)))
        verdicts = rows.scanner(columns={"passes": self._expression}).to_table()["passes"]
        return [
            item
            for item, passes in zip(items, verdicts.to_pylist(), strict=True)
            if passes is not False
        ]

    def is_as_asked(self, item: Item) -> bool:
        """Whether SageMaker spells an item's identifier as the filter does."""
        return all(item.values[source] in values for source, values in self._asked.items())

    def _only_names(self, kind: Kind, source: Source) -> set[str] | None:
        """The names that can be looked up instead of listing everything."""
        if kind.arn in self._asked:
            place = [source.region, source.account]
            arns = [arn.split(":") for arn in self._asked[kind.arn]]
            # An ARN of another place is the identifier of nothing here.
            names = {arn[-1].rpartition("/")[2] for arn in arns if arn[3:5] == place}
        elif kind.name in self._asked:
            names = self._asked[kind.name]
        else:
            return None
        names = {name for name in names if _NAME.fullmatch(name)}
        return names if len(names) <= MAX_LOOKUPS else None
