"""guide/sql-benchmarks.md, of a whole run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.inventory.answers import MAX_PAGE
from benchmarks.inventory.measure import (
    ABOUT_THE_CALLER,
    ALL,
    COUNT,
    EVERY,
    FEW,
    FULL,
    LOOP,
    ONE,
    SHARE,
    SMALL,
    Inventory,
    Run,
    queries,
)
from benchmarks.inventory.stub import DELAY
from benchmarks.page import Target, median, of_what, spread, table, table_of_targets

MAX_OF_LOOP = 1 / 10
MAX_COUNT_OF_LOOP = 1 / 100
MAX_PEAK_MIB = 220
MAX_CALLS_OF_FEW = 15
CALLS_OF_ONE = 2
MAX_FIRST_ROW = 1.5
MAX_EVERY = 2.0


@dataclass(frozen=True)
class Results:
    """Everything that one run measured, and of what."""

    inventory: Inventory
    version: str
    python: str


def targets(results: Results) -> list[Target]:
    """What was to be reached, and whether it was."""
    inventory = results.inventory
    runs = inventory.runs
    loop = median(inventory.seconds_of_the_loop())
    there = f"{inventory.definitions:,} definitions in each of {len(FULL)} regions"
    pages = -(-inventory.definitions // MAX_PAGE) * len(FULL)
    peak = max(run.peak_mib for run in runs[ALL])
    return [
        _share(f"SELECT * over {there}, this one / the loop", runs[ALL], loop, MAX_OF_LOOP),
        Target(
            "the same: peak memory of the process",
            f"{peak:.0f} MiB",
            f"≤ {MAX_PEAK_MIB} MiB",
            peak <= MAX_PEAK_MIB,
        ),
        _share(
            "count(*) by region there / the loop of the first row",
            runs[COUNT],
            loop,
            MAX_COUNT_OF_LOOP,
        ),
        _calls("the same: calls", runs[COUNT], pages, f"one a page and region: {pages}"),
        _calls("SELECT * ... LIMIT 3 there: calls", runs[FEW], MAX_CALLS_OF_FEW),
        _calls("one ARN there: calls", runs[ONE], CALLS_OF_ONE),
        _within(
            "start to first row, one region of ten, ten definitions in each",
            [run.first_row for run in runs[SMALL]],
            MAX_FIRST_ROW,
        ),
        _within(
            "count(*) over every region of the account, all but two empty",
            [run.seconds for run in runs[EVERY]],
            MAX_EVERY,
        ),
    ]


def _share(what: str, runs: Sequence[Run], loop: float, wanted: float) -> Target:
    share = median([run.seconds for run in runs]) / loop
    return Target(what, f"1/{1 / share:.1f}", f"≤ 1/{1 / wanted:.0f}", share <= wanted)


def _calls(what: str, runs: Iterable[Run], wanted: int, told: str | None = None) -> Target:
    most = max(run.of_sagemaker() for run in runs)
    return Target(what, str(most), told or f"≤ {wanted}", most <= wanted)


def _within(what: str, seconds: Sequence[float], wanted: float) -> Target:
    took = median(seconds)
    return Target(what, f"{took:.2f} s", f"≤ {wanted:g} s", took <= wanted)


def page(results: Results, sources: str) -> str:
    """The page, in Markdown; ``sources`` names what it is of."""
    inventory = results.inventory
    definitions = inventory.definitions * len(FULL)
    return "\n".join(
        [
            "# Benchmarks of the SQL inventory",
            "",
            "`make bench-sql` writes this page; do not edit it. It compares `make sql` with a",
            "[plain boto3 loop](../benchmarks/inventory/loop.py) over the same calls. Both run as",
            "new processes that take turns, in the same environment, against a",
            "[scripted server](../benchmarks/inventory/stub.py) on the same machine, which has no",
            f"limit of requests and answers each after {DELAY * 1000:.0f} ms. AWS answers some",
            "calls faster and some slower, encrypts connections, and throttles. Only the ratios",
            "and the numbers of calls carry over.",
            "",
            f"The loop reads a tenth of the {definitions:,} definitions, because all of them",
            "would take minutes in each round: its calls are one after another, so ten times the",
            "definitions take ten times as long. Its figures here are scaled so; the start of its",
            "process counts once.",
            "",
            *of_what(results.version, results.python, sources),
            "",
            f"Milliseconds: median (quartiles) of {len(inventory.runs[LOOP])} runs each, from the",
            "start of a process to its end. Memory is the highest peak of a process.",
            "",
            *table(
                ("", "milliseconds", "to the first row", "calls of SageMaker", "others", "MiB"),
                [
                    (
                        f"the loop over all {definitions:,}, scaled",
                        spread(inventory.seconds_of_the_loop()),
                        "",
                        _most_calls(inventory.runs[LOOP], scale=SHARE),
                        _most_others(inventory.runs[LOOP]),
                        "",
                    ),
                    *(
                        (
                            f"`{query.sql}`",
                            spread([run.seconds for run in inventory.runs[key]]),
                            spread([run.first_row for run in inventory.runs[key]]),
                            _most_calls(inventory.runs[key]),
                            _most_others(inventory.runs[key]),
                            f"{max(run.peak_mib for run in inventory.runs[key]):.0f}",
                        )
                        for key, query in queries(inventory.definitions).items()
                    ),
                ],
            ),
            "",
            "The last query is told no regions, and asks the account which ones it has. The calls",
            "of STS and of the account's API are those under others.",
            "",
            *table_of_targets(targets(results)),
            "",
        ]
    )


def _most_calls(runs: Iterable[Run], scale: int = 1) -> str:
    """The calls of SageMaker in the run that made most of them."""
    run = max(runs, key=Run.of_sagemaker)
    return _each({name: n * scale for name, n in run.calls.items() if name not in ABOUT_THE_CALLER})


def _most_others(runs: Iterable[Run]) -> str:
    """The other calls in the run that made most of them."""
    run = max(runs, key=lambda each: each.calls.total() - each.of_sagemaker())
    return _each({name: n for name, n in run.calls.items() if name in ABOUT_THE_CALLER})


def _each(calls: dict[str, int]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in sorted(calls.items())) or "none"
