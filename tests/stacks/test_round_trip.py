"""Every property of the schema, from a template into SageMaker and back through READ."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from project import ROOT
from tests.harness.stacks import InvokedProvider, Stacks, everything, json_of, template_of

SCHEMA = json.loads((ROOT / "aws-sagemaker-modelqualityjobdefinition.json").read_text())
#: Properties that a template cannot give, and the one that READ does not give back.
READ_ONLY = {"JobDefinitionArn", "CreationTime"}
WRITE_ONLY = {"EndpointName"}

DATASET_FORMATS: dict[str, dict[str, Any]] = {
    "csv": {"Csv": {}},
    "csv-with-header": {"Csv": {"Header": True}},
    "csv-without-header": {"Csv": {"Header": False}},
    "json": {"Json": {}},
    "json-lines": {"Json": {"Line": True}},
    "json-no-lines": {"Json": {"Line": False}},
    "parquet": {"Parquet": True},
    "all": {"Csv": {}, "Json": {}, "Parquet": True},
}


def used(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all that a property set has; the items of an array count as one."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield (*path, name)
            yield from used(item, (*path, name))
    elif isinstance(value, list):
        for item in value:
            yield from used(item, path)


def defined(structure: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all properties of the schema; a map has no members of its own."""
    if "$ref" in structure:
        structure = SCHEMA["definitions"][structure["$ref"].rpartition("/")[2]]
    for name, member in structure.get("properties", {}).items():
        yield (*path, name)
        yield from defined(member, (*path, name))
    yield from defined(structure["items"], path) if "items" in structure else ()


def read_back(stacks: Stacks, provider: InvokedProvider, properties: Any) -> dict[str, Any]:
    """What READ answers for a definition that a stack made; tags in the order of their keys."""
    stack = stacks.create(template_of(properties))
    answer = provider("READ", {"JobDefinitionArn": stack.physical_id()})
    assert answer["status"] == "SUCCESS", answer
    model: dict[str, Any] = answer["resourceModel"]
    assert model.pop("JobDefinitionArn") == stack.physical_id()
    assert model.pop("CreationTime")
    return model


def as_read(properties: Any) -> dict[str, Any]:
    """The properties as written, but for the write-only one; tags in the order of their keys."""
    written = {name: value for name, value in properties.items() if name not in WRITE_ONLY}
    return {**written, "Tags": sorted(written["Tags"], key=lambda tag: str(tag["Key"]))}


def test_the_property_sets_of_these_tests_leave_no_property_of_the_schema_out() -> None:
    mine = set(used(everything("EndpointInput", "BatchTransformInput")))
    environment = ("ModelQualityAppSpecification", "Environment")
    mine = {path for path in mine if path[:2] != environment or path == environment}
    assert mine == set(defined(SCHEMA)) - {(name,) for name in READ_ONLY}


@pytest.mark.parametrize(
    "inputs",
    [("EndpointInput",), ("BatchTransformInput",), ("EndpointInput", "BatchTransformInput")],
    ids="-and-".join,
)
def test_every_property_comes_back_as_written(
    inputs: tuple[str, ...], stacks: Stacks, provider: InvokedProvider
) -> None:
    properties = everything(*inputs)
    assert json_of(read_back(stacks, provider, properties)) == json_of(as_read(properties))


@pytest.mark.parametrize("dataset_format", DATASET_FORMATS.values(), ids=DATASET_FORMATS)
def test_every_form_of_a_dataset_format_comes_back_as_written(
    dataset_format: dict[str, Any], stacks: Stacks, provider: InvokedProvider
) -> None:
    properties = everything("BatchTransformInput")
    properties["ModelQualityJobInput"]["BatchTransformInput"]["DatasetFormat"] = dataset_format
    assert json_of(read_back(stacks, provider, properties)) == json_of(as_read(properties))
