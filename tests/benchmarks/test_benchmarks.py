"""`make bench`: what it says of figures, what it writes and when, and what it leaves behind."""

import dataclasses
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest
import requests

from benchmarks import exchanges, measure, server, worker
from benchmarks.__main__ import PAGE, PLOT, main
from benchmarks.measure import ACTIONS, Worker
from benchmarks.packages import MeasuredPackage
from benchmarks.page import quartiles
from benchmarks.report import DELIVERED, PLAIN, Results, page, plot, targets
from project import ROOT
from project.environment import HOME, python_version
from project.package_files import SETTINGS
from project.settings import type_name
from sandbox.process import HOST
from tests.harness.benchmark_results import HELD
from tools.measured_sources import files, sources

pytestmark = pytest.mark.once

NOBODY = {"sagemaker": f"http://{HOST}:1"}


def replaced(package: str, how: str, **figures: object) -> Results:
    """The results that hold every target, with other ``figures`` of one package."""
    of = "delivered" if how == DELIVERED else "plain"
    measured = getattr(HELD, package)
    operations = dataclasses.replace(getattr(measured, of), **figures)
    return dataclasses.replace(HELD, **{package: dataclasses.replace(measured, **{of: operations})})


def slower(how: str, action: str, seconds: float) -> Results:
    """As fast a textbook, in seconds where this one takes 0.02."""
    measured = HELD.of_textbook.delivered if how == DELIVERED else HELD.of_textbook.plain
    return replaced("of_textbook", how, seconds={**measured.seconds, action: [seconds] * 2})


# For each target, what its name has in it, and results that miss it alone.
MISSED: dict[tuple[str, ...], Results] = {
    **{
        (f"warm {action}, textbook", how): slower(how, action, read if action == "READ" else others)
        for how, read, others in ((DELIVERED, 0.35, 0.23), (PLAIN, 0.39, 0.19))
        for action in ACTIONS
    },
    ("bare HTTP exchanges", DELIVERED): replaced("of_ours", DELIVERED, exchanges=[0.012, 0.012]),
    ("bare HTTP exchanges", PLAIN): replaced("of_ours", PLAIN, exchanges=[0.006, 0.006]),
    ("cold start", DELIVERED): replaced("of_ours", DELIVERED, cold=[5.5, 5.5]),
    ("cold start", PLAIN): replaced("of_ours", PLAIN, cold=[10.5, 10.5]),
    ("peak memory",): replaced("of_ours", DELIVERED, peak_kib=[26.0, 26.0]),
    ("package",): dataclasses.replace(
        HELD, ours=MeasuredPackage("this one", 1_020_000, Path(), "")
    ),
    ("memory, last page",): dataclasses.replace(
        HELD, listing=dataclasses.replace(HELD.listing, last_page_kib=53_000.0)
    ),
    ("service calls",): dataclasses.replace(
        HELD, listing=dataclasses.replace(HELD.listing, calls=101)
    ),
    ("sandbox",): dataclasses.replace(HELD, stacks={1: [1.0, 1.0], 5_000: [1.3, 1.3]}),
}


SLOW = MISSED["cold start", DELIVERED]


def test_good_figures_hold_every_target() -> None:
    assert len(targets(HELD)) == len(MISSED)
    assert [target.what for target in targets(HELD) if not target.held] == []


@pytest.mark.parametrize("names", MISSED)
def test_a_bad_figure_misses_its_target_and_no_other(names: tuple[str, ...]) -> None:
    [missed] = [target.what for target in targets(MISSED[names]) if not target.held]
    assert all(name in missed for name in names)


def test_quartiles_of_a_few_calls_lie_within_what_was_measured() -> None:
    # One slow call among a few: a quartile beyond them could be below zero, which no plot shows.
    low, middle, high = quartiles([0.001, 0.001, 1.0])
    assert 1 <= low <= middle <= high <= 1000


def test_the_page_has_every_figure_and_says_what_was_missed() -> None:
    shown = page(MISSED[("service calls",)], PLOT.name, "0123abcd")
    assert "Version 1.2.3, Python 3.12" in shown
    assert "Of the sources `0123abcd`" in shown
    assert f"]({PLOT.name})" in shown
    delivered, plain = shown.split("## Without log lines and metrics")
    for part, textbook in ((delivered, 600), (plain, 800)):
        for action in ACTIONS:
            ratio = f"{textbook}.0 ({textbook}.0 to {textbook}.0) | {textbook / 20:.1f} |"
            assert f"| warm {action} | 20.0 (20.0 to 20.0) | {ratio}" in part
        assert (
            f"| cold start to first answer | 500.0 (500.0 to 500.0) | {textbook * 25:.1f}" in part
        )
    for action in ACTIONS:
        assert f"| service calls of {action} | 3: Describe 1, List 2 | 3:" in shown
    # 600 by the 20 of the exchanges.
    assert "would have the ratio 30.0. This" in " ".join(shown.split())
    rows = shown.partition("## Targets")[2].splitlines()[4:]
    assert [row.rpartition(" | ")[2] for row in rows] == [
        "**missed** |" if "service calls" in row else "held |" for row in rows
    ]


