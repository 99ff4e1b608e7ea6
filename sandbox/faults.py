"""Faults on demand: what AWS does on a bad day, for tests and for who wants to see it.

    POST   /_sandbox/faults   a fault as JSON; answers 201 with it
    GET    /_sandbox/faults   the faults that are pending
    DELETE /_sandbox/faults   no more faults

docs/faults.md describes the members of a fault, and shows a walk.
"""

import io
import json
import math
import random
import re
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.sagemaker import ServiceError
from sandbox.sagemaker.app import caller
from sandbox.services import ANY, check_names

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/_sandbox/faults"
_METHODS = ("GET", "HEAD", "POST", "DELETE")
_ROUTES = Map([Rule(PATH, methods=_METHODS)])
# How CloudWatch signs, by the name that people know.
_SIGNING_NAMES = {"cloudwatch": "monitoring"}
_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/[^/,\s]+/(?P<service>[^/,\s]+)/aws4_request")
MAX_SECONDS = 3600  # of a hang
_DESCRIBE = "DescribeModelQualityJobDefinition"
# An error of the query protocol: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
_XML_ERROR = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error>"
    "<RequestId>injected-fault</RequestId></ErrorResponse>"
)
_WRITES = ("CreateModelQualityJobDefinition", "DeleteModelQualityJobDefinition")
# A lag may be asked for by the writes after which Describe lags, or by Describe: after both.
_LAGS_AFTER = {ANY: _WRITES, _DESCRIBE: _WRITES, **{write: (write,) for write in _WRITES}}

# The faults that are an error of the service: its name, HTTP status and words.
ERRORS: dict[str, tuple[str, int, str]] = {
    "throttle": ("ThrottlingException", 400, "Rate exceeded"),
    "error-500": ("InternalFailure", 500, "An internal error has occurred."),
    "error-503": ("ServiceUnavailable", 503, "The service is unavailable. Please try again."),
    "access-denied": (
        "AccessDeniedException",
        400,
        "The caller is not authorized to perform this operation.",
    ),
    "expired-credentials": (
        "ExpiredTokenException",
        400,
        "The security token included in the request is expired",
    ),
    "role-not-ready": (
        "ValidationException",
        400,
        (
            "Could not assume role. Please ensure that the role exists and allows principal "
            "'sagemaker.amazonaws.com' to assume the role."
        ),
    ),
}
FAULTS = (*ERRORS, "hang", "cut-before", "cut-after", "not-json", "truncated", "lag")


@dataclass
class Fault:
    """One fault, and how often it still strikes.

    service, operation: what it strikes, by the API's names; "*" is any. A lag knows the
    operations of _LAGS_AFTER alone.
    fault: one of FAULTS.
    calls: the next so many calls; None: until cleared. Of a lag: so many reads after each write,
    or all until cleared.
    seconds: of a hang, how long.
    rate, seed: strike only this share of the calls, at random; the same seed, the same calls.
    """

    service: str
    operation: str
    fault: str
    calls: int | None = 1
    seconds: float = 300.0
    rate: float = 1.0
    seed: int = 0
    _random: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check what came as JSON. Raises ValueError that names the member and what it may be."""
        if self.fault not in FAULTS:
            raise ValueError(f"fault is {self.fault!r}; it may be one of {', '.join(FAULTS)}")
        check_names(self.service, self.operation)
        if self.fault == "lag" and (
            self.service not in ("sagemaker", ANY) or self.operation not in _LAGS_AFTER
        ):
            raise ValueError(
                f"nothing lags at {self.operation!r} of {self.service!r}: only sagemaker's "
                f"{_DESCRIBE} does, after {' or '.join(_WRITES)}; "
                f"operation may be one of these, or {ANY} for both"
            )
        for name, kinds, least, most in (
            ("calls", int, 1, math.inf),
            ("seconds", (int, float), 0, MAX_SECONDS),
            ("rate", (int, float), 0, 1),
            ("seed", int, -math.inf, math.inf),
        ):
            value = getattr(self, name)
            if name == "calls" and value is None:
                continue
            if not isinstance(value, kinds) or isinstance(value, bool):
                raise ValueError(f"{name} is {value!r}; it has to be a number")
            # Not a number is neither.
            if not least <= value <= most:
                limit = f"at least {least}" if most == math.inf else f"from {least} to {most}"
                raise ValueError(f"{name} is {value!r}; it has to be {limit}")
        self._random = random.Random(self.seed)  # noqa: S311 - no secret hangs on it

    @classmethod
    def parse(cls, document: Any) -> "Fault":
        """The fault of a POST's JSON. Raises ValueError in words for who sent it."""
        known = {item.name for item in fields(cls) if item.init}
        if not isinstance(document, dict):
            raise ValueError(f"a fault is a JSON object with members of {', '.join(sorted(known))}")
        for name in document.keys() - known:
            raise ValueError(f"there is no member {name!r}; there are {', '.join(sorted(known))}")
        missing = {"service", "operation", "fault"} - document.keys()
        if missing:
            raise ValueError(f"the fault lacks {', '.join(sorted(missing))}")
        return cls(**document)

    def document(self) -> dict[str, Any]:
        """The fault as JSON."""
        return {name: value for name, value in asdict(self).items() if not name.startswith("_")}

    def meets(self, service: str, operation: str) -> bool:
        """Whether this is a call that it is for."""
        signing_name = _SIGNING_NAMES.get(self.service, self.service)
        return signing_name in (service, ANY) and self.operation in (operation, ANY)

    def strikes(self) -> bool:
        """Whether it strikes now, if only a share of the calls is struck."""
        return self.rate >= 1 or self._random.random() < self.rate


