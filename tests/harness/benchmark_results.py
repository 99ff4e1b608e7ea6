"""Results of benchmarks with made-up figures, for which nothing has to be measured."""

import dataclasses
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from benchmarks.inventory import report as sql
from benchmarks.inventory.answers import IDENTITY, REGIONS
from benchmarks.inventory.measure import ALL, COUNT, EVERY, FEW, LOOP, ONE, SMALL, Inventory, Run
from benchmarks.measure import ACTIONS, Listing, Measured, Operations
from benchmarks.packages import MeasuredPackage
from benchmarks.report import Results, page
from tools.measured_sources import sources, sources_of_inventory
from tools.release.checklist import BENCHMARKS, SQL_BENCHMARKS


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


def run(seconds: float, calls: Mapping[str, int], *, peak_mib: float = 100) -> Run:
    """Of a process that writes its first row at half of its time."""
    return Run(seconds, seconds / 2, peak_mib, Counter(calls), said=str(seconds - 1))


LIST, DESCRIBE, TAGS = (
    "ListModelQualityJobDefinitions",
    "DescribeModelQualityJobDefinition",
    "ListTags",
)
# The loop takes 31 s for a tenth, 30 s of it for its calls: 301 s for all.
SQL_HELD = sql.Results(
    Inventory(
        1_000,
        {
            LOOP: [run(31, {LIST: 4, DESCRIBE: 400, TAGS: 400})] * 2,
            ALL: [run(30, {IDENTITY: 1, LIST: 40, DESCRIBE: 4_000, TAGS: 4_000}, peak_mib=220)] * 2,
            COUNT: [run(3, {IDENTITY: 1, LIST: 40})] * 2,
            FEW: [run(1, {IDENTITY: 1, LIST: 4, DESCRIBE: 5, TAGS: 6})] * 2,
            ONE: [run(1, {IDENTITY: 1, DESCRIBE: 1, TAGS: 1})] * 2,
            SMALL: [run(3, {IDENTITY: 1, LIST: 1, DESCRIBE: 10, TAGS: 10})] * 2,
            EVERY: [run(2, {IDENTITY: 1, REGIONS: 1, LIST: 34})] * 2,
        },
    ),
    "1.2.3",
    "3.12",
)


def measured(root: Path) -> None:
    """Write the pages that `make bench` and `make bench-sql` write, with these figures."""
    version = (root / "VERSION").read_text("utf-8").strip()
    of_the_version = dataclasses.replace(HELD, version=version)
    (root / BENCHMARKS).write_text(page(of_the_version, "plot.svg", sources(root)), "utf-8")
    sql_of_the_version = dataclasses.replace(SQL_HELD, version=version)
    text = sql.page(sql_of_the_version, sources_of_inventory(root))
    (root / SQL_BENCHMARKS).write_text(text, "utf-8")
