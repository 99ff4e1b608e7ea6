"""Connections to DuckDB."""

from __future__ import annotations

import duckdb


def connected() -> duckdb.DuckDBPyConnection:
    """A database without tables, whose times are in UTC.

    It has one thread: batches are made by Python, which Ctrl-C interrupts only there. It prints no
    progress: in a program that has no file, DuckDB would print a bar on standard output, among the
    rows.
    """
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection
