"""The services that both providers call: the sandbox's SageMaker and moto's CloudWatch.

Each process serves all of them. A caller that starts several processes decides which service it
calls in which process. A process keeps connections open, as AWS does, and
counts the calls: ``GET /calls`` returns how often each operation was called since the previous
``GET /calls``.
"""

import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from moto.backends import get_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from waitress.server import create_server
from werkzeug.wrappers import Request, Response

from sandbox.process import HOST
from sandbox.sagemaker import SageMakerApp

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CALLS = "/calls"


class CountedCalls:
    """Counts the calls of each operation, and passes every request on unchanged."""

    def __init__(self, next_app: "WSGIApplication") -> None:
        self._next_app = next_app
        self._calls: Counter[str] = Counter()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> "Iterable[bytes]":
        """Answer one request."""
        if environ["PATH_INFO"] == CALLS:
            answer = Response(json.dumps(self._calls), content_type="application/json")
            self._calls = Counter()
            return answer(environ, start_response)
        # In CloudWatch's CBOR protocol, the operation is in the path.
        target = environ.get("HTTP_X_AMZ_TARGET") or Request(environ).path.replace("/", ".")
        self._calls[target.rpartition(".")[2]] += 1
        return self._next_app(environ, start_response)


def main() -> None:
    """Serve on a free port, and print its address, until standard input ends."""
    for service in ("cloudwatch", "logs", "sagemaker"):
        get_backend(service)  # now, because the first call is timed
    app = CountedCalls(SageMakerApp(DomainDispatcherApplication(create_backend_app)))
    server = create_server(app, host=HOST, port=0, threads=4)
    print(f"http://{HOST}:{server.effective_port}", flush=True)
    threading.Thread(target=server.run, daemon=True).start()
    sys.stdin.read()
    # Everything is in memory, so there is nothing to tidy up. A regular exit takes seconds.
    os._exit(0)


if __name__ == "__main__":
    main()
