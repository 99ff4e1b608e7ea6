"""The application that refuses what none of the applications behind it answers.

moto answers an operation that it lacks, and a request that it stumbles over, with an exception or
a page of HTML. SDKs cannot read a page, and send a request again after HTTP 500.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from contextlib import closing
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import boto3
from botocore.model import OperationNotFoundError
from moto.core.request import Request
from moto.moto_server.werkzeug_app import UNSIGNED_ACTIONS, UNSIGNED_REQUESTS
from werkzeug.wsgi import ClosingIterator

from project.regions import known_regions, no
from sandbox.json_service.caller import scope_of
from sandbox.unsupported.asked import Asked, asked
from sandbox.unsupported.errors import Error, error_response
from sandbox.unsupported.metadata import services
from sandbox.wsgi import with_body

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOG = logging.getLogger(__name__)

# moto's own pages and the metadata of an instance, which belong to no service.
_OF_NO_SERVICE = ("/moto-api", "/favicon.ico", "/latest/")
_FORM = "application/x-www-form-urlencoded"
_NOT_IMPLEMENTED = 501
# moto checks few requests: where a required parameter is missing, it often fails.
_OURS = "If the request has all that the operation requires, that is a fault of the sandbox."

Ask = Callable[[], Asked]
"""Returns what a request asks for."""


class UnsupportedApp:
    """Passes every request on, and answers those that fail there with an error of the client."""

    def __init__(self, next_app: WSGIApplication) -> None:
        self._next_app = next_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("PATH_INFO", "").startswith(_OF_NO_SERVICE):
            return self._next_app(environ, start_response)
        form = b""
        if environ.get("CONTENT_TYPE", "").startswith(_FORM):
            form = Request(environ).get_data()
            environ = with_body(environ, form)
        # Asked only if needed: routing takes time. The copy is not changed by what answers.
        ask = cache(partial(asked, Request(dict(environ)), form))
        error = _wrong_region(environ) or _wrong_signature(ask, environ, form)
        if error is None:
            answer = _Answer()
            try:
                body = answer.of(self._next_app, environ)
            except (NotImplementedError, OperationNotFoundError):
                error = _unsupported(ask())
            except Exception as failure:  # noqa: BLE001  # moto raises all kinds of errors
                error = _failed(ask(), failure)
            else:
                error = _instead_of(answer, body, ask, environ["REQUEST_METHOD"])
                if error is None:
                    start_response(answer.status, answer.headers)
                    return body
        return error_response(ask(), error)(environ, start_response)


class _Answer:
    """The answer of an application. A body is read only if the answer is an error."""

    status = ""
    headers: list[tuple[str, str]]

    def of(self, app: WSGIApplication, environ: WSGIEnvironment) -> Iterable[bytes]:
        """Let the application answer; return the body."""

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            self.status, self.headers = status, headers
            return lambda _: None

        body = app(environ, start_response)
        if self.code < 400:
            return body
        with closing(ClosingIterator(body)) as whole:
            return [b"".join(whole)]

    @property
    def code(self) -> int:
        """The HTTP status."""
        return int(self.status.split(" ", 1)[0])


def _instead_of(answer: _Answer, body: Iterable[bytes], ask: Ask, method: str) -> Error | None:
    """What to answer instead of an answer that no SDK can read, or that it would retry."""
    if answer.code < 400:
        return None
    content = b"".join(body).lstrip().lower()
    if answer.code >= 500 and answer.code != _NOT_IMPLEMENTED:
        LOG.warning("%s was answered with HTTP %d", ask().words, answer.code)
        return Error(
            "UnsupportedOperationException",
            f"The sandbox failed at {ask().words} with HTTP {answer.code}. {_OURS}",
        )
    is_page = content.startswith((b"<!doctype html", b"<html"))
    # moto answers this where it finds no operation; only objects of S3 have no body otherwise.
    is_nothing = not content and answer.code == 404 and method != "HEAD"
    if is_page or answer.code == _NOT_IMPLEMENTED or (is_nothing and not _is_s3(ask())):
        return _unsupported(ask())
    return None


def _is_s3(ask: Asked) -> bool:
    return ask.signed_for is None or (ask.service is not None and ask.service.name == "s3")


def _unsupported(ask: Asked) -> Error:
    return Error("UnknownOperationException", f"The sandbox does not support {ask.words}.")


def _failed(ask: Asked, failure: Exception) -> Error:
    """Log where it failed, without any value; the words of an exception may quote the request."""
    kind = type(failure).__name__
    place = traceback.extract_tb(failure.__traceback__)[-1]
    LOG.warning("%s failed with %s at %s:%s", ask.words, kind, place.filename, place.lineno)
    return Error(
        "UnsupportedOperationException", f"The sandbox failed at {ask.words} with {kind}. {_OURS}"
    )


def _wrong_region(environ: WSGIEnvironment) -> Error | None:
    """The error if the request is signed for a region that AWS does not have.

    In AWS it would reach nothing, unless it is for a service with one address for all regions. The
    code and the first sentence: aws-sdk-ruby issue 508, AWS.jl issue 565.
    """
    scope = scope_of(environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None or scope.region in _regions():
        return None
    return Error(
        "InvalidSignatureException",
        f"Credential should be scoped to a valid region, not '{scope.region}'. "
        f"{no(scope.region, _regions())}",
        403,
    )


@cache
def _regions() -> AbstractSet[str]:
    return known_regions(boto3.Session())


def _wrong_signature(ask: Ask, environ: WSGIEnvironment, form: bytes) -> Error | None:
    """The error if the request has no signature but needs one, or has that of another service.

    moto would take the first for one to S3, and the second for one to the other service. Codes and
    messages: as in sandbox.json_service.caller.
    """
    if not (form or "HTTP_X_AMZ_TARGET" in environ or "Action=" in environ.get("QUERY_STRING", "")):
        return None  # of a protocol whose requests may need none
    found = ask()
    if found.signed_for is None:
        unsigned = found.target_prefix in UNSIGNED_REQUESTS or found.operation in UNSIGNED_ACTIONS
        if unsigned or found.operation is None or environ.get("HTTP_AUTHORIZATION"):
            return None  # without any signature, or with one of an older kind
        return Error("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
    of_prefix = services().by_target_prefix.get(found.target_prefix or "", ())
    names = {each.signing_name for each in of_prefix}
    if names and found.signed_for not in names:
        return Error(
            "InvalidSignatureException",
            f"Credential should be scoped to correct service: '{min(names)}'.",
        )
    return None
