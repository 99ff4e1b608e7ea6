"""``make bench``: measure both packages, and write guide/benchmarks.md and its plot.

It writes nothing if it fails or is interrupted, or if the sources change meanwhile. A quick run
writes nothing either, and only shows the ratios.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import measure, packages, report
from project import ROOT
from project.environment import python_version
from tools.measured_sources import sources
from tools.packaging import PackagingError, files
from tools.packaging.lambda_python import lambda_python

PAGE = Path("guide", "benchmarks.md")
PLOT = Path("guide", "benchmarks.svg")


def measured(quick: bool) -> report.Results:
    """Measure everything; a quick run measures less of everything."""

    def say(line: str) -> None:
        print(f"{line} ...", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        say("building both packages")
        ours, textbook = packages.ours(Path(folder)), packages.textbook(Path(folder))
        # At least two of each, because fewer have no quartiles.
        rounds, calls = (2, 1) if quick else (16, 3)
        found = measure.operations([ours, textbook], rounds, calls, say)
        return report.Results(
            ours=ours,
            textbook=textbook,
            of_ours=found[ours.name],
            of_textbook=found[textbook.name],
            listing=measure.listing(ours, 300 if quick else 10_000, say),
            stacks=measure.stacks(50 if quick else 5_000, 2 if quick else 15, say),
            version=(ROOT / "VERSION").read_text("utf-8").strip(),
            python=lambda_python(),
        )


def main(
    arguments: Sequence[str] | None = None,
    measure_all: Callable[[bool], report.Results] = measured,
    root: Path = ROOT,
) -> int:
    """Measure, print the table of targets, and write the page; returns 1 if a target is missed."""
    parser = argparse.ArgumentParser(usage="make bench [QUICK=1]", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure less, and write nothing")
    quick: bool = parser.parse_args(arguments).quick
    if lambda_python(root) != python_version():
        print(
            f"The packages are measured on Lambda's Python, {lambda_python(root)}, and "
            f"this is {python_version()}. Install it, or name it: make bench PYTHON=python3.12",
            file=sys.stderr,
        )
        return 1
    before = sources(root)
    try:
        results = measure_all(quick)
    except PackagingError as error:
        print(f"{error}\nNothing was written.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted: nothing was written.", file=sys.stderr)
        return 130
    targets = report.targets(results)
    made = {PLOT: report.plot(results), PAGE: report.page(results, PLOT.name, before)}
    _show(targets, judged=not quick)
    if quick:
        print("A quick run has too few calls for a verdict. Nothing was written.")
        return 0
    if sources(root) != before:
        print("The sources changed meanwhile, so nothing was written.", file=sys.stderr)
        return 1
    for path, text in made.items():
        files.write_atomically(root / path, text.encode())
    print(f"Written: {PAGE} and {PLOT}")
    return 0 if all(target.held for target in targets) else 1


def _show(targets: list[report.Target], *, judged: bool) -> None:
    table = Table("what", "reached", "target", *([""] if judged else []))
    for target in targets:
        verdict = ["held" if target.held else "[red]missed[/]"] if judged else []
        table.add_row(target.what, target.reached, target.wanted, *verdict)
    # Without a terminal the width is a guess, and whole lines matter more than a neat frame.
    Console(width=None if sys.stdout.isatty() else 120).print(table)


if __name__ == "__main__":
    sys.exit(main())
