"""``make bench``: measure both packages, and write docs/benchmarks.md and its plot.

A run that fails, is interrupted, or during which the sources changed writes nothing. Neither does a
quick one, which is for a look.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import measure, packages, report
from tools.environment import ROOT, python_version
from tools.packaging import assembly, project

PAGE = ROOT / "docs" / "benchmarks.md"
PLOT = "benchmarks.svg"


def main() -> int:
    """Measure, print the table of targets, and write the page; 1 where a target was missed."""
    parser = argparse.ArgumentParser(usage="make bench [QUICK=1]", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a look, which writes nothing")
    quick: bool = parser.parse_args().quick
    if assembly.lambda_python() != python_version():
        print(
            f"The packages are measured on Lambda's Python, {assembly.lambda_python()}, and this "
            f"is {python_version()}. Install it, or name it: make bench PYTHON=python3.12",
            file=sys.stderr,
        )
        return 1
    before = _sources()
    results = _measured(quick)
    _show(report.targets(results))
    if quick:
        print("A quick run: nothing was written.")
    elif _sources() != before:
        print("The sources changed meanwhile: nothing was written.", file=sys.stderr)
        return 1
    else:
        PAGE.with_name(PLOT).write_text(report.plot(results), "utf-8")
        PAGE.write_text(report.page(results, PLOT), "utf-8")
        print(f"Written: {PAGE.relative_to(ROOT)} and {PLOT} beside it.")
    return 0 if quick or all(target.held for target in report.targets(results)) else 1


def _measured(quick: bool) -> report.Results:
    def say(line: str) -> None:
        print(f"{line} ...", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        say("making both packages")
        ours, textbook = packages.ours(Path(folder)), packages.textbook(Path(folder))
        rounds, calls = (1, 2) if quick else (8, 5)
        found, exchanges = measure.operations([ours, textbook], rounds, calls, say)
        return report.Results(
            ours=ours,
            textbook=textbook,
            of_ours=found[ours.name],
            of_textbook=found[textbook.name],
            exchanges=exchanges,
            listing=measure.listing(ours, 300 if quick else 10_000, say),
            stacks=measure.stacks(50 if quick else 5_000, 2 if quick else 15, say),
            version=(ROOT / "VERSION").read_text("utf-8").strip(),
            python=assembly.lambda_python(),
        )


def _sources() -> str:
    """Names what the packages are made of."""
    digest = hashlib.sha256()
    for path in (*project.parts(), *sorted(packages.TEXTBOOK.iterdir())):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _show(targets: list[report.Target]) -> None:
    table = Table("what", "reached", "target", "")
    for target in targets:
        table.add_row(
            target.what, target.reached, target.wanted, "held" if target.held else "[red]missed[/]"
        )
    # Off a terminal the width is a guess, and whole lines are worth more than a neat frame.
    Console(width=None if sys.stdout.isatty() else 120).print(table)


if __name__ == "__main__":
    sys.exit(main())
