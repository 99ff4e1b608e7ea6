"""Statements from their texts, those of StackQL's documentation among them."""

import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.columns import properties
from inventory.errors import QueryRefused
from inventory.statements.parsing import parse
from inventory.statements.statement import Delete, Exactly, Insert, Select, Update
from tests.inventory.documented import (
    DELETE_ONE,
    INSERT_ALL,
    INSERT_REQUIRED,
    SELECT_ALL,
    SELECT_ONE,
)

TABLE = "aws.sagemaker.model_quality_job_definitions"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/churn"

REQUIRED = [one.name for one in properties() if one.required]
INSERTED = ", ".join([*REQUIRED, "region"])


def refused(text: str) -> str:
    with pytest.raises(QueryRefused) as refusal:
        parse(text)
    return str(refusal.value)


def filled_in(text: str) -> str:
    """The text with a value in place of each placeholder."""
    return re.sub(r"\{\{ (\w+) \}\}", r"""{"It''s": "\1"}""", text).replace(
        "<JobDefinitionArn>", ARN
    )


# --- The documentation's statements ---------------------------------------------------------------


def test_the_documented_queries_are_read() -> None:
    assert parse(SELECT_ALL) == Select(SELECT_ALL.rstrip(";\n"))
    one = parse(filled_in(SELECT_ONE))
    assert isinstance(one, Select)
    assert one.text.endswith(f"WHERE region = 'us-east-1' AND job_definition_arn = '{ARN}'")


def test_the_documented_inserts_are_read_with_all_columns_in_their_order() -> None:
    for text in (INSERT_REQUIRED, INSERT_ALL):
        statement = parse(filled_in(text))
        assert isinstance(statement, Insert)
        assert list(statement.columns) == re.findall(r"^ (\w+),?$", text, re.MULTILINE)
        rows = duckdb.connect().execute(statement.source).fetchall()
        assert rows == [tuple(f'{{"It\'s": "{column}"}}' for column in statement.columns)]


def test_the_documented_delete_names_one_definition() -> None:
    assert parse(filled_in(DELETE_ONE)) == Delete(
        TABLE,
        f"job_definition_arn = '{ARN}'\nAND region = 'us-east-1'",
        Exactly(ARN, "us-east-1"),
    )


def test_placeholders_that_are_left_are_refused_and_each_is_named_once() -> None:
    assert refused(INSERT_REQUIRED) == (
        "Fill in {{ ModelQualityAppSpecification }}, {{ ModelQualityJobInput }}, "
        "{{ ModelQualityJobOutputConfig }}, {{ JobResources }}, {{ RoleArn }} and {{ region }}."
    )
    assert refused(DELETE_ONE) == "Fill in <JobDefinitionArn>."
    assert refused("SELECT {{ a.b[0] }}, '{{a.b[0]}}'") == "Fill in {{ a.b[0] }}."


@pytest.mark.parametrize("value", ["'<b>'", "'a <JobDefinitionArn>'", "1 -- {{ RoleArn }}"])
def test_what_looks_like_a_placeholder_but_is_none_is_left_alone(value: str) -> None:
    assert isinstance(parse(f"SELECT {value}"), Select)


# --- What is a query ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "FROM t",
        "VALUES (1)",
        "TABLE t",
        f"DESCRIBE {TABLE}",
        "SHOW TABLES",
        "SUMMARIZE t",
        "PIVOT t ON region USING count(*)",
        "PIVOT t ON region IN ('a') USING count(*)",
        "SELECT * FROM (PIVOT t ON region USING count(*))",
        "(SELECT 1) UNION ALL (SELECT 2)",
        "SELECT 'a;b', $$;--$$, \";\" FROM t",
        "SELECT update, delete FROM t WHERE (delete) = 1",
    ],
)
def test_every_kind_of_query_is_a_select(text: str) -> None:
    assert parse(f"/* ; */ {text} ; -- ;\n;") == Select(text)


