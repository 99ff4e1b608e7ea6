"""A statement from its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import duckdb

from inventory.errors import QueryRefused
from inventory.queries import named_query
from inventory.statements.edits import edited
from inventory.statements.statement import Select, Statement
from inventory.statements.tokens import Token, tokens_of, written
from inventory.statements.writes import delete, insert, update
from inventory.tables import DEFINITIONS
from project.words import listed

_WRITES: Mapping[str, Callable[[str, Sequence[Token]], Statement]] = {
    "INSERT": insert,
    "DELETE": delete,
    "UPDATE": update,
}

_NO_SETTINGS = "Settings cannot be changed or shown by a query."
_NO_TRANSACTION = "There are no transactions: SageMaker carries out each write on its own, at once."
_NOTHING_CREATED = (
    "A query cannot create or change tables. Name a subquery in it: WITH x AS (SELECT …)"
)
_NO_FILES = "A query reads and writes no files. OUT=path writes its answer into one."
_NO_ATTACH = "A query reads the tables of this inventory alone; other databases cannot be attached."
_REFUSED = {
    "EXPLAIN": "EXPLAIN is not supported. DRY_RUN=1 shows which calls a query would make.",
    **dict.fromkeys(("SET", "RESET", "PRAGMA"), _NO_SETTINGS),
    **dict.fromkeys(("COPY", "EXPORT", "IMPORT"), _NO_FILES),
    **dict.fromkeys(("ATTACH", "DETACH", "USE"), _NO_ATTACH),
    **dict.fromkeys(("LOAD", "INSTALL"), "Extensions of DuckDB cannot be loaded."),
    **dict.fromkeys(("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"), _NO_TRANSACTION),
    **dict.fromkeys(("CREATE", "ALTER", "COMMENT"), _NOTHING_CREATED),
    "DROP": "Tables cannot be dropped. DELETE FROM … WHERE … deletes definitions.",
    "TRUNCATE": "A table cannot be emptied. DELETE FROM … WHERE … deletes definitions.",
    "MERGE": "MERGE is not supported. Write an INSERT, an UPDATE or a DELETE.",
    "CALL": "CALL is not supported. Call the function in a query: SELECT * FROM function()",
}

_EXAMPLE = f"make sql QUERY='SELECT * FROM {DEFINITIONS}'"
_PLACEHOLDER = re.compile(r"\{\s*\{\s*([A-Za-z_][\w.\[\]-]*)\s*\}\s*\}")
_BRACKETED_NAME = re.compile(r"(?=.*[A-Z])<[A-Za-z]\w*>", re.ASCII)


def parse(text: str) -> Statement:
    """The statement that a text has, or the named query that it calls (`@untagged tag=owner`).

    Raises QueryRefused if it cannot be run.
    """
    if text.lstrip().startswith("@"):
        query, parameters = named_query(text)
        return Select(written(query, tokens_of(query)), parameters)
    tokens = _one_statement(_tokens(text))
    _check_filled_in(tokens)
    first = tokens[0].word
    if first in _REFUSED:
        raise QueryRefused(_REFUSED[first])
    kinds = _kinds(text)
    text = edited(text)
    tokens = _one_statement(tokens_of(text))
    if first in _WRITES and kinds == {first}:
        return _WRITES[first](text, tokens)
    _check_writes_nothing(tokens, kinds)
    # A PIVOT that finds out its columns is SELECT with others before it, or MULTI.
    if first in _WRITES or not kinds <= {"SELECT", "CREATE", "MULTI"}:
        raise QueryRefused(f"{first} cannot be run. Only queries, INSERT, UPDATE and DELETE can.")
    return Select(written(text, tokens))


def _tokens(text: str) -> list[Token]:
    """The tokens of a text that a user wrote. Raises QueryRefused if DuckDB reads it otherwise."""
    try:
        tokens = tokens_of(text)
    except QueryRefused:
        # DuckDB's message shows the place.
        _kinds(text)
        raise
    if any(token.text == "`" for token in tokens):
        # DuckDB 2 takes it for a quote, and sqlglot and DuckDB 1.5 do not.
        raise QueryRefused('Quote names with double quotes instead of `: "name"')
    return tokens


def _one_statement(tokens: list[Token]) -> list[Token]:
    """The tokens of the statement, without the semicolons around it.

    Raises QueryRefused unless there is one.
    """
    statements: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == ";":
            statements.append([])
        else:
            statements[-1].append(token)
    statements = [statement for statement in statements if statement]
    if not statements:
        raise QueryRefused(f"The query is empty. For example:\n  {_EXAMPLE}")
    if len(statements) > 1:
        raise QueryRefused(
            f"These are {len(statements)} statements. Only one can be run at a time, so run each "
            "on its own."
        )
    return statements[0]


def _check_filled_in(tokens: list[Token]) -> None:
    """Raise QueryRefused, naming all of them, if placeholders of an example are left."""
    code = " ".join(token.text for token in tokens)
    left = [f"{{{{ {name} }}}}" for name in _PLACEHOLDER.findall(code)]
    left += [t.value for t in tokens if t.is_string and _BRACKETED_NAME.fullmatch(t.value)]
    if left:
        raise QueryRefused(f"Fill in {listed(list(dict.fromkeys(left)))}.")


def _kinds(text: str) -> set[str]:
    """What DuckDB calls the statement: SELECT also stands for VALUES, DESCRIBE and the like.

    Raises QueryRefused if DuckDB cannot parse it, or if it has parameters.
    """
    try:
        # DuckDB 1.5 reads the files of IMPORT DATABASE here.
        with duckdb.connect(":memory:", config={"enable_external_access": False}) as connection:
            statements = connection.extract_statements(text)
    except duckdb.Error as error:
        raise QueryRefused(str(error)) from None
    except UnicodeDecodeError:
        # DuckDB's message, or a name, begins in the middle of a character.
        raise QueryRefused("DuckDB cannot parse the query.") from None
    parameters = sorted(set().union(*(statement.named_parameters for statement in statements)))
    if parameters:
        names = listed([f"${name}" for name in parameters])
        raise QueryRefused(f"Write values instead of {names}: only named queries take parameters.")
    return {statement.type.name for statement in statements}


def _check_writes_nothing(tokens: list[Token], kinds: set[str]) -> None:
    """Raise QueryRefused if a query has a write within it, or is one that WITH begins."""
    before = {"("} if kinds == {"SELECT"} else {"(", ")"}
    for previous, token, following in zip(tokens, tokens[1:], tokens[2:], strict=False):
        # A word follows that of a write, but not a column of the same name.
        if token.word in {*_WRITES, "MERGE"} and previous.text in before and following.word:
            raise QueryRefused(
                f"{token.word} cannot be a part of a query. Run it on its own."
                if previous.text == "("
                else f"{token.word} cannot follow WITH. Put WITH before the SELECT that uses it."
            )
