"""What a query answers if something is in its way."""

import itertools
import json
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import boto3
import pytest

from benchmarks.inventory.answers import Region
from benchmarks.inventory.stub import serving
from inventory.database.database import Database
from inventory.errors import QueryRefused
from inventory.reading.reading import Reading, Source
from inventory.reading.service import Service
from inventory.reading.threads import Stopped
from project.settings import schema_path
from tests.harness import sagemaker
from tests.harness.portals import portal
from tests.harness.sagemaker import ACCOUNT, Sandbox
from tests.inventory.conftest import tables
from tests.inventory.documented import DATADOG, STACKQL

S = "aws.sagemaker.model_quality_job_definitions"
D = "aws.sagemaker_model_quality_job_definition"


def test_the_tables_have_the_documented_columns_in_their_order(filled: Sandbox) -> None:
    with tables(filled.url) as database:
        columns = database.columns()
    assert tuple(columns[S]) == STACKQL
    assert tuple(columns[D]) == DATADOG
    assert (
        columns[S]["job_resources"] == columns[S]["tags"] == columns[D]["job_resources"] == "JSON"
    )
    assert columns[S]["creation_time"] == "VARCHAR"
    assert columns[D]["creation_time"] == "TIMESTAMP WITH TIME ZONE"
    assert columns[D]["tags"] == "MAP(VARCHAR, VARCHAR)"


def test_every_property_of_the_schema_is_a_column_of_its_type(filled: Sandbox) -> None:
    schema = json.loads(schema_path().read_text("utf-8"))
    with tables(filled.url) as database:
        columns = database.columns()[S]
    assert len(columns) == len(schema["properties"]) + 1
    text = {name for name, kind in columns.items() if kind == "VARCHAR"} - {"region"}
    assert {name.replace("_", "") for name in text} == {
        name.lower()
        for name, subschema in schema["properties"].items()
        if subschema.get("type") == "string"
    }


def test_a_denied_region_is_missing_beside_the_rows_of_the_others() -> None:
    regions = {
        "eu-west-1": Region(definitions=2),
        "us-east-1": Region(definitions=2, denied=("ListModelQualityJobDefinitions",)),
    }
    with serving(regions, delay=0) as stub, tables(stub.url, list(regions)) as database:
        fetched = database.fetch(f"SELECT region, count(*) FROM {S} GROUP BY ALL")
        assert fetched.rows == [("eu-west-1", 2)]
        [missing] = fetched.missing
        assert missing[:4] == (
            *(ACCOUNT, "us-east-1"),
            *("ListModelQualityJobDefinitions", "AccessDenied"),
        )
        assert "sagemaker:ListModelQualityJobDefinitions" in missing.message


def test_accounts_are_read_side_by_side_and_one_that_a_query_excludes_is_not_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    accounts = (ACCOUNT, "210987654321")
    with serving({"us-east-1": Region(definitions=2)}, delay=0) as stub:
        monkeypatch.setenv("AWS_ENDPOINT_URL", stub.url)
        service = Service(boto3.Session("AKIATESTTESTTESTTEST", "secret"), "us-east-1")
        with closing(Database([Source(each, "us-east-1", service) for each in accounts])) as both:
            rows = both.fetch(
                f"SELECT account_id, count(*) FROM {D} GROUP BY ALL ORDER BY ALL"
            ).rows
            assert rows == [(account, 2) for account in accounts]
            stub.calls()
            both.fetch(f"SELECT count(*) FROM {D} WHERE account_id = '{ACCOUNT}'")
            assert stub.calls().total() == 1


def test_a_definition_without_its_tags_is_no_row() -> None:
    regions = {"us-east-1": Region(definitions=2, denied=("ListTags",))}
    with serving(regions, delay=0) as stub, tables(stub.url, list(regions)) as database:
        fetched = database.fetch(f"SELECT tags FROM {S}")
        assert fetched.rows == []
        assert {failure.operation for failure in fetched.missing} == {"ListTags"}
        assert {failure.code for failure in fetched.missing} == {"UnauthorizedTaggingOperation"}
        assert database.fetch(f"SELECT role_arn IS NULL FROM {S}").rows == [(False,)] * 2


