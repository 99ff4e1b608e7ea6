"""``make shell`` on a real terminal, and ``make env``."""

import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from project import ROOT
from tests.harness.documents import readers_environment
from tests.harness.processes import (
    HOST,
    SOMEBODYS_PROXY,
    SOMEBODYS_SETTINGS,
    answers,
    make,
    running,
)

# The commands and signals of a shell are the same for every Python.
pytestmark = pytest.mark.once

SHELL = [sys.executable, "-m", "sandbox.shell"]
URL = rf"http://{HOST}:(\d+)"
CTRL_C = b"\x03"
# Shell and sandbox have the same parent.
KILL_THE_SANDBOX = (
    "for each in $(cat /proc/$PPID/task/$PPID/children); do [ $each = $$ ] || kill -9 $each; done"
)
# Runs a command on one processor, on which what it starts comes before it.
ON_ONE_PROCESSOR = """\
import os, sys
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """A terminal in which a command runs as its first process."""

    def __init__(self, pid: int, screen: int) -> None:
        self.pid = pid
        self.shown = ""
        self._screen = screen

    def until(self, pattern: str) -> "re.Match[str]":
        """Wait until it shows this, after all that was waited for before. Returns the match."""
        until = time.monotonic() + 60
        while not (found := re.search(pattern, self.shown)):
            readable, _, _ = select.select([self._screen], [], [], max(0, until - time.monotonic()))
            assert readable, self.shown
            assert self._read(), f"it ended: {self.shown}"
        self.shown = self.shown[found.end() :]
        return found

    def type(self, text: str | bytes) -> None:
        os.write(self._screen, text if isinstance(text, bytes) else f"{text}\n".encode())

    def end(self) -> int:
        """Read all that it shows until the command ends. Returns its exit code."""
        while self._read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self) -> bool:
        try:
            more = os.read(self._screen, 65536)
        except OSError:  # On Linux, when nobody has the other side open any more.
            return False
        self.shown += more.decode(errors="replace")
        return bool(more)


@contextmanager
def terminal(command: list[str], **variables: str) -> Iterator[Terminal]:
    """Open a terminal in which this runs. At the end, all that runs in it is killed."""
    environment = {
        **readers_environment(**{"SHELL": "/bin/bash", "TERM": "dumb", **variables}),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    pid, screen = pty.fork()
    if not pid:
        os.chdir(ROOT)
        os.execvpe(command[0], command, environment)  # noqa: S606 - the test's own command
    try:
        yield Terminal(pid, screen)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        os.close(screen)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


def is_gone(port: int) -> bool:
    until = time.monotonic() + 5
    while answers(HOST, port) and time.monotonic() < until:
        time.sleep(0.05)
    return not answers(HOST, port)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with settings of a shell that point it at somebody's account."""
    settings = "\n".join(f"export {name}={value}" for name, value in SOMEBODYS_SETTINGS.items())
    (tmp_path / ".bashrc").write_text(f"{settings}\nPS1='mine$ '\nseen=bashrc\nalias aws=false\n")
    return tmp_path


def test_make_shell_has_the_aws_cli_talk_to_a_sandbox_and_ctrl_c_is_for_what_runs_in_it(
    home: Path,
) -> None:
    with terminal(make("shell"), HOME=str(home), **SOMEBODYS_SETTINGS, **SOMEBODYS_PROXY) as shown:
        port = int(shown.until(URL)[1])
        shown.until(re.escape("(sandbox) mine$ "))
        shown.type("aws sts get-caller-identity --output text")
        shown.until("123456789012")
        # What it says shows that it has the terminal, which is who Ctrl-C is for.
        shown.type("sh -c 'echo run''ning; exec sleep 600'")
        shown.until("running")
        shown.type(CTRL_C)
        shown.until(re.escape("(sandbox) mine$ "))
        assert answers(HOST, port)
        shown.type('echo "[$seen] [$AWS_PROFILE] [$NO_PROXY] [$PYTHONPATH] [$MAKELEVEL]"')
        shown.until(re.escape(f"[bashrc] [] [{HOST},example.com] [] []"))
        shown.type("false")
        shown.type("exit")
        assert shown.end() == 0, "although the last command failed"
    assert is_gone(port)


