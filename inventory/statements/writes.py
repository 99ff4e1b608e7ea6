"""INSERT, UPDATE and DELETE, from a text that DuckDB has parsed.

They are cut from the text at the words that SQL reserves for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from inventory.columns import REGION, TAGS, properties, property_named
from inventory.errors import QueryRefused
from inventory.statements.statement import Delete, Insert, Update
from inventory.statements.tokens import Token, partners, written
from inventory.statements.where import exactly
from inventory.tables import DEFINITIONS, TABLES
from project.words import did_you_mean, listed

_REPORTED = "What became of each definition is reported without it."


def insert(text: str, tokens: Sequence[Token]) -> Insert:
    """The INSERT of a text. tokens: those of the text, without semicolons around them.

    Raises QueryRefused if it cannot be run.
    """
    if tokens[1].word != "INTO":
        words = " ".join(token.word for token in tokens[:3])
        raise QueryRefused(f"{words} is not supported. Use INSERT INTO.")
    table, after_table = _name(tokens, 2)
    _refuse_others(table, "INSERT INTO")
    if tokens[after_table].word == "AS":
        raise QueryRefused("INSERT takes no alias of the table. Leave out AS.")
    columns, source = _columns(tokens[after_table:])
    _refuse_clause(source, "RETURNING", f"INSERT takes no RETURNING. {_REPORTED}")
    for position in _positions(source, "ON"):
        if [token.word for token in source[position + 1 : position + 2]] == ["CONFLICT"]:
            raise QueryRefused(
                "ON CONFLICT is not supported. A row whose name is taken fails, and the others are "
                "created."
            )
    return Insert(columns, written(text, source))


def delete(text: str, tokens: Sequence[Token]) -> Delete:
    """The DELETE of a text. As for insert."""
    table, _ = _name(tokens, 2)
    _refuse_others(table, "DELETE FROM")
    _refuse_clause(
        tokens, "USING", "DELETE takes no USING. Use a subquery: WHERE role_arn IN (SELECT …)"
    )
    condition = _where(tokens, "DELETE")
    relation = tokens[2 : _positions(tokens, "WHERE")[0]]
    where = written(text, condition)
    return Delete(written(text, relation), where, exactly(where, relation))


def update(text: str, tokens: Sequence[Token]) -> Update:
    """The UPDATE of a text. As for insert."""
    table, _ = _name(tokens, 1)
    _refuse_others(table, "UPDATE")
    start = _positions(tokens, "SET")[0]
    _refuse_clause(
        tokens, "FROM", "UPDATE takes no FROM. Use a subquery: SET tags = (SELECT …) WHERE …"
    )
    condition = _where(tokens, "UPDATE")
    relation = tokens[1:start]
    where = written(text, condition)
    value = _value_of_tags(tokens[start + 1 : _positions(tokens, "WHERE")[0]])
    return Update(written(text, relation), written(text, value), where, exactly(where, relation))


def _name(tokens: Sequence[Token], position: int) -> tuple[list[str], int]:
    """The parts of the name at a position, and the position after it."""
    parts = [tokens[position].name]
    position += 1
    while position < len(tokens) and tokens[position].text == ".":
        parts.append(tokens[position + 1].name)
        position += 2
    return parts, position


def _refuse_others(parts: Sequence[str], words: str) -> None:
    """Raise QueryRefused unless a name is that of the table that can be written to."""
    if parts == DEFINITIONS.split("."):
        return
    table = ".".join(parts)
    problem = (
        f"{table} can only be read."
        if table in TABLES
        else f"There is no table {table}.{did_you_mean(table, TABLES)}"
    )
    raise QueryRefused(f"{problem} Definitions are written with {words} {DEFINITIONS}.")


def _columns(tokens: Sequence[Token]) -> tuple[tuple[str, ...], Sequence[Token]]:
    """The columns of an INSERT, which are what follows the table, and the query after them.

    Raises QueryRefused if they cannot be inserted.
    """
    required = [*(one.name for one in properties() if one.required), REGION]
    if tokens[0].text != "(" or not _is_column_list(tokens):
        raise QueryRefused(
            f"Name the columns: INSERT INTO {DEFINITIONS} ({', '.join(required)}) SELECT …"
        )
    end = next(closing for closing, opening in partners(tokens).items() if opening == 0)
    columns = tuple(_insertable(token) for token in tokens[1:end] if token.is_name)
    twice = [column for column, times in Counter(columns).items() if times > 1]
    if twice:
        raise QueryRefused(f"INSERT names {listed(twice)} more than once.")
    missing = [column for column in required if column not in columns]
    if missing:
        raise QueryRefused(f"INSERT also needs {listed(missing)}.")
    return columns, tokens[end + 1 :]


def _is_column_list(tokens: Sequence[Token]) -> bool:
    """Whether what follows a bracket is a list of names, and not a query."""
    return tokens[1].is_name and tokens[2].text in {",", ")"}


def _insertable(token: Token) -> str:
    """The name of a column as Insert has it. Raises QueryRefused if it cannot be inserted."""
    if token.name == REGION:
        return REGION
    found = property_named(token.value)
    if found is None:
        names = [*(one.name for one in properties() if not one.read_only), REGION]
        raise QueryRefused(_no_column(token.value, names))
    if found.read_only:
        raise QueryRefused(f"SageMaker sets {found.name} itself. Leave it out.")
    return found.name


def _value_of_tags(tokens: Sequence[Token]) -> Sequence[Token]:
    """The value of `tags` in what follows SET. Raises QueryRefused if there are other columns."""
    commas = [position for position, token in enumerate(tokens) if _is_at_top(token, ",")]
    starts = [0, *(comma + 1 for comma in commas)]
    problems: list[str] = []
    value: Sequence[Token] = ()
    for start, end in zip(starts, [*commas, len(tokens)], strict=True):
        if start == end:  # DuckDB allows a comma at the end.
            continue
        column = tokens[start].name
        if tokens[start].text == "(":
            problems.append("SET takes one column and not a list: SET tags = …")
        elif column == TAGS and value:
            problems.append("SET names tags more than once.")
        elif column == TAGS:
            value = tokens[start + 2 : end]
        else:
            problems.append(_why_not_changed(column))
    if [token.word for token in value] == ["NULL"]:
        problems.append("tags cannot be NULL: SET tags = '[]' removes all tags.")
    if problems:
        raise QueryRefused("\n".join(problems))
    return value


def _why_not_changed(column: str) -> str:
    """Why an UPDATE of a column is refused."""
    found = property_named(column)
    if column == REGION:
        return "A definition stays in its region: insert a new one there, and delete this one."
    if found is None:
        return _no_column(column, [*(one.column for one in properties()), REGION])
    if found.read_only:
        return f"SageMaker sets {found.column} itself."
    return (
        f"{found.column} cannot be changed, because SageMaker has no operation that does: insert a "
        "new definition, and delete this one."
    )


def _no_column(name: str, names: Sequence[str]) -> str:
    columns = did_you_mean(name, names) or f" The columns are {listed(names)}."
    return f"There is no column {name}.{columns}"


def _where(tokens: Sequence[Token], statement: str) -> Sequence[Token]:
    """The condition after WHERE. Raises QueryRefused if there is none, or if there is RETURNING."""
    _refuse_clause(tokens, "RETURNING", f"{statement} takes no RETURNING. {_REPORTED}")
    positions = _positions(tokens, "WHERE")
    if not positions:
        raise QueryRefused(
            f"{statement} needs a WHERE, such as: WHERE job_definition_arn = '…' AND region = '…'"
        )
    return tokens[positions[0] + 1 :]


def _refuse_clause(tokens: Sequence[Token], word: str, reason: str) -> None:
    """Raise QueryRefused if the statement has the clause that a word begins."""
    if _positions(tokens, word):
        raise QueryRefused(reason)


def _positions(tokens: Sequence[Token], word: str) -> list[int]:
    """Where a word begins a clause of the statement itself.

    In brackets it is part of a subquery, after a dot of a name, and after DISTINCT an operator
    (IS DISTINCT FROM).
    """
    return [
        position
        for position, token in enumerate(tokens)
        if token.word == word
        and token.depth == 0
        and not (
            position
            and (tokens[position - 1].text == "." or tokens[position - 1].word == "DISTINCT")
        )
    ]


def _is_at_top(token: Token, text: str) -> bool:
    return token.depth == 0 and token.text == text
