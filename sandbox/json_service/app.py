"""The AWS JSON protocol as a WSGI application in front of another.

https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

import json
import uuid
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from werkzeug.wrappers import Request, Response

from sandbox.json_service.caller import Caller, caller
from sandbox.json_service.constraints import parse
from sandbox.json_service.errors import ServiceError
from sandbox.json_service.models import service_model
from sandbox.wsgi import with_body

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Service(Protocol):
    """A service, without its protocol."""

    @property
    def operations(self) -> Collection[str]:
        """The API names of the operations that it has."""

    def call(self, caller: Caller, operation: str, request: Any) -> dict[str, Any] | None:
        """Carry out an operation, and return its output; None if it has no output shape.

        request: the JSON document as it was received.

        Raises ServiceError if the service rejects the request.
        """


class JsonServiceApp:
    """Answers the operations of a service; passes every other request on unchanged.

    A subclass sets the service. signing_name, target_prefix and json_version repeat values from
    botocore's model, because the models of large services take long to parse.

    service_name: botocore's name for the service. signing_name: its name in signatures.
    owns_prefix: whether the service has no operations in the next application. Requests with its
        prefix for anything else are refused.
    """

    service_name: ClassVar[str]
    signing_name: ClassVar[str]
    target_prefix: ClassVar[str]
    json_version: ClassVar[str]
    owns_prefix: ClassVar[bool] = False

    def __init__(self, next_app: "WSGIApplication", service: Service) -> None:
        self._next_app = next_app
        self._service = service

    def answers(self, operation: str, body: bytes) -> bool:  # noqa: ARG002 - for subclasses
        """Whether the service answers this request for one of its operations."""
        return True

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        prefix, _, operation = target.partition(".")
        if prefix != self.target_prefix:
            return self._next_app(environ, start_response)
        request = Request(environ)
        if request.method != "POST" or operation not in self._service.operations:
            if not self.owns_prefix:
                return self._next_app(environ, start_response)
            return self._refusal(self._unknown(request.method, target))(environ, start_response)
        body = request.get_data()
        if not self.answers(operation, body):
            # The body was consumed; the next application reads it from the beginning.
            return self._next_app(with_body(environ, body), start_response)
        return self._answer(operation, request, body)(environ, start_response)

    def _answer(self, operation: str, request: Request, body: bytes) -> Response:
        try:
            signer = caller(request, self.signing_name)
            output = self._service.call(signer, operation, parse(body))
        except ServiceError as error:
            return self._refusal(error)
        return self._response(200, output)

    def _refusal(self, error: ServiceError) -> Response:
        return self._response(error.status, self.error_document(error))

    def _unknown(self, method: str, target: str) -> ServiceError:
        # AWS answers with the code alone (aws-sdk-net issue 1536).
        return ServiceError(
            "UnknownOperationException",
            f"There is no operation {method} {target}. Send a POST whose X-Amz-Target is "
            f"{self.target_prefix}.<operation>, with one of these operations: "
            f"{', '.join(self._service.operations)}.",
        )

    def _response(self, status: int, output: dict[str, Any] | None) -> Response:
        return Response(
            # The response of an operation without an output shape has no body.
            "" if output is None else json.dumps(output),
            status=status,
            content_type=self.content_type(),
            headers={"x-amzn-RequestId": str(uuid.uuid4())},
        )

    @classmethod
    def content_type(cls) -> str:
        """Return the content type of every response."""
        return f"application/x-amz-json-{cls.json_version}"

    @classmethod
    def error_document(cls, error: ServiceError) -> dict[str, Any]:
        """Return the body of an error."""
        # The member is `Message` in errors of the service's model, and `message` in errors that
        # all services share.
        modelled = error.code in service_model(cls.service_name).shape_names
        return {"__type": error.code, "Message" if modelled else "message": error.message}
