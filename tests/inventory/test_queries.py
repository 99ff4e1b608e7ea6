"""The named queries, on plain tables of the shape that the real ones have."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from inventory.errors import QueryRefused
from inventory.queries import queries
from inventory.statements.parsing import parse
from inventory.statements.statement import Select

A, B = "111111111111", "222222222222"

TABLES = """
ATTACH ':memory:' AS aws;
CREATE SCHEMA aws.sagemaker;
CREATE TABLE aws.sagemaker.model_quality_job_definitions (
    job_definition_arn VARCHAR, job_definition_name VARCHAR, model_quality_baseline_config JSON,
    model_quality_app_specification JSON, model_quality_job_input JSON,
    model_quality_job_output_config JSON, job_resources JSON, network_config JSON,
    endpoint_name VARCHAR, role_arn VARCHAR, stopping_condition JSON, tags JSON,
    creation_time VARCHAR, region VARCHAR
);
CREATE TABLE aws.sagemaker.monitoring_schedules (
    monitoring_schedule_arn VARCHAR, monitoring_schedule_name VARCHAR,
    monitoring_schedule_status VARCHAR, monitoring_type VARCHAR,
    monitoring_job_definition_name VARCHAR, schedule_expression VARCHAR, last_execution JSON,
    endpoint_name VARCHAR, creation_time VARCHAR, last_modified_time VARCHAR, tags JSON,
    account_id VARCHAR, region VARCHAR
);
CREATE TABLE aws.sagemaker.errors (
    account VARCHAR, region VARCHAR, operation VARCHAR, code VARCHAR, message VARCHAR
);
"""


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield connection


def arn(name: str, account: str = A, region: str = "us-east-1") -> str:
    return f"arn:aws:sagemaker:{region}:{account}:model-quality-job-definition/{name}"


def insert(database: duckdb.DuckDBPyConnection, table: str, **row: Any) -> None:
    values = ", ".join(f"${column}" for column in row)
    text = f"INSERT INTO aws.{table} ({', '.join(row)}) VALUES ({values})"
    database.execute(text, row)


def define(
    database: duckdb.DuckDBPyConnection,
    name: str,
    account: str = A,
    region: str = "us-east-1",
    **columns: Any,
) -> None:
    tags = columns.pop("tags", {})
    insert(
        database,
        "sagemaker.model_quality_job_definitions",
        job_definition_arn=arn(name, account, region),
        job_definition_name=name,
        region=region,
        creation_time="2026-01-02T00:00:00.000Z",
        tags=json.dumps([{"Key": key, "Value": value} for key, value in tags.items()]),
        **columns,
    )


def answers(database: duckdb.DuckDBPyConnection, call: str) -> list[tuple[Any, ...]]:
    statement = parse(call)
    assert isinstance(statement, Select)
    return database.execute(statement.text, dict(statement.parameters)).fetchall()


def test_orphans_are_what_no_schedule_of_their_account_and_region_uses(
    database: duckdb.DuckDBPyConnection,
) -> None:
    define(database, "used")
    define(database, "used", region="eu-west-1")
    define(database, "used", account=B)
    define(database, "replaced")
    schedule = {"account_id": A, "region": "us-east-1"}
    for kind, name in [("ModelQuality", "used"), ("DataQuality", "replaced"), (None, None)]:
        insert(
            database,
            "sagemaker.monitoring_schedules",
            **schedule,
            monitoring_type=kind,
            monitoring_job_definition_name=name,
        )
    created = "2026-01-02T00:00:00.000Z"
    assert answers(database, "@orphans") == [
        (A, "eu-west-1", "used", created, arn("used", region="eu-west-1")),
        (A, "us-east-1", "replaced", created, arn("replaced")),
        (B, "us-east-1", "used", created, arn("used", B)),
    ]


def test_nothing_is_an_orphan_where_schedules_could_not_be_read(
    database: duckdb.DuckDBPyConnection,
) -> None:
    define(database, "perhaps", region="eu-west-1")
    define(database, "unused")
    insert(database, "sagemaker.errors", account=A, region="eu-west-1")
    insert(database, "sagemaker.errors", account=B, region="us-east-1")
    assert [row[2] for row in answers(database, "@orphans")] == ["unused"]


def test_untagged_are_those_without_the_tag_that_is_given(
    database: duckdb.DuckDBPyConnection,
) -> None:
    define(database, "tagged", tags={"Cost Center": "7"})
    define(database, "empty", tags={"Cost Center": ""})
    define(database, "other", tags={"team": "Cost Center"})
    define(database, "none", region="eu-west-1")
    assert answers(database, "@untagged tag='Cost Center';") == [
        (A, "eu-west-1", "none", arn("none", region="eu-west-1")),
        (A, "us-east-1", "other", arn("other")),
    ]
    assert len(answers(database, "@untagged tag=region")) == 4


def test_too_long_is_what_an_hourly_schedule_refuses_the_default_included(
    database: duckdb.DuckDBPyConnection,
) -> None:
    define(database, "fits", stopping_condition='{"MaxRuntimeInSeconds": 1800}')
    define(database, "long", stopping_condition='{"MaxRuntimeInSeconds": 1801}')
    define(database, "default")
    assert answers(database, "@too-long") == [
        (A, "us-east-1", "default", 3600, arn("default")),
        (A, "us-east-1", "long", 1801, arn("long")),
    ]


def test_images_are_counted_by_image_and_type_of_instance(
    database: duckdb.DuckDBPyConnection,
) -> None:
    large = '{"ClusterConfig": {"InstanceType": "ml.m5.large"}}'
    for name, image, resources in [("a", "x", large), ("b", "x", large), ("c", "y", "{}")]:
        define(
            database,
            name,
            model_quality_app_specification=f'{{"ImageUri": "{image}"}}',
            job_resources=resources,
        )
    assert answers(database, "@images") == [("x", "ml.m5.large", 2), ("y", None, 1)]


def test_counts_are_by_account_and_region(database: duckdb.DuckDBPyConnection) -> None:
    define(database, "a")
    define(database, "b")
    define(database, "a", region="eu-west-1")
    define(database, "a", account=B)
    assert answers(database, " @counts ") == [
        (A, "eu-west-1", 1),
        (A, "us-east-1", 2),
        (B, "us-east-1", 1),
    ]


def test_each_begins_with_what_it_answers_and_says_how_it_is_called() -> None:
    assert {name: query.call for name, query in queries().items()} == {
        "counts": "@counts",
        "images": "@images",
        "orphans": "@orphans",
        "too-long": "@too-long",
        "untagged": "@untagged tag=…",
    }
    assert all(query.answers.endswith(".") for query in queries().values())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            "@orphan",
            "There is no query @orphan. Did you mean @orphans? The named queries are @counts,",
        ),
        ("@", "There is no query @."),
        ("@../orphans", "There is no query @../orphans."),
        ("@untagged", "@untagged takes a value for tag: @untagged tag=…"),
        ("@untagged tag=", "@untagged takes a value for tag"),
        ("@untagged tags=a", "@untagged takes a value for tag"),
        ("@untagged tag=a tag=b", "@untagged takes a value for tag"),
        ("@untagged tag=a region=b", "@untagged takes a value for tag"),
        ("@orphans tag=a", "@orphans takes no parameters: @orphans"),
        ("@untagged tag='a", "A quote in @untagged tag='a does not end."),
    ],
)
def test_a_wrong_call_is_refused_with_the_right_one(call: str, message: str) -> None:
    with pytest.raises(QueryRefused) as refusal:
        parse(call)
    assert str(refusal.value).startswith(message)
