"""``make bench-sql``: measure the inventory beside a loop, and write guide/sql-benchmarks.md.

It writes nothing if it fails or is interrupted, or if the sources change meanwhile. A quick run
writes nothing either, and only shows the ratios.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import page
from benchmarks.inventory import measure, report
from project import ROOT
from project.command_line import ArgumentParser, run
from project.environment import python_version
from tools.measured_sources import sources_of_inventory

PAGE = Path("guide", "sql-benchmarks.md")


def measured(quick: bool) -> report.Results:
    """Measure everything; a quick run measures less of everything."""
    # At least two rounds, because fewer have no quartiles, and more than a page in each region.
    definitions, rounds = (110, 2) if quick else (1_000, 5)
    return report.Results(
        measure.measured(definitions, rounds, page.say),
        (ROOT / "VERSION").read_text("utf-8").strip(),
        python_version(),
    )


def main(
    arguments: Sequence[str] | None = None,
    measure_all: Callable[[bool], report.Results] = measured,
    root: Path = ROOT,
) -> int:
    """Measure, print the table of targets, and write the page; returns 1 if a target is missed."""
    parser = ArgumentParser(usage="make bench-sql [QUICK=1]", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure less, and write nothing")
    quick: bool = parser.parse_args(arguments).quick

    def reported() -> page.Report:
        results = measure_all(quick)
        return page.Report(report.targets(results), lambda of: {PAGE: report.page(results, of)})

    return page.publish(reported, lambda: sources_of_inventory(root), root, quick=quick)


if __name__ == "__main__":
    sys.exit(run(main))
