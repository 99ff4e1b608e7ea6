"""AWS::EC2::SubnetRouteTableAssociation. moto's model associates nothing; EC2 in moto does."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from moto.ec2.exceptions import InvalidAssociationIdError
from moto.ec2.models import EC2Backend, ec2_backends

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.resources.aws_resource import AwsResource
from sandbox.cloudformation.resources.resource_type import Instance, Operation, ResourceFailed
from sandbox.hosting.place import Place
from sandbox.moto_seams import MOTO_LOCK

ROUTE_TABLE_ASSOCIATION = "AWS::EC2::SubnetRouteTableAssociation"


class RouteTableAssociation(AwsResource):
    """The route tables of the subnets in one place; physical id and Ref are the association's."""

    can_update = False

    def __init__(self, place: Place) -> None:
        super().__init__(ROUTE_TABLE_ASSOCIATION, place.region)
        self._place = place

    def has_attribute(self, name: str) -> bool:
        """Return whether `name` is Id, the only attribute."""
        return name == "Id"

    def attribute(self, instance: Instance, _name: str) -> Any:
        """Return the id of the association."""
        return instance.physical_id

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Associate the subnet. Raises ResourceFailed if EC2 rejects it."""
        with self.failing_readably("create", properties), MOTO_LOCK:
            association = self._ec2().associate_route_table(
                route_table_id=properties["RouteTableId"], subnet_id=properties["SubnetId"]
            )
        instance = Instance(association, properties, operation.stack_tags)
        operation.identified(instance)
        return instance

    def update(
        self, _operation: Operation, _instance: Instance, _properties: Mapping[str, Any]
    ) -> Instance:
        """Raise ResourceFailed: a change of either property replaces the association."""
        raise ResourceFailed(status_reasons.not_updatable(self.type_name))

    def delete(self, _operation: Operation, instance: Instance) -> None:
        """Disassociate the subnet. Does nothing if the association no longer exists."""
        with self.failing_readably("delete"), suppress(InvalidAssociationIdError), MOTO_LOCK:
            self._ec2().disassociate_route_table(instance.physical_id)

    def _ec2(self) -> EC2Backend:
        return ec2_backends[self._place.account_id][self._place.region]
