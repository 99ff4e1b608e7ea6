"""Lazily read tables give the same answers as plain tables of the same rows.

The plain tables are read by boto3 alone, and made without the inventory's code.
"""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from inventory.database.database import Database
from tests.harness.sagemaker import ACCOUNT, Sandbox
from tests.inventory.conftest import REGIONS, tables
from tests.inventory.documented import DATADOG, STACKQL

S = "aws.sagemaker.model_quality_job_definitions"
D = "aws.sagemaker_model_quality_job_definition"
M = "aws.sagemaker.monitoring_schedules"
MEMBERS = {
    "ModelQualityBaselineConfig": "model_quality_baseline_config",
    "ModelQualityAppSpecification": "model_quality_app_specification",
    "ModelQualityJobInput": "model_quality_job_input",
    "ModelQualityJobOutputConfig": "model_quality_job_output_config",
    "JobResources": "job_resources",
    "NetworkConfig": "network_config",
    "StoppingCondition": "stopping_condition",
}
STRUCTURES = tuple(MEMBERS.values())
ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-quality-job-definition/b"
EU_ARN = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model-quality-job-definition/quality"

WHERE = [
    "region = 'us-east-1'",
    "region <> 'us-east-1'",
    "region IN ('us-east-1', 'us-west-2', 'nowhere')",
    "region NOT IN ('us-east-1')",
    "region LIKE 'us-%'",
    "region LIKE '%1' AND region > 'f'",
    "region IS NULL",
    "region = 'us-east-1' OR job_definition_name = 'quality'",
    "region = 'us-west-2' AND true",
    "region = upper('us-east-1')",
    "region IN (SELECT region FROM aws.sagemaker.monitoring_schedules)",
    f"job_definition_arn = '{ARN}'",
    f"job_definition_arn = '{ARN.upper()}'",
    f"job_definition_arn = '{ARN[:-1]}B'",
    f"job_definition_arn IN ('{ARN}', '{EU_ARN}', 'x')",
    f"job_definition_arn = '{ARN}' AND region = 'eu-west-1'",
    f"job_definition_arn = '{ARN}' OR role_arn IS NULL",
    f"job_definition_arn = '{ARN}' AND job_definition_name = 'quality'",
    f"job_definition_arn <> '{ARN}'",
    f"job_definition_arn > '{ARN}'",
    f"NOT (job_definition_arn = '{ARN}')",
    f"job_definition_arn || '' = '{ARN}'",
    "job_definition_arn IS NOT NULL AND job_definition_arn IN (NULL, 'x')",
    "job_definition_arn = NULL",
    "job_definition_name = 'churn-quality'",
    "job_definition_name = 'Churn-Quality'",
    "lower(job_definition_name) = 'churn-quality'",
    "job_definition_name IN ('quality', 'CHURN-QUALITY', 'b')",
    "job_definition_name LIKE '%quality'",
    "job_definition_name ILIKE 'CHURN%'",
    "job_definition_name BETWEEN 'a' AND 'c'",
    "job_definition_name SIMILAR TO '[a-z]'",
    "job_definition_name = 'quality' AND endpoint_name = 'churn'",
    "job_definition_name = 'quality' AND stopping_condition IS NULL",
    "endpoint_name IS NULL",
    "endpoint_name = 'churn' AND tags IS NOT NULL",
    "role_arn = 'arn:aws:iam::123456789012:role/monitor'",
    "role_arn = 'x' OR endpoint_name IS NULL",
    "network_config IS NOT NULL",
    "network_config IS NULL AND region < 'f'",
    "(stopping_condition->>'MaxRuntimeInSeconds')::INT > 1800",
    "coalesce(stopping_condition->>'MaxRuntimeInSeconds', '3600')::INT >= 3600",
    "(model_quality_job_input->'BatchTransformInput'->'DatasetFormat') IS NOT NULL",
    "(tags->0->>'Key') = 'team'",
    "tags::VARCHAR = '[]'",
    "tags::VARCHAR LIKE '%risk%'",
    "creation_time > '2020-01-01'",
    "creation_time < '2020-01-01' AND role_arn IS NOT NULL",
    "creation_time > '9' OR creation_time IS NULL",
    "job_definition_name = ''",
    "job_definition_name = 'quality'' OR ''1''=''1'",
    "job_definition_name = 'quality\"; DROP TABLE x; --'",
    "job_definition_name IN ('b\", \"a', 'quality\n', E'tab\\t', 'é☃', 'b')",
    "job_definition_arn IN (E'x\"\\n], null_matching_behavior=MATCH})', 'b')",
    f"job_definition_name IN ({', '.join(repr(f'n{number}') for number in range(30))}, 'b')",
    (
        "EXISTS (SELECT 1 FROM aws.sagemaker.monitoring_schedules m WHERE m.region = d.region"
        " AND m.monitoring_job_definition_name = d.job_definition_name)"
    ),
    (
        "NOT EXISTS (SELECT 1 FROM aws.sagemaker.monitoring_schedules m WHERE m.region = d.region"
        " AND m.monitoring_job_definition_name = d.job_definition_name)"
    ),
    "(SELECT count(*) FROM aws.sagemaker.monitoring_schedules m WHERE m.region = d.region) > 1",
    "random() < 0",
]
OTHERS = [
    f"SELECT count(*) FROM {S}",
    f"SELECT count(*), count(endpoint_name), count(network_config) FROM {S}",
    f"SELECT count(*) FILTER (region = 'us-east-1'), max(creation_time) > '2020' FROM {S}",
    f"SELECT region, count(*) FROM {S} GROUP BY region HAVING count(*) > 3",
    f"SELECT region, list(job_definition_name ORDER BY 1) FROM {S} GROUP BY ALL",
    f"SELECT count(*) FROM {S} GROUP BY ROLLUP (region, endpoint_name)",
    f"SELECT DISTINCT endpoint_name, region FROM {S}",
    f"SELECT DISTINCT ON (region) region, job_definition_name FROM {S} ORDER BY 1, 2",
    f"SELECT * FROM {S} ORDER BY job_definition_arn LIMIT 2 OFFSET 1",
    f"SELECT job_definition_name FROM {S} ORDER BY region DESC, 1 LIMIT 3",
    f"SELECT region FROM {S} LIMIT 0",
    f"SELECT count(*) FROM (SELECT * FROM {S} LIMIT 5)",
    f"SELECT count(*) FROM (SELECT * FROM {S} WHERE region LIKE 'us%' LIMIT 9)",
    f"SELECT count(*) FROM (SELECT tags FROM {S} LIMIT 4 OFFSET 5)",
    f"SELECT count(*) FROM (SELECT tags FROM {S} LIMIT 50%)",
    f"SELECT job_definition_name, row_number() OVER (PARTITION BY region ORDER BY 1) FROM {S}",
    f"SELECT region, job_definition_name FROM {S} QUALIFY rank() OVER (ORDER BY region) = 1",
    (
        f"SELECT a.job_definition_arn, b.region FROM {S} a JOIN {S} b USING (job_definition_name)"
        " WHERE a.region <> b.region"
    ),
    f"SELECT s.job_definition_arn, d.tags FROM {S} s JOIN {D} d USING (job_definition_arn)",
    f"SELECT s.role_arn, d.account_id FROM {S} s LEFT JOIN {D} d ON d._key = s.role_arn",
    (
        f"SELECT * FROM {S} s FULL JOIN {M} m ON m.monitoring_job_definition_name = "
        "s.job_definition_name AND m.region = s.region"
    ),
    (
        f"SELECT s.job_definition_name, m.schedule_expression FROM {S} s RIGHT JOIN {M} m ON "
        "m.monitoring_job_definition_name = s.job_definition_name AND m.region = s.region"
    ),
    f"SELECT s.region, m.region FROM {S} s, {M} m WHERE s.region > m.region",
    f"SELECT * FROM {S} s SEMI JOIN {M} m ON m.region = s.region",
    f"SELECT * FROM {S} s ANTI JOIN {M} m ON m.region = s.region",
    f"SELECT * FROM {S} s POSITIONAL JOIN {M} m ORDER BY ALL LIMIT 1",
    f"WITH x AS (SELECT * FROM {S} WHERE region = 'us-east-1') SELECT a.role_arn FROM x a, x b",
    f"WITH x AS MATERIALIZED (SELECT * FROM {S}) SELECT count(*) FROM x WHERE region < 'f'",
    (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3)"
        f" SELECT i, (SELECT count(*) FROM {S}) FROM n"
    ),
    f"SELECT region FROM {S} UNION SELECT region FROM {M} EXCEPT SELECT 'us-east-1'",
    f"SELECT region FROM {S} INTERSECT ALL SELECT region FROM {M}",
    f"PIVOT (SELECT region, endpoint_name FROM {S}) ON region USING count(*)",
    f"SELECT k, count(*) FROM (SELECT unnest(map_keys(tags)) AS k FROM {D}) GROUP BY 1",
    f'SELECT unnest(from_json(tags, \'[{{"Key":"VARCHAR"}}]\')) FROM {S}',
    f"SELECT tags['team'], tags['region'], tags['nothing'] FROM {D}",
    f"SELECT * FROM {D} WHERE tags['region'] = 'eu-west-1'",
    f"SELECT count(*) FROM {D} WHERE tags = MAP {{'region': 'us-east-1'}}",
    f"SELECT creation_time > '2020-01-01'::TIMESTAMPTZ, year(creation_time) > 2020 FROM {D}",
    f"SELECT job_definition_name FROM {D} WHERE creation_time > now() - INTERVAL 1 DAY",
    f"SELECT job_definition_name FROM {D} WHERE creation_time < TIMESTAMPTZ '2020-01-01 00:00:00Z'",
    f"SELECT * FROM {D} WHERE _key = '{ARN}' AND job_definition_arn = _key",
    f"SELECT * FROM {D} WHERE _key = '{ARN}' AND job_definition_arn = '{EU_ARN}'",
    f"SELECT * FROM {D} WHERE account_id = '{ACCOUNT}' AND job_definition_name < 'b'",
    f"SELECT * FROM {D} WHERE account_id = '000000000000'",
    f"SELECT * FROM {M}",
    f"SELECT * FROM {M} WHERE monitoring_schedule_name = 'hourly' AND region = 'us-east-1'",
    f"SELECT region, tags->0->>'Value' FROM {M} WHERE schedule_expression LIKE 'cron%'",
    f"SELECT count(*) FROM {M} WHERE last_execution IS NULL",
    f"SELECT m.account_id, count(*) FROM {M} m GROUP BY 1",
    f"SELECT 1 WHERE EXISTS (FROM {S} WHERE region = 'us-west-2')",
    f"FROM {S} SELECT region, job_resources->'ClusterConfig'->>'InstanceType'",
    f"SELECT struct_pack(r := region, t := tags) FROM {S}",
    f"SELECT COLUMNS('.*_name') FROM {S}",
    f"SELECT * EXCLUDE (tags) REPLACE (upper(region) AS region) FROM {S} WHERE region < 'f'",
    f"SUMMARIZE SELECT region, job_definition_name FROM {S}",
    f"SELECT string_agg(job_definition_name, ',' ORDER BY region, job_definition_name) FROM {S}",
    (
        f"SELECT d.job_definition_name, x.n FROM {S} d, LATERAL (SELECT count(*) n FROM {M} m"
        " WHERE m.region = d.region) x"
    ),
    "SELECT 1",
]
QUERIES = [f"SELECT * FROM {S} d WHERE {where}" for where in WHERE] + OTHERS


