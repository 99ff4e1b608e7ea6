"""Lambda's Invoke for the two functions of the resource type; ``cfn test`` calls it.

An event that TypeFunction gets for a registered type goes to that type's handlers.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.runtime.contract import FunctionError, Runtime
from sandbox.wsgi import json_response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_INVOKE = Map([Rule("/2015-03-31/functions/<path:name>/invocations", methods=["POST"])])


Handlers = Callable[[Any], Any]
"""Returns the progress event for an event. Raises FunctionError."""


class LambdaApp:
    """Invokes the functions of ``runtime``; passes every other request on unchanged.

    handlers_of: returns the handlers of the registered type that an event is for, or None.
    """

    def __init__(
        self,
        next_app: "WSGIApplication",
        runtime: Runtime,
        handlers_of: Callable[[Any], Handlers | None] = lambda _: None,
    ) -> None:
        self._next_app = next_app
        self._runtime = runtime
        self._handlers_of = handlers_of

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
        registered = self._handlers_of(event) if name == "TypeFunction" else None
        handlers = registered or partial(self._runtime.invoke, name)
        try:
            return json_response(handlers(event), 200, executed)
        except FunctionError as error:
            return json_response(
                error.answer, 200, {**executed, "X-Amz-Function-Error": "Unhandled"}
            )
