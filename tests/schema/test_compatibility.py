"""A template for AWS's own type works with this one: this schema beside the one that AWS publishes.

AWS's schema is cfn-lint's copy. guide/differences.md lists what differs.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from project.settings import schema_path
from sandbox.cloudformation.resources.hosted import HostedResource
from sandbox.hosting.hosted_type import HostedType

pytestmark = pytest.mark.once

Json = dict[str, Any]

OURS: Json = json.loads(schema_path().read_text("utf-8"))
TYPE_NAME = "AWS::SageMaker::ModelQualityJobDefinition"
UPPER_LIMITS = ("maxLength", "maximum", "maxItems", "maxProperties")
LOWER_LIMITS = ("minLength", "minimum", "minItems", "minProperties")


@cache
def aws() -> Any:
    return PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", TYPE_NAME)


def members(schema: Json, root: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Yield each property at any depth: its path, and its schema without references."""
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    yield path, schema
    for name, member in schema.get("properties", {}).items():
        yield from members(member, root, f"{path}/{name}".lstrip("/"))
    if "items" in schema:
        yield from members(schema["items"], root, f"{path}/*")


def ours() -> dict[str, Json]:
    return dict(members(OURS, OURS))


def theirs() -> dict[str, Json]:
    return dict(members(aws().schema, aws().schema))


def test_every_property_of_aws_s_type_is_a_property_of_this_one_with_its_type() -> None:
    assert len(theirs()) > 50
    for path, schema in theirs().items():
        assert path in ours(), path
        assert schema.get("type") in (None, ours()[path].get("type")), path


def test_no_property_is_required_that_aws_s_type_does_not_require() -> None:
    for path, schema in theirs().items():
        assert set(ours()[path].get("required", ())) <= set(schema.get("required", ())), path


def test_no_value_is_rejected_that_aws_s_type_accepts() -> None:
    for path, schema in theirs().items():
        own = ours()[path]
        if "enum" in own:
            assert set(own["enum"]) >= set(schema["enum"]), path
        for limit in UPPER_LIMITS:
            if limit in own:
                assert own[limit] >= schema.get(limit, own[limit]), (path, limit)
        for limit in LOWER_LIMITS:
            if limit in own:
                assert own[limit] <= schema.get(limit, own[limit]), (path, limit)


def test_the_same_properties_are_read_only_write_only_and_the_identifier() -> None:
    for name in ("readOnlyProperties", "writeOnlyProperties", "primaryIdentifier"):
        assert set(OURS[name]) == set(aws().schema[name])


def test_a_change_replaces_the_definition_only_where_it_does_with_aws_s_type() -> None:
    replacing = set(aws().schema["createOnlyProperties"])
    assert set(OURS["createOnlyProperties"]) <= replacing
    assert replacing - set(OURS["createOnlyProperties"]) == {
        "/properties/Tags",
        "/properties/EndpointName",
    }


def test_fn_get_att_returns_what_it_returns_of_aws_s_type_under_its_name() -> None:
    hosted = HostedResource(HostedType(OURS, lambda _: {}))
    attributes = set(aws().get_atts.data)
    assert {"JobDefinitionName", "JobDefinitionArn", "CreationTime", "RoleArn"} < attributes
    assert {name for name in attributes if not hosted.has_attribute(name)} == set()
    assert not hosted.has_attribute("ModelQualityJobInput")


def test_fn_get_att_returns_read_only_properties_alone_under_another_name() -> None:
    hosted = HostedResource(HostedType({**OURS, "typeName": "Acme::Quality::Job"}, lambda _: {}))
    found = {name for name in aws().get_atts.data if hosted.has_attribute(name)}
    assert found == {"JobDefinitionArn", "CreationTime"}