@pytest.mark.parametrize("text", ["", "  \n", ";", "-- a comment", "/*+ create */ ;;"])
def test_an_empty_text_is_refused(text: str) -> None:
    assert refused(text) == (
        "The query is empty. For example:\n"
        "  make sql QUERY='SELECT * FROM aws.sagemaker.model_quality_job_definitions'"
    )


def test_several_statements_are_refused() -> None:
    assert refused("SELECT 1; ; DELETE FROM t").startswith("These are 2 statements")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("EXPLAIN SELECT 1", "DRY_RUN=1"),
        ("EXPLAIN ANALYZE SELECT 1", "DRY_RUN=1"),
        ("SET threads = 1", "Settings cannot be changed"),
        ("PRAGMA database_list", "Settings cannot be changed"),
        ("COPY (SELECT 1) TO 'x.csv'", "OUT=path"),
        ("EXPORT DATABASE 'x'", "OUT=path"),
        ("IMPORT DATABASE 'x'", "OUT=path"),
        ("ATTACH 'x.db'", "cannot be attached"),
        ("USE x", "cannot be attached"),
        ("INSTALL httpfs", "Extensions"),
        ("BEGIN", "no transactions"),
        ("CREATE TABLE t (i INT)", "WITH x AS"),
        ("CREATE TABLE t AS PIVOT a ON b USING sum(c)", "WITH x AS"),
        ("DROP TABLE t", "DELETE FROM"),
        (f"TRUNCATE {TABLE}", "DELETE FROM"),
        ("MERGE INTO t USING s ON a = b WHEN MATCHED THEN DELETE", "MERGE"),
        ("CALL duckdb_tables()", "SELECT * FROM function()"),
        ("VACUUM", "VACUUM cannot be run. Only queries, INSERT, UPDATE and DELETE"),
        ("PREPARE q AS SELECT 1", "Only queries, INSERT, UPDATE and DELETE"),
        (f"WITH a AS (SELECT 1) INSERT INTO {TABLE} SELECT * FROM a", "cannot follow WITH"),
        (f"WITH a AS (SELECT 1) DELETE FROM {TABLE} WHERE true", "cannot follow WITH"),
        (f"WITH a AS (PIVOT t ON b USING sum(c)) DELETE FROM {TABLE} WHERE true", "follow WITH"),
        ("SELECT $tag", "Write values instead of $tag"),
        ("SELECT `a;b` FROM t", "double quotes"),
    ],
)
def test_what_cannot_be_run_is_refused_with_what_to_do_instead(text: str, words: str) -> None:
    assert words in refused(text)


@pytest.mark.parametrize("write", ["DELETE FROM t", "INSERT INTO t SELECT 1", "UPDATE t SET a = 1"])
def test_a_write_within_a_query_is_refused(write: str) -> None:
    # DuckDB 2 parses it, and before that it was an error.
    assert re.search("part of a query|Parser Error", refused(f"WITH a AS ({write}) SELECT 1"))


@pytest.mark.parametrize(
    ("text", "mistake"), [("SELEC 1)", "SELEC"), ("'a)", "'a"), ("/* )", "/*"), ("{{ 1 }})", "{")]
)
def test_a_mistake_is_shown_where_the_user_made_it(text: str, mistake: str) -> None:
    # data__Identifier is replaced, which moves what follows.
    message = refused(f"SELECT data__Identifier,\ndata__Identifier FROM t WHERE EXISTS ({text}")
    assert message.startswith("Parser Error: ")
    place, caret = message.splitlines()[-2:]
    assert place.startswith("LINE 2: data__Identifier FROM t WHERE")
    assert place[caret.index("^") :].startswith(mistake)


# --- INSERT ---------------------------------------------------------------------------------------


def test_columns_are_named_as_cloudformation_or_as_the_table_names_them() -> None:
    columns = (
        'modelqualityappspecification, "model_quality_job_input", ROLE_ARN, JobResources, Region'
    )
    statement = parse(f"INSERT INTO {TABLE} ({columns}, ModelQualityJobOutputConfig) SELECT 1")
    assert isinstance(statement, Insert)
    assert statement.columns == (
        "ModelQualityAppSpecification",
        "ModelQualityJobInput",
        "RoleArn",
        "JobResources",
        "region",
        "ModelQualityJobOutputConfig",
    )


