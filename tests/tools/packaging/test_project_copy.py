"""The project under another name, beside the package."""

from pathlib import Path

import pytest

from project.settings import type_name
from tests.harness.linting import STOCK, Linter
from tools.packaging.project_copy import SCHEMA_FOLDER, replace

pytestmark = pytest.mark.once

ACME = "Acme::SageMaker::ModelQualityJobDefinition"


@pytest.mark.parametrize("name", [ACME, type_name()])
def test_cfn_lint_takes_the_folder_with_the_schema(name: str, tmp_path: Path) -> None:
    copy = replace(name, tmp_path / "copy")
    assert [path.suffix for path in (copy / SCHEMA_FOLDER).iterdir()] == [".json"]

    stock = Linter(copy / "examples", tmp_path / "home", STOCK)
    # It has members that are missing in AWS's schema.
    assert stock.findings("-s", copy / SCHEMA_FOLDER, "--", "batch-transform-csv.yaml") == []
