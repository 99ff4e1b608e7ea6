"""Beliefs about AWS, as guide/assumptions.md states them, and the checks that belong to them.

A check is a function of an ``Aws`` that returns if the belief holds and raises BeliefBroken if
not. ``@belief("B01")`` registers it under the belief's number.
"""

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from botocore.exceptions import ClientError

from project import ROOT

if TYPE_CHECKING:
    from conformance.aws import Aws

PAGE = ROOT / "guide" / "assumptions.md"

#: What a check needs beyond a role: the type in stacks; a monitoring schedule; an endpoint.
Need = Literal["stacks", "schedule", "endpoint"]
Run = Callable[["Aws"], None]

# Answers that say nothing about a belief: who asks may not, or AWS cannot just now.
_UNRELATED = re.compile(r"Access|Auth|Credential|ExpiredToken|OptIn|Throttl|Limit|Unrecognized")


class BeliefBroken(Exception):
    """A belief does not hold; the text is what was seen instead."""


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


#: Those whose modules have been imported; `checks` has them all.
CHECKS: dict[str, Check] = {}


def belief(number: str, needs: Need | None = None) -> Callable[[Run], Run]:
    """Register a function as the check of the belief with this number."""

    def register(run: Run) -> Run:
        if number in CHECKS:
            raise ValueError(f"{number} has two checks: {CHECKS[number].name}, {run.__name__}")
        CHECKS[number] = Check(number, run, needs)
        return run

    return register


def checks() -> list[Check]:
    """Every check, by its belief's number."""
    for path in sorted((Path(__file__).parent / "checks").glob("*.py")):
        importlib.import_module(f"conformance.checks.{path.stem}")
    return sorted(CHECKS.values(), key=lambda check: int(check.number.removeprefix("B")))


class Stated(NamedTuple):
    """A row of the page: what is believed, who relies on it, where it is from, its check."""

    number: str
    text: str
    relied_on_by: str
    source: str
    check: str


def stated() -> list[Stated]:
    """The beliefs on the page that have a check, in its order."""
    rows = re.findall(r"^\| (B\d+ \| .+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return [Stated(*(cell.strip() for cell in row.split(" | "))) for row in rows]


# --- what checks say things with ------------------------------------------------------------------


def expect(holds: bool, seen: Any) -> None:
    """Raise BeliefBroken with what was seen, unless it holds."""
    if not holds:
        raise BeliefBroken(str(seen))


def expect_equal(seen: Any, wanted: Any) -> None:
    """Raise BeliefBroken with what was seen, unless it is what was wanted."""
    expect(seen == wanted, seen)


class Refusal(NamedTuple):
    """An error that a service answered with."""

    code: str
    status: int
    message: str

    def __str__(self) -> str:
        """All of it, for a person."""
        return f"{self.code} (HTTP {self.status}): {self.message}"

    @classmethod
    def of(cls, error: ClientError) -> "Refusal":
        """The answer that botocore raised."""
        details, metadata = error.response["Error"], error.response["ResponseMetadata"]
        return cls(details["Code"], metadata["HTTPStatusCode"], details.get("Message", ""))

    @property
    def is_unrelated(self) -> bool:
        """Whether it is about who asks and when, not about what was asked."""
        return self.status >= 500 or bool(_UNRELATED.search(self.code))


def refusal(call: Callable[..., Any], **request: Any) -> Refusal:
    """What a call is refused with. Raises BeliefBroken if it is not."""
    try:
        call(**request)
    except ClientError as error:
        refused = Refusal.of(error)
        if refused.is_unrelated:
            raise
        return refused
    raise BeliefBroken("it was accepted")


def expect_refusal(
    code: str, call: Callable[..., Any], *, words: tuple[str, ...] = (), **request: Any
) -> None:
    """Raise BeliefBroken unless a call is refused with HTTP 400, this error, and these words."""
    refused = refusal(call, **request)
    as_wanted = (refused.code, refused.status) == (code, 400)
    expect(as_wanted and all(word in refused.message for word in words), refused)
