"""Sandboxes for tests: as sandbox.process.running_sandbox starts them, but a second faster.

A fork server does the imports for all sandboxes of a run. Tests of the start itself, and of
commands that start a sandbox, do without it.
"""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from project import ROOT
from sandbox.process import arguments, until_stopped
from tests.harness.fork_client import ForkedCommand
from tests.harness.fork_servers import sandbox_server


@contextmanager
def running_sandbox(
    package: Path | None = None, variables: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A sandbox on a free port until the block ends, with the parameters of the real one."""
    process = _Forked(arguments(package), {**os.environ, **(variables or {})})
    with until_stopped(cast("subprocess.Popen[str]", process)) as url:
        yield url


class _Forked:
    """A sandbox that the server forked into, to be used as a subprocess.Popen is."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str]) -> None:
        its_stdin, stdin = os.pipe()
        stdout, its_stdout = os.pipe()
        self.stdin, self.stdout = os.fdopen(stdin, "w"), os.fdopen(stdout)
        files = (its_stdin, its_stdout, 2)
        self._command = ForkedCommand(sandbox_server(), arguments, environment, str(ROOT), files)
        os.close(its_stdin)
        os.close(its_stdout)

    def terminate(self) -> None:
        """Ask it to end."""
        self._command.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._command.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired."""
        try:
            return self._command.wait(timeout)
        except TimeoutError:
            raise subprocess.TimeoutExpired("sandbox", timeout or 0) from None
