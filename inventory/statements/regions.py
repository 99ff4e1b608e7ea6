"""The regions that a statement names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from inventory.columns import REGION, TAGS
from inventory.errors import QueryRefused
from inventory.statements.statement import Insert, Select, Statement
from inventory.statements.syntax import tree
from inventory.statements.tokens import tokens_of
from inventory.tables import DEFINITIONS_OF_DATADOG, WITH_REGION
from project.words import did_you_mean

_LOOKS_LIKE_A_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def named_regions(text: str, known: Collection[str]) -> set[str]:
    """The known regions that string literals of a text name, wherever they are.

    Raises QueryRefused if the text has no tokens of SQL.
    """
    return {token.value for token in tokens_of(text) if token.is_string} & set(known)


def check_regions(statement: Statement, known: Collection[str]) -> None:
    """Raise QueryRefused if a statement compares the region of a table with one that is not known.

    A comparison is =, <>, IN or NOT IN with a literal. A column `region` of a subquery or a list
    of values may hold anything, and so is not checked. Neither is a query that sqlglot, unlike
    DuckDB, cannot parse.
    """
    query = tree(_query(statement))
    try:
        scopes = traverse_scope(query) if isinstance(query, exp.Query) else []
    except SqlglotError:
        return
    for scope in scopes:
        for column in scope.find_all(exp.Column):
            for region in _compared(column):
                if region not in known and _is_of_table(column, region, scope):
                    raise QueryRefused(f"There is no region {region}.{did_you_mean(region, known)}")


def _query(statement: Statement) -> str:
    """A query with the conditions of a statement."""
    if isinstance(statement, Select):
        return statement.text
    if isinstance(statement, Insert):
        return statement.source
    # It is parsed and not run.
    return f"SELECT 1 FROM {statement.relation} WHERE {statement.where}"


def _compared(column: exp.Column) -> list[str]:
    """The literals that `region`, or the tag of this name, is compared with."""
    node: exp.Expr = column
    if column.name.lower() == TAGS and column.parent and _asks_for_region(column.parent):
        node = column.parent
    elif column.name.lower() != REGION:
        return []
    while isinstance(node.parent, exp.Paren):
        node = node.parent
    comparison = node.parent
    others: list[exp.Expr] = []
    if isinstance(comparison, (exp.EQ, exp.NEQ)):
        others = [comparison.left.unnest(), comparison.right.unnest()]
    elif isinstance(comparison, exp.In) and comparison.this is node:
        others = [other.unnest() for other in comparison.expressions]
    return [other.this for other in others if isinstance(other, exp.Literal) and other.is_string]


def _asks_for_region(node: exp.Expr) -> bool:
    """Whether an expression is tags->>'region', tags->'region' or tags['region']."""
    if isinstance(node, (exp.JSONExtract, exp.JSONExtractScalar)):
        last = node.expression.expressions[-1:] if node.expression.expressions else []
        return [part.name for part in last] == [REGION]
    return isinstance(node, exp.Bracket) and [key.name for key in node.expressions] == [REGION]


def _is_of_table(column: exp.Column, region: str, scope: Scope) -> bool:
    """Whether a column is one that has regions.

    If it has no table before it, and may be the column of a subquery or an alias, it is taken for
    one where it is compared with what looks like a region.
    """
    tables = {DEFINITIONS_OF_DATADOG} if column.name.lower() == TAGS else WITH_REGION
    sources = _sources(scope)
    if column.table:
        outer: Scope | None = scope
        while outer and column.table.lower() not in sources:
            outer = outer.parent
            sources = _sources(outer) if outer else {}
        return sources.get(column.table.lower()) in tables
    found = set(sources.values())
    if not found & tables:
        return False
    certain = found <= {*tables, DEFINITIONS_OF_DATADOG} and not _has_alias(REGION, scope)
    return certain or bool(_LOOKS_LIKE_A_REGION.fullmatch(region))


def _has_alias(name: str, scope: Scope) -> bool:
    """Whether something has an alias, which HAVING may mean instead of a column."""
    return any(alias.alias.lower() == name for alias in scope.find_all(exp.Alias))


def _sources(scope: Scope) -> Mapping[str, str | None]:
    """The tables of a FROM clause by the names that they have there; None for anything else."""
    return {
        name.lower(): ".".join(part.name.lower() for part in source.parts)
        if isinstance(source, exp.Table) and not source.alias_column_names
        else None
        for name, (_, source) in scope.selected_sources.items()
    }