@pytest.fixture(scope="module")
def plain(filled: Sandbox) -> Any:
    """The plain tables."""
    connection = duckdb.connect()
    connection.execute(
        "SET TimeZone = 'UTC'; ATTACH ':memory:' AS aws; CREATE SCHEMA aws.sagemaker"
    )
    json_columns = {*STRUCTURES, "tags"}
    stackql = [f"{name} {'JSON' if name in json_columns else 'VARCHAR'}" for name in STACKQL]
    connection.execute(f"CREATE TABLE {S} ({', '.join(stackql)})")
    types = dict.fromkeys(STRUCTURES, "JSON") | {
        "creation_time": "TIMESTAMPTZ",
        "tags": "MAP(VARCHAR, VARCHAR)",
    }
    datadog = [f"{name} {types.get(name, 'VARCHAR')}" for name in DATADOG]
    connection.execute(f"CREATE TABLE {D} ({', '.join(datadog)})")
    connection.execute(
        f"CREATE TABLE {M} (monitoring_schedule_arn VARCHAR, monitoring_schedule_name VARCHAR, "
        "monitoring_schedule_status VARCHAR, monitoring_type VARCHAR, "
        "monitoring_job_definition_name VARCHAR, schedule_expression VARCHAR, last_execution JSON, "
        "endpoint_name VARCHAR, creation_time VARCHAR, last_modified_time VARCHAR, tags JSON, "
        "account_id VARCHAR, region VARCHAR)"
    )
    for region in REGIONS:
        client = filled.client(region=region)
        _insert_definitions(connection, client, region)
        _insert_schedules(connection, client, region)
    return connection