def test_a_limit_of_the_errors_does_not_end_the_search_for_them() -> None:
    regions = {
        "eu-west-1": Region(definitions=2),
        "us-east-1": Region(definitions=2, denied=("ListModelQualityJobDefinitions",)),
    }
    with serving(regions, delay=0) as stub, tables(stub.url, list(regions)) as database:
        fetched = database.fetch("SELECT region FROM aws.sagemaker.errors LIMIT 1")
    assert fetched.rows == [("us-east-1",)]


def test_the_errors_of_a_query_are_a_table_of_the_same_query() -> None:
    regions = {
        "eu-west-1": Region(definitions=2),
        "us-east-1": Region(definitions=2, denied=("ListModelQualityJobDefinitions",)),
    }
    with serving(regions, delay=0) as stub, tables(stub.url, list(regions)) as database:
        alone = database.fetch("SELECT region, code FROM aws.sagemaker.errors")
        assert alone.rows == [("us-east-1", "AccessDenied")]
        both = database.fetch(
            "SELECT region, code FROM aws.sagemaker.errors UNION ALL "
            f"SELECT region, job_definition_name FROM {S} LIMIT 9"
        )
        assert len(both.rows) == 3
        restricted = database.fetch(
            f"SELECT (SELECT count(*) FROM {S} WHERE region = 'eu-west-1'), count(*)"
            " FROM aws.sagemaker.errors"
        )
        assert restricted.rows == [(2, 0)]


def test_a_definition_that_is_deleted_meanwhile_is_no_row_and_no_error() -> None:
    with sagemaker.running() as sandbox:
        client = sandbox.client()
        for number in range(5):
            client.create_model_quality_job_definition(**sagemaker.minimal(f"d{number}"))
        lock = threading.Lock()
        deleted: list[str] = []

        def delete(reading: Reading) -> None:
            # The list was the first call. Whatever is called next finds one definition less.
            with lock:
                if sum(reading.calls.values()) > 1 and not deleted:
                    client.delete_model_quality_job_definition(JobDefinitionName="d4")
                    deleted.append("d4")

        with tables(sandbox.url, ["us-east-1"]) as database:
            for column in ("tags", "role_arn", "*"):
                query = f"SELECT job_definition_name, {column} FROM {S}"
                fetched = database.fetch(query, on_calls=delete)
                assert fetched.missing == []
                assert sorted(row[0] for row in fetched.rows) == ["d0", "d1", "d2", "d3"]
                client.create_model_quality_job_definition(**sagemaker.minimal("d4"))
                deleted.clear()


