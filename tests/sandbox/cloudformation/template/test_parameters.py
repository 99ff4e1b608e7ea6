"""Declared limits and values of parameters: each that cannot be read is refused with words."""

from typing import Any

import pytest

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.identity import StackIdentity
from sandbox.cloudformation.template.configuration import Configuration
from sandbox.cloudformation.template.parameters import Parameter, resolve_parameters
from sandbox.cloudformation.template.template import Template
from sandbox.hosting.place import Place
from tests.harness.cloudformation import template, thing

PLACE = Place("123456789012", "us-east-1", "aws")


def refusal(**declaration: Any) -> str:
    declared = {"P": {"Type": "String", "Default": "a" * 30 + "!", **declaration}}

    def resolve() -> None:
        parsed = Template.parse(template({"Thing": thing()}, {"Parameters": declared}))
        resolve_parameters(parsed.parameters, [], {}, PLACE)

    with pytest.raises(ValidationError) as refused:
        resolve()
    return str(refused.value.message)


@pytest.mark.parametrize(
    ("declaration", "words"),
    [
        ({"AllowedPattern": "("}, "[/Parameters/P/AllowedPattern] ( is not a valid AllowedPatt"),
        ({"AllowedPattern": 5}, "[/Parameters/P/AllowedPattern] 5 is not a valid AllowedPattern"),
        ({"MinLength": "abc"}, "[/Parameters/P/MinLength] abc is not a valid MinLength."),
        ({"MinLength": 1.5}, "[/Parameters/P/MinLength] 1.5 is not a valid MinLength."),
        ({"MaxLength": [1]}, "[/Parameters/P/MaxLength] Every MaxLength must be a string or a"),
        ({"AllowedValues": "abc"}, "[/Parameters/P/AllowedValues] Every AllowedValues must be a"),
        ({"NoEcho": "maybe"}, "[/Parameters/P/NoEcho] Every NoEcho must be true or false."),
        ({"Description": []}, "[/Parameters/P/Description] Every Description must be a string."),
        ({"Type": "Foo"}, "Unrecognized parameter type: Foo"),
        ({"Type": ["String"]}, "Unrecognized parameter type: ['String']"),
        ({"Type": "Number", "Default": "1", "MaxValue": "x"}, "x is not a valid MaxValue."),
        ({"Type": "Number", "Default": "1", "MaxValue": "nan"}, "nan is not a valid MaxValue."),
        ({"Type": "Number", "Default": "1e999"}, "Parameter 'P' must be a number."),
        ({"Type": "Number", "Default": "1_000"}, "Parameter 'P' must be a number."),
        ({"Type": "Number", "Default": "٣"}, "Parameter 'P' must be a number."),
        ({"Defualt": "a"}, "Invalid template parameter property 'Defualt'"),
        ({"Default": "é" * 2049}, "The value of parameter 'P' is longer than 4096 bytes."),
    ],
)
def test_a_declaration_that_cannot_be_read_is_refused_with_words(
    declaration: Any, words: str
) -> None:
    assert words in refusal(**declaration)


def test_a_pattern_that_takes_too_long_is_refused_instead_of_blocking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sandbox.cloudformation.template.parameters.LONGEST_MATCH", 0.05)
    message = refusal(AllowedPattern="(a|a|b?)+(a|aa)+c", Default="a" * 60)
    assert message == (
        "The sandbox takes too long to match parameter 'P' with its AllowedPattern. Use a simpler "
        "pattern."
    )


TRUE = {"Fn::Equals": ["a", "a"]}
CHAIN = {f"C{number}": {"Condition": f"C{number + 1}"} for number in range(900)}


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"A": {"Condition": "B"}, "B": {"Condition": "A"}}, "Circular dependency between cond"),
        ({**CHAIN, "C900": {"Fn::Equals": [1, 1]}}, "does not support chains of more than 30"),
        ({"A": {"Fn::Equals": [1]}}, "Fn::Equals object requires a list of 2 string parameters"),
        ({"A": {"Fn::Equals": [["a"], "a"]}}, "requires a list of 2 string parameters"),
        ({"A": {"Fn::Not": [TRUE, TRUE]}}, "Fn::Not object requires a list with exactly 1"),
        ({"A": {"Fn::And": [TRUE]}}, "Fn::And object requires a list of at least 2 and at most 10"),
        ({"A": {"Fn::Or": [TRUE] * 11}}, "Fn::Or object requires a list of at least 2 and at"),
    ],
)
def test_a_condition_that_cannot_be_evaluated_is_refused_even_if_nothing_has_it(
    conditions: Any, words: str
) -> None:
    parsed = Template.parse(template({"Thing": thing()}, {"Conditions": conditions}))
    with pytest.raises(ValidationError) as refused:
        Configuration(StackIdentity("id", "shop", PLACE), parsed).check()
    assert words in str(refused.value.message)


@pytest.mark.parametrize(
    ("pattern", "value", "other"),
    [
        (r"\p{javaUpperCase}[\x{61}-\x{63}]+", "Éabc", "éabc"),
        (r"[a-z&&[^aeiou]]++", "xyz", "xaz"),
        (r"\w+\Z", "word", "wörd"),
    ],
)
def test_an_allowed_pattern_is_read_as_java_reads_it(pattern: str, value: str, other: str) -> None:
    declared = {"P": {"Type": "String", "Default": value, "AllowedPattern": pattern}}
    parsed = Template.parse(template({"Thing": thing()}, {"Parameters": declared}))
    assert resolve_parameters(parsed.parameters, [], {}, PLACE)["P"].value == value
    assert "must match pattern" in refusal(AllowedPattern=pattern, Default=other)


def test_the_value_of_a_hidden_systems_manager_parameter_is_hidden_too() -> None:
    hidden = Parameter("/name", "value", resolved="value", no_echo=True)
    assert hidden.describe("P") == {
        "ParameterKey": "P",
        "ParameterValue": "****",
        "ResolvedValue": "****",
    }


@pytest.mark.parametrize("default", ["a", {}, {"Default": "a"}, {"DefaultValue": "a", "B": "b"}])
def test_a_default_of_find_in_map_that_cannot_be_read_is_refused(default: Any) -> None:
    call = {"Fn::FindInMap": ["Map", "Key", "Missing", default]}
    sections = {
        "Transform": "AWS::LanguageExtensions",
        "Mappings": {"Map": {"Key": {"Name": "value"}}},
        "Conditions": {"A": {"Fn::Equals": [call, "a"]}},
    }
    parsed = Template.parse(template({"Thing": thing()}, sections))
    with pytest.raises(ValidationError, match="must be an object with a DefaultValue"):
        Configuration(StackIdentity("id", "shop", PLACE), parsed).check()


def test_a_member_that_outputs_do_not_have_is_refused() -> None:
    sections = {"Outputs": {"A": {"Value": "a", "Exports": {"Name": "a"}}}}
    with pytest.raises(ValidationError, match=r"/Outputs/A.*unsupported property Exports"):
        Template.parse(template({"Thing": thing()}, sections))