class FaultsApp:
    """Does what the pending faults say; hands every other request on unchanged."""

    def __init__(self, next_app: "WSGIApplication") -> None:
        self._next_app = next_app
        self._lock = threading.Lock()
        self._pending: list[Fault] = []
        self._lags: dict[tuple[str, str, str], _Lag] = {}  # by account, region and name

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        try:
            _ROUTES.bind_to_environ(environ).match()
        except MethodNotAllowed:
            allowed = ", ".join(_METHODS)
            message = f"{PATH} takes {allowed}, and not {environ['REQUEST_METHOD']}."
            answer = _json({"message": message}, 405)
            answer.headers["Allow"] = allowed
            return answer(environ, start_response)
        except HTTPException:
            if not self._pending and not self._lags:
                return self._next_app(environ, start_response)
            return self._pass(_Call(environ), start_response)
        return self._administer(Request(environ))(environ, start_response)

    def _administer(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                fault = Fault.parse(json.loads(request.get_data()))
            except ValueError as error:
                return _json({"message": str(error)}, 400)
            with self._lock:
                self._pending.append(fault)
            return _json(fault.document(), 201)
        with self._lock:
            if request.method == "DELETE":
                self._pending.clear()
                self._lags.clear()
            return _json({"faults": [fault.document() for fault in self._pending]}, 200)

    def _pass(self, call: "_Call", start_response: "StartResponse") -> Iterable[bytes]:
        fault = self._next_fault(call)
        kind = fault.fault if fault else None
        if kind in ERRORS:
            return call.error(*ERRORS[kind])(call.environ(), start_response)
        if kind == "cut-before":
            return call.cut()
        if fault and kind == "hang":
            time.sleep(fault.seconds)
        answer = self._lagging(call)
        if kind == "cut-after":
            return call.cut()
        if kind == "truncated":
            return call.truncate(answer)
        if kind == "not-json":
            answer = Response("<html>It works!</html>", content_type="text/html")
        return answer(call.environ(), start_response)

    def _next_fault(self, call: "_Call") -> Fault | None:
        with self._lock:
            for fault in self._pending:
                if fault.fault == "lag" or not fault.meets(call.service, call.operation):
                    continue
                if not fault.strikes():
                    continue
                if fault.calls is not None:
                    fault.calls -= 1
                    if not fault.calls:
                        self._pending.remove(fault)
                return fault
        return None

    def _lagging(self, call: "_Call") -> Response:
        """The answer of the application behind, or an older one where reads lag."""
        name = str(call.member("JobDefinitionName")).lower()
        place = call.place()
        if place is None:
            return call.forward(self._next_app)
        of = (*place, name)
        if call.operation == _DESCRIBE:
            with self._lock:
                lag = self._lags.get(of)
                if lag and lag.reads:
                    lag.reads -= 1
                    return lag.shown
        reads = self._reads_that_lag_after(call.operation)
        if not reads:
            return call.forward(self._next_app)
        before = call.describe(name, self._next_app)
        answer = call.forward(self._next_app)
        if answer.status_code == 200:
            with self._lock:
                self._lags[of] = _Lag(before, reads)
        return answer

    def _reads_that_lag_after(self, operation: str) -> float:
        with self._lock:
            return sum(
                math.inf if fault.calls is None else fault.calls
                for fault in self._pending
                if fault.fault == "lag"
                and operation in _LAGS_AFTER[fault.operation]
                and fault.strikes()
            )


@dataclass
class _Lag:
    """What Describe goes on showing of a definition, and how often."""

    shown: Response
    reads: float


class _Call:
    """One request, which may be sent on more than once."""

    def __init__(self, environ: "WSGIEnvironment") -> None:
        self._environ = environ
        request = Request(environ)
        self._body = request.get_data()
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        self.service = scope["service"] if scope else target.partition(".")[0].lower()
        self._cbor = request.headers.get("smithy-protocol") == "rpc-v2-cbor"
        self._query = "Action" in request.form
        self.operation = (
            target.partition(".")[2]
            or (request.path.rpartition("/")[2] if self._cbor else "")
            or request.form.get("Action", "")
        )

    def environ(self, **changes: Any) -> "WSGIEnvironment":
        """The request's environment, to be read from its beginning."""
        body = changes.pop("body", self._body)
        again = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        environ = {**self._environ, **again, **changes}
        # What werkzeug parsed of the request before.
        environ.pop("werkzeug.request", None)
        return environ

    def place(self) -> tuple[str, str] | None:
        """The account and region of a caller of SageMaker, or None where they cannot be told."""
        try:
            return caller(Request(self.environ()))
        except ServiceError:
            return None

    def member(self, name: str) -> Any:
        """A member of a JSON request, or None."""
        try:
            document = json.loads(self._body)
        except ValueError:
            return None
        return document.get(name) if isinstance(document, dict) else None

    def forward(self, app: "WSGIApplication") -> Response:
        """The answer of ``app``, whole."""
        return Response.from_app(app, self.environ(), buffered=True)

    def describe(self, name: str, app: "WSGIApplication") -> Response:
        """What Describe says of a definition, asked in this caller's name."""
        body = json.dumps({"JobDefinitionName": name}).encode()
        environ = self.environ(body=body, HTTP_X_AMZ_TARGET=f"SageMaker.{_DESCRIBE}")
        return Response.from_app(app, environ, buffered=True)

    def error(self, code: str, status: int, message: str) -> Response:
        """An error in the wire form of the protocol that was spoken."""
        document = {"__type": code, "message": message}
        headers = {"x-amzn-RequestId": "injected-fault"}
        if self._cbor:
            headers["smithy-protocol"] = "rpc-v2-cbor"
            body = _cbor(document)
            return Response(body, status, headers, content_type="application/cbor")
        if self._query:
            body = _XML_ERROR.format(escape(code), escape(message)).encode()
            return Response(body, status, headers, content_type="text/xml")
        return Response(
            json.dumps(document), status, headers, content_type="application/x-amz-json-1.1"
        )

    def cut(self) -> Iterable[bytes]:
        """End the connection without an answer."""
        self._connection().shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError("cut by a fault on demand")

    def truncate(self, answer: Response) -> Iterable[bytes]:
        """Promise the whole answer, send half of it, and end the connection."""
        body = answer.get_data()
        head = (
            f"HTTP/1.1 {answer.status}\r\nContent-Type: {answer.content_type}\r\n"
            f"Content-Length: {len(body) + 1}\r\n\r\n"
        )
        self._connection().sendall(head.encode() + body[: len(body) // 2])
        return self.cut()

    def _connection(self) -> socket.socket:
        connection: socket.socket = self._environ["werkzeug.socket"]
        return connection


def _cbor(document: dict[str, str]) -> bytes:
    """A map of short texts in CBOR (RFC 8949, major types 5 and 3)."""
    texts = [text.encode() for item in document.items() for text in item]
    return bytes([0xA0 | len(document)]) + b"".join(
        bytes([0x78, len(text)]) + text for text in texts
    )


def _json(document: object, status: int) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/json")
