"""`python -m inventory`: what it prints where, and its exit codes."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.inventory.answers import Region
from benchmarks.inventory.stub import Stub, serving
from inventory.__main__ import main
from project import ROOT
from tests.harness import sagemaker
from tests.harness.sagemaker import EVERYTHING, Sandbox
from tests.inventory.documented import (
    DELETE_ONE,
    INSERT_ALL,
    INSERT_REQUIRED,
    SELECT_ALL,
    SELECT_ONE,
)

S = "aws.sagemaker.model_quality_job_definitions"
Sql = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sql(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Sql:
    """Runs the command at an address: its exit code, standard output and standard error."""

    def run(url: str, *arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
        capfd.readouterr()
        code = main([*arguments])
        return code, *capfd.readouterr()

    return run


@pytest.fixture
def stub() -> Iterator[Stub]:
    regions = {
        "eu-west-1": Region(definitions=2, schedules=1),
        "us-east-1": Region(definitions=3),
        "us-west-2": Region(definitions=1, denied=("ListModelQualityJobDefinitions",)),
    }
    with serving(regions, delay=0) as stub:
        yield stub


def properties(*names: str) -> dict[str, str]:
    """Values of properties, as text that is filled into an INSERT."""
    document = {name: EVERYTHING[name] for name in names if name in EVERYTHING}
    if "ModelQualityJobInput" in names:
        inputs = {**EVERYTHING["ModelQualityJobInput"]}
        del inputs["BatchTransformInput"]
        document["ModelQualityJobInput"] = inputs
    if "EndpointName" in names:
        document["EndpointName"] = "churn"
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in document.items()
    }


@pytest.mark.parametrize("insert", [INSERT_REQUIRED, INSERT_ALL], ids=["required", "all"])
def test_the_documented_statements_create_read_and_delete_a_definition(
    insert: str, sql: Sql
) -> None:
    names = re.findall(r"\{\{ (\w+) \}\}", insert)
    values = {**properties(*names), "region": "us-east-1"}
    text = re.sub(r"\{\{ (\w+) \}\}", lambda placeholder: values[placeholder[1]], insert)
    with sagemaker.running() as sandbox:
        code, rows, _ = sql(sandbox.url, f"--query={text}")
        [created] = json.loads(rows)
        assert (code, created["status"]) == (0, "SUCCEEDED")

        code, rows, errors = sql(sandbox.url, f"--query={SELECT_ALL}")
        [row] = json.loads(rows)
        assert (code, errors) == (0, "")
        arn = row["job_definition_arn"]
        assert arn == created["job_definition_arn"]
        for name, given in values.items():
            column = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).removeprefix("_")
            assert row[column] == (json.loads(given) if given[0] in "[{" else given)
        one = SELECT_ONE.replace("<JobDefinitionArn>", arn)
        assert sql(sandbox.url, f"--query={one}")[1] == rows

        delete = DELETE_ONE.replace("<JobDefinitionArn>", arn)
        code, outcome, _ = sql(sandbox.url, typed=delete)
        assert (code, json.loads(outcome)[0]["status"]) == (0, "SUCCEEDED")
        assert sql(sandbox.url, f"--query={SELECT_ALL}")[1] == "[]\n"


def test_a_region_that_fails_is_told_beside_the_rows_of_the_others(stub: Stub, sql: Sql) -> None:
    code, rows, errors = sql(stub.url, f"--query=SELECT region, count(*) n FROM {S} GROUP BY ALL")
    assert code == 1
    assert sorted(json.loads(rows), key=lambda row: str(row["region"])) == [
        {"region": "eu-west-1", "n": 2},
        {"region": "us-east-1", "n": 3},
    ]
    assert errors.startswith(
        "1 of 3 regions is missing from this answer:\n  us-west-2 of 123456789012: AccessDenied: "
    )


def test_regions_that_a_query_excludes_cannot_fail(stub: Stub, sql: Sql) -> None:
    query = f"SELECT count(*) AS n FROM {S} WHERE region <> 'us-west-2'"
    assert sql(stub.url, f"--query={query}") == (0, '[\n{"n":5}\n]\n', "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--query=SELEC 1"], "syntax error"),
        (["--query="], "The query is empty. For example:\n  make sql QUERY='SELECT "),
        (["--query=SELECT 1 FROM nosuch"], f"These tables exist:\n  {S}\n"),
        (["--query=SELECT 1; SELECT 2"], "These are 2 statements"),
        (["--query=DROP TABLE x"], "Tables cannot be dropped"),
        ([f"--query=SELECT role_arm FROM {S}"], '"role_arn"'),
        ([f"--query=SELECT 1 FROM {S[:-1]}"], "Did you mean"),
        ([f"--query=SELECT 1 FROM {S} WHERE region = 'us-esat-1'"], "Did you mean us-east-1?"),
        (["--query=SELECT 1", "--regions=us-esat-1"], "Did you mean us-east-1?"),
        (["--query=@orphan"], "Did you mean @orphans?"),
        (["--query=SELECT '{{ RoleArn }}'"], "Fill in {{ RoleArn }}."),
        (["--query=SELECT 1", "--file=x"], "QUERY and FILE are both given"),
        (["--file=/nowhere/query.sql"], "'/nowhere/query.sql', which cannot be read: No such file"),
        (["--query=SELECT 1", "--output=jsn"], "Did you mean json?"),
        (["--query=SELECT 1", "--output=parquet"], "OUT="),
        (["--query=SELECT 1", "--profiles=nobody"], "PROFILES names nobody"),
        ([f"--query=DELETE FROM {S} WHERE region = 'us-east-1'"], "YES=1"),
        ([f"--query=DELETE FROM {S}"], "WHERE"),
        ([f"--query=UPDATE {S} SET role_arn = 'x' WHERE true"], "role_arn"),
        (["--query=SELECT * FROM '/etc/passwd'"], "does not exist"),
    ],
)
def test_a_query_that_cannot_be_run_is_refused_in_words(
    arguments: list[str], message: str, stub: Stub, sql: Sql
) -> None:
    code, rows, errors = sql(stub.url, *arguments)
    assert (code, rows) == (2, "")
    assert message in errors
    assert "Traceback" not in errors
    assert not [call for call in stub.calls() if call.operation != "GetCallerIdentity"]


def test_the_query_is_taken_from_a_file_or_from_standard_input(
    stub: Stub, sql: Sql, tmp_path: Path
) -> None:
    file = tmp_path / "it's a $query.sql"
    file.write_text("\ufeffSELECT 'é' AS a -- done\n;\n", "utf-8")
    expected = (0, '[\n{"a":"é"}\n]\n', "")
    assert sql(stub.url, f"--file={file}") == expected
    assert sql(stub.url, typed=file.read_text("utf-8-sig")) == expected
    file.write_bytes(b"SELECT '\xff'")
    code, _, errors = sql(stub.url, f"--file={file}")
    assert code == 2
    assert errors.endswith("which is not text in UTF-8: byte 8 is 0xff.\n")


def test_a_dry_run_shows_the_calls_and_makes_none(stub: Stub, sql: Sql) -> None:
    query = f"SELECT tags FROM {S} WHERE region LIKE 'us-%'"
    code, rows, _ = sql(stub.url, f"--query={query}", "--dry-run", "--output=csv")
    assert code == 0
    assert rows.splitlines()[1:] == [
        f"123456789012,{region},{operation}"
        for region in ("us-east-1", "us-west-2")
        for operation in (
            "ListModelQualityJobDefinitions,one for each page of 100 definitions",
            "ListTags,one for each definition",
        )
    ]
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/a"
    query = f"SELECT * FROM {S} WHERE data__Identifier = '{arn}' AND region = 'us-east-1'"
    _, rows, _ = sql(stub.url, f"--query={query}", "--dry-run")
    operations = ["DescribeModelQualityJobDefinition", "ListTags"]
    assert [row["operation"] for row in json.loads(rows)] == operations
    _, rows, _ = sql(stub.url, "--query=@orphans", "--dry-run", "--regions=us-*")
    assert {row["operation"] for row in json.loads(rows)} == {
        "ListModelQualityJobDefinitions",
        "ListMonitoringSchedules",
    }
    assert {call.operation for call in stub.calls()} == {"GetCallerIdentity", "ListRegions"}


def test_a_region_that_the_query_or_the_setting_names_is_asked_without_asking_which_there_are(
    stub: Stub, sql: Sql
) -> None:
    sql(stub.url, f"--query=SELECT count(*) FROM {S} WHERE region = 'us-east-1'")
    sql(stub.url, f"--query=SELECT count(*) FROM {S}", "--regions=us-east-1")
    assert {call.operation for call in stub.calls()} == {
        "GetCallerIdentity",
        "ListModelQualityJobDefinitions",
    }


def test_a_note_says_which_region_of_the_query_is_left_out(stub: Stub, sql: Sql) -> None:
    query = f"SELECT count(*) AS n FROM {S} WHERE region = 'us-east-1'"
    code, rows, errors = sql(stub.url, f"--query={query}", "--regions=eu-*")
    assert (code, json.loads(rows)) == (0, [{"n": 0}])
    assert errors == "Note: REGIONS leaves out us-east-1.\n"


def test_timing_tells_when_rows_came_and_what_was_called(stub: Stub, sql: Sql) -> None:
    query = f"SELECT * FROM {S} WHERE region = 'eu-west-1'"
    _, _, errors = sql(stub.url, f"--query={query}", "--timing")
    assert "First row after " in errors
    assert "1 ListModelQualityJobDefinitions" in errors
    assert "2 DescribeModelQualityJobDefinition" in errors


def test_orphans_leave_out_a_region_whose_schedules_cannot_be_read(sql: Sql) -> None:
    regions = {
        "eu-west-1": Region(definitions=2, schedules=1),
        "us-east-1": Region(definitions=2, denied=("ListMonitoringSchedules",)),
    }
    with serving(regions, delay=0) as stub:
        code, rows, _ = sql(stub.url, "--query=@orphans")
    assert code == 1
    assert [(row["region"], row["job_definition_name"]) for row in json.loads(rows)] == [
        ("eu-west-1", "definition-00001")
    ]


def test_an_account_that_cannot_be_identified_is_missing_from_each_answer(
    filled: Sandbox, sql: Sql, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile good]\naws_access_key_id = AKIATESTTESTTESTTEST\naws_secret_access_key = x\n"
        f"[profile bad]\ncredential_process = {sys.executable} -c exit(1)\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    query = f"SELECT count(*) AS n FROM {S} WHERE region LIKE 'us-%'"
    code, rows, errors = sql(filled.url, f"--query={query}", "--profiles=good,bad")
    assert (code, json.loads(rows)) == (1, [{"n": 4}])
    assert "  bad: CredentialRetrievalError: " in errors
    assert sql(filled.url, "--query=SELECT 1", "--profiles=good bad")[0] == 0


@pytest.mark.parametrize("ends", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "query", [f"SELECT * FROM {S}", f"SELECT * FROM range(1000000000000), (FROM {S} LIMIT 1)"]
)
def test_ctrl_c_ends_within_a_second_and_leaves_no_file(
    ends: signal.Signals, query: str, tmp_path: Path
) -> None:
    out = tmp_path / "answer.json"
    out.write_text("older")
    delay = 0.0 if "range" in query else 5.0
    with serving({"us-east-1": Region(definitions=300, delay=delay)}) as stub:
        process = subprocess.Popen(
            [sys.executable, "-m", "inventory", f"--query={query}", f"--out={out}"],
            cwd=ROOT,
            env=_environment(stub.url),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        called: Counter[str] = Counter()
        until = time.monotonic() + 30
        while not called["ListModelQualityJobDefinitions"]:
            assert time.monotonic() < until
            time.sleep(0.05)
            called.update(call.operation for call in stub.calls())
        if not delay:
            _wait_for_another_file(tmp_path)
        process.send_signal(ends)
        interrupted = time.monotonic()
        _, errors = process.communicate(timeout=30)
        assert time.monotonic() - interrupted < 1
    assert (process.returncode, errors) == (130, "\nInterrupted.\n")
    assert list(tmp_path.iterdir()) == [out]
    assert out.read_text() == "older"


def _wait_for_another_file(folder: Path) -> None:
    until = time.monotonic() + 10
    while len(list(folder.iterdir())) < 2:
        assert time.monotonic() < until
        time.sleep(0.02)


def _environment(url: str) -> dict[str, Any]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