def test_a_command_gets_the_streams_and_decides_the_exit_code() -> None:
    command = "cat; echo $AWS_ENDPOINT_URL \"$AWS_PROFILE\"; echo 'it''s' >&2; exit 3"
    answer = subprocess.run(
        [*SHELL, f"--command={command}"],
        cwd=ROOT,
        env={**os.environ, **SOMEBODYS_SETTINGS},
        input="typed\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 3
    typed, url = answer.stdout.split()
    assert typed == "typed"
    assert re.fullmatch(URL, url)
    assert answer.stderr == "its\n"
    assert is_gone(int(url.rpartition(":")[2]))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_command_and_the_sandbox(number: signal.Signals) -> None:
    command = "echo $AWS_ENDPOINT_URL; exec sleep 600"
    with running([*SHELL, f"--command={command}"], ROOT) as started:
        started.until(URL)
        started.send(number)
        assert started.end(10) == 128 + number
        assert started.left_nothing()


@pytest.mark.parametrize("command", ["sleep 600; true", "(trap '' TERM; sleep 601; :) & wait"])
def test_a_signal_ends_the_programs_that_a_command_has_started(command: str) -> None:
    command = f"echo $AWS_ENDPOINT_URL; (sleep 602 | cat) & {command}"
    with running([*SHELL, f"--command={command}"], ROOT) as started:
        started.until(URL)
        time.sleep(0.5)
        started.send(signal.SIGTERM)
        # Programs that were left would keep the pipes of the test open.
        assert started.end(20) == 128 + signal.SIGTERM
        assert started.left_nothing()


def test_a_command_on_a_terminal_can_read_and_gets_ctrl_c_and_signals() -> None:
    command = "trap 'echo st''opped' INT; echo run''ning; cat; sleep 600; true"
    with terminal([*SHELL, f"--command={command}"]) as shown:
        shown.until("running")
        shown.type("typed")
        shown.until("typed\r\ntyped")
        shown.type(CTRL_C)
        shown.until("stopped")
        os.kill(shown.pid, signal.SIGTERM)
        assert shown.end() == 128 + signal.SIGTERM


def test_a_signal_that_comes_as_soon_as_the_command_has_started_ends_it() -> None:
    shell = [*SHELL, "--command=kill -HUP $PPID; exec sleep 600"]
    with running([sys.executable, "-c", ON_ONE_PROCESSOR, *shell], ROOT) as started:
        assert started.end(30) == 128 + signal.SIGHUP
        assert started.left_nothing()


def test_a_shell_that_cannot_be_run_is_named() -> None:
    with terminal(SHELL, SHELL="/etc/passwd") as shown:
        shown.until(
            r"SHELL is /etc/passwd, which cannot be run: Permission denied\. "
            "Name another one: SHELL=/bin/sh make shell"
        )
        assert shown.end() == 1


def test_sigterm_ends_a_shell_that_waits_for_commands() -> None:
    with terminal(SHELL) as shown:
        port = int(shown.until(URL)[1])
        shown.until(re.escape("(sandbox) "))
        os.kill(shown.pid, signal.SIGTERM)
        assert shown.end() == 128 + signal.SIGTERM
    assert is_gone(port)


def test_the_sandbox_stops_with_a_shell_that_is_killed() -> None:
    with terminal(SHELL) as shown:
        port = int(shown.until(URL)[1])
        shown.until(re.escape("(sandbox) "))
        shown.type("kill -9 $$")
        assert shown.end() == 128 + signal.SIGKILL
    assert is_gone(port)


def test_a_sandbox_that_ends_before_the_shell_is_told_once_and_is_a_failure() -> None:
    with terminal(SHELL) as shown:
        shown.until(re.escape("(sandbox) "))
        shown.type(KILL_THE_SANDBOX)
        shown.until(
            r"The sandbox has ended \(exit code -9\)\. Leave this shell and start another\."
        )
        shown.type("exit")
        assert shown.end() == 1
        assert "The sandbox has ended" not in shown.shown


def test_the_lines_of_make_env_have_a_shell_talk_to_a_running_sandbox() -> None:
    with running([sys.executable, "-m", "sandbox", "--port=0"], ROOT) as started:
        port = started.until("Ctrl-C stops it").port
        for shell in ("bash", "sh"):
            lines = shlex.join([sys.executable, "-m", "sandbox.env", f"--port={port}"])
            script = (
                f'eval "$({lines})" && '
                'aws sts get-caller-identity --query Account --output text && echo "$no_proxy"'
            )
            answer = subprocess.run(
                [shell, "-c", script],
                cwd=ROOT,
                env={
                    **readers_environment(AWS_MAX_ATTEMPTS="1"),
                    **SOMEBODYS_SETTINGS,
                    **SOMEBODYS_PROXY,
                    "no_proxy": "a b;c",
                    "PYTHONPATH": str(ROOT),
                },
                capture_output=True,
                text=True,
                check=False,
            )
            assert (answer.stdout, answer.stderr) == (f"123456789012\n{HOST},a b;c\n", "")


def test_make_env_prints_nothing_on_standard_output_if_no_sandbox_answers() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "sandbox.env", "--port=1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        f"No sandbox answers at http://{HOST}:1. Start one: make sandbox PORT=1\n"
    )


@pytest.mark.parametrize(
    ("module", "description"),
    [
        ("shell", "Start a sandbox, and a shell or a command in which the AWS CLI talks to it."),
        ("env", "Print the lines that point a shell at a sandbox that runs."),
    ],
)
def test_the_help_says_what_the_command_does(module: str, description: str, tmp_path: Path) -> None:
    with running([sys.executable, "-m", f"sandbox.{module}", "--help"], tmp_path) as started:
        assert started.end(10) == 0
    assert description in " ".join(started.printed.split())
