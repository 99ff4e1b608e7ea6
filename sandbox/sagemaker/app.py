"""SageMaker on the wire."""

from typing import TYPE_CHECKING

from sandbox.json_service.app import JsonServiceApp
from sandbox.json_service.constraints import parse
from sandbox.json_service.errors import ServiceError
from sandbox.sagemaker import tagging
from sandbox.sagemaker.service import SageMakerService

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class SageMakerApp(JsonServiceApp):
    """SageMaker's JSON 1.1 protocol in front of moto, which answers for what is not here."""

    service_name = "sagemaker"
    signing_name = "sagemaker"
    target_prefix = "SageMaker"
    json_version = "1.1"

    def __init__(
        self, next_app: "WSGIApplication", service: SageMakerService | None = None
    ) -> None:
        """Take the application behind this one, and the service, or make one."""
        super().__init__(next_app, service or SageMakerService())

    def answers(self, operation: str, body: bytes) -> bool:
        """Whether it is not a tag operation on a resource that moto has."""
        if operation not in tagging.OPERATIONS:
            return True
        try:
            return tagging.is_ours(parse(body))
        except ServiceError:
            return True
