"""guide/sql.md: its commands answer what the page says."""

import json
import re
from pathlib import Path

import pytest

from inventory.queries import queries
from project.environment import prepare
from tests.harness.documents import Document, follow, lend_environment, working_copy

PAGE = Document.read(Path("guide/sql.md"))


@pytest.mark.once
@pytest.mark.timeout(900)
def test_what_the_page_does_ends_as_it_says(tmp_path: Path) -> None:
    clone = working_copy(tmp_path / "clone")
    for environment in ("inventory", "sagemaker-sdk"):
        lend_environment(environment, prepare(environment).parent, clone)
    answers = follow(PAGE, clone)

    def answer(beginning: str) -> str:
        """What the one command that begins like this answered."""
        [said] = [said for command, said in answers.items() if command.startswith(beginning)]
        return said[-1]

    counts = answer('make sql QUERY="SELECT region, count(*) AS definitions')
    assert json.loads(counts) == [
        {"region": "eu-central-1", "definitions": 2},
        {"region": "us-east-1", "definitions": 1},
    ]
    [table] = [fence.text for fence in PAGE.fences if fence.language == "text"]
    assert answer('make sql OUTPUT=table QUERY="SELECT job_definition_name, job_res') == table
    orphans = answer("make sql QUERY=@orphans OUTPUT=table").splitlines()
    assert [line.split()[2].partition("-20")[0] for line in orphans[2:]] == [
        *("churn-de", "churn-fr", "churn-us"),
        "model-quality-job-definition",
    ]
    missing = answer("make sql QUERY=@counts REGIONS=")
    # The regions are asked at the same time, and the fault strikes the one whose call comes first.
    note = (
        r"\n1 of 2 regions is missing from this answer:\n  (ap-south-1|us-east-1) of 123456789012: "
    )
    [denied] = re.findall(note, missing)
    is_counted = '"region":"us-east-1","definitions":3' in missing
    assert is_counted == (denied == "ap-south-1")
    assert missing.endswith("It ended with 2.\n")
    errors = answer('make sql QUERY="SELECT region, code, message FROM aws.sagemaker.errors')
    assert '"code":"AccessDenied"' in errors
    assert errors.endswith("It ended with 2.\n")
    assert "DescribeModelQualityJobDefinition" not in answer("make sql DRY_RUN=1 OUTPUT=table")
    assert answer("make sql YES=1 OUTPUT=table").count("SUCCEEDED") == 3
    assert answer('make sql YES=1 QUERY="DELETE').count('"SUCCEEDED"') == 3
    assert (clone / "definitions.parquet").read_bytes()[:4] == b"PAR1"


def test_the_page_lists_the_named_queries() -> None:
    listed = {row["query"].strip("`").partition(" ")[0] for row in PAGE.table("Named queries")}
    assert listed == {f"@{name}" for name in queries()}
