"""Types of parameters, and what values may refer to."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.template.declarations import check_parameters
from sandbox.cloudformation.template.parameter_types import is_parameter_type
from sandbox.cloudformation.template.parameters import Parameter, resolve_parameters
from sandbox.hosting.place import Place
from tests.harness.cloudformation import Stacks, running

PLACE = Place("123456789012", "us-east-1", "aws")


@pytest.fixture(name="sandbox", scope="module", autouse=True)
def _sandbox() -> Iterator[Stacks]:
    with running() as sandbox:
        ssm = sandbox.client("ssm")
        ssm.put_parameter(Name="/p/text", Type="String", Value="one")
        ssm.put_parameter(Name="/p/text", Type="String", Value="two", Overwrite=True)
        ssm.label_parameter_version(Name="/p/text", ParameterVersion=1, Labels=["prod"])
        ssm.put_parameter(Name="/p/list", Type="StringList", Value="a,b, c ,d")
        ssm.put_parameter(Name="/p/secure", Type="SecureString", Value="hidden")
        yield sandbox


def resolved(type_name: str, value: str, **more: Any) -> Parameter:
    declared = {"P": {"Type": type_name, **more}}
    given = [{"ParameterKey": "P", "ParameterValue": value}]
    return resolve_parameters(declared, given, {}, PLACE)["P"]


def refusal(type_name: str, value: str, **more: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        resolved(type_name, value, **more)
    return str(refused.value.message)


@pytest.mark.parametrize(
    "type_name",
    [
        "Strin",
        "string",
        "List<Strin>",
        "List<CommaDelimitedList>",
        "AWS::EC2::VPC",
        "AWS::SSM::Parameter::Value",
        "AWS::SSM::Parameter::Value<Strin>",
        "AWS::SSM::Parameter::Value<AWS::SSM::Parameter::Value<String>>",
    ],
)
def test_a_type_that_does_not_exist_is_refused(type_name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check_parameters({"P": {"Type": type_name}})
    words = f"Template format error: Unrecognized parameter type: {type_name}"
    assert refused.value.message == words


@pytest.mark.parametrize(
    "type_name",
    [
        "String",
        "Number",
        "List<Number>",
        "CommaDelimitedList",
        "AWS::EC2::KeyPair::KeyName",
        "List<AWS::EC2::Subnet::Id>",
        "AWS::SSM::Parameter::Name",
        "AWS::SSM::Parameter::Value<List<String>>",
        "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
        "AWS::SSM::Parameter::Value<List<AWS::EC2::Image::Id>>",
    ],
)
def test_the_documented_types_exist(type_name: str) -> None:
    check_parameters({"P": {"Type": type_name}})
    assert is_parameter_type(type_name)


def test_a_stored_parameter_may_be_of_a_certain_version_but_not_have_a_label() -> None:
    stored = "AWS::SSM::Parameter::Value<String>"
    assert resolved(stored, "/p/text").value == "two"
    assert resolved(stored, "/p/text:1").value == "one"
    for missing in ("/p/text:9", "/p/text:prod", "/p/gone"):
        assert refusal(stored, missing) == (
            f"Unable to fetch parameters [{missing}] from parameter store for this account."
        )


def test_a_stored_list_loses_the_spaces_around_its_items() -> None:
    found = resolved("AWS::SSM::Parameter::Value<List<String>>", "/p/list")
    assert found.value == ["a", "b", "c", "d"]
    assert found.resolved == "a,b,c,d"


def test_the_type_of_a_stored_parameter_must_fit() -> None:
    words = "Types for SSM parameters [{}] defined in CFN template and SSM are incompatible"
    stored = "AWS::SSM::Parameter::Value<{}>"
    assert refusal(stored.format("String"), "/p/list") == words.format("/p/list")
    assert refusal(stored.format("CommaDelimitedList"), "/p/text") == words.format("/p/text")
    assert refusal(stored.format("String"), "/p/secure") == (
        "Parameters [/p/secure] referenced by template have types not supported by CloudFormation."
    )


def test_the_limits_of_a_stored_parameter_are_those_of_its_name() -> None:
    stored = "AWS::SSM::Parameter::Value<String>"
    assert resolved(stored, "/p/text", AllowedPattern="/p/.*").value == "two"
    assert refusal(stored, "/p/text", AllowedPattern="two").endswith("must match pattern two")


def test_the_name_of_a_stored_parameter_must_exist() -> None:
    assert resolved("AWS::SSM::Parameter::Name", "/p/text").value == "/p/text"
    assert refusal("AWS::SSM::Parameter::Name", "/p/gone") == (
        "Parameter validation failed: parameter value /p/gone for parameter name P does not exist."
    )


def test_a_reference_to_a_version_is_resolved_in_a_parameter() -> None:
    assert resolved("String", "a-{{resolve:ssm:/p/text:1}}").value == "a-one"
    words = "Parameters: [ssm:/p/text:9] cannot be found."
    assert refusal("String", "{{resolve:ssm:/p/text:9}}") == words


@pytest.mark.parametrize(
    "text", ["{{resolve:ssm:/p/text}}", "{{resolve:secretsmanager:a:SecretString:b}}"]
)
def test_other_references_stay_and_no_limit_is_checked_before_they_are_resolved(text: str) -> None:
    assert resolved("String", text, MaxLength=3).value == text
    assert resolved("Number", text).value == text


def test_a_default_must_name_a_version_of_a_stored_parameter() -> None:
    def default(text: str) -> Any:
        declared = {"P": {"Type": "String", "Default": text}}
        return resolve_parameters(declared, [], {}, PLACE)["P"].value

    assert default("{{resolve:ssm:/p/text:1}}") == "one"
    with pytest.raises(ValidationError) as refused:
        default("{{resolve:ssm:/p/text}}")
    words = "Template error: parameter P should not contain ssm versionless resolver"
    assert refused.value.message == words
