"""Queries typed one after the other.

A query ends where a line ends with a semicolon. Commands, which begin with a dot, and calls of
named queries, which begin with an @, have one line.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer

from inventory.errors import InventoryError, QueryRefused
from project.words import did_you_mean, nearest

HELP = """\
SQL may have several lines. A semicolon at the end of a line runs it.
@NAME            run a named query
.queries         list the named queries
.tables          list the tables
.schema [TABLE]  list the columns of a table, or of all
.help            show this
.quit            end, as Ctrl-D does
Tab completes keywords, tables, columns and named queries; the up arrow brings back what was typed.
Ctrl-C clears what is typed, or interrupts the query that runs.
For example: SELECT region, count(*) FROM aws.sagemaker.model_quality_job_definitions GROUP BY ALL;
"""
_WITHOUT_DOT = {"exit": ".quit", "help": ".help", "quit": ".quit"}
"""What people type who do not know the commands yet. None of them begins a statement."""
COMMANDS = (".help", ".queries", ".quit", ".schema", ".tables")
KEYWORDS = (
    *("SELECT", "DISTINCT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "HAVING", "LIMIT", "OFFSET"),
    *("JOIN", "LEFT JOIN", "FULL JOIN", "USING", "WITH", "UNION ALL", "AND", "OR", "NOT", "EXISTS"),
    *("LIKE", "BETWEEN", "IS NULL", "IS NOT NULL", "CASE", "WHEN", "THEN", "ELSE", "END", "DESC"),
    *("INSERT INTO", "VALUES", "DELETE FROM", "UPDATE", "SET", "RETURNING", "EXPLAIN"),
)
_WORD = re.compile(r"[.@]?[\w.-]*$")

Tables = Mapping[str, Mapping[str, str]]


def run(
    tables: Tables,
    queries: Mapping[str, str],
    answer: Callable[[str], None],
    history: Path | None = None,
) -> int:
    """Answer what is typed until the end. Standard input and output have to be a terminal.

    tables: the types of the columns by their names, for each table. queries: what a named query
    answers, by its call (`@orphans`, `@untagged tag=…`). answer: answers a query or the call of a
    named one. It may raise QueryRefused, InventoryError and KeyboardInterrupt, which end nothing
    but that query. history: the file that keeps what was typed, if not that of this user.

    Returns the exit code.
    """
    session: PromptSession[str] = PromptSession(
        "sql> ",
        multiline=True,
        prompt_continuation="...> ",
        key_bindings=_keys(),
        lexer=PygmentsLexer(SqlLexer),
        completer=_Words(tables, queries),
        complete_while_typing=False,
        history=_history(history or _history_path()),
    )
    try:
        while True:
            _take(session, tables, queries, answer)
    except EOFError:
        return 0


def _take(
    session: PromptSession[str],
    tables: Tables,
    queries: Mapping[str, str],
    answer: Callable[[str], None],
) -> None:
    """Do what is typed next.

    Raises EOFError at the end.
    """
    try:
        typed = session.prompt().strip()
        typed = _WITHOUT_DOT.get(_bare(typed), typed)
        if typed.startswith("."):
            print(_command(typed, tables, queries), end="")
        elif typed:
            answer(typed)
    except KeyboardInterrupt:
        # The next line begins where the interrupted one did not end.
        print()
    except (QueryRefused, InventoryError) as error:
        print(error, file=sys.stderr)


def is_complete(text: str) -> bool:
    """Whether what is typed ends here."""
    text = text.strip()
    if not text or text.endswith(";") or _bare(text) in _WITHOUT_DOT:
        return True
    return text[0] in ".@" and "\n" not in text


def _bare(text: str) -> str:
    return text.rstrip(";").lower()


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if is_complete(buffer.text):
            buffer.validate_and_handle()
        else:
            buffer.newline(copy_margin=False)

    return keys


class _Words(Completer):
    """Completes a word with everything that it may begin, in any case."""

    def __init__(self, tables: Tables, queries: Iterable[str]) -> None:
        self._columns = sorted({column for columns in tables.values() for column in columns})
        self._words = (*tables, *self._columns, *queries, *COMMANDS, *KEYWORDS)

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        del complete_event
        found = _WORD.search(document.text_before_cursor)
        word = found[0] if found else ""
        if not word:
            return
        matching = _beginning(word, self._words)
        if not matching:
            # A column after the alias of a table.
            word = word.rpartition(".")[2]
            matching = _beginning(word, self._columns)
        for one in matching:
            yield Completion(one, start_position=-len(word))


def _beginning(word: str, words: Iterable[str]) -> list[str]:
    return [one for one in words if one.lower().startswith(word.lower())]


def _command(typed: str, tables: Tables, queries: Mapping[str, str]) -> str:
    """What a command prints.

    Raises QueryRefused if there is no such command, and EOFError at the end.
    """
    command, _, argument = typed.rstrip(";").partition(" ")
    if command == ".quit":
        raise EOFError
    if command == ".help":
        return HELP
    if command == ".tables":
        return _lines(tables)
    if command == ".queries":
        width = shutil.get_terminal_size().columns
        wrapped = partial(textwrap.fill, width=width, initial_indent="  ", subsequent_indent="  ")
        return _lines(f"{call}\n{wrapped(answers)}" for call, answers in queries.items())
    if command == ".schema":
        return _schema(tables, argument.strip())
    raise QueryRefused(
        f"There is no command {command}.{did_you_mean(command, COMMANDS)} .help lists them."
    )


def _schema(tables: Tables, asked: str) -> str:
    last = asked.rpartition(".")[2].lower()
    chosen = [name for name in tables if name.lower().endswith(asked.lower())]
    if asked and last not in {name.rpartition(".")[2].lower() for name in chosen}:
        short = {name.rpartition(".")[2]: name for name in tables}
        close = nearest(asked, tables) or short.get(nearest(last, short) or "")
        question = f" Did you mean {close}?" if close else ""
        raise QueryRefused(f"There is no table {asked}.{question} .tables lists them.")
    lines = []
    for name in chosen:
        width = max(map(len, tables[name]), default=0)
        lines += [name, *(f"  {column:{width}}  {kind}" for column, kind in tables[name].items())]
    return _lines(lines)


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _history_path() -> Path:
    """Where the XDG Base Directory Specification has what is kept between runs of a program."""
    state = os.environ.get("XDG_STATE_HOME", "")
    folder = Path(state) if Path(state).is_absolute() else Path.home() / ".local" / "state"
    return folder / "model-quality-inventory" / "history"


class _FileHistory(FileHistory):
    """A history that goes on where the file cannot be written, on a full disk for example."""

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            super().store_string(string)


def _history(path: Path) -> History:
    """The history in a file that only this user can read, or in memory if there can be none."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError:
        return InMemoryHistory()
    return _FileHistory(path)
