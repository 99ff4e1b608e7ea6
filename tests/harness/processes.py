"""Run the project's commands as separate processes, and check that they leave nothing running."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from project import ROOT

HOST = "127.0.0.1"
SECONDS_TO_STOP = 2
#: Variables of the make that may run this test. The makes that a test starts must not get them.
MAKES_OWN = ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS")

#: A profile that does not exist and addresses where nothing listens. A command that used any of
#: these settings would fail.
NOBODY = f"http://{HOST}:1"
SOMEBODYS_SETTINGS = {
    "AWS_PROFILE": "missing",
    "AWS_REGION": "eu-west-3",
    "AWS_SESSION_TOKEN": "token",
    "AWS_ENDPOINT_URL": NOBODY,
    "AWS_ENDPOINT_URL_SAGEMAKER": NOBODY,
    "AWS_ENDPOINT_URL_LOGS": NOBODY,
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_CA_BUNDLE": "/nonexistent",
}
#: Both spellings are in use. If both are set, the lower-case one takes effect.
SOMEBODYS_PROXY = {
    **dict.fromkeys(("HTTP_PROXY", "http_proxy"), NOBODY),
    **dict.fromkeys(("NO_PROXY", "no_proxy"), "example.com"),
}


class Running:
    """A command in its own session, and the output that was read so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.printed = ""

    def until(self, pattern: str) -> "Running":
        """Read until a line matches the pattern. Fails if the command ends before that."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line
            if re.search(pattern, line):
                return self
        raise AssertionError(f"The command ended: {self.printed}{self.errors()}")

    def end(self, within: float) -> int:
        """Read all output until the command ends by itself. Returns its exit code.

        Raises TimeoutExpired if it does not end within so many seconds.
        """
        printed, self._errors = self.process.communicate(timeout=within)
        self.printed += printed
        return self.process.returncode

    def errors(self) -> str:
        """Return what the command wrote to stderr. Waits until it has ended."""
        if not hasattr(self, "_errors"):
            assert self.process.stderr is not None
            self._errors = self.process.stderr.read()
        return self._errors

    @property
    def url(self) -> str:
        """The first URL of this machine in the output."""
        found = re.search(rf"http://{HOST}:\d+", self.printed)
        assert found, self.printed
        return found[0]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def get(self, path: str) -> Any:
        """Return the JSON at a path of the printed URL. Ignores proxies."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}{path}", timeout=5) as answer:
            assert answer.headers["Content-Type"] == "application/json"
            return json.load(answer)

    def send(self, number: signal.Signals, to_all: bool = False) -> None:
        """Send a signal to the command, or to its whole session as Ctrl-C does."""
        if to_all:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)

    def stop(self, number: signal.Signals, to_all: bool = False) -> int:
        """Send a signal. Returns the exit code; the command must end at once."""
        self.send(number, to_all)
        return self.process.wait(SECONDS_TO_STOP)

    def left_nothing(self) -> bool:
        """Return whether, within a short time, the session has no processes and no open port."""
        until = time.monotonic() + SECONDS_TO_STOP
        while time.monotonic() < until:
            if not self._is_alive() and not (self._printed_url() and answers(HOST, self.port)):
                return True
            time.sleep(0.05)
        return False

    def _is_alive(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        # Where nobody reaps what has ended, as in a container, it stays in its group.
        return not Path("/proc").exists() or self.process.pid in _groups_running()

    def _printed_url(self) -> bool:
        return f"http://{HOST}" in self.printed


def _groups_running() -> set[int]:
    """The process groups that have a process which has not ended, on Linux."""
    groups = set()
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # After the program's name, see proc_pid_stat(5): state, parent, group.
            state, _, group = file.read_text().rpartition(") ")[2].split()[:3]
            if state != "Z":
                groups.add(int(group))
    return groups


def make(target: str, *variables: str) -> list[str]:
    """Return the command for a make target, with the Python that the tests run on.

    It is not the Python of their virtual environment, because make may have to rebuild that.
    """
    return ["make", target, *variables, f"PYTHON={Path(sys.executable).resolve()}"]


@contextmanager
def running(
    command: list[str], folder: Path, settings: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run a command in a folder, and kill its whole session at the end.

    settings: environment variables to set.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in MAKES_OWN}
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**inherited, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", **(settings or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield Running(process)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def answers(host: str, port: int) -> bool:
    """Return whether a server listens at this address."""
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return False
    return True
