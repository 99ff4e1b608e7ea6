"""One call: its service and operation, and the responses that faults give instead."""

import json
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from moto.utilities.utils import get_partition
from werkzeug.wrappers import Request, Response

from sandbox.cloud_control import CloudControlApp
from sandbox.faults.fault import CREATE, DESCRIBE, ERRORS, LIST_TAGS, UNTAGGED, ErrorAnswer
from sandbox.faults.leftovers import Definition
from sandbox.json_service.caller import caller, scope_of
from sandbox.json_service.errors import ServiceError
from sandbox.sagemaker.store import DEFINITION
from sandbox.wsgi import with_body

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_JSON = "application/x-amz-json-1.1"
_REQUEST_ID = "injected-fault"
# An error of the query protocol: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
_XML_ERROR = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error>"
    f"<RequestId>{_REQUEST_ID}</RequestId></ErrorResponse>"
)
# SageMaker's message if no statement allows an action: data-dot-all/dataall issue 1208.
_NOT_AUTHORIZED = (
    "User: arn:{partition}:iam::{account}:user/caller is not authorized to perform: {action} on "
    "resource: {arn} because no identity-based policy allows the {action} action"
)


class Call:
    """One request, which may be forwarded more than once.

    service: the service's signing name; if the request is not signed, the name in its target.
    operation: its API name; empty if the protocol does not name it.
    """

    def __init__(self, environ: "WSGIEnvironment") -> None:
        self._environ = environ
        request = Request(environ)
        self._body = request.get_data()
        scope = scope_of(environ.get("HTTP_AUTHORIZATION", ""))
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        self.service = scope.service if scope else target.partition(".")[0].lower()
        self._cbor = request.headers.get("smithy-protocol") == "rpc-v2-cbor"
        self._query = "Action" in request.form
        self.operation = (
            target.partition(".")[2]
            or (request.path.rpartition("/")[2] if self._cbor else "")
            or request.form.get("Action", "")
        )

    def environ(self) -> "WSGIEnvironment":
        """A copy of the request's environment whose body is read from its beginning."""
        return with_body(self._environ, self._body)

    def definition(self) -> Definition | None:
        """The definition that the call is about, which need not exist; None if it is about none."""
        name = self._member("JobDefinitionName") or self._arn().partition(f":{DEFINITION}/")[2]
        if not isinstance(name, str) or not name:
            return None
        try:
            signer = caller(Request(self.environ()), "sagemaker")
        except ServiceError:
            return None
        return Definition(signer.account, signer.region, name.lower())

    def _arn(self) -> str:
        return str(self._member("ResourceArn"))

    def _member(self, name: str) -> Any:
        """A member of a JSON request; None if there is no such member."""
        try:
            document = json.loads(self._body)
        except ValueError:
            return None
        return document.get(name) if isinstance(document, dict) else None

    # -- requests to the next application ----------------------------------------------------------

    def forward(self, app: "WSGIApplication") -> Response:
        """The whole response of ``app``."""
        return Response.from_app(app, self.environ(), buffered=True)

    def exists(self, of: Definition, app: "WSGIApplication") -> bool:
        """Whether ``app`` has a definition; asks with this caller's credentials."""
        return self._ask(app, DESCRIBE, JobDefinitionName=of.name).status_code == 200

    def left(self, kind: str, of: Definition, operation: str, app: "WSGIApplication") -> Response:
        """The response that later calls of ``operation`` get because of a fault of ``kind``."""
        if kind == UNTAGGED:
            return self.denial(of, operation)
        if operation == DESCRIBE:
            return self._ask(app, DESCRIBE, JobDefinitionName=of.name)
        if self.operation == CREATE:
            return Response(json.dumps({"Tags": []}), content_type=_JSON)
        return self._ask(app, LIST_TAGS, ResourceArn=self._arn())

    def _ask(self, app: "WSGIApplication", operation: str, **request: str) -> Response:
        environ = with_body(self._environ, json.dumps(request).encode())
        environ["HTTP_X_AMZ_TARGET"] = f"SageMaker.{operation}"
        return Response.from_app(app, environ, buffered=True)

    # -- responses instead of the application's ----------------------------------------------------

    def denial(self, of: Definition, operation: str) -> Response:
        """The response to ``operation`` if no policy allows it."""
        partition = get_partition(of.region)
        message = _NOT_AUTHORIZED.format(
            partition=partition,
            account=of.account,
            action=f"sagemaker:{operation}",
            arn=f"arn:{partition}:sagemaker:{of.region}:{of.account}:{DEFINITION}/{of.name}",
        )
        return self.error(ERRORS["access-denied"]._replace(message=message))

    def error(self, error: ErrorAnswer) -> Response:
        """An error in the format of the caller's protocol."""
        code, status, message = error
        document, content_type = {"__type": code, "message": message}, _JSON
        if self.service == CloudControlApp.signing_name:
            document = CloudControlApp.error_document(ServiceError(code, message, status))
            content_type = CloudControlApp.content_type()
        headers = {"x-amzn-RequestId": _REQUEST_ID}
        if self._cbor:
            headers["smithy-protocol"] = "rpc-v2-cbor"
            body = _cbor(document)
            return Response(body, status, headers, content_type="application/cbor")
        if self._query:
            body = _XML_ERROR.format(escape(code), escape(message)).encode()
            return Response(body, status, headers, content_type="text/xml")
        return Response(json.dumps(document), status, headers, content_type=content_type)

    def cut(self) -> Iterable[bytes]:
        """Close the connection without a response."""
        self._connection().shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError("cut by a fault on demand")

    def truncate(self, answer: Response) -> Iterable[bytes]:
        """Announce the length of the whole response, send half of it, and close the connection."""
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
    """Encode a map of short strings as CBOR (RFC 8949, major types 5 and 3)."""
    texts = [text.encode() for item in document.items() for text in item]
    return bytes([0xA0 | len(document)]) + b"".join(
        bytes([0x78, len(text)]) + text for text in texts
    )
