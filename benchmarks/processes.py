"""Servers of benchmarks as processes of their own, which end when their standard input ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from project import ROOT


@contextmanager
def started(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start a module that prints its address and serves until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        # The server ends with this process, however that ends.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C is for the command that started it.
        start_new_session=True,
    )
    try:
        yield process
    finally:
        end(process)


def address(process: subprocess.Popen[str]) -> str:
    """The address of a server, once it accepts requests. Raises RuntimeError if it ends."""
    assert process.stdout is not None  # noqa: S101
    url = process.stdout.readline().strip()
    if not url:
        raise RuntimeError(f"{process.args!r} did not start")
    return url


def end(process: subprocess.Popen[str], patience: float = 10) -> None:
    """End a process that serves until its standard input ends, even if it hangs."""
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
    with suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
