"""docs/benchmarks.md and its plot, of a whole run."""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pygal
from pygal.style import Style

from benchmarks.measure import ACTIONS, MEASURED, TELEMETRY, Listing, Operations
from benchmarks.packages import Package

MAX_EXCHANGES_RATIO = 3
TARGETS = {"READ": 20.0, **{action: 10.0 for action in ACTIONS if action != "READ"}}
MAX_PEAK = 0.6
MAX_SIZE = 1 / 7
MIN_COLD = 2.0
# "Flat". Times are medians of the same thing on a noisy machine. Memory is not noisy: it grows by
# under a hundredth, and by a quarter in a process that keeps all pages of 10,000 definitions.
MAX_SLOWER = 1.25
MAX_GROWTH = 1.05


@dataclass(frozen=True)
class Results:
    """Everything that one run measured; see measure.py for what the parts mean."""

    ours: Package
    textbook: Package
    of_ours: Operations
    of_textbook: Operations
    listing: Listing
    stacks: dict[int, list[float]]
    version: str
    python: str


@dataclass(frozen=True)
class Target:
    """A row of the table of targets."""

    what: str
    reached: str
    wanted: str
    held: bool


def targets(results: Results) -> list[Target]:
    """What was to be reached, and whether it was."""
    ours, textbook = results.of_ours, results.of_textbook
    rows = []
    for action in ACTIONS:
        times = _median(textbook.seconds[action]) / _median(ours.seconds[action])
        wanted = TARGETS[action]
        what = f"warm {action}, textbook / this one"
        rows.append(Target(what, f"{times:.0f} times", f"≥ {wanted:.0f} times", times >= wanted))
    # Of each READ and the exchanges right after it: both met the machine in the same mood.
    pairs = zip(ours.seconds["READ"], ours.exchanges, strict=True)
    bare = _median([read / exchanges for read, exchanges in pairs])
    rows.append(
        Target(
            "warm READ, this one / its bare HTTP exchanges",
            f"{bare:.2f} times",
            f"≤ {MAX_EXCHANGES_RATIO} times",
            bare <= MAX_EXCHANGES_RATIO,
        )
    )
    cold = _median(textbook.cold) / _median(ours.cold)
    rows.append(
        Target(
            "cold start to first answer, textbook / this one",
            f"{cold:.2f} times",
            f"≥ {MIN_COLD:.0f} times",
            cold >= MIN_COLD,
        )
    )
    peak = _median(ours.peak_kib) / _median(textbook.peak_kib)
    rows.append(
        Target(
            "peak memory, this one / textbook", f"{peak:.0%}", f"≤ {MAX_PEAK:.0%}", peak <= MAX_PEAK
        )
    )
    size = results.ours.size / results.textbook.size
    rows.append(
        Target(
            "package, this one / textbook",
            f"1/{1 / size:.1f}",
            f"≤ 1/{1 / MAX_SIZE:.0f}",
            size <= MAX_SIZE,
        )
    )
    listing = results.listing
    growth = listing.last_page_kib / listing.first_page_kib
    rows.append(
        Target(
            f"LIST over {listing.definitions:,} definitions: memory, last page / first",
            f"{growth:.2f}",
            f"flat (≤ {MAX_GROWTH})",
            growth <= MAX_GROWTH,
        )
    )
    rows.append(
        Target(
            f"LIST over {listing.definitions:,} definitions: service calls",
            f"{listing.calls:,} for {listing.pages:,} pages",
            "one a page",
            listing.calls == listing.pages,
        )
    )
    (few, at_first), (many, at_last) = sorted(results.stacks.items())
    slower = _median(at_last) / _median(at_first)
    rows.append(
        Target(
            f"sandbox: create and delete a stack, beside {many:,} definitions / beside {few:,}",
            f"{slower:.2f}",
            f"flat (≤ {MAX_SLOWER})",
            slower <= MAX_SLOWER,
        )
    )
    return rows


