"""`make bench-sql`: what it says of figures, and what it writes and when."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.inventory.__main__ import PAGE, main
from benchmarks.inventory.answers import IDENTITY
from benchmarks.inventory.measure import ALL, COUNT, EVERY, FEW, ONE, SMALL, Run, queries
from benchmarks.inventory.report import Results, page, targets
from project import ROOT
from tests.harness.benchmark_results import DESCRIBE, LIST, SQL_HELD, TAGS, run
from tools.measured_sources import sources, sources_of_inventory

pytestmark = pytest.mark.once


def replaced(key: str, runs: Sequence[Run]) -> Results:
    """The results that hold every target, with other runs of one query."""
    inventory = SQL_HELD.inventory
    return dataclasses.replace(
        SQL_HELD,
        inventory=dataclasses.replace(inventory, runs={**inventory.runs, key: runs}),
    )


# For each target, what its name has in it, and results that miss it alone.
MISSED = {
    "SELECT * over 1,000 definitions": replaced(ALL, [run(31, {})] * 2),
    "peak memory": replaced(ALL, [run(30, {}), run(30, {}, peak_mib=221)]),
    "count(*) by region there": replaced(COUNT, [run(3.1, {LIST: 40})] * 2),
    "the same: calls": replaced(COUNT, [run(3, {LIST: 40}), run(3, {LIST: 41})]),
    "LIMIT 3": replaced(FEW, [run(1, {LIST: 4, DESCRIBE: 6, TAGS: 6})] * 2),
    "one ARN": replaced(ONE, [run(1, {LIST: 1, DESCRIBE: 1, TAGS: 1})] * 2),
    "start to first row": replaced(SMALL, [run(3.1, {})] * 2),
    "every region": replaced(EVERY, [run(2.1, {})] * 2),
}


def test_good_figures_hold_every_target() -> None:
    assert len(targets(SQL_HELD)) == len(MISSED)
    assert [target.what for target in targets(SQL_HELD) if not target.held] == []


@pytest.mark.parametrize("name", MISSED)
def test_a_bad_figure_misses_its_target_and_no_other(name: str) -> None:
    [missed] = [target.what for target in targets(MISSED[name]) if not target.held]
    assert name in missed


def test_the_loop_is_scaled_to_all_definitions_and_starts_once() -> None:
    # Of 31 s, 30 are for a tenth of the calls.
    assert SQL_HELD.inventory.seconds_of_the_loop() == [301, 301]


def test_the_page_has_every_query_with_its_calls_and_says_what_was_missed() -> None:
    shown = page(MISSED["one ARN"], "0123abcd")
    assert "Version 1.2.3, Python 3.12" in shown
    assert "Of the sources `0123abcd`" in shown
    loop = f"301000.0 (301000.0 to 301000.0) |  | {DESCRIBE} 4,000, {LIST} 40, {TAGS} 4,000"
    assert f"| the loop over all 4,000, scaled | {loop} | none |" in shown
    for query in queries(1_000).values():
        assert f"| `{query.sql}` | " in shown
    assert (
        f"| 30000.0 (30000.0 to 30000.0) | 15000.0 (15000.0 to 15000.0) | {DESCRIBE} 4,000, "
        f"{LIST} 40, {TAGS} 4,000 | {IDENTITY} 1 | 220 |"
    ) in shown
    rows = shown.partition("## Targets")[2].splitlines()[4:]
    assert [row.rpartition(" | ")[2] for row in rows] == [
        "**missed** |" if "one ARN" in row else "held |" for row in rows
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """As much of a project as the digests need."""
    for name in (*SOURCES, *OF_OTHERS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text("utf-8"))
    (tmp_path / PAGE).parent.mkdir()
    return tmp_path


SOURCES = (
    "VERSION",
    "inventory/statements/statement.py",
    "benchmarks/inventory/stub.py",
    "requirements/inventory.txt",
)
OF_OTHERS = (".rpdk-config", "benchmarks/measure.py", "sandbox/server.py")


def test_a_run_writes_the_page_and_a_missed_target_is_a_failure(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], lambda _quick: SQL_HELD, project) == 0
    assert (project / PAGE).read_text("utf-8") == page(SQL_HELD, sources_of_inventory(project))
    assert "missed" not in capsys.readouterr().out
    assert main([], lambda _quick: MISSED["one ARN"], project) == 1
    assert "**missed**" in (project / PAGE).read_text("utf-8")


@pytest.mark.parametrize("source", SOURCES)
def test_a_run_during_which_the_inventory_changed_writes_nothing(
    source: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure_all(_quick: bool) -> Results:
        (project / source).write_text("as it is")
        return SQL_HELD

    assert main([], measure_all, project) == 1
    assert not (project / PAGE).exists()
    assert "The sources changed meanwhile" in capsys.readouterr().err


def test_neither_page_of_figures_depends_on_what_only_the_other_measures(project: Path) -> None:
    handlers, inventory = sources(project), sources_of_inventory(project)
    for name in OF_OTHERS[1:]:
        (project / name).write_text("as it is")
    assert sources_of_inventory(project) == inventory
    assert sources(project) != handlers
    handlers = sources(project)
    for name in SOURCES[1:]:
        (project / name).write_text("as it is")
    assert sources(project) == handlers
    assert sources_of_inventory(project) != inventory
