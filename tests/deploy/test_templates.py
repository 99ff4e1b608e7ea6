"""deploy/: clean by cfn-lint in every partition, described, and tied to no place.

That they deploy is shown over the sandbox; here is what can be told by reading them.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from project import ROOT
from tests.harness.templates import lint
from tools.submit.role import ExecutionRole

# It reads the templates, with tools of others.
pytestmark = pytest.mark.once

TEMPLATES = sorted((ROOT / "deploy").glob("*.yaml"))
PLACES = ("us-east-1", "eu-west-1", "us-gov-west-1", "cn-north-1")

each_template = pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)


def read(template: Path) -> dict[str, Any]:
    return dict(cfn_yaml.load(str(template)))


def test_the_templates_are_clean_by_cfn_lint(tmp_path: Path) -> None:
    assert TEMPLATES
    # What `make submit` makes of one of them is as clean.
    role = tmp_path / "execution-role.yaml"
    role.write_text(ExecutionRole("Acme::Test::Thing", None, None).template, "utf-8")
    assert lint([*TEMPLATES, role], tmp_path, PLACES) == []


@each_template
def test_every_parameter_is_described_and_constrained(template: Path) -> None:
    for name, parameter in read(template)["Parameters"].items():
        assert parameter["Description"].endswith("."), name
        assert {"AllowedPattern", "AllowedValues"} & set(parameter), name
        if "AllowedPattern" in parameter:
            assert parameter["ConstraintDescription"], name
            assert re.fullmatch(parameter["AllowedPattern"], parameter.get("Default", "")) or (
                "Default" not in parameter
            ), name


@each_template
def test_no_name_or_place_is_written_down(template: Path) -> None:
    resources = read(template)["Resources"]
    text = json.dumps(resources)
    assert "arn:aws" not in text
    assert not re.search(r"\b[a-z]{2}(-gov)?-[a-z]+-\d\b|\b\d{12}\b", text)
    for logical_id, resource in resources.items():
        named = {"RoleName", "BucketName", "LogGroupName"} & resource["Properties"].keys()
        assert not named, logical_id


@each_template
def test_what_holds_data_says_what_becomes_of_it(template: Path) -> None:
    for resource in read(template)["Resources"].values():
        if resource["Type"] in ("AWS::S3::Bucket", "AWS::Logs::LogGroup"):
            assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"]