def page(results: Results, plot: str, sources: str) -> str:
    """The page, in Markdown; ``plot`` is the plot's file name, ``sources`` names what it is of."""
    rows = [
        (f"warm {what}", results.of_ours.seconds[what], results.of_textbook.seconds[what])
        for what in MEASURED
    ]
    rows.append(("cold start to first answer", results.of_ours.cold, results.of_textbook.cold))
    samples, cold = len(results.of_ours.seconds["READ"]), results.of_ours.cold
    exchanges, deliveries = results.of_ours.exchanges, results.of_ours.deliveries
    bare = _median(exchanges) + _median(deliveries)
    delivering = _median(results.of_textbook.seconds[TELEMETRY]) / bare
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Made by `make bench`; do not edit. The packages of this provider and of a",
            "[textbook one](../benchmarks/textbook/handlers.py), which is what the CLI leads",
            "to with the same schema and requirements. Both are measured in one run, in fresh",
            "processes that take turns, against one local server that holds definitions, logs and",
            "metrics and keeps connections. Only ratios carry over to other machines.",
            "",
            "This one's package has bytecode, which the CLI leaves out of what it packages. So",
            "the textbook one compiles what it imports in each cold start, here as in Lambda,",
            "where a function's folder cannot be written to.",
            "",
            f"Version {results.version}, Python {results.python}, {_machine()}.",
            f"Of the sources `{sources}`: when these change, a release asks for another run.",
            "",
            f"![The table below as a plot]({plot})",
            "",
            f"Milliseconds: median (quartiles) of {samples} warm calls and {len(cold)} cold starts",
            "each. The first call of each kind in a process makes what the later ones use, and is",
            "not among the warm ones. Events of a type that `make submit` registers ask for log",
            "lines and metrics. Those here do in the row that says so alone, in processes of their",
            "own and into a log stream that is there already. None of the targets below is about",
            "that row.",
            "",
            *_table(
                ("", "this one", "textbook", "ratio"),
                (
                    (
                        what,
                        _spread(one),
                        _spread(other),
                        f"{_median(other) / _median(one):.1f}",
                    )
                    for what, one, other in rows
                ),
            ),
            "",
            "The bare HTTP exchanges of a READ of this one, without an SDK and beside each, took",
            f"{_spread(exchanges)}, and those of its log lines and metrics",
            f"{_spread(deliveries)}, most of it the local server's work. A provider that took no",
            "time beside all of these, one after another, would have the ratio",
            f"{delivering:.1f} in the row with log lines and metrics.",
            "",
            *_table(
                ("", "this one", "textbook"),
                [
                    (
                        "peak memory of a process, MiB",
                        f"{_median(results.of_ours.peak_kib) / 1024:.0f}",
                        f"{_median(results.of_textbook.peak_kib) / 1024:.0f}",
                    ),
                    (
                        "package, MB",
                        f"{results.ours.size / 1e6:.1f}",
                        f"{results.textbook.size / 1e6:.1f}",
                    ),
                    *(
                        (
                            f"service calls of {what}",
                            _calls(results.of_ours.calls[what]),
                            _calls(results.of_textbook.calls[what]),
                        )
                        for what in MEASURED
                    ),
                ],
            ),
            "",
            "Milliseconds to create and delete a stack in the sandbox: "
            + ", ".join(
                f"{_spread(seconds)} beside {_definitions(number)}"
                for number, seconds in results.stacks.items()
            )
            + ".",
            "",
            "## Targets",
            "",
            *_table(
                ("what", "reached", "target", ""),
                (
                    (row.what, row.reached, row.wanted, "held" if row.held else "**missed**")
                    for row in targets(results)
                ),
            ),
            "",
        ]
    )


def plot(results: Results) -> str:
    """Medians of both with their quartiles as an SVG picture, on a logarithmic axis."""
    chart = pygal.HorizontalBar(
        logarithmic=True,
        height=420,
        js=[],
        legend_at_bottom=True,
        print_values=True,
        show_y_guides=True,
        style=Style(
            background="white",
            plot_background="white",
            colors=("#0b7285", "#adb5bd"),
            value_font_size=12,
        ),
        title="Milliseconds: medians, with quartiles",
        x_title=f"Python {results.python}, {_machine()}; logarithmic",
        truncate_label=-1,
        value_formatter=lambda value: f"{value:.0f}",
        disable_xml_declaration=True,
    )
    chart.x_labels = [*(f"warm {action}" for action in reversed(ACTIONS)), "cold start"]
    bars = {
        package.name: [
            _bar(seconds)
            for seconds in (*(found.seconds[each] for each in reversed(ACTIONS)), found.cold)
        ]
        for package, found in (
            (results.ours, results.of_ours),
            (results.textbook, results.of_textbook),
        )
    }
    whiskers = [bar["ci"] for series in bars.values() for bar in series]
    # From a power of ten: pygal's own axis begins at the shortest bar, which then has no length.
    # To the next 1, 2 or 5 of one: the next power would leave most of a decade empty.
    lowest = math.floor(math.log10(min(each["low"] for each in whiskers)))
    longest = max(each["high"] for each in whiskers)
    highest = math.floor(math.log10(longest))
    chart.zero = 10**lowest
    end = next(step * 10**highest for step in (1, 2, 5, 10) if step * 10**highest >= longest)
    chart.y_labels = sorted({*(10**power for power in range(lowest, highest + 1)), end})
    for name, series in bars.items():
        chart.add(name, series)
    return str(chart.render(is_unicode=True))


def _bar(seconds: list[float]) -> dict[str, Any]:
    """A bar as pygal takes it, with the quartiles in the place of a confidence interval."""
    low, middle, high = _quartiles(seconds)
    return {"value": middle, "ci": {"low": low, "high": high}}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


_median = statistics.median


def _quartiles(seconds: list[float]) -> tuple[float, ...]:
    """In milliseconds; the second is the median."""
    return tuple(each * 1000 for each in statistics.quantiles(seconds, n=4))


def _spread(seconds: list[float]) -> str:
    low, middle, high = _quartiles(seconds)
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def _calls(calls: Counter[str]) -> str:
    each = ", ".join(f"{name} {times}" for name, times in sorted(calls.items()))
    return f"{sum(calls.values())}: {each}"


def _definitions(number: int) -> str:
    return f"{number:,} definition{'' if number == 1 else 's'}"


def _machine() -> str:
    """The machine in a few words."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text("utf-8").splitlines() if cpu.exists() else []
    models = {line.partition(":")[2].strip() for line in lines if line.startswith("model name")}
    model = ", ".join(models) or platform.machine()
    return f"{platform.system()}, {os.cpu_count()} processors ({model})"
