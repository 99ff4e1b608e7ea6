"""The project's commands as processes of their own, and what is left of them."""

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
#: What belongs to the run of make that a test may be part of, and not to the makes that it starts.
MAKES_OWN = ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS")

#: A profile that isn't there, and addresses where nobody listens: whatever of a user's own settings
#: were heeded would fail.
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
#: Both spellings are in use; where both are set, the lower-case one counts.
SOMEBODYS_PROXY = {
    **dict.fromkeys(("HTTP_PROXY", "http_proxy"), NOBODY),
    **dict.fromkeys(("NO_PROXY", "no_proxy"), "example.com"),
}


class Running:
    """A command in a session of its own, and what it has printed."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.printed = ""

    def until(self, pattern: str) -> "Running":
        """Read on to the first line with the pattern; it has to come."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line
            if re.search(pattern, line):
                return self
        raise AssertionError(f"It ended: {self.printed}{self.errors()}")

    def end(self, within: float) -> int:
        """Read all that it prints until it ends by itself; its exit code."""
        printed, self._errors = self.process.communicate(timeout=within)
        self.printed += printed
        return self.process.returncode

    def errors(self) -> str:
        """What is on stderr, once the command has ended."""
        if not hasattr(self, "_errors"):
            assert self.process.stderr is not None
            self._errors = self.process.stderr.read()
        return self._errors

    @property
    def url(self) -> str:
        """The address that it has printed."""
        found = re.search(rf"http://{HOST}:\d+", self.printed)
        assert found, self.printed
        return found[0]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def get(self, path: str) -> Any:
        """The JSON at a path, got past any proxy."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}{path}", timeout=5) as answer:
            assert answer.headers["Content-Type"] == "application/json"
            return json.load(answer)

    def send(self, number: signal.Signals, to_all: bool = False) -> None:
        """Send a signal to the command, or to all of its session as Ctrl-C does."""
        if to_all:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)

    def stop(self, number: signal.Signals, to_all: bool = False) -> int:
        """Send a signal, and give the exit code; it has to end at once."""
        self.send(number, to_all)
        return self.process.wait(SECONDS_TO_STOP)

    def left_nothing(self) -> bool:
        """Whether all processes of the session end, and nobody answers where it said, at once."""
        until = time.monotonic() + SECONDS_TO_STOP
        while time.monotonic() < until:
            if not self._is_alive() and not (self._said_where() and answers(HOST, self.port)):
                return True
            time.sleep(0.05)
        return False

    def _is_alive(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _said_where(self) -> bool:
        return f"http://{HOST}" in self.printed


def make(target: str, *variables: str) -> list[str]:
    """The command of a make target, with the Python that the tests run on.

    Not with that of their environment: make may have to remake the environment.
    """
    return ["make", target, *variables, f"PYTHON={Path(sys.executable).resolve()}"]


@contextmanager
def running(
    command: list[str], folder: Path, settings: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Start a command in a folder, with settings over the environment; end what is left of it."""
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
    """Whether somebody listens there."""
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return False
    return True
