"""guide/benchmarks.md and its plot, of a whole run."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pygal
from pygal.style import Style

from benchmarks.measure import ACTIONS, Listing, Measured, Operations
from benchmarks.packages import MeasuredPackage
from benchmarks.page import (
    Target,
    machine,
    median,
    of_what,
    quartiles,
    spread,
    table,
    table_of_targets,
)

DELIVERED = "log lines and metrics delivered"
PLAIN = "without log lines and metrics"


@dataclass(frozen=True)
class Speed:
    """What is wanted of the operations: how many times as fast as the textbook's.

    exchanges: how many times the bare HTTP exchanges of a READ one may take.
    """

    read: float
    others: float
    exchanges: float
    cold: float


WANTED = {
    DELIVERED: Speed(read=18, others=12, exchanges=1.6, cold=2.8),
    PLAIN: Speed(read=20, others=10, exchanges=3, cold=2),
}
MAX_PEAK = 0.25
MAX_SIZE = 1 / 9
# "Flat". Times are medians of the same thing on a noisy machine. Memory is not noisy: it grows by
# under a hundredth, and by a quarter in a process that keeps all pages of 10,000 definitions.
MAX_SLOWER = 1.25
MAX_GROWTH = 1.05


@dataclass(frozen=True)
class Results:
    """Everything that one run measured; see measure.py for what the parts mean."""

    ours: MeasuredPackage
    textbook: MeasuredPackage
    of_ours: Measured
    of_textbook: Measured
    listing: Listing
    stacks: dict[int, list[float]]
    version: str
    python: str


def targets(results: Results) -> list[Target]:
    """What was to be reached, and whether it was."""
    ours, textbook = results.of_ours, results.of_textbook
    rows = [
        *_speed(DELIVERED, ours.delivered, textbook.delivered),
        *_speed(PLAIN, ours.plain, textbook.plain),
    ]
    peak = median(ours.delivered.peak_kib) / median(textbook.delivered.peak_kib)
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
    slower = median(at_last) / median(at_first)
    rows.append(
        Target(
            f"sandbox: create and delete a stack, beside {many:,} definitions / beside {few:,}",
            f"{slower:.2f}",
            f"flat (≤ {MAX_SLOWER})",
            slower <= MAX_SLOWER,
        )
    )
    return rows


def _speed(how: str, ours: Operations, textbook: Operations) -> Iterable[Target]:
    wanted = WANTED[how]
    for action in ACTIONS:
        least = wanted.read if action == "READ" else wanted.others
        times = median(textbook.seconds[action]) / median(ours.seconds[action])
        yield _at_least(f"warm {action}, textbook / this one, {how}", times, least)
    # Of each READ and the exchanges right after it: both met the machine in the same mood.
    pairs = zip(ours.seconds["READ"], ours.exchanges, strict=True)
    bare = median([read / exchanges for read, exchanges in pairs])
    yield Target(
        f"warm READ, this one / its bare HTTP exchanges, {how}",
        f"{bare:.2f} times",
        f"≤ {wanted.exchanges:g} times",
        bare <= wanted.exchanges,
    )
    cold = median(textbook.cold) / median(ours.cold)
    yield _at_least(f"cold start to first answer, textbook / this one, {how}", cold, wanted.cold)


def _at_least(what: str, times: float, wanted: float) -> Target:
    return Target(what, f"{times:.2f} times", f"≥ {wanted:g} times", times >= wanted)


def page(results: Results, plot: str, sources: str) -> str:
    """The page, in Markdown; ``plot`` is the plot's file name, ``sources`` names what it is of."""
    delivered, plain = results.of_ours.delivered, results.of_ours.plain
    samples, cold = len(delivered.seconds["READ"]), len(delivered.cold)
    at_best = median(results.of_textbook.delivered.seconds["READ"]) / median(delivered.exchanges)
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "`make bench` writes this page; do not edit it. It compares the packages of this",
            "provider and of a [textbook provider](../benchmarks/textbook/handlers.py), which you",
            "get with the CLI alone from the same schema and requirements. One run measures",
            "both, in new processes that take turns, against local servers that store",
            "definitions, logs and metrics and keep connections open. Each service has its own",
            "process: in AWS, too, a request to one service does not wait for another. Only the",
            "ratios carry over to other machines.",
            "",
            "This provider's package contains bytecode, which the CLI does not package. So the",
            "textbook provider compiles what it imports in each cold start, as it would in Lambda,",
            "where the folder of a function is read-only.",
            "",
            *of_what(results.version, results.python, sources),
            "",
            "## Log lines and metrics delivered",
            "",
            "Every event of a registered type requests them. The log stream exists already. A",
            "cold start ends with the answer to a LIST. Memory is the peak of a process over all",
            "of its calls.",
            "",
            f"![The table below as a plot]({plot})",
            "",
            f"Milliseconds: median (quartiles) of {samples} warm calls and {cold} cold starts",
            "each. The first call of each kind in a process sets up what later calls use, so it",
            "does not count as warm.",
            "",
            *_milliseconds(delivered, results.of_textbook.delivered),
            "",
            "After each READ of this provider, its bare HTTP exchanges were repeated, without an",
            "SDK and one after another, including those for log lines and metrics. They took",
            f"{spread(delivered.exchanges)}, most of it in the local servers. A provider that",
            f"needs no other time would have the ratio {at_best:.1f}. This provider delivers log",
            "lines and metrics in parallel.",
            "",
            *table(
                ("", "this one", "textbook"),
                [
                    (
                        "peak memory of a process, MiB",
                        f"{median(delivered.peak_kib) / 1024:.0f}",
                        f"{median(results.of_textbook.delivered.peak_kib) / 1024:.0f}",
                    ),
                    (
                        "package, MB",
                        f"{results.ours.size / 1e6:.1f}",
                        f"{results.textbook.size / 1e6:.1f}",
                    ),
                    *(
                        (
                            f"service calls of {action}",
                            _calls(delivered.calls[action]),
                            _calls(results.of_textbook.delivered.calls[action]),
                        )
                        for action in ACTIONS
                    ),
                ],
            ),
            "",
            "## Without log lines and metrics",
            "",
            "The same for events that request neither, in separate processes.",
            "",
            *_milliseconds(plain, results.of_textbook.plain),
            "",
            f"The bare HTTP exchanges of a READ took {spread(plain.exchanges)}.",
            "",
            "## The sandbox",
            "",
            "Milliseconds to create and delete a stack in the sandbox: "
            + ", ".join(
                f"{spread(seconds)} beside {_definitions(number)}"
                for number, seconds in results.stacks.items()
            )
            + ".",
            "",
            *table_of_targets(targets(results)),
            "",
        ]
    )


def _milliseconds(ours: Operations, textbook: Operations) -> list[str]:
    """The table of what one package took beside the other."""
    rows = [
        *((f"warm {each}", ours.seconds[each], textbook.seconds[each]) for each in ACTIONS),
        ("cold start to first answer", ours.cold, textbook.cold),
    ]
    return table(
        ("", "this one", "textbook", "ratio"),
        (
            (what, spread(one), spread(other), f"{median(other) / median(one):.1f}")
            for what, one, other in rows
        ),
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
        title="Milliseconds, log lines and metrics delivered: medians, with quartiles",
        x_title=f"Python {results.python}, {machine()}; logarithmic",
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
            (results.ours, results.of_ours.delivered),
            (results.textbook, results.of_textbook.delivered),
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
    low, middle, high = quartiles(seconds)
    return {"value": middle, "ci": {"low": low, "high": high}}


def _calls(calls: Counter[str]) -> str:
    each = ", ".join(f"{name} {times}" for name, times in sorted(calls.items()))
    return f"{sum(calls.values())}: {each}"


def _definitions(number: int) -> str:
    return f"{number:,} definition{'' if number == 1 else 's'}"
