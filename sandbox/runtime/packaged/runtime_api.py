"""Lambda's Runtime API for one execution environment; the runtime interface client calls it.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any
from uuid import uuid4

from sandbox.process import HOST

_VERSION = "/2018-06-01/runtime"
_OUTCOME = re.compile(rf"{_VERSION}/invocation/(?P<request_id>[^/]+)/(?P<kind>response|error)")


@dataclass(frozen=True)
class Invocation:
    """One request to a function.

    event: the payload, which is JSON. deadline: in seconds since the epoch.
    """

    event: bytes
    deadline: float
    function_arn: str
    request_id: str = field(default_factory=lambda: str(uuid4()))

    def headers(self) -> dict[str, str]:
        """The headers with which the runtime gets the payload."""
        return {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(self.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self.function_arn,
        }


@dataclass(frozen=True)
class Report:
    """A report of the runtime.

    kind: ``next`` (it waits for work), ``response``, ``error`` or ``init-error``.
    document: the parsed body of the last three.
    """

    kind: str
    document: Any = None


class RuntimeApi:
    """Serves one runtime on a free port of this machine.

    freeze: called when the runtime has nothing to do. thaw: called before it gets work again.
    """

    def __init__(self, freeze: Callable[[], None], thaw: Callable[[], None]) -> None:
        self.reports: SimpleQueue[Report] = SimpleQueue()
        self._freeze, self._thaw = freeze, thaw
        self._waiting: SimpleQueue[Invocation | None] = SimpleQueue()
        self._current: Invocation | None = None
        self._server = _Server((HOST, 0), type("Bound", (_Handler,), {"api": self}))
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    @property
    def address(self) -> str:
        """The value of AWS_LAMBDA_RUNTIME_API: host and port."""
        return f"{HOST}:{self._server.server_port}"

    def submit(self, invocation: Invocation) -> None:
        """Give this invocation to the runtime when it asks for the next one."""
        self._waiting.put(invocation)

    def close(self) -> None:
        """Stop serving. The runtime must have ended before."""
        self._waiting.put(None)
        self._server.shutdown()
        self._server.server_close()

    def next(self) -> Invocation | None:
        """Wait for an invocation and return it, or None after `close`."""
        served, self._current = self._current is not None, None
        self.reports.put(Report("next"))
        # Right after its start, there is work at once.
        if served and self._waiting.empty():
            self._freeze()
        self._current = self._waiting.get()
        if self._current:
            self._thaw()
        return self._current

    def outcome(self, request_id: str, report: Report) -> bool:
        """Accept the outcome of an invocation; return False if it is not the current one."""
        if self._current is None or self._current.request_id != request_id:
            return False
        self.reports.put(report)
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a broken connection, which a killed runtime leaves."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """The four requests of the Runtime API that every runtime makes."""

    api: RuntimeApi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # a response in one piece

    def do_GET(self) -> None:
        if self.path != f"{_VERSION}/invocation/next":
            self._refuse(404, "UnknownPath", f"There is no {self.path}.")
            return
        invocation = self.api.next()
        if invocation is None:
            self.close_connection = True
        else:
            self._answer(200, invocation.headers(), invocation.event)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        outcome = _OUTCOME.fullmatch(self.path)
        try:
            document = json.loads(body)
        except ValueError as error:
            self._refuse(400, "InvalidPayload", f"Not JSON: {error}")
            return
        if self.path == f"{_VERSION}/init/error":
            self.api.reports.put(Report("init-error", document))
        elif not outcome:
            self._refuse(404, "UnknownPath", f"There is no {self.path}.")
            return
        elif not self.api.outcome(outcome["request_id"], Report(outcome["kind"], document)):
            self._refuse(400, "InvalidRequestID", "Invalid request ID")
            return
        self._answer(202, {"Content-Type": "application/json"}, b'{"status":"OK"}')

    def _refuse(self, status: int, error_type: str, message: str) -> None:
        body = json.dumps({"errorType": error_type, "errorMessage": message}).encode()
        self._answer(status, {"Content-Type": "application/json"}, body)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Log no requests."""
