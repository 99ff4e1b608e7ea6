"""The template's text, and what SageMaker fills in by itself."""

from typing import Any

import pytest
import yaml

from aws_sagemaker_modelqualityjobdefinition.translation import SERVICE_DEFAULTS
from tests.harness.provider import MINIMUM
from tools.own_handlers import provider
from tools.template.text import DEFAULTS, template

pytestmark = [pytest.mark.once]

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/churn"
MODEL = {**MINIMUM, "JobDefinitionName": "churn", "JobDefinitionArn": ARN, "CreationTime": "2026"}


def text(**members: Any) -> str:
    return template(ARN, {**MODEL, **members}, provider(), "Quality")


def test_what_has_a_comment_is_what_the_handlers_know_that_sagemaker_fills_in() -> None:
    known = {
        (*path, name): value
        for path, members in SERVICE_DEFAULTS
        for name, value in members.items()
    }
    assert known == {
        tuple(name for name in pointer if not name.isdigit()): value for pointer, value in DEFAULTS
    }


def test_it_begins_with_where_it_comes_from() -> None:
    first, second, third = text().splitlines()[:3]
    assert first.startswith("# ")
    assert second == f"# {ARN}"
    assert third == 'AWSTemplateFormatVersion: "2010-09-09"'


def test_a_comment_stands_above_what_it_is_about() -> None:
    lines = text(StoppingCondition={"MaxRuntimeInSeconds": 3600}).splitlines()
    for comment, below in (
        ("    # An import needs this.", "    DeletionPolicy: Retain"),
        ("      # A change that replaces", "      JobDefinitionName: churn"),
        ("      # SageMaker fills this in", "      StoppingCondition:"),
    ):
        [place] = [number for number, line in enumerate(lines) if line.startswith(comment)]
        assert lines[place + 1] == below


def test_a_value_that_somebody_chose_has_no_comment() -> None:
    assert "# SageMaker fills this in" not in text(StoppingCondition={"MaxRuntimeInSeconds": 1800})


def test_it_has_no_tags_that_only_aws_can_set_and_nothing_read_only() -> None:
    tags = [
        {"Key": "Team", "Value": "churn"},
        {"Key": "aws:cloudformation:stack-name", "Value": "other"},
    ]
    properties = yaml.safe_load(text(Tags=tags))["Resources"]["Quality"]["Properties"]
    assert properties == {**MINIMUM, "JobDefinitionName": "churn", "Tags": tags[:1]}


def test_a_text_of_several_lines_is_a_block_and_a_list_has_one_item_a_line() -> None:
    application = {
        "ImageUri": "registry/analyzer:1",
        "ContainerArguments": ["--columns", "a,b"],
        "Environment": {"QUERY": "select 1\n  from b\n"},
    }
    said = text(ModelQualityAppSpecification=application)
    assert (
        """
        ContainerArguments:
          - --columns
          - a,b
        Environment:
          QUERY: |
            select 1
              from b
"""
        in said
    )
