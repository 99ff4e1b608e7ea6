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
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.sax.saxutils import escape

from moto.utilities.utils import get_partition
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.json_service.app import CONTENT_TYPE, caller
from sandbox.sagemaker import ServiceError
from sandbox.sagemaker.store import DEFINITION
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
# An error of the query protocol: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
_XML_ERROR = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error>"
    "<RequestId>injected-fault</RequestId></ErrorResponse>"
)
_CREATE = "CreateModelQualityJobDefinition"
_DESCRIBE = "DescribeModelQualityJobDefinition"
_DELETE = "DeleteModelQualityJobDefinition"
_LIST_TAGS = "ListTags"
_TAG_WRITES = ("AddTags", "DeleteTags")

LAG = "lag"
UNTAGGED = "denied-until-tagged"


class _Following(NamedTuple):
    """What a fault that follows a definition does: after these operations, it strikes those."""

    after: tuple[str, ...]
    struck: tuple[str, ...]


# The operations that a tag of a definition can allow.
_ON_A_DEFINITION = (_DESCRIBE, _DELETE, _LIST_TAGS, *_TAG_WRITES)
# The faults that follow a definition, by the operation that they are asked for with. All others
# strike whichever call comes next.
_FOLLOWING: dict[str, dict[str, _Following]] = {
    LAG: {
        **dict.fromkeys((ANY, _DESCRIBE), _Following((_CREATE, _DELETE), (_DESCRIBE,))),
        **{write: _Following((write,), (_DESCRIBE,)) for write in (_CREATE, _DELETE)},
        _LIST_TAGS: _Following((_CREATE, *_TAG_WRITES), (_LIST_TAGS,)),
        **{write: _Following((write,), (_LIST_TAGS,)) for write in _TAG_WRITES},
    },
    UNTAGGED: {
        ANY: _Following((_CREATE,), _ON_A_DEFINITION),
        **{each: _Following((_CREATE,), (each,)) for each in _ON_A_DEFINITION},
    },
}
_FOLLOWS_NOTHING = _Following((), ())

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
    # Of the tag operations: boto3 issue 4606.
    "resource-unknown": ("ValidationException", 400, "Resource does not exist."),
}
FAULTS = (*ERRORS, "hang", "cut-before", "cut-after", "not-json", "truncated", *_FOLLOWING)
# SageMaker's words where no statement allows an action: data-dot-all/dataall issue 1208.
_NOT_AUTHORIZED = (
    "User: arn:{partition}:iam::{account}:user/caller is not authorized to perform: {action} on "
    "resource: {arn} because no identity-based policy allows the {action} action"
)


