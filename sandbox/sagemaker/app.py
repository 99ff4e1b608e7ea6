"""SageMaker's protocol."""

from typing import TYPE_CHECKING

from sandbox.json_service.app import JsonServiceApp
from sandbox.json_service.constraints import parse
from sandbox.json_service.errors import ServiceError
from sandbox.sagemaker import tagging
from sandbox.sagemaker.service import SageMakerService

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class SageMakerApp(JsonServiceApp):
    """SageMaker's JSON 1.1 protocol in front of moto, which answers all other requests."""

    service_name = "sagemaker"
    signing_name = "sagemaker"
    target_prefix = "SageMaker"
    json_version = "1.1"

    def __init__(
        self, next_app: "WSGIApplication", service: SageMakerService | None = None
    ) -> None:
        """next_app: gets all other requests. service: by default, a new one."""
        super().__init__(next_app, service or SageMakerService())

    def answers(self, operation: str, body: bytes) -> bool:
        """Whether the request is not a tag request for a resource of moto's."""
        if operation not in tagging.OPERATIONS:
            return True
        try:
            return tagging.is_ours(parse(body))
        except ServiceError:
            return True
