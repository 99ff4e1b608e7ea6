"""The syntax tree of a query, as far as sqlglot knows DuckDB's SQL."""

from __future__ import annotations

import logging

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

# Its warnings are about what it then does not know, which is not for the user to change.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())


def tree(query: str) -> exp.Expr | None:
    """The syntax tree of a query, or None for one that only DuckDB can parse."""
    try:
        return parse_one(query, read="duckdb")
    except (SqlglotError, RecursionError):
        return None
