"""Lambda's Invoke for the two functions of the resource type; ``cfn test`` calls it.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.runtime.contract import FunctionError, Runtime
from sandbox.wsgi import json_response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_INVOKE = Map([Rule("/2015-03-31/functions/<path:name>/invocations", methods=["POST"])])


class LambdaApp:
    """Invokes the functions of ``runtime``; passes every other request on unchanged."""

    def __init__(self, next_app: "WSGIApplication", runtime: Runtime) -> None:
        self._next_app = next_app
        self._runtime = runtime

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> "Iterable[bytes]":
        """Answer one request."""
        try:
            _, values = _INVOKE.bind_to_environ(environ).match()
        except HTTPException:
            return self._next_app(environ, start_response)
        # A function's ARN ends in its name; a qualifier may follow it.
        name = values["name"].rpartition("function:")[2].partition(":")[0]
        if name not in self._runtime.functions:
            return self._next_app(environ, start_response)
        return self._invoke(name, Request(environ))(environ, start_response)

    def _invoke(self, name: str, request: Request) -> Response:
        try:
            event = json.loads(request.get_data() or b"{}")
        except ValueError as error:
            return json_response(
                {"Type": "User", "message": f"Could not parse request body into json: {error}"},
                400,
                {"x-amzn-ErrorType": "InvalidRequestContentException"},
            )
        executed = {"X-Amz-Executed-Version": "$LATEST"}
        try:
            return json_response(self._runtime.invoke(name, event), 200, executed)
        except FunctionError as error:
            return json_response(
                error.answer, 200, {**executed, "X-Amz-Function-Error": "Unhandled"}
            )
