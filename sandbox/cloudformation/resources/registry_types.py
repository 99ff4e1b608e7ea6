"""AWS::CloudFormation::ResourceVersion and ResourceDefaultVersion.

They behave like AWS's own handlers. As with those, a failed resource does not say why its
registration failed; only ListTypeRegistrations and DescribeTypeRegistration do.
https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-cloudformation
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.resources.published_schema import published_type
from sandbox.cloudformation.resources.resource_type import (
    Instance,
    Operation,
    ResourceFailed,
    ResourceType,
)
from sandbox.cloudformation.resources.schema_resource import SchemaResource
from sandbox.registry.errors import RegistryError, TypeNotFound
from sandbox.registry.registrations import Registrations, TypeVersion, provisioning_type

POLL_SECONDS = 0.05


class _RegistryResource(SchemaResource):
    """A type with AWS's schema that the sandbox's registry implements."""

    def __init__(self, type_name: str, registrations: Registrations, region: str) -> None:
        super().__init__(published_type(type_name, region))
        self._registrations = registrations


class ResourceVersion(_RegistryResource):
    """AWS::CloudFormation::ResourceVersion. Physical id and Ref are the ARN of the version."""

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Register a version and wait for the registration to end.

        Raises ResourceFailed if the registration is rejected or fails.
        """
        registrations = self._registrations
        with _errors_as_resource_failed():
            registration = registrations.register(
                {**properties, "Type": "RESOURCE"},
                operation.timing.registration_seconds,
            )
        while registration.status == "IN_PROGRESS":
            operation.interruption.wait(POLL_SECONDS)
        version = registration.version
        if version is None:
            raise ResourceFailed(
                status_reasons.not_stabilized(
                    self.schema.type_name, registrations.type_arn(properties["TypeName"])
                )
            )
        return Instance(version.arn, properties, state=_model(version))

    def update(
        self, _operation: Operation, _instance: Instance, _properties: Mapping[str, Any]
    ) -> Instance:
        """Raise ResourceFailed: a version cannot change, so stacks replace it instead."""
        raise ResourceFailed(status_reasons.not_updatable(self.schema.type_name))

    def delete(self, _operation: Operation, instance: Instance) -> None:
        """Deregister the version. Raises ResourceFailed if the registry rejects that."""
        registrations = self._registrations
        with _errors_as_resource_failed():
            version = registrations.find(instance.physical_id, None)
            if version.is_live:
                registrations.deregister(version)


class ResourceDefaultVersion(_RegistryResource):
    """AWS::CloudFormation::ResourceDefaultVersion. Physical id and Ref are the ARN of the type."""

    def create(self, _operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Set the default version. Raises ResourceFailed if there is no such version."""
        registrations = self._registrations
        with _errors_as_resource_failed():
            version = registrations.find(
                properties.get("TypeVersionArn"),
                properties.get("TypeName"),
                properties.get("VersionId"),
            )
            registrations.set_default(version)
        return Instance(version.type_arn, properties, state={"Arn": version.type_arn})

    def update(
        self, operation: Operation, _instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Set another default version. Raises ResourceFailed if there is no such version."""
        return self.create(operation, properties)

    def delete(self, _operation: Operation, _instance: Instance) -> None:
        """Keep the default version: a type always has one."""


REGISTRY_RESOURCES: Mapping[str, Callable[[str, Registrations, str], ResourceType]] = {
    "AWS::CloudFormation::ResourceDefaultVersion": ResourceDefaultVersion,
    "AWS::CloudFormation::ResourceVersion": ResourceVersion,
}


def _model(version: TypeVersion) -> dict[str, Any]:
    """The attributes for Fn::GetAtt, as DescribeType shows them for a new version."""
    return {
        "Arn": version.arn,
        "TypeArn": version.type_arn,
        "VersionId": version.version_id,
        "IsDefaultVersion": version.is_default,
        "ProvisioningType": provisioning_type(version.hosted.schema),
        "Visibility": "PRIVATE",
    }


@contextmanager
def _errors_as_resource_failed() -> Iterator[None]:
    """Turn errors of the registry into ResourceFailed."""
    try:
        yield
    except (RegistryError, TypeNotFound) as error:
        raise ResourceFailed(str(error.message)) from error
