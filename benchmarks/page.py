"""What the pages of figures share: targets, quartiles, tables, and when a page is written."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.packaging import PackagingError, files

median = statistics.median


@dataclass(frozen=True)
class Target:
    """A row of the table of targets."""

    what: str
    reached: str
    wanted: str
    held: bool


def say(line: str) -> None:
    """Tell on standard error what is being measured."""
    print(f"{line} ...", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Report:
    """What came out of a run: the targets, and the text of each page below the project's root.

    pages: takes a digest of the sources, which it names.
    """

    targets: list[Target]
    pages: Callable[[str], Mapping[Path, str]]


def publish(
    measure: Callable[[], Report], sources: Callable[[], str], root: Path, *, quick: bool
) -> int:
    """Measure, show the targets, and write the pages; returns the exit code of the command.

    Nothing is written if it fails or is interrupted, if the sources change meanwhile, or if it is
    ``quick``. A missed target is written, and the code is 1.
    """
    before = sources()
    try:
        report = measure()
    except PackagingError as error:
        print(f"{error}\nNothing was written.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted: nothing was written.", file=sys.stderr)
        return 130
    made = report.pages(before)
    _show(report.targets, judged=not quick)
    if quick:
        print("A quick run has too few calls for a verdict. Nothing was written.")
        return 0
    if sources() != before:
        print("The sources changed meanwhile, so nothing was written.", file=sys.stderr)
        return 1
    for path, text in made.items():
        files.write_atomically(root / path, text.encode())
    print(f"Written: {' and '.join(map(str, made))}")
    return 0 if all(target.held for target in report.targets) else 1


def _show(targets: Iterable[Target], *, judged: bool) -> None:
    shown = Table("what", "reached", "target", *([""] if judged else []))
    for target in targets:
        verdict = ["held" if target.held else "[red]missed[/]"] if judged else []
        shown.add_row(target.what, target.reached, target.wanted, *verdict)
    # Without a terminal the width is a guess, and whole lines matter more than a neat frame.
    Console(width=None if sys.stdout.isatty() else 120).print(shown)


def of_what(version: str, python: str, sources: str) -> list[str]:
    """The lines that say what a page is of, which `make release-check` reads."""
    return [
        f"Version {version}, Python {python}, {machine()}.",
        f"Of the sources `{sources}`: when they change, a release requires a new run.",
    ]


def table_of_targets(targets: Iterable[Target]) -> list[str]:
    """The last part of a page: what was to be reached, and whether it was."""
    rows = (
        (row.what, row.reached, row.wanted, "held" if row.held else "**missed**") for row in targets
    )
    return ["## Targets", "", *table(("what", "reached", "target", ""), rows)]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def quartiles(seconds: Sequence[float]) -> tuple[float, ...]:
    """In milliseconds; the second is the median. None lies outside of what was measured."""
    found = statistics.quantiles(seconds, n=4, method="inclusive")
    return tuple(each * 1000 for each in found)


def spread(seconds: Sequence[float]) -> str:
    """The median and the quartiles of some seconds, in milliseconds."""
    low, middle, high = quartiles(seconds)
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def machine() -> str:
    """The machine in a few words."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text("utf-8").splitlines() if cpu.exists() else []
    models = {line.partition(":")[2].strip() for line in lines if line.startswith("model name")}
    model = ", ".join(models) or platform.machine()
    return f"{platform.system()}, {os.cpu_count()} processors ({model})"
