"""The types of parameters.

Source: CloudFormation user guide, "CloudFormation template Parameters syntax", and the pages on
CloudFormation-supplied parameter types.
"""

from __future__ import annotations

import re

SSM_TYPE = re.compile(r"AWS::SSM::Parameter::Value<(?P<type>.+)>")
LIST_TYPE = re.compile(r"List<(?P<type>.+)>")
SSM_NAME = "AWS::SSM::Parameter::Name"
AWS_SPECIFIC_TYPES = frozenset(
    (
        "AWS::EC2::AvailabilityZone::Name",
        "AWS::EC2::Image::Id",
        "AWS::EC2::Instance::Id",
        "AWS::EC2::KeyPair::KeyName",
        "AWS::EC2::SecurityGroup::GroupName",
        "AWS::EC2::SecurityGroup::Id",
        "AWS::EC2::Subnet::Id",
        "AWS::EC2::VPC::Id",
        "AWS::EC2::Volume::Id",
        "AWS::Route53::HostedZone::Id",
    )
)
"""The types whose values must exist in the account (CloudFormation user guide, "Specify existing
resources at runtime with CloudFormation-supplied parameter types"). The sandbox accepts any."""


def is_list(type_name: str) -> bool:
    """Return whether a type's values are lists."""
    stored = SSM_TYPE.fullmatch(type_name)
    inner = stored["type"] if stored else type_name
    return inner == "CommaDelimitedList" or LIST_TYPE.fullmatch(inner) is not None


def item_type(type_name: str) -> str:
    """Return the type of a parameter's value, or of the items if the value is a list."""
    for wrapper in (SSM_TYPE, LIST_TYPE):
        if found := wrapper.fullmatch(type_name):
            type_name = found["type"]
    return type_name


def is_parameter_type(type_name: str) -> bool:
    """Return whether there is a type of this name."""
    if type_name == SSM_NAME:
        return True
    stored = SSM_TYPE.fullmatch(type_name)
    inner = stored["type"] if stored else type_name
    items = LIST_TYPE.fullmatch(inner)
    if inner == "CommaDelimitedList":
        return True
    return (items["type"] if items else inner) in {"String", "Number", *AWS_SPECIFIC_TYPES}
