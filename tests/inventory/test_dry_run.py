"""The calls that a query would make, beside those that it makes."""

import pytest

from benchmarks.inventory.answers import Region
from benchmarks.inventory.stub import serving
from inventory import dry_run
from inventory.statements.statement import Select
from tests.inventory.conftest import tables


@pytest.mark.parametrize(
    "condition",
    [
        "job_definition_name = 'x'",
        "job_definition_name = 'x' OR job_definition_name = 'y'",
        "job_definition_name = 'x' OR role_arn = 'y'",
        "job_definition_name = 'x' AND role_arn = 'a OR b'",
    ],
)
def test_a_dry_run_names_the_operations_that_are_called(condition: str) -> None:
    text = (
        "SELECT job_definition_name FROM aws.sagemaker.model_quality_job_definitions "
        f"WHERE {condition}"
    )
    regions = {"eu-west-1": Region(definitions=3)}
    with serving(regions, delay=0) as stub, tables(stub.url, list(regions)) as database:
        said = dry_run.calls(Select(text, {}), database, lambda _: True)
        with database.answer(text) as (reader, reading):
            reader.read_all()
    assert {row[:3] for row in said} == set(reading.calls)
