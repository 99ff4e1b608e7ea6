"""Cloud Control's protocol."""

from typing import TYPE_CHECKING, Any

from sandbox.cloud_control.errors import MAX_MESSAGE
from sandbox.cloud_control.service import CloudControlService
from sandbox.json_service.app import JsonServiceApp
from sandbox.json_service.errors import ServiceError
from sandbox.json_service.models import service_model

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_OWN = "com.amazon.cloudapiservice"
_SHARED = "com.amazon.coral.service"
# The namespaces of errors that the model does not have, where it is another one.
_NAMESPACES = {"ValidationException": "com.amazon.coral.validate"}


class CloudControlApp(JsonServiceApp):
    """Cloud Control's JSON 1.0 protocol. Everything else goes to the next application.

    A request is recognized by its X-Amz-Target header. Some clients also send a query string,
    `?Action=…&Version=…`, which is ignored.
    """

    service_name = "cloudcontrol"
    signing_name = "cloudcontrolapi"
    target_prefix = "CloudApiService"
    json_version = "1.0"
    owns_prefix = True

    def __init__(self, next_app: "WSGIApplication", service: CloudControlService) -> None:
        """next_app: gets all other requests."""
        super().__init__(next_app, service)

    @classmethod
    def error_document(cls, error: ServiceError) -> dict[str, Any]:
        """Return the body of an error: its code with a namespace, and always `Message`."""
        modelled = error.code in service_model(cls.service_name).shape_names
        namespace = _OWN if modelled else _NAMESPACES.get(error.code, _SHARED)
        return {"__type": f"{namespace}#{error.code}", "Message": error.message[:MAX_MESSAGE]}
