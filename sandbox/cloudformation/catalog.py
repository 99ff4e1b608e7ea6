"""Which implementation stands behind the name of a resource type."""

from __future__ import annotations

from typing import Any

from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.parsing import get_model_map

from sandbox.cloudformation.resources import (  # noqa: F401 - types more for moto's map
    bucket_policy,
    monitoring_schedule,
)
from sandbox.cloudformation.resources.hosted import HostedResource
from sandbox.cloudformation.resources.inert import InertResource
from sandbox.cloudformation.resources.moto import MotoResource
from sandbox.cloudformation.resources.registry_types import REGISTRY_RESOURCES
from sandbox.cloudformation.resources.resource_type import NESTED_STACK, ResourceType
from sandbox.cloudformation.resources.role import Role
from sandbox.cloudformation.stacks.nested import NestedHost, NestedStack
from sandbox.hosting.place import Place
from sandbox.registry.registrations import Registrations
from sandbox.registry.type_registry import TypeRegistry

CUSTOM_RESOURCE = "AWS::CloudFormation::CustomResource"
INERT_TYPES = frozenset(
    (
        "AWS::CDK::Metadata",
        "AWS::CloudFormation::WaitCondition",
        "AWS::CloudFormation::WaitConditionHandle",
    )
)


class Catalog:
    """The types of one account and region, hosted ones first."""

    def __init__(
        self,
        hosted_types: TypeRegistry,
        place: Place,
        nested_stacks: NestedHost,
        registrations: Registrations,
    ) -> None:
        self._hosted_types = hosted_types
        self._place = place
        self._nested_stacks = nested_stacks
        self._registrations = registrations

    def find(self, type_name: str) -> ResourceType | None:
        """The implementation, or None where nobody knows the type."""
        region = self._place.region
        hosted = self._hosted_types.lookup(type_name, self._place.account_id, region)
        if hosted:
            return HostedResource(hosted)
        if type_name == NESTED_STACK:
            return NestedStack(self._nested_stacks)
        if type_name in REGISTRY_RESOURCES:
            return REGISTRY_RESOURCES[type_name](type_name, self._registrations, region)
        if type_name in INERT_TYPES:
            return InertResource()
        if type_name.startswith("Custom::") or type_name == CUSTOM_RESOURCE:
            model: Any = CustomModel  # "abstract" to mypy, for what moto leaves undone
            return MotoResource(type_name, model, region)
        model = get_model_map().get(type_name)
        kind = Role if type_name == "AWS::IAM::Role" else MotoResource
        return kind(type_name, model, region) if model else None
