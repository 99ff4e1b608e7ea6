"""How CloudFormation reads a template, before it looks at what the resources are."""

import json
from collections.abc import Callable
from typing import Any

from conformance.aws import Aws, Document
from conformance.belief import belief, registered_type_belief
from conformance.expectations import expect_equal, expect_refusal

HANDLE = "AWS::CloudFormation::WaitConditionHandle"
"""A type of resource that costs nothing and does nothing."""
RESOURCES = f"Resources: {{Handle: {{Type: '{HANDLE}'}}}}\n"


def _parameters(aws: Aws, body: str) -> dict[str, str | None]:
    """The parameters of a template, with their defaults."""
    found: list[Document] = aws.cloudformation.validate_template(TemplateBody=body)["Parameters"]
    return {each["ParameterKey"]: each.get("DefaultValue") for each in found}


def _refused(aws: Aws, words: str, body: str) -> None:
    validate: Callable[..., Any] = aws.cloudformation.validate_template
    expect_refusal("ValidationError", validate, words=(words,), TemplateBody=body)


@belief("B172")
def a_key_of_yaml_is_the_text_that_was_written(aws: Aws) -> None:
    body = f"{RESOURCES}Parameters: {{ON: {{Type: String}}, 8080: {{Type: String}}}}"
    expect_equal(sorted(_parameters(aws, body)), ["8080", "ON"])


@belief("B173")
def the_last_of_equal_keys_in_a_template_counts(aws: Aws) -> None:
    yaml = f"{RESOURCES}Parameters: {{A: {{Type: String, Default: x, Default: y}}}}"
    text = (
        f'{{"Resources": {{"Handle": {{"Type": "{HANDLE}"}}}}, '
        '"Parameters": {"A": {"Type": "String", "Default": "x", "Default": "y"}}}'
    )
    for body in (yaml, text):
        expect_equal(_parameters(aws, body), {"A": "y"})


@belief("B174")
def an_alias_in_yaml_is_refused_in_these_words(aws: Aws) -> None:
    words = "Template error: YAML aliases are not allowed in CloudFormation templates"
    _refused(aws, words, f"Metadata: {{A: &a [1], B: *a}}\n{RESOURCES}")


@belief("B175")
def broken_yaml_and_json_are_refused_with_line_and_column(aws: Aws) -> None:
    _refused(aws, "Template format error: YAML not well-formed. (line 2, ", "A: b\n  C: d\n")
    _refused(aws, "Template format error: JSON not well-formed. (line 2, ", '{"A": "b",\n}')


@belief("B176")
def a_loop_without_the_transform_is_refused_in_these_words(aws: Aws) -> None:
    loop = ["Id", ["a"], {"Handle${Id}": {"Type": HANDLE}}]
    words = "[/Resources/Fn::ForEach::Handles] resource definition is malformed"
    _refused(aws, words, json.dumps({"Resources": {"Fn::ForEach::Handles": loop}}))


@belief("B177")
def a_template_with_too_many_resources_is_refused_in_these_words(aws: Aws) -> None:
    resources = {f"Handle{number}": {"Type": HANDLE} for number in range(501)}
    words = "Number of resources, 501, is greater than maximum allowed, 500"
    _refused(aws, words, json.dumps({"Resources": resources}))


@registered_type_belief("B178")
def a_loop_is_expanded_where_the_identifier_stands_in_keys_refs_and_subs(aws: Aws) -> None:
    value = {"Fn::Sub": "${Id}"}
    fragment = {"Handle&{Id}": {"Type": HANDLE, "Metadata": {"a": value, "b": "${Id}"}}}
    body = {
        "Transform": "AWS::LanguageExtensions",
        "Resources": {"Fn::ForEach::Handles": ["Id", ["x-1", "y"], fragment]},
    }
    name = aws.stack_name()
    request = {"StackName": name, "TemplateBody": json.dumps(body)}
    create = aws.cloudformation.create_stack
    expect_refusal(
        "InsufficientCapabilitiesException", create, words=("[CAPABILITY_AUTO_EXPAND]",), **request
    )
    stack_id = create(**request, Capabilities=["CAPABILITY_AUTO_EXPAND"])["StackId"]
    expect_equal(aws.rest(stack_id), "CREATE_COMPLETE")
    shown = aws.cloudformation.get_template(StackName=stack_id, TemplateStage="Processed")
    made = shown["TemplateBody"]["Resources"]
    expect_equal(
        {name: each["Metadata"] for name, each in made.items()},
        {"Handlex1": {"a": "x-1", "b": "${Id}"}, "Handley": {"a": "y", "b": "${Id}"}},
    )
    expect_equal(aws.delete_stack(stack_id), "DELETE_COMPLETE")
