"""`.ci/run`, with commands that stand in for make and for two Pythons."""

import os
import subprocess
from pathlib import Path

import pytest

from project import ROOT


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A folder with the commands: python3 is 3.11; make has found 3.12, and fails where told to."""
    scripts = {
        "python3": "echo Python 3.11",
        "python3.12": "echo Python 3.12",
        "make": """case "$*" in
            *print-python) echo "${PYTHON:-python3.12}";;
            "$FAILING") echo "it failed"; exit 2;;
            "$STOPPED") kill "$PPID";;
        esac""",
    }
    for name, script in scripts.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def run(commands: Path, failing: str = "", **variables: str) -> tuple[int, list[str]]:
    """Its exit code, and the lines that it printed, without the seconds that phases took."""
    ended = subprocess.run(
        [ROOT / ".ci/run"],
        env={
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "FAILING": failing or "nothing",
            "STOPPED": "nothing",
            **variables,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == ""
    return ended.returncode, [line.partition(" after ")[0] for line in ended.stdout.splitlines()]


@pytest.mark.parametrize(
    ("failing", "first", "second"),
    [
        ("", "passed", "passed"),
        ("test", "FAILED", "passed"),
        ("test-compat PYTHON=python3", "passed", "FAILED"),
    ],
)
def test_a_failure_on_one_python_fails_the_run_and_does_not_keep_the_other_from_running(
    commands: Path, failing: str, first: str, second: str
) -> None:
    code, lines = run(commands, failing)
    assert (code != 0) == bool(failing)
    assert [line for line in lines if line.startswith("=== make test")] == [
        "=== make test",
        "=== make test-compat PYTHON=python3",
    ]
    assert lines[-2:] == [
        f"=== Python 3.12, make test: {first}",
        f"=== Python 3.11, make test-compat: {second}",
    ]


def test_a_run_that_is_stopped_says_what_did_not_finish_and_what_did_not_run(
    commands: Path,
) -> None:
    code, lines = run(commands, STOPPED="test")
    assert code == 143
    assert lines[-2:] == [
        "=== Python 3.12, make test: did not finish",
        "=== Python 3.11, make test-compat: did not run",
    ]


def test_a_python_that_is_given_is_the_only_one(commands: Path) -> None:
    code, lines = run(commands, PYTHON="python3")
    assert code == 0
    assert lines[-1] == "=== Python 3.11, make test: passed"
    assert not any("test-compat" in line for line in lines)


@pytest.mark.parametrize(
    ("failing", "found"),
    [("make", ""), ("python3.12", ""), ("python3", "Python 3.12, ")],
)
def test_without_a_python_nothing_passes_and_the_run_says_that_nothing_ran(
    commands: Path, failing: str, found: str
) -> None:
    (commands / failing).write_text("#!/bin/sh\nexit 2\n")
    code, lines = run(commands)
    second = ["=== make test-compat: did not run"] if found else []
    assert (code, lines) == (1, [f"=== {found}make test: did not run", *second])
