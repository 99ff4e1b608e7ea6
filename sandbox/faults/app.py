"""Accepts faults, and injects them into the calls that they affect."""

import json
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.faults.call import Call
from sandbox.faults.fault import (
    CREATE,
    DELETE,
    ERRORS,
    FOLLOWING,
    LAG,
    LIST_TAGS,
    UNTAGGED,
    Fault,
)
from sandbox.faults.leftovers import Definition, Leftovers
from sandbox.wsgi import json_line

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/_sandbox/faults"
_METHODS = ("GET", "HEAD", "POST", "DELETE")
_ROUTES = Map([Rule(PATH, methods=_METHODS)])


class FaultsApp:
    """Injects the pending faults; passes every other request on unchanged."""

    def __init__(self, next_app: "WSGIApplication") -> None:
        self._next_app = next_app
        self._lock = threading.Lock()
        self._clear()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        try:
            _ROUTES.bind_to_environ(environ).match()
        except MethodNotAllowed:
            allowed = ", ".join(_METHODS)
            message = f"{PATH} takes {allowed}, not {environ['REQUEST_METHOD']}."
            answer = json_line({"message": message}, 405, {"Allow": allowed})
            return answer(environ, start_response)
        except HTTPException:
            if not self._pending:
                return self._next_app(environ, start_response)
            return self._inject(Call(environ), start_response)
        return self._administer(Request(environ))(environ, start_response)

    def _clear(self) -> None:
        self._pending: list[Fault] = []
        self._left = {kind: Leftovers() for kind in FOLLOWING}

    def _administer(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                fault = Fault.parse(json.loads(request.get_data()))
            except ValueError as error:
                return json_line({"message": str(error)}, 400)
            with self._lock:
                self._pending.append(fault)
            return json_line(fault.document(), 201)
        with self._lock:
            if request.method == "DELETE":
                self._clear()
            return json_line({"faults": [fault.document() for fault in self._pending]})

    def _inject(self, call: Call, start_response: "StartResponse") -> Iterable[bytes]:
        """Respond to a call, with the fault that affects it if there is one."""
        fault = self._next_fault(call)
        kind = fault.fault if fault else None
        if kind in ERRORS:
            return call.error(ERRORS[kind])(call.environ(), start_response)
        if kind == "cut-before":
            return call.cut()
        if fault and kind == "hang":
            time.sleep(fault.seconds)
        answer = self._answer(call)
        if kind == "cut-after":
            return call.cut()
        if kind == "truncated":
            return call.truncate(answer)
        if kind == "not-json":
            answer = Response("<html>It works!</html>", content_type="text/html")
        return answer(call.environ(), start_response)

    def _next_fault(self, call: Call) -> Fault | None:
        """Return the fault that affects a call, or None; count the call."""
        with self._lock:
            for fault in self._pending:
                if fault.fault in FOLLOWING or not fault.is_for(call.service, call.operation):
                    continue
                if not fault.strikes():
                    continue
                if fault.calls is not None:
                    fault.calls -= 1
                    if not fault.calls:
                        self._pending.remove(fault)
                return fault
        return None

    # -- faults that follow a definition ----------------------------------------------------------

    def _answer(self, call: Call) -> Response:
        """The response of the next application, or of a fault that follows the definition."""
        of = call.definition()
        if of is None:
            return call.forward(self._next_app)
        # SageMaker checks permissions before anything else.
        return self._denial(of, call) or self._stale(of, call) or self._carried_out(of, call)

    def _denial(self, of: Definition, call: Call) -> Response | None:
        with self._lock:
            if denial := self._left[UNTAGGED].next(of, call.operation):
                return denial
            by_tags = any(
                call.operation in fault.follows.struck and fault.strikes()
                for fault in self._pending
                if fault.fault == UNTAGGED
            )
        if by_tags and not call.exists(of, self._next_app):
            return call.denial(of, call.operation)
        return None

    def _stale(self, of: Definition, call: Call) -> Response | None:
        with self._lock:
            return self._left[LAG].next(of, call.operation)

    def _carried_out(self, of: Definition, call: Call) -> Response:
        with self._lock:
            begun = [
                fault
                for fault in self._pending
                if call.operation in fault.follows.after and fault.strikes()
            ]
        # Collected before the call is carried out, because a lag shows the state before it.
        left = [
            (fault, operation, call.left(fault.fault, of, operation, self._next_app))
            for fault in begun
            for operation in fault.follows.struck
        ]
        answer = call.forward(self._next_app)
        if answer.status_code == 200:
            with self._lock:
                if call.operation in (CREATE, DELETE):
                    # Tags do not outlast their definition.
                    self._left[LAG].forget(of, LIST_TAGS)
                for fault, operation, answer_left in left:
                    self._left[fault.fault].add(of, operation, answer_left, fault.calls)
        return answer
