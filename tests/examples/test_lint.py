"""The templates in examples/: clean by cfn-lint, documented, and modest in what they allow.

That they deploy is shown over the sandbox; here is what can be told by reading them.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cfnlint.decode import cfn_yaml

from project import ROOT
from tests.harness.examples import EXAMPLES, each_example
from tests.harness.templates import lint, resources, takes_an_hourly_schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.once

TYPE_NAME = "AWS::SageMaker::ModelQualityJobDefinition"
README = ROOT / "examples" / "README.md"

# Actions that an example may allow on every resource, and why no narrower resource will do.
# Source: the Service Authorization Reference, "Resource types" of each action.
ALLOWED_ON_EVERY_RESOURCE = {
    "cloudwatch:PutMetricData": "scoped by the condition key cloudwatch:namespace instead",
    "ec2:DescribeDhcpOptions": "EC2's Describe actions have no resource",
    "ec2:DescribeNetworkInterfaces": "EC2's Describe actions have no resource",
    "ec2:DescribeSecurityGroups": "EC2's Describe actions have no resource",
    "ec2:DescribeSubnets": "EC2's Describe actions have no resource",
    "ec2:DescribeVpcs": "EC2's Describe actions have no resource",
    "ecr:GetAuthorizationToken": "a token is for all registries",
    "kms:*": "in a key policy, * is the key itself, and its account has to keep control of it",
}


def statements(value: Any) -> Iterator[dict[str, Any]]:
    """Every policy statement anywhere inside a value: of roles, of keys, of whatever comes next."""
    if isinstance(value, dict):
        if "Effect" in value:
            yield value
        for member in value.values():
            yield from statements(member)
    elif isinstance(value, list):
        for item in value:
            yield from statements(item)


def as_list(value: Any) -> list[Any]:
    """A policy's one-or-many members, always as many."""
    return value if isinstance(value, list) else [value]


