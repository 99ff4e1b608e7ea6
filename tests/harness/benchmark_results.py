"""Results of benchmarks with made-up figures, for which nothing has to be measured."""

import dataclasses
from collections import Counter
from pathlib import Path

from benchmarks.measure import ACTIONS, Listing, Measured, Operations
from benchmarks.packages import MeasuredPackage
from benchmarks.report import Results, page
from tools.measured_sources import sources
from tools.release.checklist import BENCHMARKS


def operations(times: float, **more: list[float]) -> Operations:
    """Of a package whose calls take so many times as long as they need."""
    figures = {
        "exchanges": [0.02, 0.02],
        "cold": [0.5 * times, 0.5 * times],
        "peak_kib": [100.0, 100.0],
        **more,
    }
    return Operations(
        seconds={action: [0.02 * times, 0.02 * times] for action in ACTIONS},
        calls={action: Counter(Describe=1, List=2) for action in ACTIONS},
        **figures,
    )


HELD = Results(
    ours=MeasuredPackage("this one", 1_000_000, Path(), ""),
    textbook=MeasuredPackage("textbook", 9_100_000, Path(), ""),
    of_ours=Measured(delivered=operations(1, peak_kib=[20.0, 20.0]), plain=operations(1)),
    of_textbook=Measured(delivered=operations(30), plain=operations(40)),
    listing=Listing(10_000, 100, 100, 50_000.0, 50_100.0),
    stacks={1: [1.0, 1.0], 5_000: [1.1, 1.1]},
    version="1.2.3",
    python="3.12",
)


def measured(root: Path) -> None:
    """Write the page as `make bench` does for a project, with these figures."""
    version = (root / "VERSION").read_text("utf-8").strip()
    of_the_version = dataclasses.replace(HELD, version=version)
    (root / BENCHMARKS).write_text(page(of_the_version, "plot.svg", sources(root)), "utf-8")
