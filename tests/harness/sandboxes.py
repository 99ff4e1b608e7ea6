"""Sandboxes for tests: as sandbox.process.running_sandbox starts them, but some seconds faster.

One process does the imports for all sandboxes of a run (see sandbox_template.py). It starts and
ends with the run, and Template is the plugin of pytest that sees to that. Tests of the start
itself, and of commands that start a sandbox, do without it.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import pytest

from project import ROOT
from sandbox.process import arguments, until_stopped

_ADDRESS = "sandbox_template"


@contextmanager
def running_sandbox(
    package: Path | None = None, variables: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A sandbox on a free port until the block ends, with the parameters of the real one."""
    environment = {**os.environ, **(variables or {})}
    process = _Forked(arguments=arguments(package), environment=environment)
    with until_stopped(cast("subprocess.Popen[str]", process)) as url:
        yield url


class Template:
    """Has the process that forks into sandboxes run while the tests do.

    pytest-xdist's processes use the one of the process that started them.
    """

    address = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Start it, or learn where it is."""
        if inherited := getattr(config, "workerinput", {}).get(_ADDRESS):
            Template.address = inherited
            return
        # Not pytest's own folder: the name of a socket may have some hundred characters only.
        folder = tempfile.TemporaryDirectory()
        Template.address = f"{folder.name}/template"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(Template.address)
            listener.listen(64)
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.harness.sandbox_template", str(listener.fileno())],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
                # It ends with its stdin; Ctrl-C is for the tests.
                start_new_session=True,
            )

        def stop() -> None:
            process.communicate()
            folder.cleanup()

        config.add_cleanup(stop)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a process of pytest-xdist where it is."""
        node.workerinput[_ADDRESS] = Template.address


class _Forked:
    """A sandbox that the template forked into, to be used as a subprocess.Popen is."""

    def __init__(self, **asked: Any) -> None:
        its_stdin, stdin = os.pipe()
        stdout, its_stdout = os.pipe()
        self.stdin, self.stdout = os.fdopen(stdin, "w"), os.fdopen(stdout)
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(Template.address)
        socket.send_fds(self._connection, [b"f"], [its_stdin, its_stdout, 2])
        os.close(its_stdin)
        os.close(its_stdout)
        with self._connection.makefile("rw", encoding="utf-8") as stream:
            stream.write(json.dumps(asked) + "\n")
            stream.flush()
            self._pid = int(stream.readline())

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._send(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; always 0. Raises subprocess.TimeoutExpired."""
        self._connection.settimeout(timeout)
        try:
            self._connection.recv(1)
        except TimeoutError:
            raise subprocess.TimeoutExpired("sandbox", timeout or 0) from None
        self._connection.close()
        return 0

    def _send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, number)
