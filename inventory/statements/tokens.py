"""The tokens of a statement, and where they are in its text.

They are sqlglot's, which finds the ends of strings, quoted names and comments as DuckDB does. Only
text that DuckDB parses is read by its tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import TokenType
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import TokenError

from inventory.errors import QueryRefused

_STRINGS = {
    TokenType.STRING,
    TokenType.BYTE_STRING,
    TokenType.HEREDOC_STRING,
    TokenType.NATIONAL_STRING,
}
_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE}


@dataclass(frozen=True)
class Token:
    """A token.

    kind: sqlglot's. text: as it is written, from start to end (exclusive). value: without quotes.
    depth: how many brackets are open around it.
    """

    kind: TokenType
    text: str
    value: str
    start: int
    end: int
    depth: int

    @property
    def is_string(self) -> bool:
        """Whether it is a string literal of any notation."""
        return self.kind in _STRINGS

    @property
    def is_name(self) -> bool:
        """Whether it may be a name, or a part of one: a quoted name or a word."""
        return self.kind is TokenType.IDENTIFIER or bool(self.word)

    @property
    def word(self) -> str:
        """The unquoted word in capital letters, or nothing: `WHERE`, `ORDER BY`, `TAGS`."""
        is_word = not self.is_string and (self.text[0].isalpha() or self.text[0] == "_")
        return " ".join(self.text.upper().split()) if is_word else ""

    @property
    def name(self) -> str:
        """The name in small letters, in which DuckDB compares names, quoted or not."""
        return self.value.lower()


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text, without its comments.

    Raises QueryRefused if there is no such thing: a string or a comment does not end.
    """
    try:
        found = DuckDB().tokenize(text)
    except TokenError:
        raise QueryRefused(
            "The query has a string, a name or a comment that does not end."
        ) from None
    tokens: list[Token] = []
    depth = 0
    for token in found:
        depth -= token.token_type in _CLOSING
        start, end = token.start, token.end + 1
        tokens.append(Token(token.token_type, text[start:end], token.text, start, end, depth))
        depth += token.token_type in _OPENING
    return tokens


def partners(tokens: Sequence[Token]) -> dict[int, int]:
    """The position of the opening bracket of each closing one, by its position."""
    opened: list[int] = []
    pairs: dict[int, int] = {}
    for position, token in enumerate(tokens):
        if token.kind in _OPENING:
            opened.append(position)
        elif token.kind in _CLOSING and opened:
            pairs[position] = opened.pop()
    return pairs


def written(text: str, tokens: Sequence[Token]) -> str:
    """The text from the first of the tokens to the last, with what is between them."""
    return text[tokens[0].start : tokens[-1].end] if tokens else ""
