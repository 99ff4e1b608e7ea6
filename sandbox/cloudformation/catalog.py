"""Which implementation stands behind the name of a resource type."""

from __future__ import annotations

from typing import Any, Protocol

from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.parsing import get_model_map

from sandbox.cloudformation.resources import bucket_policy  # noqa: F401 - one type more for moto's map
from sandbox.cloudformation.resources.hosted import HostedResource
from sandbox.cloudformation.resources.moto import MotoResource
from sandbox.cloudformation.resources.registry_types import REGISTRY_RESOURCES, RegistrationHost
from sandbox.cloudformation.resources.resource_type import NESTED_STACK, InertResource, ResourceType
from sandbox.cloudformation.resources.role import Role
from sandbox.cloudformation.stacks.nested import NestedHost, NestedStack
from sandbox.registry.type_registry import TypeRegistry

CUSTOM_RESOURCE = "AWS::CloudFormation::CustomResource"
INERT_TYPES = frozenset(
    (
        "AWS::CDK::Metadata",
        "AWS::CloudFormation::WaitCondition",
        "AWS::CloudFormation::WaitConditionHandle",
    )
)


class Host(NestedHost, RegistrationHost, Protocol):
    """What the types need of their account and region."""


class Catalog:
    """The types of one account and region, hosted ones first."""

    def __init__(self, registry: TypeRegistry, host: Host, place: tuple[str, str]) -> None:
        self._registry = registry
        self._host = host
        self._account_id, self._region = place

    def find(self, type_name: str) -> ResourceType | None:
        """The implementation, or None where nobody knows the type."""
        hosted = self._registry.lookup(type_name, self._account_id, self._region)
        if hosted:
            return HostedResource(hosted)
        if type_name == NESTED_STACK:
            return NestedStack(self._host)
        if type_name in REGISTRY_RESOURCES:
            return REGISTRY_RESOURCES[type_name](type_name, self._host, self._region)
        if type_name in INERT_TYPES:
            return InertResource()
        if type_name.startswith("Custom::") or type_name == CUSTOM_RESOURCE:
            model: Any = CustomModel  # "abstract" to mypy, for what moto leaves undone
            return MotoResource(type_name, model, self._region)
        model = get_model_map().get(type_name)
        kind = Role if type_name == "AWS::IAM::Role" else MotoResource
        return kind(type_name, model, self._region) if model else None
