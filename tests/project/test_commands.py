"""How commands begin and end: odd streams, odd environments, Ctrl-C and SIGTERM."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from project import ROOT
from tests.harness.documents import readers_environment
from tests.harness.processes import HOST, make, running

# What they do at their beginning and end is the same for every Python.
pytestmark = pytest.mark.once

SOUND = "TEMPLATE=examples/baseline.yaml"
WRONG = ROOT / "tools" / "demo" / "outside.yaml"


def ended(
    command: list[str], redirection: str = "", variables: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """How a command ends in a shell that redirects its streams."""
    return subprocess.run(
        ["sh", "-c", f"exec {shlex.join(command)} {redirection}"],
        cwd=ROOT,
        env=readers_environment() if variables is None else variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def module(*arguments: str, **variables: str) -> tuple[list[str], dict[str, str]]:
    """A module to run as a command, and its environment."""
    paths = [*filter(None, [variables.pop("PYTHONPATH", "")]), str(ROOT / "src"), str(ROOT)]
    return [sys.executable, "-m", *arguments], {
        **os.environ,
        **variables,
        "PYTHONPATH": os.pathsep.join(paths),
    }


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    "command",
    [
        make("validate", SOUND),
        make("shell", "COMMAND=cat && echo written"),
        make("sql", "QUERY=SELECT 1", "DRY_RUN=1"),
    ],
    ids=["validate", "shell", "sql"],
)
def test_a_command_whose_streams_are_closed_does_what_it_does_with_others(
    command: list[str], closed: str
) -> None:
    odd, usual = ended(command, closed), ended(command)
    assert odd.returncode == usual.returncode
    assert odd.stdout == ("" if ">&-" in closed.split() else usual.stdout)
    assert odd.stderr == ("" if "2>&-" in closed else usual.stderr)


def test_a_sandbox_whose_output_is_closed_stops_without_a_traceback() -> None:
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    command = shlex.join(make("sandbox", f"PORT={port}"))
    with running(["sh", "-c", f"exec {command} >&-"], ROOT) as started:
        until(lambda: running_at(port))
        started.send(signal.SIGINT, to_all=True)
        started.process.wait(10)
        assert "Traceback" not in started.errors()


def running_at(port: int) -> bool:
    """Whether a sandbox that is ready answers there."""
    try:
        urllib.request.urlopen(f"http://{HOST}:{port}/_sandbox/health", timeout=5).close()
    except OSError:
        return False
    return True


def until(condition: Callable[[], object]) -> None:
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_a_user_whom_the_system_does_not_know_can_validate(tmp_path: Path) -> None:
    unknown = "import pwd\n\ndef unknown(uid):\n    raise KeyError(uid)\n\npwd.getpwuid = unknown\n"
    (tmp_path / "sitecustomize.py").write_text(unknown)
    command, variables = module("validation", f"--template={WRONG}", PYTHONPATH=str(tmp_path))
    del variables["HOME"]
    answer = ended(command, "", variables)
    assert (answer.returncode, answer.stderr) == (2, "")


def test_make_takes_no_notice_of_a_python_that_imports_nothing_from_the_working_directory() -> None:
    for answer in (
        ended(make("validate", SOUND), "", readers_environment(PYTHONSAFEPATH="1")),
        ended(make("validate", SOUND, "PYTHONSAFEPATH=1")),
    ):
        assert (answer.returncode, answer.stderr) == (0, "")
    without = {name: value for name, value in os.environ.items() if name != "PYTHON"}
    answer = ended(["make", "print-python"], "", {**without, "PYTHONSAFEPATH": "1"})
    assert answer.stderr == ""


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_a_command_prints_utf_8_whatever_the_encoding(variables: dict[str, str]) -> None:
    answer = ended(*module_of_a_line(r"print('\u2500')", **variables))
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "─\n", "")


def module_of_a_line(line: str, **variables: str) -> tuple[list[str], str, dict[str, str]]:
    """A command of one line, which `run` runs."""
    program = (
        "import os, signal, sys, tempfile, time\n"
        "from project.command_line import run\n"
        f"def main():\n    {line}\n    return 0\n"
        "sys.exit(run(main))"
    )
    _, environment = module(**variables)
    return [sys.executable, "-c", program], "", environment


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(signal.SIGTERM, 143, ""), (signal.SIGINT, 130, "\nInterrupted.\n")],
)
def test_a_command_that_is_stopped_cleans_up(
    number: signal.Signals, code: int, said: str, tmp_path: Path
) -> None:
    line = f"with tempfile.TemporaryDirectory(): os.kill(os.getpid(), {int(number)}); time.sleep(9)"
    answer = ended(*module_of_a_line(line, TMPDIR=str(tmp_path)))
    assert (answer.returncode, answer.stderr) == (code, said)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("unbuffered", ["1", ""])
@pytest.mark.parametrize("line", ["print('x', flush=True)", "print('x')", "sys.exit(print('x'))"])
def test_a_full_output_is_told_in_a_line_and_one_that_nobody_reads_is_not(
    line: str, unbuffered: str
) -> None:
    command, _, environment = module_of_a_line(line, PYTHONUNBUFFERED=unbuffered)
    answer = ended(command, ">/dev/full", environment)
    assert (answer.returncode, answer.stderr) == (
        1,
        "Could not write to standard output: No space left on device.\n",
    )
    reader, writer = os.pipe()
    os.close(reader)
    answer = subprocess.run(
        command, env=environment, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert (answer.returncode, answer.stderr) == (1, "")


def test_an_error_that_is_not_of_the_output_is_not_hidden() -> None:
    answer = ended(*module_of_a_line("open('/nonexistent')"))
    assert "FileNotFoundError" in answer.stderr
    assert answer.returncode == 1


@pytest.mark.parametrize("setting", ["0", ""])
def test_force_color_can_say_no(setting: str) -> None:
    line = "from rich.console import Console; Console().print('[red]x')"
    assert ended(*module_of_a_line(line, FORCE_COLOR=setting)).stdout == "x\n"
    assert ended(*module_of_a_line(line, FORCE_COLOR="1")).stdout != "x\n"


NEW_NAME = "Interrupted::SageMaker::ModelQualityJobDefinition"


@pytest.mark.parametrize(
    ("arguments", "made"),
    [
        (["validation", f"--template={WRONG}"], "schemas-*"),
        (["tools.packaging", f"--type-name={NEW_NAME}"], "package-*/pip-*"),
        (["tools.generate", "--check"], "cfn-*"),
    ],
    ids=["validate", "package", "generate"],
)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_command_that_is_stopped_leaves_no_temporary_folders(
    arguments: list[str], made: str, number: signal.Signals, tmp_path: Path
) -> None:
    command, _ = module(*arguments)
    with running(command, ROOT, {"TMPDIR": str(tmp_path)}) as started:
        until(lambda: any(tmp_path.glob(made)))
        started.send(number)
        assert started.end(10) == (143 if number == signal.SIGTERM else 130)
        assert started.errors().count("\n") <= 3, started.errors()
        assert "Traceback" not in started.errors()
    assert [*tmp_path.iterdir()] == []


def test_ctrl_c_ends_a_fuzz_campaign_with_a_sentence() -> None:
    command, _ = module("tools.fuzz", "--count=100000")
    with running(command, ROOT) as started:
        started.until("100 of 100000")
        started.send(signal.SIGINT)
        assert started.end(10) == 130
        assert started.errors() == "\nInterrupted; the sandbox is stopped.\n"
        assert started.left_nothing()
