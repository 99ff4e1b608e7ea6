"""Measures the command of `make sql` and the loop, in new processes that take turns.

Both run in the inventory's environment, against stubs that answer after DELAY.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial

import boto3
import requests

from benchmarks.inventory import loop, stub
from benchmarks.inventory.answers import IDENTITY, REGIONS, Region
from benchmarks.processes import address, started
from project import ROOT
from project.environment import prepare
from sandbox.process import environment

FULL = ("eu-central-1", "eu-west-1", "us-east-1", "us-west-2")
"""The regions with many definitions."""
TEN = (*FULL, "eu-west-2", "eu-west-3", "eu-north-1", "us-east-2", "ap-south-1", "sa-east-1")
SHARE = 10
"""The loop reads one of so many definitions."""
LOOP, ALL, COUNT, FEW, ONE, SMALL, EVERY = "loop", "all", "count", "few", "one", "small", "every"
"""The names of the loop and of the queries."""
ABOUT_THE_CALLER = (IDENTITY, REGIONS)
"""The operations that ask who calls, and which regions there are."""


@dataclass(frozen=True)
class Query:
    """A query that is measured.

    there: the regions that there are. finds: how many definitions are in the answer, as rows or as
    counts. named: whether the command is told the regions; otherwise it has to ask for them.
    """

    sql: str
    there: Mapping[str, Region]
    finds: int
    named: bool = True


@dataclass(frozen=True)
class Run:
    """One process, from its start.

    seconds: to its end. first_row: to the first row that it wrote. peak_mib: its peak memory.
    calls: by operation, with those about the caller. said: the last line on its standard error.
    """

    seconds: float
    first_row: float
    peak_mib: float
    calls: Counter[str]
    said: str

    def of_sagemaker(self) -> int:
        """How often it called SageMaker."""
        return sum(n for name, n in self.calls.items() if name not in ABOUT_THE_CALLER)


@dataclass(frozen=True)
class Inventory:
    """Everything that one run of the benchmark measured.

    definitions: how many are in each region that has many; the loop reads a share of them.
    runs: of each query, and of the loop.
    """

    definitions: int
    runs: Mapping[str, Sequence[Run]]

    def seconds_of_the_loop(self) -> list[float]:
        """What the loop would take for all definitions: it starts once, and calls more often."""
        return [run.seconds + (SHARE - 1) * float(run.said) for run in self.runs[LOOP]]


def queries(definitions: int) -> dict[str, Query]:
    """What is measured, with this number of definitions in each region that has many."""
    full = dict.fromkeys(FULL, Region(definitions))
    every = dict.fromkeys(boto3.Session().get_available_regions("sagemaker"), Region())
    return {
        ALL: Query(
            "SELECT * FROM aws.sagemaker.model_quality_job_definitions",
            full,
            definitions * len(FULL),
        ),
        COUNT: Query(
            "SELECT region, count(*) AS definitions "
            "FROM aws.sagemaker.model_quality_job_definitions GROUP BY region",
            full,
            definitions * len(FULL),
        ),
        FEW: Query("SELECT * FROM aws.sagemaker.model_quality_job_definitions LIMIT 3", full, 3),
        ONE: Query(
            "SELECT * FROM aws.sagemaker.model_quality_job_definitions WHERE data__Identifier = "
            "'arn:aws:sagemaker:eu-west-1:123456789012:"
            "model-quality-job-definition/definition-00007'",
            full,
            1,
        ),
        SMALL: Query(
            "SELECT * FROM aws.sagemaker.model_quality_job_definitions WHERE region = 'us-east-1'",
            dict.fromkeys(TEN, Region(10)),
            10,
        ),
        EVERY: Query(
            "SELECT count(*) AS definitions FROM aws.sagemaker.model_quality_job_definitions",
            {**every, **dict.fromkeys(FULL[:2], Region(10))},
            20,
            named=False,
        ),
    }


def measured(definitions: int, rounds: int, say: Callable[[str], None]) -> Inventory:
    """Measure every query and the loop, as often as there are rounds.

    definitions: how many there are in each of the regions that have many.
    Raises RuntimeError if a command fails, or does not find what is there.
    """
    prepare("inventory")
    asked = queries(definitions)
    share = dict.fromkeys(FULL, Region(definitions // SHARE))
    found: dict[str, list[Run]] = {key: [] for key in (LOOP, *asked)}
    with ExitStack() as stack:
        urls = {key: _serving(stack, query.there) for key, query in asked.items()}
        turns = {
            LOOP: partial(_read, share, _serving(stack, share)),
            **{key: partial(_ask, query, urls[key]) for key, query in asked.items()},
        }
        say("a first run of each command, which compiles what it imports")
        _read(dict.fromkeys(TEN[:1], Region(10)), urls[SMALL])
        _ask(asked[SMALL], urls[SMALL])
        for number in range(rounds):
            say(f"queries and the loop, round {number + 1} of {rounds}")
            # The first of a round is the last of the next.
            for key in list(turns)[:: -1 if number % 2 else 1]:
                found[key].append(turns[key]())
    return Inventory(definitions, found)


def _ask(query: Query, url: str) -> Run:
    arguments = ["--query", query.sql, "--output", "json"]
    if query.named:
        arguments += ["--regions", ",".join(query.there)]
    return _run("inventory", arguments, url, query.finds)


def _read(there: Mapping[str, Region], url: str) -> Run:
    return _run(loop.__name__, list(there), url, sum(each.definitions for each in there.values()))


def _serving(stack: ExitStack, regions: Mapping[str, Region]) -> str:
    """The address of a stub in a process of its own."""
    scripts = {name: asdict(script) for name, script in regions.items()}
    return address(stack.enter_context(started(stub.__name__, json.dumps(scripts))))


def _run(module: str, arguments: Sequence[str], url: str, finds: int) -> Run:
    """Run a module in the inventory's environment, as `make sql` does.

    Raises RuntimeError if it fails, or finds another number of definitions.
    """
    requests.get(f"{url}{stub.CALLS}", timeout=10)
    command = [sys.executable, "-B", "-m", "project.environment", "run", "inventory"]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        began = time.perf_counter()
        with subprocess.Popen(
            [*command, "-m", module, *arguments],
            cwd=ROOT,
            env=environment(url),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as process:
            assert process.stdout is not None  # noqa: S101
            written, first_row = b"", 0.0
            while block := os.read(process.stdout.fileno(), 1 << 20):
                written += block
                if not first_row and b"{" in written:
                    first_row = time.perf_counter() - began
            # What getrusage tells of all children would be the peak of the largest so far. This
            # process, which the child is for a moment, is smaller than any of them.
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().strip()
    if process.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} exited {process.returncode}:\n{said}")
    # A row is a definition, or counts some.
    there = sum(row.get("definitions", 1) for row in json.loads(written))
    if there != finds:
        raise RuntimeError(f"{module} {' '.join(arguments)} found {there} of {finds} definitions")
    by_region = requests.get(f"{url}{stub.CALLS}", timeout=10).json()
    return Run(
        seconds,
        first_row,
        usage.ru_maxrss / 1024,
        sum((Counter(calls) for calls in by_region.values()), Counter()),
        said.rpartition("\n")[2],
    )