@pytest.mark.parametrize(
    "source",
    [
        "VALUES (1, 2, 3, 4, 5, 6), ('--', ';', '/*', 'RETURNING', 'ON CONFLICT', $$'$$)",
        'WITH a AS (SELECT 1 AS "RETURNING") SELECT "RETURNING" FROM a /* RETURNING */ WHERE true',
        "(SELECT 1)",
        "FROM t JOIN u ON t.conflict = u.conflict",
        "FROM (SELECT 'RETURNING', x'41', e'\\'' || '''') ORDER BY 1",
    ],
)
def test_the_source_is_what_the_user_wrote(source: str) -> None:
    statement = parse(f"INSERT INTO {TABLE} ({INSERTED}) -- RETURNING\n{source} -- the end\n;")
    assert isinstance(statement, Insert)
    assert statement.source == source


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1", f"Name the columns: INSERT INTO {TABLE} ({INSERTED}) SELECT …"),
        ("(SELECT a, b FROM t)", "Name the columns"),
        ("BY NAME SELECT 1 AS region", "Name the columns"),
        ("DEFAULT VALUES", "Name the columns"),
        (f"({INSERTED}) SELECT 1 RETURNING *", "no RETURNING"),
        (f"({INSERTED}) VALUES (1) ON CONFLICT DO NOTHING", "ON CONFLICT is not supported"),
        ("(RoleArn, JobResource) SELECT 1", "no column JobResource. Did you mean JobResources?"),
        ("(RoleArn, x) SELECT 1", "There is no column x. The columns are JobDefinitionName, "),
        (f"({INSERTED}, Role_Arn) SELECT 1", "INSERT names RoleArn more than once."),
        (f"({INSERTED}, data__Identifier) SELECT 1", "SageMaker sets JobDefinitionArn itself."),
        (f"({INSERTED}, creation_time) SELECT 1", "SageMaker sets CreationTime itself."),
        (f"({', '.join(REQUIRED)}) SELECT 1", "INSERT also needs region."),
        ("(region) SELECT 1", "ModelQualityJobOutputConfig, JobResources and RoleArn."),
    ],
)
def test_an_insert_that_cannot_succeed_is_refused(text: str, message: str) -> None:
    assert message in refused(f"INSERT INTO {TABLE} {text}")


def test_an_insert_of_another_kind_is_refused() -> None:
    message = refused(f"INSERT OR REPLACE INTO {TABLE} ({INSERTED}) SELECT 1")
    assert message == "INSERT OR REPLACE is not supported. Use INSERT INTO."


# --- DELETE and UPDATE ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "where",
    [
        f"job_definition_arn = '{ARN}' AND region = 'r'",
        f"region = 'r' and JOB_DEFINITION_ARN = '{ARN}'",
        f"(('r') = region) AND (('{ARN}' = (job_definition_arn)))",
        f"d.region = 'r' AND \"D\".\"Job_Definition_Arn\" = '{ARN}' -- nothing else",
    ],
)
def test_a_condition_that_names_one_definition_is_known_as_such(where: str) -> None:
    for alias in ("d", "AS d"):
        statement = parse(f"DELETE FROM {TABLE} {alias} WHERE {where}")
        assert isinstance(statement, Delete)
        assert statement.exactly == Exactly(ARN, "r")
        assert statement.relation == f"{TABLE} {alias}"


@pytest.mark.parametrize("name", ["", "model_quality_job_definitions.", f"{TABLE}."])
def test_the_table_s_own_name_may_stand_before_a_column(name: str) -> None:
    statement = parse(
        f"DELETE FROM {TABLE} WHERE {name}region = 'r' AND {name}data__Identifier = 'a'"
    )
    assert isinstance(statement, Delete)
    assert statement.exactly == Exactly("a", "r")


