"""Beliefs about AWS, as guide/assumptions.md states them, and the checks that belong to them.

A check is a function of an ``Aws`` that returns if the belief holds and raises BeliefBroken if
not. ``@belief("B01")`` registers it under the belief's number.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from conformance.aws import Aws, Need
from project import ROOT

PAGE = ROOT / "guide" / "assumptions.md"

Run = Callable[[Aws], None]


@dataclass(frozen=True)
class Check:
    """What shows whether a belief holds."""

    number: str
    run: Run
    needs: Need | None

    @property
    def name(self) -> str:
        """The function's name, which the page gives too."""
        return self.run.__name__


#: The checks whose modules are imported, by number; importing `conformance.checks` completes it.
CHECKS: dict[str, Check] = {}


def belief(number: str, needs: Need | None = None) -> Callable[[Run], Run]:
    """Register a function as the check of the belief with this number.

    Raises ValueError if the number has a check already.
    """

    def register(run: Run) -> Run:
        if number in CHECKS:
            raise ValueError(f"{number} has two checks: {CHECKS[number].name}, {run.__name__}")
        CHECKS[number] = Check(number, run, needs)
        return run

    return register


registered_type_belief: Callable[[str], Callable[[Run], Run]] = partial(belief, needs="stacks")
"""Registers the check of a belief that needs the type to be registered in the account."""


class Stated(NamedTuple):
    """A row of the page: the belief, what relies on it, its source, its check."""

    number: str
    text: str
    relied_on_by: str
    source: str
    check: str


def stated() -> list[Stated]:
    """The beliefs on the page that have a check, in the page's order."""
    rows = re.findall(r"^\| (B\d+ \| .+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return [Stated(*(cell.strip() for cell in row.split(" | "))) for row in rows]
