"""The named queries: `@orphans` runs orphans.sql.

The comment at the beginning of each file says what the query answers. A parameter of a query is a
named parameter of DuckDB (`$tag`), and its value follows the name: `@untagged tag=CostCenter`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from inventory.errors import QueryRefused
from project.words import did_you_mean, listed

_FOLDER = Path(__file__).parent
_PARAMETER = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True)
class NamedQuery:
    """A named query. answers: the comment. parameters: their names, in the order of the text."""

    name: str
    text: str
    answers: str
    parameters: tuple[str, ...]

    @property
    def call(self) -> str:
        """How it is called: `@untagged tag=…`."""
        return " ".join([f"@{self.name}", *(f"{name}=…" for name in self.parameters)])


def queries() -> dict[str, NamedQuery]:
    """The named queries by name."""
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.sql"))}


def named_query(call: str) -> tuple[str, Mapping[str, str]]:
    """The text of a named query and the values of its parameters, from a call of it.

    Raises QueryRefused if there is no such query, or if its parameters are others.
    """
    try:
        name, *settings = shlex.split(call.strip().rstrip(";"))
    except ValueError:
        raise QueryRefused(f"A quote in {call.strip()} does not end.") from None
    name = name.removeprefix("@")
    found = queries().get(name)
    if found is None:
        names = listed([f"@{one}" for one in queries()])
        raise QueryRefused(
            f"There is no query @{name}.{did_you_mean(f'@{name}', [f'@{q}' for q in queries()])} "
            f"The named queries are {names}."
        )
    values = dict(setting.partition("=")[::2] for setting in settings)
    given = sorted(setting.partition("=")[0] for setting in settings)
    if given != sorted(found.parameters) or "" in values.values():
        takes = listed([f"a value for {name}" for name in found.parameters]) or "no parameters"
        raise QueryRefused(f"@{name} takes {takes}: {found.call}")
    return found.text, values


def _read(path: Path) -> NamedQuery:
    text = path.read_text("utf-8")
    comment = [line.removeprefix("--").strip() for line in text.splitlines() if line[:2] == "--"]
    parameters = tuple(dict.fromkeys(_PARAMETER.findall(text)))
    return NamedQuery(path.stem, text, " ".join(comment), parameters)