@pytest.mark.parametrize(
    "where",
    [
        "true",
        "job_definition_arn = 'a'",
        "job_definition_arn = 'a' OR region = 'r'",
        "NOT (job_definition_arn = 'a' AND region = 'r')",
        "job_definition_arn = 'a' AND region = 'r' AND tags IS NULL",
        "job_definition_arn = 'a' AND region <> 'r'",
        "job_definition_arn = 'a' AND region LIKE 'r'",
        "job_definition_arn = 'a' AND region = 'r' || ''",
        "job_definition_arn = 'a' AND region = e'r'",
        "job_definition_arn = 'a' AND job_definition_arn = 'b'",
        "upper(job_definition_arn) = 'a' AND region = 'r'",
        "job_definition_name = 'a' AND region = 'r'",
        "other.job_definition_arn = 'a' AND region = 'r'",
        "job_definition_arn = region AND region = 'r'",
        "job_definition_arn = 'a' AND region = 1",
        "job_definition_arn = 'a' AND region = (SELECT 'r')",
        "job_definition_arn = 'a' AND region = 'r' COLLATE nocase",
    ],
)
def test_any_other_condition_is_not(where: str) -> None:
    statement = parse(f"DELETE FROM {TABLE} WHERE {where}")
    assert isinstance(statement, Delete)
    assert (statement.where, statement.exactly) == (where, None)


@pytest.mark.parametrize(
    "where",
    [
        "role_arn IN (SELECT a FROM t WHERE b = (SELECT 1 WHERE true)) AND region = 'WHERE'",
        "role_arn = 'a''; -- RETURNING' AND true /* RETURNING */ AND region <> ')'",
        "role_arn = $$ RETURNING ' $$ OR region = $q$ $$;$q$ OR e'\\' RETURNING' = role_arn",
        "region IS DISTINCT FROM 'a' AND [1, 2][1] = 1 AND {'a': 1}.a = 1",
        '"RETURNING" = 1 AND d.returning = 2 AND CASE WHEN true THEN false END',
        "role_arn LIKE '%data__Identifier->''a''%' -- RETURNING\n AND true",
        "true /* a /* nested */ comment RETURNING */ AND (((region))) = 'é😀'",
        "EXISTS (FROM t USING SAMPLE 1)",
    ],
)
def test_the_condition_is_what_the_user_wrote(where: str) -> None:
    deletion = parse(f"DELETE FROM {TABLE} d WHERE {where} -- the end")
    assert deletion == Delete(f"{TABLE} d", where, None)
    change = parse(f"UPDATE {TABLE} AS d SET tags = (SELECT '[]' WHERE true) WHERE {where};")
    assert change == Update(f"{TABLE} AS d", "(SELECT '[]' WHERE true)", where, None)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
@settings(max_examples=50, deadline=None)
def test_the_condition_is_what_the_user_wrote_whatever_a_literal_holds(value: str) -> None:
    where = "role_arn = '{}' AND true".format(value.replace("'", "''"))
    deletion = parse(f"DELETE FROM {TABLE} WHERE {where}")
    assert deletion == Delete(TABLE, where, None)


