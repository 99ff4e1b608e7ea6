"""Whether a condition names one definition and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from inventory.columns import ARN, REGION
from inventory.statements.statement import Exactly
from inventory.statements.syntax import tree
from inventory.statements.tokens import Token


def exactly(where: str, relation: Sequence[Token]) -> Exactly | None:
    """The definition that a condition names, if it is identifier = literal AND region = literal.

    relation: the table, with its alias, if any.
    """
    query = tree(f"SELECT 1 WHERE {where}")
    if not isinstance(query, exp.Select):
        return None
    both = query.args["where"].this.unnest()
    if not isinstance(both, exp.And):
        return None
    values: dict[str, str] = {}
    for side in (both.left.unnest(), both.right.unnest()):
        if isinstance(side, exp.EQ):
            values |= _equality(side, relation)
    if set(values) != {ARN, REGION}:
        return None
    return Exactly(values[ARN], values[REGION])


def _equality(condition: exp.EQ, relation: Sequence[Token]) -> dict[str, str]:
    """The column and the value of column = 'value' in either order, or nothing."""
    column, value = condition.left.unnest(), condition.right.unnest()
    if isinstance(column, exp.Literal):
        column, value = value, column
    if not (isinstance(column, exp.Column) and isinstance(value, exp.Literal) and value.is_string):
        return {}
    *table, name = (part.name.lower() for part in column.parts)
    return {name: value.this} if _names(table, relation) else {}


def _names(table: Sequence[str], relation: Sequence[Token]) -> bool:
    """Whether the table before the name of a column, if any, is the relation."""
    full = [token.name for token in relation if token.is_name and token.word != "AS"]
    alias = full[3:]
    return not table or list(table) == (alias or full[-len(table) :])
