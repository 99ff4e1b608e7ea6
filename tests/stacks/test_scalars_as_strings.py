"""CloudFormation may hand every scalar over as a string; SageMaker takes the API's types only."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.stacks import (
    Clients,
    InvokedProvider,
    Stacks,
    description_of,
    everything,
    json_of,
    tags_of,
    template_of,
)

SHOWN_BESIDE = {"JobDefinitionArn", "CreationTime"}


def as_strings(value: Any) -> Any:
    """The same with every number and boolean as text, as in JSON."""
    if isinstance(value, dict):
        return {name: as_strings(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_strings(item) for item in value]
    return value if isinstance(value, str) else json.dumps(value)


def held(aws: Clients, arn: str) -> dict[str, Any]:
    """What SageMaker holds of a definition, but for what it made up."""
    description = description_of(aws, arn)
    return {name: value for name, value in description.items() if name not in SHOWN_BESIDE}


def as_held(properties: dict[str, Any]) -> dict[str, Any]:
    """Properties in the API's form: tags stand apart, and Parquet is an object."""
    request = {
        name: value for name, value in properties.items() if name not in ("Tags", "EndpointName")
    }
    source = request["ModelQualityJobInput"].get("BatchTransformInput")
    if source:
        source["DatasetFormat"] = {**source["DatasetFormat"], "Parquet": {}}
    return request


BOTH = ("EndpointInput", "BatchTransformInput")


def test_the_handlers_turn_every_string_into_the_type_that_the_api_has(
    aws: Clients, provider: InvokedProvider
) -> None:
    properties = everything(*BOTH)
    model = provider.created(as_strings(properties))
    try:
        assert json_of(held(aws, model["JobDefinitionArn"])) == json_of(as_held(properties))
    finally:
        provider("DELETE", model)


def test_an_update_takes_strings_and_types_for_the_same_values(
    aws: Clients, provider: InvokedProvider
) -> None:
    properties = everything(*BOTH)
    model = provider.created(properties)
    known = {"JobDefinitionArn": model["JobDefinitionArn"]}
    desired = {**properties, "Tags": [{"Key": "team", "Value": "risk"}], **known}
    try:
        for before, after in ((model, as_strings(desired)), (as_strings(model), desired)):
            answer = provider("UPDATE", after, before)
            assert answer["status"] == "SUCCESS", answer
        assert tags_of(aws, model["JobDefinitionArn"]) == {"team": "risk"}
    finally:
        provider("DELETE", as_strings(model))


@pytest.mark.parametrize("inputs", [("EndpointInput",), ("BatchTransformInput",)], ids="".join)
def test_a_template_with_numbers_and_booleans_as_strings_deploys(
    inputs: tuple[str, ...], stacks: Stacks, aws: Clients
) -> None:
    properties = everything(*inputs)
    stack = stacks.create(template_of(as_strings(properties)))
    assert json_of(held(aws, stack.physical_id())) == json_of(as_held(properties))


def test_a_template_with_numbers_and_booleans_where_text_belongs_deploys(
    stacks: Stacks, aws: Clients
) -> None:
    properties = everything("EndpointInput")
    application = properties["ModelQualityAppSpecification"]
    application["Environment"] = {"FLAG": True, "COUNT": 8, "RATIO": 0.5}
    properties["ModelQualityJobInput"]["EndpointInput"]["ProbabilityAttribute"] = 0
    properties["Tags"] = [{"Key": "year", "Value": 2026}, {"Key": "final", "Value": False}]
    stack = stacks.create(template_of(properties))
    description = description_of(aws, stack.physical_id())
    assert description["ModelQualityAppSpecification"]["Environment"] == {
        "FLAG": "true",
        "COUNT": "8",
        "RATIO": "0.5",
    }
    source = description["ModelQualityJobInput"]["EndpointInput"]
    assert source["ProbabilityAttribute"] == "0"
    assert tags_of(aws, stack.physical_id()) == {"year": "2026", "final": "false"}


def test_the_same_values_in_the_other_form_are_no_change(stacks: Stacks) -> None:
    properties = everything(*BOTH)
    stack = stacks.create(template_of(properties))
    with pytest.raises(ClientError, match=r"No updates are to be performed"):
        stack.update(template_of(as_strings(properties)))
