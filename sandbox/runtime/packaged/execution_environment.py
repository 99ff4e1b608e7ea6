"""One execution environment: a process that runs a function, one invocation at a time.

If the function fails, the response is Lambda's:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
"""

from __future__ import annotations

import math
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from sandbox.process import ACCOUNT, REGION, environment
from sandbox.runtime.contract import FunctionError
from sandbox.runtime.packaged.package_file import Function
from sandbox.runtime.packaged.runtime_api import Invocation, Report, RuntimeApi

INIT_SECONDS = 10
"""How long the init phase may take. After that it starts again, within the invocation's time."""

LOOK_SECONDS = 0.05
"""How often the memory of a busy process is checked. A response is noticed at once."""

WriteLog = Callable[[str, str, list[str]], None]
"""Writes messages to a log. The arguments are a log group, its log stream, and the messages."""

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")


@dataclass(frozen=True)
class Home:
    """Where functions run and log.

    log_group: the group of their lines; by default, each function has the one that Lambda gives it.
    write_log: writes these lines; by default, they are dropped.
    """

    account_id: str = ACCOUNT
    region: str = REGION
    log_group: str | None = None
    write_log: WriteLog = lambda _group, _stream, _messages: None


@dataclass(frozen=True)
class PackageSettings:
    """The settings that all execution environments of a package share.

    python: the Python that has the runtime interface client. task_root: the unpacked code.
    endpoint_url: the address of AWS for the function.
    """

    python: Path
    task_root: Path
    endpoint_url: str
    home: Home


class ProcessTimedOut(Exception):
    """The process did not report anything in time."""


