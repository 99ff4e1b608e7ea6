"""The command: where a query comes from, what is printed, and the exit code.

Rows go to standard output, and everything else to standard error. guide/sql.md has examples.

Exit codes: 0 if everything was answered or written; 1 if something failed, or is missing from the
answer; 2 if the query cannot be run; 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from inventory import dry_run
from inventory.answering import answer
from inventory.database.database import Fetched
from inventory.errors import InventoryError, QueryRefused
from inventory.output.destination import Destination, destination
from inventory.reading.reading import Source
from inventory.reading.threads import LOOK_UP
from inventory.session import Session
from inventory.statements.parsing import parse
from inventory.statements.statement import Select, Statement, Write
from project.command_line import ArgumentParser

T = TypeVar("T")

PLANNED = ("job_definition_arn", "job_definition_name", "region", "account_id")
WRITTEN = (*PLANNED, "code", "message")
"""What is told of each definition that a statement would write, or has written."""

PATIENCE = 0.8
"""How long Ctrl-C lets a query clean up, in seconds."""


def run(arguments: list[str]) -> int:
    """Answer a query, or what is typed at the prompt. Returns the exit code."""
    asked = _parsed(arguments)
    try:
        text = _text(asked)
        where = destination(asked.output, asked.out)
        # Before anything is called: most mistakes are in the query.
        statement = None if text is None else parse(text)
        started = time.monotonic()
        session = Session(asked.profiles, asked.regions)
        if asked.timing:
            _say(f"Accounts identified after {time.monotonic() - started:.2f} s.")
        command = _Command(session, where, asked)
        if text is None or statement is None:
            return command.prompt()
        return command.run(statement, text)
    except QueryRefused as error:
        _say(str(error))
        return 2
    except InventoryError as error:
        _say(str(error))
        return 1


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = ArgumentParser(
        prog="python -m inventory",
        description="SQL over the model quality job definitions of accounts and regions; "
        "guide/sql.md has examples.",
    )
    parser.add_argument("--query", help="SQL, or the call of a named query: @orphans")
    parser.add_argument("--file", help="a file that has the query")
    parser.add_argument("--regions", default="", help="names or wildcards; all by default")
    parser.add_argument("--profiles", default="", help="of the accounts; the SDK's by default")
    parser.add_argument("--output", help="table, json, csv or parquet")
    parser.add_argument("--out", help="a file for the answer")
    parser.add_argument("--yes", action="store_true", help="write without asking")
    parser.add_argument("--dry-run", action="store_true", help="show the calls, and make none")
    parser.add_argument("--timing", action="store_true", help="show times and calls")
    return parser.parse_args(arguments)


def _text(asked: argparse.Namespace) -> str | None:
    """The query; None if it is to be typed.

    Raises QueryRefused if it cannot be read.
    """
    if asked.query is not None and asked.file is not None:
        raise QueryRefused("QUERY and FILE are both given. Give one of them.")
    if asked.query is not None:
        return str(asked.query)
    if asked.file is not None:
        return _decoded(_bytes(asked.file), f"FILE is {asked.file!r}, which")
    if sys.stdin is None or sys.stdin.isatty():
        return None
    return _decoded(sys.stdin.buffer.read(), "Standard input")


def _bytes(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise QueryRefused(f"FILE is {path!r}, which cannot be read: {reason}.") from None


def _decoded(content: bytes, what: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = f"byte {error.start} is {error.object[error.start]:#x}"
        raise QueryRefused(f"{what} is not text in UTF-8: {wrong}.") from None


class _Command:
    """Runs statements, one after the other, over the same accounts and regions."""

    def __init__(self, session: Session, where: Destination, asked: argparse.Namespace) -> None:
        self._session = session
        self._where = where
        self._asked = asked

    def prompt(self) -> int:
        """Run what is typed. Returns the exit code."""
        from inventory.prompt import run as prompted
        from inventory.queries import queries

        calls = {query.call: query.answers for query in queries().values()}
        return prompted(self._session.database.columns(), calls, self._typed)

    def run(self, statement: Statement, text: str) -> int:
        """Run the statement of a text. Returns the exit code.

        Raises QueryRefused or InventoryError.
        """
        asked = self._session.asked(statement, text)
        try:
            if isinstance(statement, Select):
                return self._query(statement, asked)
            return self._write(statement, asked)
        finally:
            for note in self._session.notes():
                _say(f"Note: {note}")

    def _typed(self, text: str) -> None:
        self.run(parse(text), text)

    def _query(self, query: Select, asked: Callable[[Source], bool]) -> int:
        database = self._session.database
        if self._asked.dry_run:
            calls = dry_run.calls(query, database, asked)
            self._rows(dry_run.COLUMNS, calls)
            return 0
        answered = self._interruptible(lambda: answer(query, database, asked, self._where))
        if self._asked.timing:
            _say(answered.timing)
        if answered.missing:
            _say(answered.missing)
        return 1 if answered.missing else 0

    def _write(self, statement: Write, asked: Callable[[Source], bool]) -> int:
        # Imported here, because most statements are queries, and this takes a while.
        from inventory.writes.terminal import asking
        from inventory.writes.writes import carry_out, plan

        def fetch(query: str) -> Fetched:
            return self._interruptible(lambda: self._session.database.fetch(query, asked=asked))

        accounts = self._session.accounts
        if self._asked.dry_run:
            self._rows(
                ("handlers", *PLANNED),
                [
                    (" ".join(each.handlers), *(getattr(each, name) for name in PLANNED))
                    for each in plan(statement, fetch, accounts)
                ],
            )
            return 0
        written = carry_out(
            statement, fetch, accounts, yes=self._asked.yes, ask=asking(), on_progress=_say
        )
        if written.outcomes:
            self._rows(
                ("operation", "status", *WRITTEN),
                [
                    (each.operation, each.status.value, *(getattr(each, name) for name in WRITTEN))
                    for each in written.outcomes
                ],
            )
        if written.note:
            _say(written.note)
        return written.exit_code

    def _rows(self, names: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
        """Write rows of text as an answer."""
        columns = {name: [row[index] for row in rows] for index, name in enumerate(names)}
        schema = pa.schema([(name, pa.string()) for name in names])
        self._where.write(pa.table(columns, schema=schema).to_reader())

    def _interruptible(self, work: Callable[[], T]) -> T:
        """Do some work in a thread, which Ctrl-C ends at once, whatever that is waiting for."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - it is raised again, in the main thread
                future.set_exception(error)

        threading.Thread(target=run, name="answer", daemon=True).start()
        try:
            while not future.done():
                # A wait without end may not notice a signal that arrives as it begins.
                wait([future], LOOK_UP)
            return future.result()
        except KeyboardInterrupt:
            self._session.database.interrupt()
            # A file that is incomplete has to be removed.
            wait([future], PATIENCE)
            raise


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
