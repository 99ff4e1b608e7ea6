"""The calls that a statement would make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from inventory.database.branch import Branch
from inventory.database.database import EVERYTHING, Database
from inventory.database.plan import Scan
from inventory.reading.kinds import Part
from inventory.reading.reading import Source
from inventory.statements.statement import Select

COLUMNS = ("account", "region", "operation", "calls")

_TEXT = re.compile(r"'(?:[^']|'')*'")
_NOUNS = {"job_definition_arn": "definition", "monitoring_schedule_arn": "schedule"}


def calls(
    query: Select, database: Database, asked: Callable[[Source], bool]
) -> list[tuple[str, ...]]:
    """The calls of a query: account, region, operation, and how often it is called.

    Raises QueryRefused if the query cannot be run.
    """
    plan = database.plan(query.text, query.parameters)
    if plan.scans.keys() == {0}:
        plan = database.plan(EVERYTHING)
    rows = [
        row
        for number, scan in plan.scans.items()
        if number and asked((branch := database.branch(number)).source)
        for row in _calls_of(branch, scan)
    ]
    return list(dict.fromkeys(rows))


def _calls_of(branch: Branch, scan: Scan) -> Iterator[tuple[str, ...]]:
    kind, source = branch.table.kind, branch.source
    names = {*scan.columns, *re.findall(r"\w+", scan.filters)}
    parts = {column.part for name, column in branch.columns.items() if name in names}
    identifying = [
        name for name, column in branch.columns.items() if column.source in {kind.arn, kind.name}
    ]
    # An identifier OR another column does not spare the list.
    certain = [each for each in scan.filters.splitlines() if not _has_alternatives(each)]
    looked_up = any(
        re.search(rf'\b{name}"? ?(?:=|IN )', each) for name in identifying for each in certain
    )
    noun = _NOUNS[kind.arn]
    often = {
        Part.LIST: f"one for each page of 100 {noun}s",
        Part.DESCRIPTION: f"one for each {noun}",
        Part.TAGS: f"one for each {noun}",
    }
    parts = parts - {Part.LIST} | {Part.DESCRIPTION} if looked_up else parts | {Part.LIST}
    for part in Part:
        if part in parts:
            yield source.account, source.region, kind.operations[part], often[part]


def _has_alternatives(text: str) -> bool:
    """Whether a filter is an OR of several columns."""
    bare = _TEXT.sub("", text)
    return " OR " in bare and len(set(re.findall(r"\b[a-z_]+_\d+\b", bare))) > 1
