"""The statements that can be run.

Every `where`, `value` and `source` is SQL that DuckDB runs: the user's own text, not one written
anew, so that it means what the user wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Select:
    """A query, with the values of its named parameters (`$name`).

    Its text has no semicolon, and no comment before or after it.
    """

    text: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Exactly:
    """The one definition that a WHERE names: identifier = literal AND region = literal."""

    arn: str
    region: str


@dataclass(frozen=True)
class Insert:
    """An INSERT into the table of definitions.

    columns: the names of properties, as CloudFormation has them, and `region`, in the order of
    the source's columns. source: a query that gives the rows.
    """

    columns: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Delete:
    """A DELETE from the table of definitions.

    where: the condition. relation: the table with its alias, if any, for a FROM clause.
    exactly: what the condition names, if it names one definition and nothing else.
    """

    relation: str
    where: str
    exactly: Exactly | None


@dataclass(frozen=True)
class Update:
    """An UPDATE of tags.

    value: the expression that gives the new tags. The others are those of Delete.
    """

    relation: str
    value: str
    where: str
    exactly: Exactly | None


Write = Insert | Delete | Update
Statement = Select | Write
