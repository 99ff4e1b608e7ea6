"""Words of other databases, as DuckDB reads them.

- `data__Identifier`, by which StackQL filters, is job_definition_arn.
- `column->'member'` and `column->>'member'` get parentheses. In Postgres and Datadog they bind
  more tightly than a comparison; in DuckDB less, so that `a->>'b' = 'c'` would ask for the
  member that `'b' = 'c'` names.
- `tags->'team'` becomes `(tags->>'team')`. Datadog's operator gives the text of a tag; DuckDB's
  gives JSON, which equals no text.

A lambda, whose right side is no literal, stays as it is.
"""

from __future__ import annotations

from sqlglot import TokenType

from inventory.columns import ARN, TAGS
from inventory.statements.tokens import Token, partners, tokens_of

STACKQL_IDENTIFIER = "data__identifier"

_ARROWS = {TokenType.ARROW, TokenType.DARROW}
_BRACKETS = {TokenType.R_PAREN, TokenType.R_BRACKET}
# fmt: off
_BEFORE_OPERAND = {
    "ALL", "AND", "ANY", "AS", "BETWEEN", "BY", "CASE", "DISTINCT", "ELSE", "ESCAPE", "EXCEPT",
    "EXISTS", "FROM", "GLOB", "HAVING", "ILIKE", "IN", "INTERSECT", "IS", "LATERAL", "LIKE",
    "LIMIT", "NOT", "OFFSET", "ON", "OR", "QUALIFY", "RETURNING", "SELECT", "SET", "SIMILAR",
    "SOME", "THEN", "TO", "UNION", "USING", "VALUES", "WHEN", "WHERE", "WITH",
}
# fmt: on
"""Words that stand before an operand. Brackets after another word are its arguments."""

_AFTER_CALL = {"FILTER", "OVER"}
"""Words whose parentheses belong to the call of a function before them."""


def edited(text: str) -> str:
    """A statement as DuckDB is to read it.

    Raises QueryRefused if its tokens cannot be read.
    """
    tokens = tokens_of(text)
    changes: list[tuple[int, int, str]] = [
        (token.start, token.end, ARN)
        for token in tokens
        if token.is_name and token.name == STACKQL_IDENTIFIER
    ]
    changes += _arrows(tokens)
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _arrows(tokens: list[Token]) -> list[tuple[int, int, str]]:
    """The changes that arrows need: where each starts and ends, and what is there instead."""
    changes: list[tuple[int, int, str]] = []
    pairs = partners(tokens)
    position = 0
    while position < len(tokens):
        chain = _chain(tokens, position)
        operand = _operand(tokens, position - 1, pairs) if chain else None
        if operand is not None:
            opening, closing = tokens[operand].start, tokens[chain[-1] - 1].end
            changes += [(opening, opening, "("), (closing, closing, ")")]
            arrow, member = tokens[position], tokens[position + 1]
            if len(chain) == 1 and _is_tag(tokens[position - 1], member):
                changes.append((arrow.start, arrow.end, "->>"))
        position = max(position + 1, *chain) if chain else position + 1
    return changes


def _is_tag(operand: Token, member: Token) -> bool:
    """Whether an arrow asks for a tag, and not for an item (`0`) or a path (`'$[0].Key'`)."""
    is_key = member.is_string and not member.value.startswith("$")
    return is_key and operand.is_name and operand.name == TAGS


def _chain(tokens: list[Token], position: int) -> list[int]:
    """Where each `-> literal` of a chain ends that starts at a position."""
    ends: list[int] = []
    while position < len(tokens) and tokens[position].kind in _ARROWS:
        position += 1
        if position < len(tokens) and tokens[position].kind is TokenType.DASH:
            position += 1
        if position == len(tokens) or not (
            tokens[position].is_string or tokens[position].kind is TokenType.NUMBER
        ):
            break
        position += 1
        ends.append(position)
    return ends


def _operand(tokens: list[Token], position: int, pairs: dict[int, int]) -> int | None:
    """Where the operand starts that ends at a position: `a.b`, `f(x)`, `a[1].b`, `(a)::json`.

    None for what is no operand, or one that is not understood (`CASE … END`).
    """
    while position >= 0:
        token = tokens[position]
        before = tokens[position - 1] if position else None
        if token.kind in _BRACKETS:
            position = pairs[position]
            before = tokens[position - 1] if position else None
            if before and before.word in _AFTER_CALL:
                position -= 2
                continue
            if before and _takes_brackets(before, tokens[position]):
                position -= 1
                continue
        elif not (token.is_name or token.is_string) or (
            _ends_expression(token) and not (before and before.kind is TokenType.DOT)
        ):
            return None
        if position == 0 or tokens[position - 1].kind not in {TokenType.DOT, TokenType.DCOLON}:
            return position
        position -= 2
    return None


def _takes_brackets(token: Token, bracket: Token) -> bool:
    """Whether brackets are a function's arguments, or a subscript of what is before them."""
    if token.is_name:
        return not _ends_expression(token)
    return bracket.kind is TokenType.L_BRACKET and (token.kind in _BRACKETS or token.is_string)


def _ends_expression(token: Token) -> bool:
    """Whether a word is no part of an operand. sqlglot has ORDER BY as one token."""
    return any(word in {"END", *_BEFORE_OPERAND} for word in token.word.split()[-1:])
