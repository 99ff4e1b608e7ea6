"""An error in each of AWS's protocols.

https://smithy.io/2.0/aws/protocols/index.html, "Operation error serialization" of each protocol.
"""

import json
import uuid
from collections.abc import Callable
from typing import NamedTuple
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from sandbox.unsupported.asked import Asked

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_QUERY_CODES = {
    "UnknownOperationException": "InvalidAction",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "UnsupportedOperationException": "UnsupportedOperation",
}
"""The names that protocols with XML have for errors that all services share.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""


class Error(NamedTuple):
    """An error of a client, which SDKs do not retry. code: as the JSON protocols have it."""

    code: str
    message: str
    status: int = 400


def error_response(asked: Asked, error: Error) -> Response:
    """Return an error as the service that was asked would, in the protocol of the request."""
    request_id = str(uuid.uuid4())
    response = _FORMATS[asked.protocol](asked, error, request_id)
    response.status_code = error.status
    response.headers["x-amzn-RequestId"] = request_id
    return response


def _json(asked: Asked, error: Error, _request_id: str) -> Response:
    version = asked.service.json_version if asked.service else "1.1"
    rest = asked.protocol == "rest-json"
    return Response(
        json.dumps({"__type": error.code, "message": error.message}),
        headers={"x-amzn-ErrorType": error.code},
        content_type="application/json" if rest else f"application/x-amz-json-{version}",
    )


def _cbor(_asked: Asked, error: Error, _request_id: str) -> Response:
    members = {"__type": error.code, "message": error.message}
    texts = [_cbor_text(text) for member in members.items() for text in member]
    return Response(
        bytes([0xA0 | len(members)]) + b"".join(texts),
        headers={"smithy-protocol": "rpc-v2-cbor"},
        content_type="application/cbor",
    )


def _cbor_text(text: str) -> bytes:
    """A text as CBOR encodes it with a length of two bytes (RFC 8949, 3.1)."""
    content = text.encode()
    return b"\x79" + len(content).to_bytes(2, "big") + content


def _query(_asked: Asked, error: Error, request_id: str) -> Response:
    return _xml(
        f"<ErrorResponse><Error><Type>Sender</Type>{_code_and_message(error)}</Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )


def _ec2(_asked: Asked, error: Error, request_id: str) -> Response:
    return _xml(
        f"<Response><Errors><Error>{_code_and_message(error)}</Error></Errors>"
        f"<RequestID>{request_id}</RequestID></Response>"
    )


def _rest_xml(asked: Asked, error: Error, request_id: str) -> Response:
    if asked.service and asked.service.name != "s3":
        return _query(asked, error, request_id)
    return _xml(f"<Error>{_code_and_message(error)}<RequestId>{request_id}</RequestId></Error>")


def _code_and_message(error: Error) -> str:
    code = _QUERY_CODES.get(error.code, error.code)
    return f"<Code>{code}</Code><Message>{escape(error.message)}</Message>"


def _xml(body: str) -> Response:
    return Response(_XML + body, content_type="text/xml")


_FORMATS: dict[str, Callable[[Asked, Error, str], Response]] = {
    "json": _json,
    "rest-json": _json,
    "smithy-rpc-v2-cbor": _cbor,
    "query": _query,
    "ec2": _ec2,
    "rest-xml": _rest_xml,
}
