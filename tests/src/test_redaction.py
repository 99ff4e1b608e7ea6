"""Credentials and what the container is told stay out of messages and logs."""

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_sagemaker_modelqualityjobdefinition.redaction import Secrets
from tests.harness.provider import MINIMUM, Provider, error

CREATE = "CreateModelQualityJobDefinition"


def of_environment(**environment: Any) -> Secrets:
    return Secrets([], [{"ModelQualityAppSpecification": {"Environment": environment}}])


@pytest.mark.parametrize(
    ("environment", "text", "hidden"),
    [
        (
            {"TOKEN": "hunter2!", "N": 1},
            "1 error: Value '{TOKEN=hunter2!, N=1}' at 'x.environment'",
            "1 error: Value '{TOKEN=***, N=***}' at 'x.environment'",
        ),
        ({"TOKEN": "hunter2!"}, "got xhunter2!x", "got x*** (Environment TOKEN)x"),
        ({"STAGE": "test"}, "Value 'test'", "Value '*** (Environment STAGE)'"),
        # A short value that is part of a name is a word like any other.
        ({"STAGE": "test"}, "Value 'my-test-1', tested", "Value 'my-test-1', tested"),
        ({"N": "1"}, "Value '1' at 'instanceCount'", "Value '1' at 'instanceCount'"),
        (
            {"N": "1"},
            "Value '1' at 'a.environment.N.member' failed",
            "Value '***' at 'a.environment.N.member' failed",
        ),
        ({"A": r"back\slash", "E": ""}, r"a back\slash", "a *** (Environment A)"),
        ({"LONG": "abcdefgh", "LONGER": "abcdefghij"}, "abcdefghij", "*** (Environment LONGER)"),
    ],
)
def test_a_value_gives_way_to_its_key(environment: dict[str, Any], text: str, hidden: str) -> None:
    assert of_environment(**environment).hide(text) == hidden


@pytest.mark.parametrize(
    ("arguments", "text", "hidden"),
    [
        (
            ["--password", "hunter2!", "8"],
            "1 error: Value '[--password, hunter2!, 8]' at 'x.containerArguments' failed",
            "1 error: Value '***' at 'x.containerArguments' failed",
        ),
        (["hunter2!"], "got xhunter2!x", "got x*** (ContainerArguments)x"),
        (["fast"], "Value 'fast'; faster", "Value '*** (ContainerArguments)'; faster"),
        (["1"], "Value '1' at 'instanceCount'", "Value '1' at 'instanceCount'"),
        (["1"], "Value '1' at 'x.containerArguments.1.member'", None),
        ([True, 8], "Value '[true, 8]' at 'x.containerArguments'", None),
        ("hunter2!", "Value 'hunter2!' at 'x.containerArguments'", None),
    ],
)
def test_an_argument_of_the_container_is_hidden(
    arguments: Any, text: str, hidden: str | None
) -> None:
    secrets = Secrets([], [{"ModelQualityAppSpecification": {"ContainerArguments": arguments}}])
    shown = secrets.hide(text)
    assert shown == hidden if hidden else shown.startswith("Value '***' at")


@pytest.mark.parametrize("member", ["Environment", "ContainerArguments"])
def test_what_a_container_is_told_is_in_no_message(provider: Provider, member: str) -> None:
    secret = "correct horse battery"
    specification = {
        **MINIMUM["ModelQualityAppSpecification"],
        # SageMaker quotes what breaks its limits: a key that begins with a digit, a text too long.
        member: {"1": secret} if member == "Environment" else [secret, "x" * 257],
    }
    answer = provider("CREATE", {**MINIMUM, "ModelQualityAppSpecification": specification})
    assert answer["errorCode"] == "InvalidRequest"
    assert "***" in answer["message"]
    assert secret not in answer["message"]


@given(
    value=st.text(min_size=8),
    before=st.text(alphabet=" .'{}", max_size=3),
    after=st.text(alphabet=" .'{}", max_size=3),
)
def test_no_long_value_is_left_in_any_text(value: str, before: str, after: str) -> None:
    shown = of_environment(KEY=value).hide(f"{before}{value}{after}")
    assert value not in shown.replace("*** (Environment KEY)", "").replace("KEY=***", "")


@pytest.mark.parametrize("properties", [None, [], "text", {"ModelQualityAppSpecification": 1}])
def test_malformed_properties_are_no_trouble(properties: Any) -> None:
    assert Secrets([properties], [properties]).hide("text") is not None


def test_the_services_own_message_is_told_without_the_values(provider: Provider) -> None:
    environment = {"PASSWORD": "correct horse battery"}
    words = "Value '{PASSWORD=correct horse battery}' at 'environment' failed"
    provider.aws.answer(CREATE, error("ValidationException", words))
    specification = {"ImageUri": "registry/analyzer:1", "Environment": environment}
    answer = provider("CREATE", {**MINIMUM, "ModelQualityAppSpecification": specification})
    assert "Value '{PASSWORD=***}' at 'environment' failed" in answer["message"]


def test_an_environment_that_is_no_map_is_not_told_either(provider: Provider) -> None:
    specification = {"ImageUri": "i", "Environment": "correct horse battery"}
    answer = provider("CREATE", {**MINIMUM, "ModelQualityAppSpecification": specification})
    assert answer["errorCode"] == "InvalidRequest"
    assert "#/ModelQualityAppSpecification/Environment" in answer["message"]
    assert "correct horse" not in answer["message"]


def test_log_lines_are_told_without_them(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.aws.answer(CREATE, error("ValidationException", "said correct horse battery"))
    specification = {"ImageUri": "i", "Environment": {"PASSWORD": "correct horse battery"}}
    with caplog.at_level(logging.DEBUG):
        provider("CREATE", {**MINIMUM, "ModelQualityAppSpecification": specification})
    lines = [record.getMessage() for record in caplog.records if "aws_sage" in record.name]
    assert any("said *** (Environment PASSWORD)" in line for line in lines)
    assert not any("correct horse" in line for line in lines)


def test_trouble_with_the_service_is_a_line_with_its_request_id(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    arn = provider.created()["JobDefinitionArn"]
    provider.aws.answer("DescribeModelQualityJobDefinition", error("ThrottlingException"))
    caplog.clear()
    assert provider("READ", {"JobDefinitionArn": arn})["status"] == "SUCCESS"
    lines = [record.getMessage() for record in caplog.records if "aws_sage" in record.name]
    assert lines[0] == (
        "SageMaker DescribeModelQualityJobDefinition: ThrottlingException, request id: none"
    )
