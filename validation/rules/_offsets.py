"""The window of time that a run looks at: StartTimeOffset and EndTimeOffset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ._inputs import SCHEDULING_GUIDE, inputs
from ._rule import DefinitionRule, Finding, finding
from ._values import Value

OFFSETS = ("StartTimeOffset", "EndTimeOffset")
_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<days>\d+)D)?(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?",
    re.ASCII,
)
_HOURS_OR_DAYS = re.compile(r"(?P<sign>[+-]?)PT?(?P<number>\d+)(?P<unit>[HD])", re.ASCII)


@dataclass(frozen=True)
class Offset:
    """A duration of days, hours and minutes, forwards or backwards."""

    minutes: int
    backwards: bool

    @property
    def signed(self) -> int:
        """The minutes, negative if they go back."""
        return -self.minutes if self.backwards else self.minutes


def parsed(value: Value) -> Offset | None:
    """Return the offset that a value is, or None if it is none or not known."""
    match = _DURATION.fullmatch(value.value) if isinstance(value.value, str) else None
    if match is None or match["days"] is match["hours"] is match["minutes"] is None:
        return None
    days, hours, minutes = (int(match[unit] or 0) for unit in ("days", "hours", "minutes"))
    return Offset((days * 24 + hours) * 60 + minutes, match["sign"] == "-")


def offsets(properties: Value) -> Iterator[tuple[str, Value]]:
    """Yield each offset that is a string, with its name."""
    for _, each in inputs(properties):
        for name in OFFSETS:
            for offset in each.get(name):
                if isinstance(offset.value, str):
                    yield name, offset


class OffsetFormat(DefinitionRule):
    """Offsets that are no durations."""

    id = "W9507"
    shortdesc = "An offset is an ISO 8601 duration of hours or days"
    description = (
        "StartTimeOffset and EndTimeOffset are ISO 8601 durations: hours as in -PT6H, days as in "
        "-P1D. By its model, SageMaker's API checks only that there is a P at the beginning."
    )
    source_url = SCHEDULING_GUIDE
    background = """\
The guide asks for `-PT#H` or `-P#D`, and mentions minutes. These are accepted, also together.
Hours come after a T and days before it. An example in the same guide has `-PT2D`, and an older
edition had `-P7H`. Neither is a duration by ISO 8601. How SageMaker reads them is not on record, so
this is a warning.
"""

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each offset that is no duration of days, hours and minutes."""
        for name, offset in offsets(properties):
            if parsed(offset) is None:
                better = _corrected(offset.value) or "hours as in -PT6H, or days as in -P1D"
                message = (
                    f"{name} {offset.value!r} is not an ISO 8601 duration of hours or days; write "
                    f"{better}"
                )
                yield finding(offset, message)


class OffsetInTheFuture(DefinitionRule):
    """Offsets without a minus sign."""

    id = "W9508"
    shortdesc = "An offset goes back in time"
    description = (
        "An offset is relative to the time of the run, and no later data exist by then. Those in "
        "the guide begin with a minus sign."
    )
    source_url = SCHEDULING_GUIDE
    background = """\
The API's reference says that jobs "subtract this time", but every documented offset is negative.
An offset of zero is accepted with and without the sign.
"""

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each offset that goes forwards."""
        for name, value in offsets(properties):
            offset = parsed(value)
            if offset and offset.signed > 0:
                better = "-" + value.value.lstrip("+")
                yield finding(value, f"{name} {value.value!r} is in the future; write {better}")


class WindowBackwards(DefinitionRule):
    """A window that ends before it starts."""

    id = "E9509"
    shortdesc = "StartTimeOffset is not later than EndTimeOffset"
    description = (
        "A run looks at the data from StartTimeOffset to EndTimeOffset. If the start is later than "
        "the end, there is no such data."
    )
    source_url = SCHEDULING_GUIDE
    background = """\
The guide's example: with `-P8D` and `-P1D`, a run on January 9 looks at the data of January 1 to 8.
Two equal offsets are accepted. If one of the two is missing, the other is not judged.
"""

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each kind of deployment whose window runs backwards."""
        for _, each in inputs(properties):
            for start in each.get("StartTimeOffset"):
                from_ = parsed(start)
                if from_ is None:
                    continue
                for end in each.get("EndTimeOffset", given=start):
                    to = parsed(end)
                    if to and from_.signed > to.signed:
                        message = (
                            f"StartTimeOffset {start.value!r} is later than EndTimeOffset "
                            f"{end.value!r}; exchange them"
                        )
                        yield finding(start, message, given=end)


def _corrected(text: str) -> str | None:
    """Return what was probably meant by one number of hours or days."""
    match = _HOURS_OR_DAYS.fullmatch(text)
    if match is None:
        return None
    return f"-P{'T' if match['unit'] == 'H' else ''}{match['number']}{match['unit']}"