class ExecutionEnvironment:
    """The process of one function, from its cold start to `close`."""

    def __init__(self, function: Function, settings: PackageSettings) -> None:
        self._function, self._settings = function, settings
        now = time.strftime("%Y/%m/%d", time.gmtime())
        self._log_group = settings.home.log_group or f"/aws/lambda/{function.name}"
        self._log_stream = f"{now}/[$LATEST]{uuid4().hex}"
        # A file without a name, which disappears with the process. A pipe would have to be read all
        # the time.
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - close() does
        self._api = RuntimeApi(
            freeze=lambda: self._signal(signal.SIGSTOP), thaw=lambda: self._signal(signal.SIGCONT)
        )
        self._started = time.monotonic()
        self._init_duration: float | None = None
        self._process = subprocess.Popen(
            # Isolated, so that it imports only its own code. Without bytecode, which cannot be
            # written to Lambda's read-only task root either.
            [settings.python, "-I", "-B", _BOOTSTRAP, function.handler],
            cwd=settings.task_root,
            env=self._variables(),
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            # Signals from the sandbox's terminal are only for the sandbox.
            start_new_session=True,
        )

    @property
    def alive(self) -> bool:
        """Whether the process can take an invocation."""
        return self._process.poll() is None

    def initialize(self, seconds: float) -> None:
        """Wait until the code is imported and the runtime asks for work.

        Raises FunctionError if the import fails or the process ends, and ProcessTimedOut if it
        takes too long. After either, the environment cannot be used.
        """
        request_id = str(uuid4())
        status = ""
        try:
            report = self._wait(self._started + seconds, request_id, {"next", "init-error"})
            if report.kind == "init-error":
                raise FunctionError(report.document)
        except ProcessTimedOut:
            status = "Status: timeout"
            raise
        except FunctionError as error:
            status = f"Status: error\tError Type: {error.answer['errorType']}"
            raise
        finally:
            self._init_duration = time.monotonic() - self._started
            if status:
                took = f"INIT_REPORT Init Duration: {self._init_duration * 1000:.2f} ms"
                self._log([*self._written(), f"{took}\tPhase: init\t{status}"])

    def invoke(self, event: bytes, seconds: float) -> Any:
        """Return the function's answer, parsed, to `event`, which is JSON.

        Raises FunctionError if the function raises an exception, crashes, uses too much memory or
        times out. In all but the first case the environment is not `alive` afterwards.
        """
        started = time.monotonic()
        invocation = Invocation(event, time.time() + seconds, self._arn)
        self._api.submit(invocation)
        status = ""
        try:
            report = self._wait(started + seconds, invocation.request_id, {"response", "error"})
        except ProcessTimedOut:
            status = "Status: timeout"
            raise timed_out(self._function, invocation.request_id) from None
        except FunctionError:
            status = f"Status: error\tError Type: {self._fault}"
            raise
        finally:
            if status:
                self._kill()
            self._report(invocation.request_id, time.monotonic() - started, status)
        if report.kind == "error":
            raise FunctionError(report.document)
        return report.document

    def close(self) -> None:
        """Kill the process."""
        self._kill()
        self._api.close()
        self._output.close()

    @property
    def _arn(self) -> str:
        home = self._settings.home
        return f"arn:aws:lambda:{home.region}:{home.account_id}:function:{self._function.name}"

    @property
    def _fault(self) -> str:
        over = self._peak_memory > self._function.memory
        return "Runtime.OutOfMemory" if over else "Runtime.ExitError"

    def _wait(self, until: float, request_id: str, kinds: set[str]) -> Report:
        """Return the runtime's next report of these kinds.

        Raises FunctionError if the process ends, and ProcessTimedOut if there is no report in time.
        """
        while True:
            left = until - time.monotonic()
            try:
                report = self._api.reports.get(timeout=max(0, min(left, LOOK_SECONDS)))
            except Empty:
                report = None
            if self._too_much_memory():
                self._kill()
            # A report counts even if the process has ended since, unless it had to be killed.
            if report and report.kind in kinds and self._process.returncode != -signal.SIGKILL:
                return report
            if not report and not self.alive:
                raise FunctionError.of(
                    "Runtime.ExitError",
                    f"RequestId: {request_id} Error: {_ending(self._process.returncode)}",
                )
            if not report and left <= 0:
                raise ProcessTimedOut

    _peak_memory = 0.0

    def _too_much_memory(self) -> bool:
        """Whether the peak of the process exceeds the memory of the function."""
        with suppress(OSError):
            status = Path(f"/proc/{self._process.pid}/status").read_text("ascii", "replace")
            peak = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
            if peak:  # a process that has just ended has none
                self._peak_memory = int(peak[1]) / 1024
        return self._peak_memory > self._function.memory

    def _report(self, request_id: str, seconds: float, status: str) -> None:
        """Log the invocation: the function's own output, and the lines that Lambda adds."""
        milliseconds = seconds * 1000
        parts = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {milliseconds:.2f} ms",
            f"Billed Duration: {math.ceil(milliseconds)} ms",
            f"Memory Size: {self._function.memory} MB",
            f"Max Memory Used: {min(math.ceil(self._peak_memory), self._function.memory)} MB",
        ]
        if self._init_duration is not None:
            parts.append(f"Init Duration: {self._init_duration * 1000:.2f} ms")
            self._init_duration = None
        if status:
            parts.append(status)
        self._log(
            [
                f"START RequestId: {request_id} Version: $LATEST",
                *self._written(),
                f"END RequestId: {request_id}",
                "\t".join(parts),
            ]
        )

    def _log(self, messages: list[str]) -> None:
        self._settings.home.write_log(self._log_group, self._log_stream, messages)

    def _written(self) -> list[str]:
        """The lines that the function has written since the last call."""
        if self._output.closed:
            return []
        self._output.seek(0)
        text = self._output.read().decode("utf-8", "replace")
        self._output.seek(0)
        self._output.truncate()
        # The runtime separates the lines of one message by carriage returns.
        return [line.replace("\r", "\n") for line in text.split("\n") if line]

    def _kill(self) -> None:
        self._signal(signal.SIGKILL)
        self._process.wait()
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        self._process.stdin.close()

    def _signal(self, number: signal.Signals) -> None:
        # Once it has ended and was waited for, another process may have its id.
        if self.alive:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _variables(self) -> Mapping[str, str]:
        """The environment variables that Lambda defines, and those that point the SDK here.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        """
        runtime_folder = str(self._settings.python.parent.parent)
        inherited = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
        return {
            **environment(self._settings.endpoint_url, inherited),
            "AWS_ACCESS_KEY_ID": "function",
            "AWS_SECRET_ACCESS_KEY": "function",
            "AWS_SESSION_TOKEN": "function",
            "AWS_DEFAULT_REGION": self._settings.home.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{self._function.runtime}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._function.memory),
            "AWS_LAMBDA_FUNCTION_NAME": self._function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": self._log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": self._log_stream,
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "AWS_REGION": self._settings.home.region,
            "LAMBDA_RUNTIME_DIR": runtime_folder,
            "LAMBDA_TASK_ROOT": str(self._settings.task_root),
            "LANG": "en_US.UTF-8",
            "PATH": os.pathsep.join([str(self._settings.python.parent), os.defpath]),
            "PYTHONPATH": runtime_folder,
            "TZ": ":UTC",
            "_HANDLER": self._function.handler,
        }


def timed_out(function: Function, request_id: str) -> FunctionError:
    """Return Lambda's response if a function does not end within its time limit."""
    return FunctionError.of(
        "Sandbox.Timedout",
        f"RequestId: {request_id} Error: Task timed out after {function.timeout:.2f} seconds",
    )


def _ending(code: int) -> str:
    """Lambda's description of how a process ended, which is that of Go's os.ProcessState."""
    if code == 0:
        return "Runtime exited without providing a reason"
    if code > 0:
        return f"Runtime exited with error: exit status {code}"
    name = signal.strsignal(-code) or str(-code)
    return f"Runtime exited with error: signal: {name.lower()}"
