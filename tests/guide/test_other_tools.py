"""guide/using.md: its SAM template holds to the schema.

tests/guide/test_cdk_pages.py synthesizes its CDK app.
"""

from pathlib import Path

import pytest

from tests.harness.documents import Document
from tests.harness.templates import findings_under, resources, takes_an_hourly_schedule

pytestmark = [pytest.mark.once]

OURS = "Acme::SageMaker::ModelQualityJobDefinition"


@pytest.fixture(scope="module")
def sam() -> str:
    """The SAM template."""
    page = Document.read(Path("guide/using.md"))
    [template] = [fence.text for fence in page.fences if fence.language == "yaml"]
    assert "Transform: AWS::Serverless" in template
    return template


def test_cfn_lint_finds_nothing_in_the_sam_template(sam: str, tmp_path: Path) -> None:
    assert findings_under(OURS, [sam], tmp_path) == []


def test_the_definition_of_the_sam_template_can_run_on_an_hourly_schedule(
    sam: str, tmp_path: Path
) -> None:
    (tmp_path / "sam.yaml").write_text(sam, "utf-8")
    assert takes_an_hourly_schedule(resources(tmp_path / "sam.yaml", OURS)["JobDefinition"])
