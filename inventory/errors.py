"""What ends a command early. Each message says what is wrong and what to change."""

from __future__ import annotations


class InventoryError(Exception):
    """There is no answer, or only a part of one: exit code 1."""


class QueryRefused(Exception):
    """A query that cannot be run as it is written: exit code 2."""
