"""Which offsets are durations of days, hours and minutes, and what is said of the others."""

from __future__ import annotations

import pytest

from validation.examples import FOLDER
from validation.lint import lint

pytestmark = pytest.mark.once

SOUND = (FOLDER / "W9507/sound.yaml").read_text("utf-8")


def found(start: str, end: str = "-P1D") -> list[tuple[str, str]]:
    template = SOUND.replace("StartTimeOffset: -P2D", f"StartTimeOffset: {start}")
    assert template != SOUND
    template = template.replace("EndTimeOffset: -P1D", f"EndTimeOffset: {end}")
    return [(match.rule.id, match.message) for match in lint(template)]


@pytest.mark.parametrize("start", ["-P8D", "-PT48H", "-P1DT12H", "-PT1500M", "-P1DT0H1M", "-P1D "])
def test_days_hours_and_minutes_are_accepted_alone_and_together(start: str) -> None:
    assert found(start) == []


@pytest.mark.parametrize("zero", ["-PT0H", "PT0H", "-P0D", "P0D", "+PT0H"])
def test_an_offset_of_zero_is_accepted_with_every_sign(zero: str) -> None:
    assert found("-PT1H", zero) == []


def test_two_equal_offsets_are_accepted() -> None:
    assert found("-PT24H") == []


@pytest.mark.parametrize(
    ("start", "better"),
    [
        ("-PT2D", "-P2D"),
        ("-P7H", "-PT7H"),
        ("P7H", "-PT7H"),
        *((each, "") for each in ("P", "-P", "-PT", "-P1DT", "-P1W", "-P1M", "-P1Y", "-PT1.5H")),
        *((each, "") for each in ("-PT1H30", "-PT1H2D", "--PT1H", "-PT60S", "-P\u0661D")),
    ],
)
def test_what_is_no_such_duration_is_told_with_what_was_probably_meant(
    start: str, better: str
) -> None:
    better = better or "hours as in -PT6H, or days as in -P1D"
    message = f"StartTimeOffset {start!r} is not an ISO 8601 duration of hours or days; write "
    assert found(start) == [("W9507", message + better)]


@pytest.mark.parametrize("start", ["PT1H", "+PT1H"])
def test_an_offset_without_a_minus_sign_is_in_the_future(start: str) -> None:
    assert found(start, "P1D")[0] == (
        "W9508",
        f"StartTimeOffset {start!r} is in the future; write -PT1H",
    )