def _insert_definitions(connection: Any, client: Any, region: str) -> None:
    listed = client.list_model_quality_job_definitions()["JobDefinitionSummaries"]
    for summary in listed:
        found = client.describe_model_quality_job_definition(
            JobDefinitionName=summary["MonitoringJobDefinitionName"]
        )
        batch = found["ModelQualityJobInput"].get("BatchTransformInput", {})
        if "Parquet" in batch.get("DatasetFormat", {}):
            batch["DatasetFormat"]["Parquet"] = True
        tags = client.list_tags(ResourceArn=found["JobDefinitionArn"])["Tags"]
        values = {
            **{name: _json(found[member]) for member, name in MEMBERS.items() if member in found},
            "job_definition_arn": found["JobDefinitionArn"],
            "job_definition_name": found["JobDefinitionName"],
            "role_arn": found["RoleArn"],
        }
        row = {
            **values,
            "endpoint_name": summary.get("EndpointName") or None,
            "tags": _json(sorted(tags, key=lambda tag: str(tag["Key"]))),
            "creation_time": _text(found["CreationTime"]),
            "region": region,
        }
        _insert(connection, S, [row.get(name) for name in STACKQL])
        own = {tag["Key"]: tag["Value"] for tag in tags} | {"region": region}
        row = {
            **values,
            "_key": found["JobDefinitionArn"],
            "account_id": ACCOUNT,
            "creation_time": found["CreationTime"],
            "tags": dict(sorted(own.items())),
        }
        _insert(connection, D, [row.get(name) for name in DATADOG])