@dataclass
class Fault:
    """One fault, and how often it still strikes.

    service, operation: what it strikes, by the API's names; "*" is any. The faults of
    _FOLLOWING know the operations there alone.
    fault: one of FAULTS.
    calls: the next so many calls; None: until cleared. Of a lag: so many reads after each write,
    or all until cleared. Of denied-until-tagged: so many calls of each operation after a create,
    which may be none.
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
        known = _FOLLOWING.get(self.fault)
        if known and (self.service not in ("sagemaker", ANY) or self.operation not in known):
            raise ValueError(
                f"{self.fault} does not know {self.operation!r} of {self.service!r}; service may "
                f"be sagemaker, and operation one of {', '.join(sorted(known.keys() - {ANY}))}, "
                f"or {ANY}"
            )
        for name, kinds, least, most in (
            ("calls", int, 0 if self.fault == UNTAGGED else 1, math.inf),
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

    @property
    def follows(self) -> _Following:
        """What it does if it is one of those that follow a definition."""
        return _FOLLOWING.get(self.fault, {}).get(self.operation, _FOLLOWS_NOTHING)

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
        self._clear()

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
            if not self._pending:
                return self._next_app(environ, start_response)
            return self._pass(_Call(environ), start_response)
        return self._administer(Request(environ))(environ, start_response)

    def _clear(self) -> None:
        self._pending: list[Fault] = []
        self._left = {kind: _Leftovers() for kind in _FOLLOWING}

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
                self._clear()
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
        answer = self._answer(call)
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
                if fault.fault in _FOLLOWING or not fault.meets(call.service, call.operation):
                    continue
                if not fault.strikes():
                    continue
                if fault.calls is not None:
                    fault.calls -= 1
                    if not fault.calls:
                        self._pending.remove(fault)
                return fault
        return None

    def _answer(self, call: "_Call") -> Response:
        """The answer of the application behind, or of a fault that follows the definition."""
        of = call.definition()
        if of is None:
            return call.forward(self._next_app)
        # Permissions come before whatever SageMaker knows.
        return self._denial(of, call) or self._stale(of, call) or self._carried_out(of, call)

    def _denial(self, of: "_Definition", call: "_Call") -> Response | None:
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

    def _stale(self, of: "_Definition", call: "_Call") -> Response | None:
        with self._lock:
            return self._left[LAG].next(of, call.operation)

    def _carried_out(self, of: "_Definition", call: "_Call") -> Response:
        with self._lock:
            begun = [
                fault
                for fault in self._pending
                if call.operation in fault.follows.after and fault.strikes()
            ]
        # Before the work is done, since a lag shows what was there before.
        left = [
            (fault, operation, call.left(fault.fault, of, operation, self._next_app))
            for fault in begun
            for operation in fault.follows.struck
        ]
        answer = call.forward(self._next_app)
        if answer.status_code == 200:
            with self._lock:
                if call.operation in (_CREATE, _DELETE):
                    # Tags do not outlast their definition.
                    self._left[LAG].forget(of, _LIST_TAGS)
                for fault, operation, answer_left in left:
                    self._left[fault.fault].add(of, operation, answer_left, fault.calls)
        return answer


class _Definition(NamedTuple):
    """A definition that there may be: whose it is, where, and its name in lower case."""

    account: str
    region: str
    name: str


class _Leftovers:
    """What some of the next calls on a definition are answered, because of what was done to it."""

    def __init__(self) -> None:
        self._left: dict[tuple[_Definition, str], list[_Leftover]] = {}

    def add(self, of: _Definition, operation: str, answer: Response, calls: int | None) -> None:
        """Have the next ``calls`` (None: all) of ``operation`` on a definition answered so."""
        left = self._left.setdefault((of, operation), [])
        left.append(_Leftover(answer, math.inf if calls is None else calls))

    def next(self, of: _Definition, operation: str) -> Response | None:
        """The answer to a call, which it counts. The oldest comes first, and time runs for all."""
        left = [each for each in self._left.pop((of, operation), ()) if each.calls > 0]
        if not left:
            return None
        for each in left:
            each.calls -= 1
        self._left[of, operation] = left
        return left[0].answer

    def forget(self, of: _Definition, operation: str) -> None:
        """Leave ``operation`` on a definition to the application again."""
        self._left.pop((of, operation), None)


@dataclass
class _Leftover:
    """An answer, and to how many calls."""

    answer: Response
    calls: float


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

    def definition(self) -> _Definition | None:
        """The definition that it is about; None where it is about none, or nobody's."""
        name = self.member("JobDefinitionName") or self._arn().partition(f":{DEFINITION}/")[2]
        if not isinstance(name, str) or not name:
            return None
        try:
            account, region = caller(Request(self.environ()))
        except ServiceError:
            return None
        return _Definition(account, region, name.lower())

    def _arn(self) -> str:
        return str(self.member("ResourceArn"))

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

    def exists(self, of: _Definition, app: "WSGIApplication") -> bool:
        """Whether ``app`` has a definition, asked in this caller's name."""
        return self._ask(app, _DESCRIBE, JobDefinitionName=of.name).status_code == 200

    def left(self, kind: str, of: _Definition, operation: str, app: "WSGIApplication") -> Response:
        """What a fault of ``kind`` has ``operation`` answer once this call is carried out."""
        if kind == UNTAGGED:
            return self.denial(of, operation)
        if operation == _DESCRIBE:
            return self._ask(app, _DESCRIBE, JobDefinitionName=of.name)
        if self.operation == _CREATE:
            return Response(json.dumps({"Tags": []}), content_type=CONTENT_TYPE)
        return self._ask(app, _LIST_TAGS, ResourceArn=self._arn())

    def _ask(self, app: "WSGIApplication", operation: str, **request: str) -> Response:
        body = json.dumps(request).encode()
        environ = self.environ(body=body, HTTP_X_AMZ_TARGET=f"SageMaker.{operation}")
        return Response.from_app(app, environ, buffered=True)

    def denial(self, of: _Definition, operation: str) -> Response:
        """The answer to ``operation`` where no policy allows it."""
        code, status, _ = ERRORS["access-denied"]
        partition = get_partition(of.region)
        message = _NOT_AUTHORIZED.format(
            partition=partition,
            account=of.account,
            action=f"sagemaker:{operation}",
            arn=f"arn:{partition}:sagemaker:{of.region}:{of.account}:{DEFINITION}/{of.name}",
        )
        return self.error(code, status, message)

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
        return Response(json.dumps(document), status, headers, content_type=CONTENT_TYPE)

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
