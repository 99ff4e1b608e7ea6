"""The siblings of model quality job definitions, which have no handlers here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudformation.parsing import generate_resource_name

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.resources.api_types import api_errors, api_request, shown_time
from sandbox.cloudformation.resources.published_schema import published_type
from sandbox.cloudformation.resources.resource_type import Instance, Operation, ResourceFailed
from sandbox.cloudformation.resources.schema_resource import SchemaResource
from sandbox.hosting.place import Place
from sandbox.json_service.caller import Caller
from sandbox.json_service.errors import ServiceError
from sandbox.moto_seams import shortened
from sandbox.sagemaker.kinds import Kind
from sandbox.sagemaker.service import SageMakerService


class JobDefinition(SchemaResource):
    """The job definitions of one kind, with AWS's schema; physical id and Ref are the ARN.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-dataqualityjobdefinition.html

    It calls the service like a client. Every change replaces the definition, and the stack's own
    tags are not put on it, as in AWS (cloudformation-coverage-roadmap issue 2338).
    """

    def __init__(self, service: SageMakerService, kind: Kind, place: Place) -> None:
        super().__init__(published_type(f"AWS::SageMaker::{kind.api_name}"))
        self._service = service
        self._kind = kind
        self._place = place

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Create the definition. Raises ResourceFailed if the service rejects it."""
        name = properties.get("JobDefinitionName") or shortened(
            generate_resource_name(
                self.schema.type_name, operation.stack.name, operation.logical_id
            )
        )
        with api_errors(self.schema.type_name):
            request = {**properties, "JobDefinitionName": name}
            create = f"Create{self._kind.api_name}"
            self._call(create, api_request("sagemaker", create, request))
            model = self._call(f"Describe{self._kind.api_name}", {"JobDefinitionName": name})
        state = {**properties, **model, "CreationTime": shown_time(model["CreationTime"])}
        instance = Instance(model["JobDefinitionArn"], properties, operation.stack_tags, state)
        operation.identified(instance)
        return instance

    def update(
        self, _operation: Operation, _instance: Instance, _properties: Mapping[str, Any]
    ) -> Instance:
        """Raise ResourceFailed: a definition cannot change, so stacks replace it instead."""
        raise ResourceFailed(status_reasons.not_updatable(self.schema.type_name))

    def delete(self, _operation: Operation, instance: Instance) -> None:
        """Delete the definition, which need not exist. Raises ResourceFailed if it is in use."""
        name = {"JobDefinitionName": instance.state["JobDefinitionName"]}
        with api_errors(self.schema.type_name):
            try:
                self._call(f"Delete{self._kind.api_name}", name)
            except ServiceError as error:
                if error.code != "ResourceNotFound":
                    raise

    def _call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        caller = Caller(self._place.account_id, self._place.region)
        return self._service.call(caller, operation, dict(request)) or {}