def test_the_plot_is_a_picture_of_both_packages() -> None:
    picture = ET.fromstring(plot(HELD))  # noqa: S314 - our own
    text = " ".join(picture.itertext())
    for name in ("this one", "textbook", "cold start", *ACTIONS):
        assert name in text
    bars = [each for each in picture.iter() if "rect reactive" in each.get("class", "")]
    assert len(bars) == 2 * (1 + len(ACTIONS))
    # Their lengths: pygal draws them sideways.
    assert all(float(bar.get("height", 0)) > 1 and float(bar.get("width", 0)) > 1 for bar in bars)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """As much of a project as it takes, for Lambda on the Python that runs this."""
    settings = json.loads((ROOT / SETTINGS).read_text("utf-8"))
    settings["runtime"] = f"python{python_version()}"
    (tmp_path / SETTINGS).write_text(json.dumps(settings))
    for name in (*SOURCES, *READ, "guide/other.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as it was")
    return tmp_path


# What is handed out, and is in no package.
READ = ("docs/README.md", "examples/one.yaml", "tools/demo/__main__.py", "requirements/sam.txt")
SOURCES = (
    "VERSION",
    "aws-sagemaker-modelqualityjobdefinition.json",
    "benchmarks/textbook/handlers.py",
    "benchmarks/worker.py",
    "inputs/inputs_1_create.json",
    "requirements.txt",
    "requirements/dev.txt",
    "sandbox/cloudformation/stacks.py",
    "src/aws_sagemaker_modelqualityjobdefinition/handlers.py",
    "template.yml",
    "tools/packaging/assembly.py",
)


def written(project: Path) -> list[Path]:
    paths = (path.relative_to(project) for path in (project / "guide").iterdir())
    return sorted(path for path in paths if path.name != "other.md")


def measured(results: Results) -> Callable[[bool], Results]:
    return lambda _quick: results


def test_a_run_writes_the_page_and_the_plot(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], measured(HELD), project) == 0
    assert written(project) == [PAGE, PLOT]
    assert (project / PAGE).read_text("utf-8") == page(HELD, PLOT.name, sources(project))
    assert (project / PLOT).read_text("utf-8").startswith("<svg")
    assert "missed" not in capsys.readouterr().out


def test_a_missed_target_is_written_and_is_a_failure(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], measured(SLOW), project) == 1
    assert "**missed**" in (project / PAGE).read_text("utf-8")
    assert re.search("cold start.*missed", capsys.readouterr().out)


def test_a_quick_run_shows_ratios_and_neither_judges_nor_writes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--quick"], measured(SLOW), project) == 0
    assert written(project) == []
    said = capsys.readouterr().out
    assert re.search("cold start.* 2.73 times", said)
    assert not re.search("held|missed", said)


@pytest.mark.parametrize("source", SOURCES)
def test_a_run_during_which_a_source_changed_writes_nothing(
    source: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure_all(_quick: bool) -> Results:
        (project / source).write_text("as it is")
        return HELD

    assert main([], measure_all, project) == 1
    assert written(project) == []
    assert "The sources changed meanwhile" in capsys.readouterr().err


def test_a_new_name_of_a_source_is_a_change_and_bytecode_and_pages_are_none(project: Path) -> None:
    before = sources(project)
    for name in ("guide/other.md", *READ):
        (project / name).write_text(f"# {type_name(project)} as it is")
    (project / "benchmarks/__pycache__").mkdir()
    (project / "benchmarks/__pycache__/worker.pyc").write_text("as it is")
    assert sources(project) == before
    (project / "benchmarks/worker.py").rename(project / "benchmarks/renamed.py")
    assert sources(project) != before


def test_whatever_is_imported_to_measure_is_a_source() -> None:
    programs = ("benchmarks.__main__", server.__name__, exchanges.__name__, "sandbox.server")
    script = f"import sys, {', '.join(programs)}\nfor module in list(sys.modules.values()):"
    script += "\n    print(getattr(module, '__file__', None))"
    said = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {Path(line) for line in said.stdout.splitlines()}
    here = {path for path in imported if path.is_relative_to(ROOT)}
    ours = {path for path in here if not path.is_relative_to(HOME)}
    assert len(ours) > len(programs)
    assert ours <= set(files())


def test_an_error_while_the_page_is_made_leaves_the_plot_as_it_was(project: Path) -> None:
    (project / PLOT).write_text("as it was")
    # A target can be judged without any; the page's table cannot.
    broken = replaced("of_ours", PLAIN, cold=[1.0])
    with pytest.raises(ValueError, match="data"):
        main([], measured(broken), project)
    assert written(project) == [PLOT]
    assert (project / PLOT).read_text("utf-8") == "as it was"


def test_a_run_that_is_interrupted_writes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure_all(_quick: bool) -> Results:
        raise KeyboardInterrupt

    assert main([], measure_all, project) == 130
    assert written(project) == []
    assert "nothing was written" in capsys.readouterr().err


def test_another_python_than_lambdas_is_told_what_to_do(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / SETTINGS).write_text(
        (project / SETTINGS).read_text().replace("python3.", "python4.")
    )
    assert main([], measured(HELD), project) == 1
    assert written(project) == []
    assert "make bench PYTHON=" in capsys.readouterr().err


def test_the_server_ends_when_its_standard_input_ends() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", server.__name__],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert requests.get(f"{url}{server.CALLS}", timeout=10).json() == {}
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def test_what_a_worker_said_before_it_ended_is_in_the_error(tmp_path: Path) -> None:
    with (
        Worker(worker, str(tmp_path), urls=NOBODY, handler="no_such_package.resource") as process,
        pytest.raises(RuntimeError, match=r"(?s)ended with 1:.*No module named 'no_such_package'"),
    ):
        process.invoke(measure.event("LIST", {}))


def test_a_worker_that_does_not_end_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "stuck.py"
    path.write_text("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n")
    stuck = ModuleType("stuck")
    stuck.__file__ = str(path)
    process = Worker(stuck, urls=NOBODY)
    number = process.ask({})
    process.close(patience=0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