def test_throttling_slows_down_and_does_not_fail() -> None:
    regions = {"us-east-1": Region(definitions=12, per_second=10)}
    with serving(regions, delay=0) as stub, tables(stub.url, list(regions)) as database:
        fetched = database.fetch(f"SELECT * FROM {S}")
    assert fetched.missing == []
    assert len(fetched.rows) == 12


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('{path}')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM database",
        "SELECT * FROM sqlite_scan('{path}', 'x')",
        "SELECT * FROM read_parquet('http://127.0.0.1:9/x')",
        "SELECT getenv('HOME')",
    ],
)
def test_a_query_reads_nothing_but_its_tables(query: str, filled: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("a,b\n1,2\n")
    with tables(filled.url) as database, pytest.raises(QueryRefused):
        database.fetch(query.format(path=file))


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO '{path}'",
        "ATTACH '{path}' AS x",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "LOAD '{path}'",
        "EXPORT DATABASE '{path}'",
    ],
)
def test_not_even_a_statement_that_is_never_run_could_reach_a_file(
    statement: str, filled: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    with tables(filled.url) as database, pytest.raises(QueryRefused):
        database.fetch(statement.format(path=path))
    assert not path.exists()


def test_an_error_shows_its_place_in_the_query_and_the_nearest_names(filled: Sandbox) -> None:
    with tables(filled.url) as database:
        with pytest.raises(QueryRefused, match=r'Did you mean.*model_quality_job_definitions"'):
            database.fetch("SELECT 1 FROM aws.sagemaker.model_quality_job_definition")
        with pytest.raises(QueryRefused, match=r'"role_arm" not found[^~]*"role_arn"'):
            database.fetch(f"SELECT role_arm FROM {S}")
        with pytest.raises(QueryRefused, match="Could not convert string 'quality' to INT32"):
            database.fetch(f"SELECT job_definition_name::INT FROM {S}")


def test_an_interrupted_query_ends_within_a_second() -> None:
    regions = {"us-east-1": Region(definitions=500, delay=0.3)}
    with serving(regions) as stub, tables(stub.url, list(regions)) as database:
        ended: list[float] = []

        def query() -> None:
            with pytest.raises(Stopped):
                database.fetch(f"SELECT * FROM {S}")
            ended.append(time.monotonic())

        thread = threading.Thread(target=query)
        thread.start()
        time.sleep(0.8)
        interrupted = time.monotonic()
        database.interrupt()
        thread.join(10)
        assert ended[0] - interrupted < 1
        # Calls that are under way come to their end, and no other is made.
        _until(
            lambda: (
                not [each for each in threading.enumerate() if each.name.startswith("inventory")]
            )
        )


def _is_ours(thread: threading.Thread) -> bool:
    return thread.name.startswith("inventory")


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_tables_can_be_asked_again_after_a_refusal_and_after_an_interruption(
    filled: Sandbox,
) -> None:
    database: Database
    with tables(filled.url) as database:
        database.interrupt()
        with pytest.raises(QueryRefused):
            database.fetch("SELECT nothing")
        assert database.fetch(f"SELECT count(*) FROM {S}").rows == [(7,)]


def test_rows_arrive_while_others_are_still_read() -> None:
    with (
        serving({"us-east-1": Region(definitions=1_000)}, delay=0.01) as stub,
        tables(stub.url, ["us-east-1"]) as database,
        database.answer("SELECT * FROM aws.sagemaker.model_quality_job_definitions") as answer,
    ):
        assert next(iter(answer.reader)).num_rows
        # Of two thousand.
        assert stub.calls().total() < 1_500


def answering(*bodies: bytes) -> AbstractContextManager[str]:
    """A server that gives these answers in turn, again and again, to all requests."""
    turns = itertools.cycle(bodies)
    return portal(lambda *_: (200, next(turns)))


def test_pages_that_lead_in_a_circle_end_as_an_error() -> None:
    pages = [b'{"JobDefinitionSummaries": [], "NextToken": "%s"}' % token for token in (b"a", b"b")]
    with answering(*pages) as url, tables(url, ["us-east-1"]) as database:
        [missing] = database.fetch(f"SELECT count(*) FROM {S}").missing
    assert missing.code == "ServiceInternalError"
    assert "NextToken is one that was sent before" in missing.message


def test_an_answer_that_lacks_a_member_is_an_error_of_its_region_alone() -> None:
    page = b'{"JobDefinitionSummaries": [{"MonitoringJobDefinitionName": "a"}]}'
    with answering(page) as url, tables(url, ["us-east-1"]) as database:
        fetched = database.fetch(f"SELECT count(*) FROM {S}")
    assert fetched.rows == [(0,)]
    assert "MonitoringJobDefinitionArn is missing" in fetched.missing[0].message


def test_no_message_names_what_only_the_inventory_needs(filled: Sandbox) -> None:
    with tables(filled.url) as database, pytest.raises(QueryRefused) as refused:
        database.fetch("SELECT * FROM branch")
    assert "branch_" not in str(refused.value)
