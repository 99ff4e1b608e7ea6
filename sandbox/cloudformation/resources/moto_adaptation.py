"""Where moto's models take properties differently from AWS's types, or know less of themselves.

Without these entries, moto ignores the name in the template, has another physical id than AWS, or
fails on what AWS accepts.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.cloudformation.parsing import (
    generate_resource_name,
    resource_name_property_from_type,
)

from sandbox.cloudformation.resources.published_schema import published_schema
from sandbox.hosting.pointers import property_pointers
from sandbox.moto_seams import shortened

_FIFO = ".fifo"
_MAX_QUEUE_NAME = 80

_NAME_PROPERTIES = {
    "AWS::IoT::BillingGroup": "BillingGroupName",
    "AWS::IoT::JobTemplate": "JobTemplateId",
    "AWS::IoT::Policy": "PolicyName",
    "AWS::IoT::Thing": "ThingName",
    "AWS::IoT::ThingType": "ThingTypeName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::RDS::DBParameterGroup": "DBParameterGroupName",
    "AWS::Redshift::Cluster": "ClusterIdentifier",
    "AWS::Redshift::ClusterParameterGroup": "ParameterGroupName",
}
"""The property with the name, where moto's model does not say it, or says it wrong."""

_NEED_NAMES = frozenset(("AWS::S3::Bucket", "AWS::SSM::Parameter"))
"""The types whose model takes a generated name from the properties, too."""

_PHYSICAL_IDS = {
    "AWS::ApiGateway::Deployment": "id",
    "AWS::AutoScaling::ScheduledAction": "scheduled_action_name",
    "AWS::EFS::AccessPoint": "access_point_id",
    "AWS::Lambda::LayerVersion": "arn",
    "AWS::RDS::DBParameterGroup": "name",
    "AWS::RDS::DBSecurityGroup": "name",
}
"""The member of moto's object with the physical id, where the object has no other."""

_OTHER_IDENTIFIERS = frozenset(("AWS::EC2::Route", "AWS::EC2::VPCGatewayAttachment"))
"""The types whose physical id in moto is not what AWS's schema calls the identifier."""

_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "AWS::Batch::JobDefinition": {"RetryStrategy": {}},
    "AWS::EC2::TransitGateway": {"Description": ""},
    "AWS::EC2::VPCEndpoint": {"RouteTableIds": [], "VpcEndpointType": "Gateway"},
    "AWS::KMS::Key": {"KeyPolicy": None},
    "AWS::SSM::Document": {"DocumentFormat": "JSON"},
    "AWS::SageMaker::Model": {"PrimaryContainer": None},
}
"""What AWS assumes, of the properties that moto's models do not do without."""

_TEXTS = {
    "AWS::EC2::VPCEndpoint": "PolicyDocument",
    "AWS::IoT::Policy": "PolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::SSM::Document": "Content",
}
"""The property whose document moto wants as text."""

_TAGS: Mapping[str, Callable[[Any], list[dict[str, Any]]]] = {
    "AWS::KMS::Key": lambda tags: [{"TagKey": t["Key"], "TagValue": t["Value"]} for t in tags],
    "AWS::SSM::Parameter": lambda tags: [{"Key": k, "Value": v} for k, v in tags.items()],
}
"""Where moto wants tags as the service's API has them, and the type has another form."""

_FUNCTION_DEFAULTS: Mapping[str, Any] = {
    "Description": "",
    "Environment": {"Variables": {}},
    "Layers": [],
    "MemorySize": 128,
    "Timeout": 3,
    "VpcConfig": {},
}
"""What a function gets that loses these properties in an update. moto would keep their values."""

_OF_FUNCTION = (*_FUNCTION_DEFAULTS, "Handler", "Role", "Runtime")
"""What moto's update of a function changes, besides the code."""

_OBJECTS = {
    "AWS::RDS::DBInstance": ("DBSubnetGroupName", "name"),
    "AWS::Redshift::Cluster": ("ClusterSubnetGroupName", "cluster_subnet_group_name"),
}
"""The property for which moto wants an object with the value in a member, as Ref gives in moto."""


def name_property(type_name: str) -> str:
    """Return the property with a resource's name, or an empty string if there is none."""
    return _NAME_PROPERTIES.get(type_name) or resource_name_property_from_type(type_name) or ""


def generated_name(
    type_name: str, stack_name: str, logical_id: str, properties: Mapping[str, Any]
) -> str:
    """Return a new name for a resource whose template gives it none."""
    name: str = generate_resource_name(type_name, stack_name, logical_id)
    is_fifo = type_name == "AWS::SQS::Queue" and properties.get("FifoQueue") in (True, "true")
    return f"{shortened(name, _MAX_QUEUE_NAME - len(_FIFO))}{_FIFO}" if is_fifo else name


def physical_id(type_name: str, resource: Any) -> str | None:
    """Return the physical id that moto's object has; None if its name has to serve as one."""
    member = _PHYSICAL_IDS.get(type_name, "physical_resource_id")
    found = getattr(resource, member, None)
    return None if found is None else str(found)


def identifying_attribute(type_name: str, region: str) -> str | None:
    """Return the attribute whose value is the physical id: the read-only part of the identifier.

    None if AWS's published schema has no such part, or moto another physical id.
    """
    schema = published_schema(type_name, region)
    parts = property_pointers(schema.get("primaryIdentifier", ()))
    generated = property_pointers(schema.get("readOnlyProperties", ()))
    found = [".".join(part) for part in parts if part in generated]
    return found[0] if found and type_name not in _OTHER_IDENTIFIERS else None


def for_moto(type_name: str, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of the properties of a resource as moto's model takes them."""
    adapted = {**_DEFAULTS.get(type_name, {}), **copy.deepcopy(dict(properties))}
    if type_name in _TAGS and "Tags" in adapted:
        adapted["Tags"] = _TAGS[type_name](adapted["Tags"])
    text = _TEXTS.get(type_name)
    if isinstance(adapted.get(text or ""), Mapping | list):
        adapted[text or ""] = json.dumps(adapted[text or ""])
    wanted, member = _OBJECTS.get(type_name, ("", ""))
    if wanted in adapted:
        adapted[wanted] = SimpleNamespace(**{member: adapted[wanted]})
    if type_name == "AWS::SSM::Parameter" and isinstance(adapted.get("Tags"), Mapping):
        adapted["Tags"] = [{"Key": key, "Value": value} for key, value in adapted["Tags"].items()]
    if type_name == "AWS::Lambda::Permission":
        adapted["StatementId"] = name
    if type_name == "AWS::ApiGateway::Method" and "Integration" in adapted:
        adapted["Integration"] = {"IntegrationHttpMethod": None, "Uri": None} | adapted[
            "Integration"
        ]
    if type_name in _NEED_NAMES:
        adapted[name_property(type_name)] = name
    return adapted


def for_update(type_name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of `for_moto` as moto's update takes them, where it differs."""
    if type_name != "AWS::Lambda::Function":
        return properties
    code = dict(properties["Code"])
    if "ZipFile" in code:
        code["ZipFile"] = _zipped(code["ZipFile"])
    known = {name: properties[name] for name in _OF_FUNCTION if name in properties}
    return {**_FUNCTION_DEFAULTS, **known, "Code": code}


def _zipped(source: str) -> bytes:
    """An archive with a function's source, as moto's create makes it and its update wants it."""
    archive = LambdaFunction._create_zipfile_from_plaintext_code(source)  # noqa: SLF001
    return base64.b64encode(archive)
