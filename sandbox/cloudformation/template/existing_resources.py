"""What rules can ask of the resources of EC2 that parameters name: moto's, in one place.

Source of types and attributes: CloudFormation template reference, "Rule functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends

from sandbox.hosting.place import Place
from sandbox.moto_seams import MOTO_LOCK

_TAG = "Tags."


def _network_acl(backend: EC2Backend, vpc: Any) -> str | None:
    found = backend.describe_network_acls(filters={"vpc-id": [vpc.id], "default": ["true"]})
    return found[0].id if found else None


def _security_group(backend: EC2Backend, vpc: Any) -> str | None:
    found = backend.describe_security_groups(
        filters={"vpc-id": [vpc.id], "group-name": ["default"]}
    )
    return found[0].id if found else None


_LISTS: Mapping[str, Callable[[EC2Backend], Any]] = {
    "AWS::EC2::SecurityGroup::Id": lambda backend: backend.describe_security_groups(),
    "AWS::EC2::Subnet::Id": lambda backend: backend.describe_subnets(),
    "AWS::EC2::VPC::Id": lambda backend: backend.describe_vpcs(),
}
_ATTRIBUTES: Mapping[str, Mapping[str, Callable[[EC2Backend, Any], str | None]]] = {
    "AWS::EC2::SecurityGroup::Id": {},
    "AWS::EC2::Subnet::Id": {
        "AvailabilityZone": lambda _, subnet: str(subnet.availability_zone),
        "VpcId": lambda _, subnet: str(subnet.vpc_id),
    },
    "AWS::EC2::VPC::Id": {
        "DefaultNetworkAcl": _network_acl,
        "DefaultSecurityGroup": _security_group,
    },
}
TYPES_WITH_ATTRIBUTES = frozenset(_ATTRIBUTES)
"""The parameter types that `Fn::RefAll`, `Fn::ValueOf` and `Fn::ValueOfAll` support here."""


def has_attribute(type_name: str, name: str) -> bool:
    """Return whether a type in `TYPES_WITH_ATTRIBUTES` has an attribute. Any tag is one."""
    return name in _ATTRIBUTES[type_name] or (name.startswith(_TAG) and name != _TAG)


def identifiers(place: Place, type_name: str) -> list[str]:
    """Return the ids of all resources of a type in an account and region."""
    with MOTO_LOCK:
        return [found.id for found in _LISTS[type_name](_backend(place))]


def attribute(place: Place, type_name: str, identifier: str, name: str) -> str | None:
    """Return an attribute of a resource, or None if there is no such resource or tag."""
    with MOTO_LOCK:
        backend = _backend(place)
        found = [each for each in _LISTS[type_name](backend) if each.id == identifier]
        if not found:
            return None
        if name.startswith(_TAG):
            tags = {tag["key"]: tag["value"] for tag in found[0].get_tags()}
            return tags.get(name.removeprefix(_TAG))
        return _ATTRIBUTES[type_name][name](backend, found[0])


def _backend(place: Place) -> EC2Backend:
    return ec2_backends[place.account_id][place.region]
