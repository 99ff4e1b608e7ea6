"""The wire: SageMaker's JSON 1.1 protocol as a WSGI application in front of another."""

import io
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

from moto.core.responses import BaseResponse
from werkzeug.wrappers import Request, Response

from sandbox.json_service import constraints
from sandbox.json_service.errors import ServiceError
from sandbox.sagemaker import tagging
from sandbox.sagemaker.service import SageMakerService

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTENT_TYPE = "application/x-amz-json-1.1"
_TARGET = "SageMaker."
_CREDENTIAL = re.compile(
    r"AWS4-HMAC-SHA256\s.*?Credential=[^/,\s]+/\d{8}/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)"
    r"/aws4_request(,|\s|$)"
)


class SageMakerApp:
    """Answers the operations that `service` has; hands every other request on unchanged."""

    def __init__(
        self, next_app: "WSGIApplication", service: SageMakerService | None = None
    ) -> None:
        """Take the application behind this one, and the service, or make one."""
        self.next_app = next_app
        self.service = service or SageMakerService()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> "Iterable[bytes]":
        """Answer one request."""
        operation = environ.get("HTTP_X_AMZ_TARGET", "").removeprefix(_TARGET)
        if environ["REQUEST_METHOD"] != "POST" or operation not in self.service.operations:
            return self.next_app(environ, start_response)
        request = Request(environ)
        body = request.get_data()
        if operation in tagging.OPERATIONS and not _is_ours(body):
            # Read it has to be, and be read again.
            environ["wsgi.input"] = io.BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
            return self.next_app(environ, start_response)
        return self._answer(operation, request, body)(environ, start_response)

    def _answer(self, operation: str, request: Request, body: bytes) -> Response:
        try:
            account, region = caller(request)
            document = constraints.parse(body)
            output = self.service.call(account, region, operation, document)
            status = 200
        except ServiceError as error:
            output = _error(error)
            status = error.status
        return Response(
            # An operation without an output shape answers with no body at all.
            "" if output is None else json.dumps(output),
            status=status,
            content_type=CONTENT_TYPE,
            headers={"x-amzn-RequestId": str(uuid.uuid4())},
        )


def _is_ours(body: bytes) -> bool:
    try:
        return tagging.is_ours(constraints.parse(body))
    except ServiceError:
        return True


def caller(request: Request) -> tuple[str, str]:
    """Return the account and the region of the caller, as moto tells them for its own services.

    Signatures are not checked, as they are not in moto: any credentials serve, and those that
    IAM or STS here have made belong to the account that they were made in.
    """
    authorization = request.headers.get("Authorization")
    if not authorization:
        # Both from SageMaker's page of common errors.
        raise ServiceError(
            "MissingAuthenticationTokenException", "Missing Authentication Token", 403
        )
    scope = _CREDENTIAL.match(authorization)
    if scope is None:
        raise ServiceError(
            "IncompleteSignatureException",
            "The Authorization header has no AWS4-HMAC-SHA256 Credential of the form "
            "key/date/region/sagemaker/aws4_request.",
        )
    if scope["service"] != "sagemaker":
        raise ServiceError(
            "InvalidSignatureException",
            "Credential should be scoped to correct service: 'sagemaker'.",
        )
    moto: Any = BaseResponse()
    moto.headers = request.headers
    moto.querystring = {}
    return moto.get_current_account(), scope["region"]


def _error(error: ServiceError) -> dict[str, str]:
    # Errors of SageMaker's own model name the member `Message`, those that all services share
    # name it `message`.
    member = "Message" if error.code in constraints.service_model().shape_names else "message"
    return {"__type": error.code, member: error.message}
