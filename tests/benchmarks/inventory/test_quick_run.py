"""`make bench-sql`, from the servers to the table; and the page that a whole run wrote."""

import multiprocessing

import pytest

from benchmarks.inventory.__main__ import PAGE, main, measured
from benchmarks.inventory.answers import IDENTITY, REGIONS
from benchmarks.inventory.measure import ALL, EVERY, FULL, LOOP, ONE, SHARE
from benchmarks.inventory.report import Results, targets
from project import ROOT
from tests.harness.benchmark_results import DESCRIBE, LIST, SQL_HELD, TAGS

pytestmark = pytest.mark.once

FIGURES = [target.what for target in targets(SQL_HELD)]


@pytest.mark.timeout(600)
def test_a_quick_look_measures_every_target_and_writes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = ROOT / PAGE
    before = page.read_bytes()
    found: list[Results] = []

    def measure_all(quick: bool) -> Results:
        # As by make, from a small process: the system counts the memory of the process that starts
        # a program into that program's peak, and this one may be large.
        with multiprocessing.get_context("spawn").Pool(1) as small:
            found.append(small.apply(measured, [quick]))
        return found[0]

    assert main(["--quick"], measure_all) == 0
    assert page.read_bytes() == before
    assert "Nothing was written" in capsys.readouterr().out
    [results] = found
    # What does not depend on how busy the machine is.
    for target in targets(results):
        if "calls" in target.what or "memory" in target.what:
            assert target.held, target
    inventory = results.inventory
    a_tenth = len(FULL) * inventory.definitions // SHARE
    for run in inventory.runs[LOOP]:
        assert run.calls == {LIST: len(FULL), DESCRIBE: a_tenth, TAGS: a_tenth}
    for run in inventory.runs[ALL]:
        # Of each definition the same calls as in the loop.
        assert run.calls[DESCRIBE] == run.calls[TAGS] == a_tenth * SHARE
    for run in inventory.runs[ONE]:
        assert run.calls[DESCRIBE] == run.calls[TAGS] == 1
    for run in inventory.runs[EVERY]:
        assert {IDENTITY, REGIONS} <= run.calls.keys()


def test_the_page_is_of_this_version_and_every_target_is_held() -> None:
    page = (ROOT / PAGE).read_text("utf-8")
    version = (ROOT / "VERSION").read_text("utf-8").strip()
    assert f"Version {version}, Python 3." in page
    rows = [row for row in page.partition("## Targets")[2].splitlines()[4:] if row]
    for figure, row in zip(FIGURES, rows, strict=True):
        assert figure in row
        assert row.endswith("| held |"), row
