"""Which calls a query makes: those that its plan needs, and no others."""

from collections import Counter

import duckdb
import pytest

from benchmarks.inventory.answers import Region
from benchmarks.inventory.stub import serving
from tests.harness.sagemaker import ACCOUNT
from tests.inventory.conftest import tables

S = "aws.sagemaker.model_quality_job_definitions"
D = "aws.sagemaker_model_quality_job_definition"
M = "aws.sagemaker.monitoring_schedules"
THERE = {
    "eu-west-1": Region(definitions=120, schedules=3),
    "us-east-1": Region(definitions=5),
    "us-west-2": Region(),
}
LIST, DESCRIBE, TAGS = (
    "ListModelQualityJobDefinitions",
    "DescribeModelQualityJobDefinition",
    "ListTags",
)
SCHEDULES = "ListMonitoringSchedules"
DUCKDB_1 = duckdb.__version__.startswith("1.")
ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-quality-job-definition/definition-00001"


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        # One call for each page of each region, and nothing else, for what the list says.
        (f"SELECT count(*) FROM {S}", {LIST: 2 + 1 + 1}),
        (f"SELECT region, job_definition_name, endpoint_name, creation_time FROM {S}", {LIST: 4}),
        # Regions that a query excludes are not called.
        (f"SELECT count(*) FROM {S} WHERE region LIKE 'us-%' AND region <> 'us-west-2'", {LIST: 1}),
        # Columns decide.
        (f"SELECT tags FROM {S} WHERE region = 'us-east-1'", {LIST: 1, TAGS: 5}),
        (f"SELECT role_arn FROM {S} WHERE region = 'us-east-1'", {LIST: 1, DESCRIBE: 5}),
        (f"SELECT * FROM {D} WHERE account_id = '0'", {}),
        # An identifier is looked up, wherever it is; its ARN says in which region.
        (f"SELECT * FROM {S} WHERE job_definition_arn = '{ARN}'", {DESCRIBE: 1, TAGS: 1}),
        (f"SELECT * FROM {D} WHERE _key IN ('{ARN}', 'other')", {DESCRIBE: 1, TAGS: 1}),
        (f"SELECT role_arn FROM {S} WHERE job_definition_name = 'definition-00004'", {DESCRIBE: 3}),
        # What cannot be a name is not asked for.
        (f"SELECT * FROM {S} WHERE job_definition_name = 'x'' OR 1=1 --'", {}),
        # Definitions that the list rules out are not described.
        (
            f"SELECT * FROM {S} WHERE job_definition_name > 'definition-00117'",
            {LIST: 4, DESCRIBE: 2, TAGS: 2},
        ),
        # LIMIT stops early: four definitions are read at first. DuckDB 1 starts in each region.
        (
            f"SELECT * FROM {S} LIMIT 3",
            {LIST: 3, DESCRIBE: 8, TAGS: 8} if DUCKDB_1 else {LIST: 1, DESCRIBE: 4, TAGS: 4},
        ),
        (f"SELECT job_definition_name FROM {S} WHERE region < 'f' LIMIT 101", {LIST: 2}),
        # What two tables need is called once.
        (
            (
                f"SELECT s.tags, d.tags, d.role_arn FROM {S} s JOIN {D} d "
                "USING (job_definition_arn)"
                " WHERE s.region = 'us-east-1' AND d.job_definition_name = 'definition-00000'"
            ),
            # DuckDB 1 already knows what the join needs when it reads the first table.
            {LIST: 1, DESCRIBE: 6, TAGS: 5} if DUCKDB_1 else {LIST: 1, DESCRIBE: 3, TAGS: 7},
        ),
        (f"SELECT monitoring_job_definition_name FROM {M}", {SCHEDULES: 3}),
        ("SELECT * FROM aws.sagemaker.errors", {LIST: 4}),
        (f"DESCRIBE {S}", {}),
        (f"SELECT * FROM {S} LIMIT 0", {}),
    ],
)
def test_a_query_makes_only_the_calls_that_it_needs(query: str, calls: dict[str, int]) -> None:
    with serving(THERE, delay=0) as stub, tables(stub.url, list(THERE)) as database:
        database.fetch(query)
        made: Counter[str] = Counter()
        for call, times in stub.calls().items():
            made[call.operation] += times
    assert made == calls
