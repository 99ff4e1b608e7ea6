"""``make bench``: measure both packages, and write guide/benchmarks.md and its plot.

It writes nothing if it fails or is interrupted, or if the sources change meanwhile. A quick run
writes nothing either, and only shows the ratios.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import measure, packages, page, report
from project import ROOT
from project.command_line import ArgumentParser, run
from project.environment import python_version
from tools.measured_sources import sources
from tools.packaging.lambda_python import lambda_python

PAGE = Path("guide", "benchmarks.md")
PLOT = Path("guide", "benchmarks.svg")


def measured(quick: bool) -> report.Results:
    """Measure everything; a quick run measures less of everything."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        page.say("building both packages")
        ours, textbook = packages.ours(Path(folder)), packages.textbook(Path(folder))
        # At least two of each, because fewer have no quartiles.
        rounds, calls = (2, 1) if quick else (16, 3)
        found = measure.operations([ours, textbook], rounds, calls, page.say)
        return report.Results(
            ours=ours,
            textbook=textbook,
            of_ours=found[ours.name],
            of_textbook=found[textbook.name],
            listing=measure.listing(ours, 300 if quick else 10_000, page.say),
            stacks=measure.stacks(50 if quick else 5_000, 2 if quick else 15, page.say),
            version=(ROOT / "VERSION").read_text("utf-8").strip(),
            python=lambda_python(),
        )


def main(
    arguments: Sequence[str] | None = None,
    measure_all: Callable[[bool], report.Results] = measured,
    root: Path = ROOT,
) -> int:
    """Measure, print the table of targets, and write the page; returns 1 if a target is missed."""
    parser = ArgumentParser(usage="make bench [QUICK=1]", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure less, and write nothing")
    quick: bool = parser.parse_args(arguments).quick
    if lambda_python(root) != python_version():
        print(
            f"The packages are measured on Lambda's Python, {lambda_python(root)}, and "
            f"this is {python_version()}. Install it, or name it: make bench PYTHON=python3.12",
            file=sys.stderr,
        )
        return 1

    def reported() -> page.Report:
        results = measure_all(quick)
        return page.Report(
            report.targets(results),
            lambda of: {
                PLOT: report.plot(results),
                PAGE: report.page(results, PLOT.name, of),
            },
        )

    return page.publish(reported, lambda: sources(root), root, quick=quick)


if __name__ == "__main__":
    sys.exit(run(main))