def readme_rows() -> dict[str, tuple[str, list[str]]]:
    """README's table: by file name, what it shows and which parameters it says to pass."""
    rows = re.findall(
        r"^\| \[(?P<text>\S+)\]\((?P<link>\S+)\) \| (?P<shows>.+?) \| (?P<pass>.*?) \|$",
        README.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert all(text == link for text, link, _, _ in rows)
    return {link: (shows, re.findall(r"`(\w+)`", to_pass)) for _, link, shows, to_pass in rows}


def test_the_examples_are_clean_by_cfn_lint_against_our_schema(tmp_path: Path) -> None:
    assert lint(EXAMPLES, tmp_path) == []


def test_cfn_lint_reads_our_schema_and_finds_a_property_that_it_does_not_know(
    tmp_path: Path,
) -> None:
    good = (ROOT / "examples" / "batch-transform-csv.yaml").read_text(encoding="utf-8")
    assert "ExcludeFeaturesAttribute" in good, "in our schema and not in cfn-lint's own copy"
    misspelt = tmp_path / "misspelt.yaml"
    misspelt.write_text(good.replace("ExcludeFeaturesAttribute", "ExcludedFeatures"))
    (tmp_path / "schemas").mkdir()

    messages = [finding["Message"] for finding in lint([misspelt], tmp_path / "schemas")]

    assert len(messages) == 1
    assert "'ExcludedFeatures' was unexpected" in messages[0]


def test_readme_lists_every_example_and_no_other() -> None:
    assert sorted(readme_rows()) == [example.name for example in EXAMPLES]


@each_example
def test_readme_says_which_parameters_have_defaults_that_are_only_examples(example: Path) -> None:
    only_examples = re.findall(
        r"^  (\w+):\n(?:    .*\n)*?    # An example\b.*\n    Default:",
        example.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    shows, to_pass = readme_rows()[example.name]
    assert shows
    assert to_pass == only_examples


@each_example
def test_every_parameter_is_described_constrained_and_has_a_default(example: Path) -> None:
    constraints = {"AllowedPattern", "AllowedValues", "MinValue"}
    for name, parameter in cfn_yaml.load(str(example))["Parameters"].items():
        assert {"Type", "Description", "Default"} <= set(parameter), name
        # The AWS-specific types are constraints by themselves.
        assert parameter["Type"].startswith("AWS::") or constraints & set(parameter), name
        if "AllowedPattern" in parameter:
            assert "ConstraintDescription" in parameter, name
            assert re.fullmatch(parameter["AllowedPattern"], str(parameter["Default"])), name


@each_example
def test_every_definition_has_a_tag_that_a_parameter_changes_and_a_name_of_cloudformations(
    example: Path,
) -> None:
    template = cfn_yaml.load(str(example))
    assert template["Description"]
    ((logical_id, definition),) = resources(example, TYPE_NAME).items()
    assert {"Key": "CostCenter", "Value": {"Ref": "CostCenter"}} in definition["Tags"]
    assert "JobDefinitionName" not in definition
    outputs = {name: output["Value"] for name, output in template["Outputs"].items()}
    assert outputs["JobDefinitionArn"] == {"Ref": logical_id}
    assert outputs["CreationTime"] == {"Fn::GetAtt": [logical_id, "CreationTime"]}


@each_example
def test_no_statement_allows_every_action_and_every_wildcard_is_accounted_for(
    example: Path,
) -> None:
    allows = [s for s in statements(resources(example)) if s["Effect"] == "Allow"]
    assert allows
    for statement in allows:
        actions = as_list(statement["Action"])
        assert "*" not in actions
        if "*" in as_list(statement.get("Resource", [])):
            assert set(actions) <= set(ALLOWED_ON_EVERY_RESOURCE), statement.get("Sid")
        else:
            assert not any("*" in action for action in actions), statement.get("Sid")
        if "cloudwatch:PutMetricData" in actions:
            assert "cloudwatch:namespace" in statement["Condition"]["StringEquals"]


@each_example
def test_a_comment_beside_each_wildcard_resource_says_why(example: Path) -> None:
    lines = example.read_text(encoding="utf-8").splitlines()
    for above, line in pairwise(lines):
        if line.strip() == 'Resource: "*"':
            assert above.strip().startswith("# ")


def test_no_wildcard_is_accounted_for_that_no_example_uses() -> None:
    used = {
        action
        for example in EXAMPLES
        for statement in statements(resources(example))
        if "*" in as_list(statement.get("Resource", []))
        for action in as_list(statement["Action"])
    }
    assert used == set(ALLOWED_ON_EVERY_RESOURCE)


@each_example
def test_only_sagemaker_on_behalf_of_this_account_may_assume_a_role(example: Path) -> None:
    roles = resources(example, "AWS::IAM::Role")
    assert roles
    for role in roles.values():
        assert "ManagedPolicyArns" not in role
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
        assert trust["Condition"] == {
            "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        }


@each_example
def test_no_example_is_tied_to_a_partition_or_region(example: Path) -> None:
    template = cfn_yaml.load(str(example))
    del template["Mappings"]
    text = json.dumps(template)
    assert "arn:aws" not in text
    assert not re.search(r"\b[a-z]{2}(-gov)?-[a-z]+-\d\b", text)


@each_example
def test_every_definition_can_run_on_an_hourly_schedule(example: Path) -> None:
    definitions = resources(example, TYPE_NAME)
    assert definitions
    assert all(takes_an_hourly_schedule(each) for each in definitions.values())


def test_all_examples_hold_the_same_table_of_image_accounts() -> None:
    tables = [
        cfn_yaml.load(str(example))["Mappings"]["ModelMonitorRegistry"] for example in EXAMPLES
    ]
    assert all(table == tables[0] for table in tables)
    for region, entry in tables[0].items():
        assert re.fullmatch(r"\d{12}", entry["AccountId"]), region
