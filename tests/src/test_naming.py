"""Physical names and ARNs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_sagemaker_modelqualityjobdefinition.naming import DefinitionArn, physical_name

SAGEMAKER_PATTERN = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
anything = st.none() | st.text(max_size=200)


@given(stack=anything, logical=anything, token=anything)
def test_any_stack_logical_id_and_token_give_a_name_that_sagemaker_takes(
    stack: str | None, logical: str | None, token: str | None
) -> None:
    name = physical_name(stack, logical, token)
    assert SAGEMAKER_PATTERN.fullmatch(name)
    assert len(name) <= 63
    assert name == name.lower()
    assert name == physical_name(stack, logical, token)


@given(one=st.tuples(anything, anything, anything), other=st.tuples(anything, anything, anything))
def test_two_requests_share_a_name_only_when_they_are_the_same(
    one: tuple[str | None, ...], other: tuple[str | None, ...]
) -> None:
    assert (physical_name(*one) == physical_name(*other)) == (one == other)


def test_a_name_shows_the_stack_and_the_logical_id() -> None:
    stack = "arn:aws-us-gov:cloudformation:us-gov-west-1:123456789012:stack/Churn_Model/0c1f"
    assert physical_name(stack, "JobDefinition", "t").startswith("churn-model-jobdefinition-")


def test_a_long_stack_name_leaves_room_for_the_logical_id() -> None:
    name = physical_name("s" * 128, "JobDefinition", "t")
    assert len(name) == 63
    assert "-jobdefinition-" in name


def test_a_request_without_a_stack_still_gets_a_name() -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", physical_name(None, None, None))


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/Churn-1",
        "arn:aws-us-gov:sagemaker:us-gov-west-1:123456789012:model-quality-job-definition/a",
        "arn:aws-cn:sagemaker:cn-north-1:123456789012:model-quality-job-definition/a--b",
    ],
)
def test_an_arn_is_taken_apart_and_put_together_again(text: str) -> None:
    assert str(DefinitionArn.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "Churn-1",
        "arn:aws:sagemaker:us-east-1:123456789012:data-quality-job-definition/churn",
        "arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/",
        "arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/a/b",
        "arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/churn\n",
        "arn:aws:sagemaker:us-east-1:1:model-quality-job-definition/churn",
    ],
)
def test_what_is_no_arn_of_a_definition_is_none(text: str | None) -> None:
    assert DefinitionArn.parse(text) is None
