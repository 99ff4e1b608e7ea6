"""Transforms that are refused, and templates that a transform cannot process."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import THING, Stacks, running
from tests.harness.cloudformation import thing as resource

TRANSFORM = "AWS::LanguageExtensions"
FAILED = f"Transform {TRANSFORM} failed with: "


@pytest.fixture(scope="module")
def stacks() -> Iterator[Stacks]:
    """A sandbox for requests that are refused, which leave nothing behind."""
    with running() as sandbox:
        yield sandbox


def thing(**properties: Any) -> dict[str, Any]:
    return resource(properties)


def text_of(resources: Any, **sections: Any) -> str:
    return json.dumps({"Transform": TRANSFORM, "Resources": resources, **sections})


def refusal(stacks: Stacks, resources: Any, **sections: Any) -> str:
    with pytest.raises(ClientError) as refused:
        stacks.client().create_stack(
            StackName="shop",
            TemplateBody=text_of(resources, **sections),
            Capabilities=["CAPABILITY_AUTO_EXPAND"],
        )
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert stacks.client().list_stacks()["StackSummaries"] == []
    return str(refused.value.response["Error"]["Message"])


def test_a_template_with_loops_is_validated_and_summarized(stacks: Stacks) -> None:
    body = text_of({"Fn::ForEach::Things": ["Id", {"Ref": "Ids"}, {"Thing${Id}": thing()}]},
                   Parameters={"Ids": {"Type": "CommaDelimitedList"}})  # fmt: skip
    client = stacks.client()
    assert client.validate_template(TemplateBody=body)["DeclaredTransforms"] == [TRANSFORM]
    summary = client.get_template_summary(TemplateBody=body)
    assert summary["ResourceTypes"] == [THING]
    assert summary["DeclaredTransforms"] == [TRANSFORM]


LOOP = ["Id", ["a"], {"Thing${Id}": thing()}]


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        ({"Fn::ForEach::L": "x"}, "Fn::ForEach layout is incorrect"),
        ({"Fn::ForEach::L": ["Id", "a", {}]}, "Fn::ForEach layout is incorrect"),
        ({"Fn::ForEach::": LOOP}, "Fn::ForEach layout is incorrect"),
        ({"Fn::ForEach::L": ["Id", {"Ref": "One"}, LOOP[2]]}, "Could not find a collection"),
        ({"Fn::ForEach::L": ["Id", [["a"]], LOOP[2]]}, "Every item in the collection"),
        ({"Fn::ForEach::L": ["Id", ["a", "a"], LOOP[2]]}, "Duplicate key 'Thinga' when merging"),
        ({"Fn::ForEach::L": ["Id", ["a"], {"One": {}}]}, "The key 'One' in Fn::ForEach must"),
        ({"Fn::ForEach::L": ["Id", ["a-b"], LOOP[2]]}, "LogicalId 'Thinga-b' should be alphanum"),
        ({"Fn::ForEach::L": LOOP, "L": thing()}, "The name L of a loop in Fn::ForEach must be"),
        ({"T": thing(Size={"Fn::Length": {"Ref": "One"}})}, "The Fn::Length value could not be"),
        ({"T": thing(Size={"Fn::If": [{"Ref": "x"}, 1, 2]})}, "Fn::If layout is incorrect"),
        ({"T": {**thing(), "DeletionPolicy": {"Ref": "One"}}}, "DeletionPolicy of T could not be"),
        ({"T": {**thing(), "DeletionPolicy": {"Fn::If": ["a", "b"]}}}, "Fn::If layout is incorr"),
        ({"T": thing(Size={"Ref": {"Fn::GetAtt": ["One", "Arn"]}})}, "Ref could not be resolved"),
    ],
)
def test_what_the_transform_cannot_process_is_refused(
    stacks: Stacks, resources: Any, words: str
) -> None:
    message = refusal(stacks, {"One": thing(), **resources})
    assert message.startswith(FAILED + words)


def test_an_undefined_condition_is_refused_where_the_transform_needs_it(stacks: Stacks) -> None:
    policy = {"Fn::If": ["Prod", "Retain", "Delete"]}
    message = refusal(
        stacks,
        {"T": {**thing(), "DeletionPolicy": policy}},
        Conditions={"Prod": {"Condition": "None"}},
    )
    assert "Unresolved condition dependency None in the Conditions block" in message


def test_a_malformed_mapping_is_refused_before_the_transform_looks_into_it(stacks: Stacks) -> None:
    found = thing(Size={"Fn::FindInMap": ["Map", "a", "b"]})
    message = refusal(stacks, {"T": found}, Mappings={"Map": {"a": True}})
    assert message == (
        "Template format error: [/Mappings/Map] Every Mappings member must be a map of maps."
    )


def test_a_loop_outside_of_its_sections_is_refused(stacks: Stacks) -> None:
    message = refusal(stacks, {"One": thing()}, Metadata={"a": {"Fn::ForEach::L": LOOP}})
    assert message == f"{FAILED}Fn::ForEach is not supported in the Metadata section"


def test_a_processed_template_has_the_limits_of_every_template(stacks: Stacks) -> None:
    items = [f"i{number}" for number in range(501)]
    message = refusal(stacks, {"Fn::ForEach::L": ["Id", items, LOOP[2]]})
    assert message == (
        "Template format error: Number of resources, 501, is greater than maximum allowed, 500"
    )
    nested: Any = {"${A}${B}${C}${D}": thing()}
    for name in "DCBA":
        nested = {f"Fn::ForEach::{name}": [name, items, nested]}
    assert refusal(stacks, nested) == "Template may not exceed 1000000 bytes in size."


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        ({"Fn::ForEach::L": LOOP}, "[/Resources/Fn::ForEach::L] resource definition is malformed"),
        ({"T": thing(**{"Fn::ForEach::L": LOOP})}, "unsupported function: Fn::ForEach::L"),
        ({"T": thing(Size={"Fn::Length": ["a"]})}, "unsupported function: Fn::Length"),
        ({"T": thing(Size={"Fn::ToJsonString": {}})}, "unsupported function: Fn::ToJsonString"),
        (
            {"T": thing(Size={"Fn::FindInMap": ["a", "b", "c", {"DefaultValue": 1}]})},
            "every Fn::FindInMap object requires three parameters",
        ),
        (
            {"T": {**thing(), "DeletionPolicy": {"Fn::If": ["a", "Retain", "Delete"]}}},
            "Every DeletionPolicy member must be a string.",
        ),
    ],
)
def test_without_the_transform_its_functions_do_not_exist(
    stacks: Stacks, resources: Any, words: str
) -> None:
    with pytest.raises(ClientError) as refused:
        stacks.create(resources)
    assert words in refused.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ("AWS::Serverless-2016-10-31", "the transform AWS::Serverless-2016-10-31."),
        ([TRANSFORM, "AWS::Serverless-2016-10-31"], "the transform AWS::Serverless-2016-10-31."),
        ("AWS::CodeDeployBlueGreen", "the transform AWS::CodeDeployBlueGreen."),
        ({"Name": "AWS::SecretsManager-2020-07-23"}, "the transform AWS::SecretsManager-2020"),
        ([{"Name": "OwnMacro", "Parameters": {}}], "the transform OwnMacro."),
    ],
)
def test_other_transforms_are_refused_by_their_names(
    stacks: Stacks, declared: Any, words: str
) -> None:
    message = refusal(stacks, {"One": thing()}, Transform=declared)
    assert message.startswith(f"The sandbox does not support {words}")


def test_a_parameter_that_a_transform_does_not_have_is_refused(stacks: Stacks) -> None:
    declared = [{"Name": TRANSFORM, "Parameters": {"Mode": "all"}}]
    message = refusal(stacks, {"One": thing()}, Transform=declared)
    assert message == f"The transform {TRANSFORM} has no parameter Mode."


@pytest.mark.parametrize("declared", [5, [5], {"Parameters": {}}, [[TRANSFORM]]])
def test_a_malformed_declaration_of_transforms_is_refused(stacks: Stacks, declared: Any) -> None:
    message = refusal(stacks, {"One": thing()}, Transform=declared)
    assert message.startswith("Template format error: [/Transform] Every transform must be")