def _insert_schedules(connection: Any, client: Any, region: str) -> None:
    for summary in client.list_monitoring_schedules()["MonitoringScheduleSummaries"]:
        found = client.describe_monitoring_schedule(
            MonitoringScheduleName=summary["MonitoringScheduleName"]
        )
        tags = client.list_tags(ResourceArn=summary["MonitoringScheduleArn"])["Tags"]
        config = found["MonitoringScheduleConfig"]
        row = [
            summary["MonitoringScheduleArn"],
            summary["MonitoringScheduleName"],
            summary["MonitoringScheduleStatus"],
            summary["MonitoringType"],
            summary["MonitoringJobDefinitionName"],
            config["ScheduleConfig"]["ScheduleExpression"],
            None,
            summary.get("EndpointName") or None,
            _text(summary["CreationTime"]),
            _text(summary["LastModifiedTime"]),
            _json(tags),
            ACCOUNT,
            region,
        ]
        _insert(connection, M, row)


def _insert(connection: Any, table: str, row: list[Any]) -> None:
    connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _text(time: Any) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"


@pytest.fixture(scope="module")
def lazy(filled: Sandbox) -> Iterator[Database]:
    with tables(filled.url) as database:
        yield database


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_a_query_over_lazy_tables_has_the_answer_of_plain_ones(
    query: str, lazy: Database, plain: Any
) -> None:
    expected = plain.execute(query)
    fetched = lazy.fetch(query)
    assert fetched.missing == []
    assert fetched.columns == [column[0] for column in expected.description]
    assert sorted(map(repr, fetched.rows)) == sorted(map(repr, expected.fetchall()))
