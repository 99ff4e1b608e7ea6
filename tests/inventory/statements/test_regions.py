"""The regions that statements name: which are asked, and which do not exist."""

import pytest

from inventory.errors import QueryRefused
from inventory.statements.parsing import parse
from inventory.statements.regions import check_regions, named_regions

KNOWN = {"us-east-1", "us-west-2", "eu-west-1", "ap-southeast-7"}
TABLE = "aws.sagemaker.model_quality_job_definitions"
DATADOG = "aws.sagemaker_model_quality_job_definition"
SCHEDULES = "aws.sagemaker.monitoring_schedules"


def test_regions_are_found_in_string_literals_wherever_they_are() -> None:
    text = f"""
        SELECT 'eu-west-1', "us-west-2", 'in us-west-2' -- 'us-west-2'
        FROM {TABLE} WHERE region IN ('us-east-1', $$ap-southeast-7$$, 'mars-1') /* 'us-west-2' */
    """
    assert named_regions(text, KNOWN) == {"eu-west-1", "us-east-1", "ap-southeast-7"}


@pytest.mark.parametrize(
    "text",
    [
        f"FROM {TABLE} WHERE region = 'us-esat-1'",
        f"FROM {TABLE} WHERE NOT ('us-esat-1' = (region))",
        f"FROM {TABLE} d WHERE d.REGION <> 'us-esat-1'",
        f"FROM {TABLE} WHERE region IN ('us-west-2', 'us-esat-1')",
        f"FROM {TABLE} WHERE region NOT IN ('us-esat-1') AND tags->'a' = 'b'",
        f"FROM AWS.SageMaker.\"errors\" e JOIN {TABLE} USING (region) WHERE e.region = 'us-esat-1'",
        f"SELECT 1 WHERE EXISTS (FROM {TABLE} WHERE region = 'us-esat-1')",
        f"WITH a AS (SELECT * FROM {TABLE} WHERE region = 'us-esat-1') SELECT * FROM a",
        f"FROM {TABLE} d WHERE EXISTS (SELECT 1 FROM t WHERE d.region = 'us-esat-1')",
        f"FROM {DATADOG} WHERE tags->'region' = 'us-esat-1'",
        f"FROM {DATADOG} d WHERE d.tags->>'region' IN ('us-esat-1')",
        f"FROM {DATADOG} WHERE tags['region'] <> 'us-esat-1'",
        f"FROM {TABLE}, (VALUES ('a')) v(x) WHERE region = 'us-esat-1'",
        f"SELECT region, count(*) FROM {SCHEDULES} GROUP BY 1 HAVING region = 'us-esat-1'",
        f"DELETE FROM {TABLE} d WHERE d.region = 'us-esat-1'",
        f"UPDATE {TABLE} SET tags = '[]' WHERE region = 'us-esat-1'",
    ],
)
def test_a_region_that_does_not_exist_is_refused_with_the_nearest_name(text: str) -> None:
    with pytest.raises(QueryRefused) as refusal:
        check_regions(parse(text), KNOWN)
    assert str(refusal.value) == "There is no region us-esat-1. Did you mean us-east-1?"


def test_what_does_not_even_look_like_a_region_is_refused_where_it_can_be_nothing_else() -> None:
    with pytest.raises(QueryRefused, match=r"There is no region virginia\.$"):
        check_regions(parse(f"FROM {TABLE} WHERE region = 'virginia'"), KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        f"FROM {TABLE} WHERE region = 'us-east-1'",
        f"FROM {TABLE} WHERE region LIKE 'us-%' AND job_definition_name = 'us-esat-1'",
        f"FROM {TABLE} WHERE upper(region) = 'US-ESAT-1'",
        f"FROM {TABLE} JOIN (VALUES ('EMEA')) v(region) ON true WHERE v.region = 'us-esat-1'",
        f"FROM {TABLE}, areas WHERE region = 'EMEA'",
        f"WITH a AS (SELECT 'EMEA' AS region FROM {TABLE}) SELECT * FROM a WHERE region = 'EMEA'",
        f"SELECT * FROM (SELECT upper(region) AS region FROM {TABLE}) WHERE region = 'US-ESAT-1'",
        f"SELECT upper(region) AS region FROM {TABLE} GROUP BY 1 HAVING region = 'US-EAST-1'",
        "WITH d(region) AS (VALUES ('EMEA')) SELECT * FROM d WHERE d.region IN ('EMEA')",
        "SELECT * FROM range(3) t(region) WHERE region = 'us-esat-1'",
        f"FROM {TABLE} AS d(region) WHERE region = 'EMEA'",
        f"FROM {DATADOG} WHERE tags->'team' = 'us-esat-1'",
        f"FROM {TABLE} WHERE tags->0->>'Key' = 'us-esat-1'",
        f"DESCRIBE {TABLE}",
        "SHOW t",
        f"PIVOT {TABLE} ON region IN ('us-esat-1') USING count(*)",
        f"SELECT COLUMNS(c -> c = 'a') FROM {TABLE} WHERE 'x' ^@ region",
    ],
)
def test_other_comparisons_are_not_held_against_the_regions(text: str) -> None:
    check_regions(parse(text), KNOWN)


def test_a_query_that_only_duckdb_can_parse_is_not_checked() -> None:
    check_regions(parse(f"SELECT {'(' * 900}1{')' * 900} FROM {TABLE}"), KNOWN)
