"""Find the implementation of a resource type by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from moto.cloudformation.parsing import get_model_map

from sandbox.cloudformation.resources.alarm import ALARM, Alarm
from sandbox.cloudformation.resources.bucket import BUCKET, Bucket
from sandbox.cloudformation.resources.bucket_policy import BUCKET_POLICY, BucketPolicy
from sandbox.cloudformation.resources.custom_resource import CustomResource, is_custom
from sandbox.cloudformation.resources.hosted import HostedResource
from sandbox.cloudformation.resources.inert import InertResource
from sandbox.cloudformation.resources.moto import MotoResource
from sandbox.cloudformation.resources.published_schema import CUSTOM_RESOURCE
from sandbox.cloudformation.resources.registry_types import REGISTRY_RESOURCES
from sandbox.cloudformation.resources.resource_type import NESTED_STACK, ResourceType
from sandbox.cloudformation.resources.role import Role
from sandbox.cloudformation.resources.route_table_association import (
    ROUTE_TABLE_ASSOCIATION,
    RouteTableAssociation,
)
from sandbox.cloudformation.resources.sns import (
    SUBSCRIPTION,
    TOPIC,
    TOPIC_POLICY,
    Subscription,
    Topic,
    TopicPolicy,
)
from sandbox.cloudformation.stacks.nested import NestedHost, NestedStack
from sandbox.hosting.place import Place
from sandbox.registry.registrations import Registrations
from sandbox.registry.type_registry import TypeRegistry

INERT_TYPES = frozenset(
    (
        "AWS::CDK::Metadata",
        "AWS::CloudFormation::WaitCondition",
        "AWS::CloudFormation::WaitConditionHandle",
    )
)

# What moto's map has for models that implement no type of CloudFormation.
_NO_TYPES = frozenset(("?", "AWS::SERVICE::RESOURCE"))

# moto's types that the sandbox completes.
_COMPLETED = {BUCKET: Bucket, "AWS::IAM::Role": Role}

MakeResourceType = Callable[[Place], ResourceType]
"""Creates the implementation of a type for one account and region."""

FURTHER_TYPES: dict[str, MakeResourceType] = {}
"""The types that were passed to `install`, by name, for all accounts and regions."""


class Catalog:
    """The resource types of one account and region. Hosted types take precedence."""

    def __init__(
        self,
        hosted_types: TypeRegistry,
        place: Place,
        nested_stacks: NestedHost,
        registrations: Registrations,
        further_types: Mapping[str, MakeResourceType],
    ) -> None:
        self._hosted_types = hosted_types
        self._place = place
        self._further_types = further_types
        self._provided: dict[str, Callable[[], ResourceType]] = {
            NESTED_STACK: lambda: NestedStack(nested_stacks, place.region),
            ALARM: lambda: Alarm(place),
            SUBSCRIPTION: lambda: Subscription(place),
            TOPIC: lambda: Topic(place),
            TOPIC_POLICY: lambda: TopicPolicy(place),
            BUCKET_POLICY: lambda: BucketPolicy(place),
            ROUTE_TABLE_ASSOCIATION: lambda: RouteTableAssociation(place),
            **{
                name: partial(kind, name, registrations, place.region)
                for name, kind in REGISTRY_RESOURCES.items()
            },
            **dict.fromkeys(INERT_TYPES, InertResource),
        }

    def names(self) -> list[str]:
        """Return the names of all types, sorted. Custom resources have any other name besides."""
        hosted = self._hosted_types.of_place(self._place.account_id, self._place.region)
        return sorted(
            {
                *(each.type_name for each in hosted),
                *self._provided,
                *self._further_types,
                *(get_model_map().keys() - _NO_TYPES),
                CUSTOM_RESOURCE,
            }
        )

    def find(self, type_name: str) -> ResourceType | None:
        """Return the implementation of a type, or None if the type is unknown."""
        hosted = self._hosted_types.lookup(type_name, self._place.account_id, self._place.region)
        if hosted:
            return HostedResource(hosted)
        if make := self._provided.get(type_name):
            return make()
        if make_further := self._further_types.get(type_name):
            return make_further(self._place)
        if is_custom(type_name):
            return CustomResource(type_name, self._place.region)
        return _of_moto(type_name, self._place.region)


def _of_moto(type_name: str, region: str) -> ResourceType | None:
    model = None if type_name in _NO_TYPES else get_model_map().get(type_name)
    kind = _COMPLETED.get(type_name, MotoResource)
    return kind(type_name, model, region) if model else None
