"""The sandbox as one WSGI application, and the socket that it listens on."""

import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from moto.backends import get_backend
from moto.moto_server.werkzeug_app import MotoRequestHandler
from moto.utilities.utils import get_partition
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request

from project.type_name import hyphenated
from sandbox import cloud_control, cloudformation, moto_seams, sagemaker
from sandbox.account import AccountApp
from sandbox.cloudformation.resources.sagemaker_types import sagemaker_types
from sandbox.faults import PATH as FAULTS_PATH
from sandbox.faults import FaultsApp
from sandbox.hosting.place import Place
from sandbox.runtime.contract import Runtime
from sandbox.runtime.lambda_api import Handlers, LambdaApp
from sandbox.services import OF_MOTO, SERVICES
from sandbox.unsupported import UnsupportedApp
from sandbox.wsgi import json_line

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEALTH_PATH = "/_sandbox/health"


def make_sandbox(
    listener: socket.socket, runtime: Runtime, type_names: Iterable[str] = ()
) -> BaseWSGIServer:
    """Return the server of a whole sandbox on ``listener``. It does not serve yet.

    type_names: names under which the resource type is hosted besides its own.

    A provider in the same process finds AWS through the SDK's settings, which sandbox.process.use
    has pointed at this sandbox.
    """
    host, port = listener.getsockname()[:2]
    service = sagemaker.SageMakerService()
    sagemaker.show_in_tagging_api(service)
    cloudformation.install(
        [_hosted_type(runtime, name) for name in (runtime.schema["typeName"], *type_names)],
        resource_types=sagemaker_types(service),
    )
    for service_name in OF_MOTO:
        # Loaded now, because a client could time out while moto is importing at the first call.
        get_backend(cast("Any", service_name))
    moto_seams.enable_all_regions()
    app: WSGIApplication = AccountApp(moto_seams.application())
    app = sagemaker.SageMakerApp(app, service)
    types = cloud_control.Types(cloudformation.find_type, cloudformation.is_of_aws)
    app = cloud_control.CloudControlApp(app, cloud_control.CloudControlService(types))
    # What makes faults on demand, and what runs handlers, may answer HTTP 500.
    app = FaultsApp(LambdaApp(UnsupportedApp(app), runtime, _handlers_of))
    app = SandboxApp(app, {"name": runtime.schema["typeName"], "version": runtime.version})
    return make_server(
        host,
        port,
        app,
        threaded=True,
        request_handler=_QuietRequestHandler,
        fd=listener.fileno(),
    )


class SandboxApp:
    """The sandbox's own path, /_sandbox; passes every other request on unchanged."""

    def __init__(self, next_app: "WSGIApplication", resource_type: dict[str, str | None]) -> None:
        self._next_app = next_app
        self._health: dict[str, Any] = {
            "status": "ready",
            "services": SERVICES,
            "type": resource_type,
        }

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> "Iterable[bytes]":
        """Answer one request."""
        request = Request(environ)
        if not request.path.startswith("/_sandbox/") or request.path == FAULTS_PATH:
            return self._next_app(environ, start_response)
        answer = json_line(self._health)
        if request.path != HEALTH_PATH or request.method != "GET":
            # If it were passed on, S3 would look for a bucket with this name.
            known = f"GET {HEALTH_PATH}, and GET, POST and DELETE {FAULTS_PATH}"
            answer = json_line({"message": f"Not found. The sandbox has {known}."}, 404)
        return answer(environ, start_response)


class _QuietRequestHandler(MotoRequestHandler):
    """Logs no requests: a line for each would bury the stack events."""

    def log_request(self, *_args: Any) -> None:
        pass


def _hosted_type(runtime: Runtime, type_name: str) -> cloudformation.HostedType:
    return cloudformation.HostedType(
        schema={**runtime.schema, "typeName": type_name},
        invoke=lambda event: runtime.invoke("TypeFunction", event),
        # The log group that `cfn submit` configures for a type with this name.
        log_group=f"{hyphenated(type_name)}-logs",
    )


def _handlers_of(event: Any) -> Handlers | None:
    """The handlers of the type that an event names, in the account and region that it names."""
    if not isinstance(event, dict):
        return None
    account_id, region, type_name = map(event.get, ("awsAccountId", "region", "resourceType"))
    if not all(isinstance(each, str) for each in (account_id, region, type_name)):
        return None
    hosted = cloudformation.find_type(
        str(type_name), Place(str(account_id), str(region), get_partition(str(region)))
    )
    return hosted.invoke if hosted else None
