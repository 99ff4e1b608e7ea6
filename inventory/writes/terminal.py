"""Asks on the terminal whether to write."""

from __future__ import annotations

import sys

from inventory.writes.writes import Ask


def asking() -> Ask | None:
    """A function that asks on the terminal; None if standard input is none.

    It prints to standard error: standard output is for rows.
    """
    return _ask if sys.stdin is not None and sys.stdin.isatty() else None


def _ask(question: str) -> bool:
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
