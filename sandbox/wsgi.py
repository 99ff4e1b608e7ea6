"""Functions that the sandbox's WSGI applications share."""

import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def with_body(environ: "WSGIEnvironment", body: bytes) -> "WSGIEnvironment":
    """Return a copy of a request's environment whose body is read from its beginning."""
    copy = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    # werkzeug keeps the parsed request here, whose body is consumed.
    copy.pop("werkzeug.request", None)
    return copy


def json_response(
    document: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a response whose body is JSON."""
    return Response(
        json.dumps(document), status=status, headers=headers, content_type="application/json"
    )


def json_line(
    document: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a response whose body is a line of JSON.

    It is for people: after curl, the shell's prompt is on a line of its own.
    """
    response = json_response(document, status, headers)
    response.data += b"\n"
    return response