def test_words_of_other_databases_are_understood_in_writes_too() -> None:
    statement = parse(
        f"UPDATE {TABLE} SET tags = job_resources->'a' || tags WHERE data__Identifier = 'a' "
        "AND network_config->>'EnableNetworkIsolation' = 'true' AND region = 'r'"
    )
    assert statement == Update(
        TABLE,
        "(job_resources->'a') || tags",
        "job_definition_arn = 'a' AND (network_config->>'EnableNetworkIsolation') = 'true' "
        "AND region = 'r'",
        None,
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"DELETE FROM {TABLE}", "DELETE needs a WHERE"),
        (f"DELETE FROM {TABLE} USING t WHERE true", "DELETE takes no USING"),
        (f"DELETE FROM {TABLE} WHERE true RETURNING *", "DELETE takes no RETURNING"),
        (f"UPDATE {TABLE} SET tags = '[]'", "UPDATE needs a WHERE"),
        (f"UPDATE {TABLE} SET tags = '[]' FROM t WHERE true", "UPDATE takes no FROM"),
        (f"UPDATE {TABLE} SET tags = '[]' WHERE true RETURNING 1", "UPDATE takes no RETURNING"),
        (f"UPDATE {TABLE} SET tags = null WHERE true", "SET tags = '[]' removes all tags"),
        (f"UPDATE {TABLE} SET tags = '[]', tags = '[]' WHERE true", "tags more than once"),
        (f"UPDATE {TABLE} SET region = 'a' WHERE true", "stays in its region"),
        (f"UPDATE {TABLE} SET data__Identifier = 'a' WHERE true", "sets job_definition_arn itself"),
        (f"UPDATE {TABLE} SET tag = '[]' WHERE true", "no column tag. Did you mean tags?"),
        (f"UPDATE {TABLE} SET regin = 'a' WHERE true", "no column regin. Did you mean region?"),
    ],
)
def test_a_write_that_cannot_be_run_is_refused(text: str, message: str) -> None:
    assert message in refused(text)


def test_set_may_end_with_a_comma_as_in_duckdb() -> None:
    statement = parse(f"UPDATE {TABLE} SET tags = '[]', WHERE true")
    assert statement == Update(TABLE, "'[]'", "true", None)


def test_an_update_of_other_columns_names_each_with_its_reason() -> None:
    lines = refused(
        f"UPDATE {TABLE} SET tags = '[]', RoleArn = f('a', 1), creation_time = 'a', x = 1 WHERE 1"
    ).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["role_arn", "SageMaker", "There"]
    assert "insert a new definition, and delete this one" in lines[0]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("aws.sagemaker_model_quality_job_definition", "can only be read"),
        ("AWS.SageMaker.Monitoring_Schedules", "can only be read"),
        ("aws.sagemaker.errors", "can only be read"),
        ("aws.sagemaker.model_quality_job_definitons", f"Did you mean {TABLE}?"),
        ("x", "There is no table x."),
    ],
)
def test_a_write_to_another_table_is_refused_and_the_right_one_is_named(
    table: str, message: str
) -> None:
    for text, words in (
        (f"DELETE FROM {table} WHERE true", "DELETE FROM"),
        (f"UPDATE {table} SET a = 1", "UPDATE"),
        (f"INSERT INTO {table} SELECT 1", "INSERT INTO"),
    ):
        refusal = refused(text)
        assert message in refusal
        assert refusal.endswith(f"Definitions are written with {words} {TABLE}.")


@pytest.mark.parametrize(
    "table", ["AWS.SageMaker.MODEL_QUALITY_JOB_DEFINITIONS", f'"aws" . "sagemaker"."{TABLE[14:]}"']
)
def test_the_table_is_known_in_any_case_and_in_quotes(table: str) -> None:
    assert parse(f"DELETE FROM {table} WHERE true") == Delete(table, "true", None)


# --- Anything at all ------------------------------------------------------------------------------

FRAGMENTS = [
    *(f"DELETE FROM {TABLE} WHERE ", f"UPDATE {TABLE} SET tags = ", "SELECT ", "INSERT INTO ", "@"),
    *("data__Identifier", "tags", "->>", "->", "'a'", "$$", "$a$", "e'", "b'😀 '", "'", '"', "`"),
    *("(", ")", "[", "]", "{", "}", ";", ",", ".", "::", "=", "--", "/*", "*/", "\\", "\n", "\0"),
    *(" AND ", " WHERE ", " RETURNING ", "1", "1e", "é", "\xa0", "\ufeff", "{#", "{{ a }}", "<A>"),
]


@given(st.lists(st.sampled_from(FRAGMENTS)).map("".join))
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_statement_or_is_refused(text: str) -> None:
    try:
        statement = parse(text)
    except QueryRefused:
        return
    if isinstance(statement, (Delete, Update)):
        assert statement.where in text.replace("data__Identifier", "job_definition_arn")
