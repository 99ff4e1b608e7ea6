"""Runs a package as Lambda does: with AWS's own runtime interface client, in separate processes.

PackagedRuntime(path).invoke("TypeFunction", event)

The same as in Lambda are: cold and warm starts, one invocation at a time in each process, more
processes for concurrent invocations, the time and memory limits, the environment variables, the
task root, the responses of a function that fails, and the log.

There are differences. The function has no file system and no user of its own, so root can write to
the task root. Invocations above the concurrency limit wait, whereas Lambda rejects them (429).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from project.environment import EnvironmentFailure, prepare
from sandbox.runtime.contract import FunctionError
from sandbox.runtime.packaged.execution_environment import (
    INIT_SECONDS,
    ExecutionEnvironment,
    Home,
    PackageSettings,
    ProcessTimedOut,
    timed_out,
)
from sandbox.runtime.packaged.package_file import Function, PackageFile, PackageInvalid

__all__ = ["PackageInvalid", "PackagedRuntime"]

CONCURRENCY = 4
"""How many processes a function may have. They mostly wait for responses."""


class PackagedRuntime:
    """Runs the functions of a package that ``cfn submit`` accepts.

    package: the zip file. endpoint_url: the address of AWS for the functions; by default, the one
    that this process uses. template: has the time limit and the memory of the functions; by
    default, see PackageFile.functions. home: where the functions run, and what logs them.

    `note` says where the functions run on another Python than the package names, if they do.

    Raises PackageInvalid if the package cannot be run, or this is not Linux: the limits of time and
    memory depend on Linux.
    """

    def __init__(
        self,
        package: Path,
        endpoint_url: str | None = None,
        *,
        template: Path | None = None,
        concurrency: int = CONCURRENCY,
        home: Home | None = None,
    ) -> None:
        if sys.platform != "linux":
            raise PackageInvalid(
                f"Running a package needs Linux, because Lambda does, and this is {sys.platform}. "
                "Leave PACKAGE out to run the project's own code."
            )
        contents = PackageFile(package)
        self.schema = contents.schema
        self.version: str | None = contents.version
        functions = contents.functions(template)
        self.functions = frozenset(functions)
        try:
            environment = prepare("lambda-runtime")
        except EnvironmentFailure as failure:
            raise PackageInvalid(f"{package} cannot be run here: {failure}") from failure
        self._folder = _Folder()
        try:
            contents.unpack_code(self._folder.path / "task")
        except PackageInvalid:
            self._folder.remove()
            raise
        self.note = _note(functions["TypeFunction"].runtime, environment.parent.name)
        settings = PackageSettings(
            python=environment / "python",
            task_root=self._folder.path / "task",
            endpoint_url=endpoint_url or os.environ["AWS_ENDPOINT_URL"],
            home=home or Home(),
        )
        self._pools = {
            name: _Pool(function, settings, concurrency) for name, function in functions.items()
        }

    def invoke(self, function: str, event: Any) -> Any:
        """Return the function's answer to ``event``; both are JSON documents.

        Waits while too many invocations are in progress.

        Raises FunctionError, with Lambda's response, if the function fails.
        """
        return self._pools[function].invoke(json.dumps(event).encode())

    def close(self) -> None:
        """End all processes, and remove the unpacked code."""
        for pool in self._pools.values():
            pool.close()
        self._folder.remove()


def _note(runtime: str, environment: str) -> str | None:
    """What to say if the environment, such as lambda-runtime-3.12, is not for this runtime."""
    here = f"python{environment.rpartition('-')[2]}"
    if runtime == here:
        return None
    return f"The package is for {runtime}. The sandbox runs it on {here}."


class _Pool:
    """The execution environments of one function; the one used last is used again first."""

    def __init__(self, function: Function, settings: PackageSettings, concurrency: int) -> None:
        self._function, self._settings = function, settings
        self._places = threading.BoundedSemaphore(concurrency)
        self._lock = threading.Lock()
        self._idle: list[ExecutionEnvironment] = []
        self._busy: set[ExecutionEnvironment] = set()
        self._closed = False

    def invoke(self, event: bytes) -> Any:
        with self._places:
            environment, seconds = self._warm(), self._function.timeout
            if environment is None:
                environment, seconds = self._cold()
            try:
                return environment.invoke(event, seconds)
            finally:
                self._release(environment)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            left = [*self._idle, *self._busy]
            self._idle.clear()
        for environment in left:
            environment.close()

    def _warm(self) -> ExecutionEnvironment | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                environment = self._idle.pop()
                self._busy.add(environment)
            if environment.alive:
                return environment
            self._release(environment)

    def _cold(self) -> tuple[ExecutionEnvironment, float]:
        """Return a new environment, and how many seconds the invocation has left.

        If the init phase fails, Lambda starts it once more, within the invocation's time.
        """
        with suppress(FunctionError, ProcessTimedOut):
            return self._start(INIT_SECONDS), self._function.timeout
        until = time.monotonic() + self._function.timeout
        try:
            return self._start(self._function.timeout), until - time.monotonic()
        except ProcessTimedOut:
            raise timed_out(self._function, str(uuid4())) from None

    def _start(self, seconds: float) -> ExecutionEnvironment:
        with self._lock:
            if self._closed:
                raise FunctionError.of("ServiceException", "The sandbox is stopping.")
            environment = ExecutionEnvironment(self._function, self._settings)
            self._busy.add(environment)
        try:
            environment.initialize(seconds)
        except (FunctionError, ProcessTimedOut):
            environment.close()
            self._release(environment)
            raise
        return environment

    def _release(self, environment: ExecutionEnvironment) -> None:
        with self._lock:
            self._busy.discard(environment)
            usable = environment.alive and not self._closed
            if usable:
                self._idle.append(environment)
        if not usable:
            environment.close()


class _Folder:
    """A temporary folder that is removed even if this process is killed.

    This process holds the stdin of a shell open. When that ends, the shell removes the folder.
    """

    _REMOVE = 'read -r _; chmod -R u+w "$0"; rm -rf "$0"'

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="sandbox-package-"))
        self._remover = subprocess.Popen(
            ["/bin/sh", "-c", self._REMOVE, self.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Signals from the sandbox's terminal are only for the sandbox.
            start_new_session=True,
        )

    def remove(self) -> None:
        """Remove it now."""
        self._remover.communicate()
