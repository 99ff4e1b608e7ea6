"""INSERT, DELETE and UPDATE against a sandbox, whose definitions a plain DuckDB table shows."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import duckdb
import pytest
import requests
from botocore import xform_name

from inventory.database.database import Database, Fetched
from inventory.database.tables import STACKQL
from inventory.errors import InventoryError, QueryRefused
from inventory.reading.reading import Failure, Source
from inventory.reading.service import Service
from inventory.statements.statement import Delete, Exactly, Insert, Update
from inventory.writes.outcome import Status, Written
from inventory.writes.writes import carry_out, plan
from sandbox.process import environment
from tests.harness.provider import ACCOUNT, MINIMUM, REGION
from tests.harness.stacks import Clients, tags_of

TABLE = "definitions"
ABROAD = "eu-west-1"
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-quality-job-definition/"
COLUMNS = (*MINIMUM, "JobDefinitionName", "Tags", "region")
TEAM = '[{"Key": "team", "Value": "churn"}]'


class Account(NamedTuple):
    session: Any
    partition: str = "aws"


DENIED = Failure(
    ACCOUNT, ABROAD, "ListModelQualityJobDefinitions", "AccessDenied", "said SageMaker"
)


class Inventory:
    """Stands in for the tables: reads everything into one, and records the queries."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.queries: list[str] = []
        self.missing: list[Failure] = []
        self.accounts = {ACCOUNT: Account(boto3.Session())}

    def __call__(self, query: str) -> Fetched:
        self.queries.append(query)
        with duckdb.connect() as connection:
            connection.execute(
                f"CREATE TABLE {TABLE} (job_definition_arn TEXT, region TEXT, tags JSON)"
            )
            for region in (REGION, ABROAD) if TABLE in query else ():
                aws = Clients(self._url, region)
                for arn in arns(aws):
                    shown = aws.sagemaker.list_tags(ResourceArn=arn)["Tags"]
                    row = [arn, region, json.dumps(shown)]
                    connection.execute("INSERT INTO definitions VALUES (?, ?, ?)", row)
            return Fetched([], connection.execute(query).fetchall(), self.missing)

    def run(self, statement: Insert | Delete | Update, **options: Any) -> Written:
        return carry_out(statement, self, self.accounts, **options)


def arns(aws: Clients) -> list[str]:
    pages = aws.sagemaker.get_paginator("list_model_quality_job_definitions").paginate()
    return [
        summary["MonitoringJobDefinitionArn"]
        for page in pages
        for summary in page["JobDefinitionSummaries"]
    ]


@pytest.fixture
def inventory(sandbox_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inventory]:
    """With nothing in the sandbox, before and after."""
    for name, value in environment(sandbox_url, {}).items():
        monkeypatch.setenv(name, value)
    yield Inventory(sandbox_url)
    for region in (REGION, ABROAD):
        clients = Clients(sandbox_url, region)
        for arn in arns(clients):
            name = arn.rpartition("/")[2]
            clients.sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)


@pytest.fixture
def define(aws: Clients, sandbox_url: str) -> Callable[..., str]:
    """Makes a definition as a notebook does, and gives its ARN."""

    def defined(region: str = REGION, name: str = "", **members: Any) -> str:
        name = name or f"Notebook-{uuid.uuid4().hex[:12]}"
        clients = aws if region == REGION else Clients(sandbox_url, region)
        return str(
            clients.sagemaker.create_model_quality_job_definition(
                JobDefinitionName=name, **MINIMUM, **members
            )["JobDefinitionArn"]
        )

    return defined


Fault = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def fault(sandbox_url: str) -> Fault:
    """Has the sandbox answer an operation of SageMaker with a fault."""

    @contextmanager
    def failing(
        operation: str, kind: str, calls: int | None = None, seconds: float = 0
    ) -> Iterator[None]:
        document = {
            "service": "sagemaker",
            "operation": operation,
            "fault": kind,
            "calls": calls,
            "seconds": seconds,
        }
        assert requests.post(f"{sandbox_url}/_sandbox/faults", json=document, timeout=5).ok
        try:
            yield
        finally:
            requests.delete(f"{sandbox_url}/_sandbox/faults", timeout=5)

    return failing


def values(name: str | None = None, tags: str | None = None, region: str = REGION) -> str:
    """A row of COLUMNS, with JSON as text."""
    given = {**{key: json.dumps(value) for key, value in MINIMUM.items()}}
    given["RoleArn"] = MINIMUM["RoleArn"]
    row = [*given.values(), name, tags, region]
    return ", ".join("NULL" if value is None else f"'{value}'" for value in row)


def insert(*rows: str) -> Insert:
    return Insert(COLUMNS, "VALUES " + ", ".join(f"({row})" for row in rows))


def delete(where: str, exactly: Exactly | None = None) -> Delete:
    return Delete(TABLE, where, exactly)


def update(value: str, where: str = "true", exactly: Exactly | None = None) -> Update:
    return Update(TABLE, value, where, exactly)


def statuses(written: Written) -> list[str]:
    return [outcome.status.value for outcome in written.outcomes]


def test_an_insert_creates_what_its_rows_say_in_their_regions(
    inventory: Inventory, aws: Clients, sandbox_url: str
) -> None:
    said: list[str] = []
    written = inventory.run(
        insert(values("Churn", TEAM), values(region=ABROAD)), on_progress=said.append
    )
    assert (written.exit_code, statuses(written)) == (0, ["SUCCEEDED", "SUCCEEDED"])
    first, second = written.outcomes
    assert first.job_definition_arn == f"{ARN}Churn"
    assert arns(aws) == [f"{ARN}Churn"]
    assert arns(Clients(sandbox_url, ABROAD)) == [second.job_definition_arn]
    assert tags_of(aws, f"{ARN}Churn") == {"team": "churn"}
    held = aws.sagemaker.describe_model_quality_job_definition(JobDefinitionName="Churn")
    assert held["JobResources"] == MINIMUM["JobResources"]
    assert said[0].startswith(f"1 of 2: CREATE {ARN}Churn in {REGION}: succeeded")
    assert len(said) == 2


def test_objects_may_be_duckdbs_own_values_and_endpoint_name_is_accepted(
    inventory: Inventory, aws: Clients
) -> None:
    source = """
        SELECT
            {'ImageUri': 'registry/analyzer:1', 'Environment': MAP {'LEVEL': 'info'}},
            {'EndpointInput': {'EndpointName': 'churn', 'LocalPath': '/opt/ml/processing/input',
                               'ProbabilityThresholdAttribute': 0.5},
             'GroundTruthS3Input': {'S3Uri': 's3://bucket/truth'}, 'BatchTransformInput': NULL},
            {'MonitoringOutputs': [{'S3Output': {
                'S3Uri': 's3://bucket/out', 'LocalPath': '/opt/ml/processing/out'}}]},
            {'ClusterConfig': {
                'InstanceCount': 1, 'InstanceType': 'ml.m5.large', 'VolumeSizeInGB': 20::HUGEINT}},
            'arn:aws:iam::123456789012:role/monitor', MAP {'team': 'churn'}, 'churn', 'us-east-1'
    """
    [outcome] = inventory.run(Insert((*MINIMUM, "Tags", "EndpointName", "region"), source)).outcomes
    assert (outcome.status, outcome.message) == (Status.SUCCEEDED, "")
    assert tags_of(aws, outcome.job_definition_arn or "") == {"team": "churn"}
    held = aws.sagemaker.describe_model_quality_job_definition(
        JobDefinitionName=outcome.job_definition_name
    )
    assert held["ModelQualityAppSpecification"]["Environment"] == {"LEVEL": "info"}
    endpoint = held["ModelQualityJobInput"]["EndpointInput"]
    assert endpoint["ProbabilityThresholdAttribute"] == 0.5


def test_a_row_that_fails_leaves_the_others_alone(
    inventory: Inventory, aws: Clients, define: Callable[..., str]
) -> None:
    taken = define(name="Taken")
    written = inventory.run(insert(values("First"), values("Taken"), values("Third")))
    assert (written.exit_code, statuses(written)) == (1, ["SUCCEEDED", "FAILED", "SUCCEEDED"])
    failed = written.outcomes[1]
    assert (failed.code, failed.job_definition_arn) == ("AlreadyExists", None)
    assert failed.message.endswith("JobDefinitionName, or leave it out for a generated name.")
    assert failed.message.startswith("Row 2: ")
    assert {*arns(aws)} == {taken, f"{ARN}First", f"{ARN}Third"}


@pytest.mark.parametrize("name", [None, "Churn"], ids=["generated name", "given name"])
def test_a_create_whose_answer_is_lost_makes_exactly_one_definition(
    inventory: Inventory, aws: Clients, fault: Fault, name: str | None
) -> None:
    with fault("CreateModelQualityJobDefinition", "cut-after", calls=1):
        [outcome] = inventory.run(insert(values(name))).outcomes
    assert outcome.status is Status.SUCCEEDED
    assert arns(aws) == [outcome.job_definition_arn]


def test_throttling_slows_down_and_does_not_fail(
    inventory: Inventory, aws: Clients, fault: Fault
) -> None:
    with fault("CreateModelQualityJobDefinition", "throttle", calls=2):
        written = inventory.run(insert(values("Churn")))
    assert (written.exit_code, arns(aws)) == (0, [f"{ARN}Churn"])


def test_credentials_that_are_refused_end_their_region_and_no_other(
    inventory: Inventory, aws: Clients, sandbox_url: str, fault: Fault
) -> None:
    rows = [values("First"), values("Second"), values("Abroad", region=ABROAD)]
    with fault("DescribeModelQualityJobDefinition", "expired-credentials", calls=1):
        written = inventory.run(insert(*rows))
    assert statuses(written) == ["FAILED", "NOT STARTED", "SUCCEEDED"]
    assert (written.exit_code, arns(aws)) == (1, [])
    assert len(arns(Clients(sandbox_url, ABROAD))) == 1


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([values(region="us-eats-1")], "no region us-eats-1. Did you mean us-east-1?"),
        ([values(region="cn-north-1")], "Row 2: region is cn-north-1, which is of the partition"),
        ([values().replace("'us-east-1'", "NULL")], "Row 2: region is NULL."),
        ([values(tags="[{]")], "Row 2: Tags is not JSON: "),
        ([values(tags='{"Key": "a", "Value": "b"}')], "Row 2: Tags is one tag and not a list."),
        ([values(tags='{"aws:x": "b"}')], "Row 2: Tags: the key 'aws:x' begins with 'aws:'"),
        ([values(tags='{"a": 1}')], "Row 2: #/Tags/0/Value: expected type: String, found: Integer"),
        ([values("no_name")], "Row 2: #/JobDefinitionName: string [no_name] does not match"),
        ([values().replace("VolumeSizeInGB", "Volume")], "#: extraneous key [Volume]"),
        ([values("FIRST")], "Row 2: JobDefinitionName is FIRST, as in another row."),
    ],
)  # fmt: skip
def test_what_can_be_checked_is_checked_for_all_rows_before_the_first_is_written(
    inventory: Inventory, aws: Clients, rows: list[str], says: str
) -> None:
    with pytest.raises(QueryRefused) as refused:
        inventory.run(insert(values("First"), *rows))
    assert says.replace("#: ", "") in str(refused.value)
    assert arns(aws) == []


def test_a_refusal_shows_no_value_that_may_be_secret(inventory: Inventory) -> None:
    wrong = '{"ImageUri": 5, "Environment": {"TOKEN": "correct-horse"}'
    for text in (wrong, f"{wrong}}}", f'"{wrong[1:].replace(chr(34), "")}"'):
        row = values().replace(json.dumps(MINIMUM["ModelQualityAppSpecification"]), text)
        with pytest.raises(QueryRefused) as refused:
            inventory.run(insert(row))
        assert "ModelQualityAppSpecification" in str(refused.value)
        assert "correct-horse" not in str(refused.value)


def test_an_insert_into_several_accounts_is_refused(inventory: Inventory) -> None:
    inventory.accounts["210987654321"] = Account(boto3.Session())
    with pytest.raises(QueryRefused, match="PROFILES=name"):
        inventory.run(insert(values()))


def test_a_profile_writes_with_its_credentials_and_not_past_its_own_endpoint(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch, sandbox_url: str, tmp_path: Path
) -> None:
    keys = "aws_access_key_id = sandbox\naws_secret_access_key = sandbox\n"
    config = tmp_path / "config"
    config.write_text(f"[profile a]\n{keys}endpoint_url = {sandbox_url}\n[profile b]\n{keys}")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    inventory.accounts = {ACCOUNT: Account(boto3.Session(profile_name="b"))}
    assert statuses(inventory.run(insert(values("Churn")))) == ["SUCCEEDED"]
    inventory.accounts = {ACCOUNT: Account(boto3.Session(profile_name="a"))}
    assert statuses(inventory.run(insert(values("Churn2")))) == ["SUCCEEDED"]
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with pytest.raises(QueryRefused, match="AWS_PROFILE=a instead of PROFILES"):
        inventory.run(insert(values("Churn3")))
    with monkeypatch.context() as patch:
        patch.setenv("AWS_PROFILE", "nobody")
        with pytest.raises(InventoryError, match="Set AWS_PROFILE to an existing profile"):
            inventory.run(insert(values("Churn3")))


def test_an_insert_of_no_rows_says_so(inventory: Inventory) -> None:
    written = inventory.run(Insert(COLUMNS, f"SELECT {values()} WHERE false"))
    assert written == Written(note="The source has no rows, so nothing was created.")
    assert written.exit_code == 0


def test_a_delete_deletes_exactly_what_it_listed(
    inventory: Inventory, aws: Clients, sandbox_url: str, define: Callable[..., str]
) -> None:
    listed = [define(), define(ABROAD)]
    late: list[str] = []

    def ask(question: str) -> bool:
        late.append(define())
        lines = question.splitlines()
        assert {*lines[:-1]} == {
            f"{listed[0]} ({REGION}, account {ACCOUNT})",
            f"{listed[1]} ({ABROAD}, account {ACCOUNT})",
        }
        assert lines[-1] == "Delete these 2 definitions?"
        return True

    written = inventory.run(delete("true"), ask=ask)
    assert statuses(written) == ["SUCCEEDED"] * 2
    assert {each.job_definition_arn for each in written.outcomes} == {*listed}
    assert arns(aws) == late
    assert arns(Clients(sandbox_url, ABROAD)) == []


def test_a_delete_that_is_not_confirmed_deletes_nothing(
    inventory: Inventory, aws: Clients, define: Callable[..., str]
) -> None:
    arn = define()
    with pytest.raises(InventoryError, match="Nothing was deleted"):
        inventory.run(delete("true"), ask=lambda _: False)
    with pytest.raises(QueryRefused, match="YES=1"):
        inventory.run(delete("true"))
    assert arns(aws) == [arn]
    assert inventory.run(delete("true"), yes=True).exit_code == 0
    assert arns(aws) == []


def test_a_delete_of_nothing_says_so(inventory: Inventory) -> None:
    written = inventory.run(delete("true"), yes=True)
    assert (written.note, written.exit_code) == ("Nothing matches.", 0)


@pytest.mark.parametrize("statement", [delete("true"), update("'[]'")])
def test_nothing_is_written_if_a_region_could_not_be_read(
    inventory: Inventory, aws: Clients, define: Callable[..., str], statement: Delete | Update
) -> None:
    arn = define()
    inventory.missing.append(DENIED)
    with pytest.raises(InventoryError, match=f"{ABROAD} of {ACCOUNT}: AccessDenied: said"):
        inventory.run(statement, yes=True)
    assert arns(aws) == [arn]


def delete_one(arn: str) -> Delete:
    return delete(f"job_definition_arn = '{arn}'", Exactly(arn, REGION))


def test_a_delete_that_names_one_definition_runs_at_once(
    inventory: Inventory, aws: Clients, define: Callable[..., str]
) -> None:
    arn = define()
    written = inventory.run(delete_one(arn))
    assert (statuses(written), arns(aws)) == (["SUCCEEDED"], [])
    again = inventory.run(delete_one(arn))
    assert (again.note, again.exit_code) == (f"{arn} was not found.", 0)


def test_a_delete_does_not_take_an_arn_in_another_case_for_the_same(
    inventory: Inventory, aws: Clients, define: Callable[..., str]
) -> None:
    arn = define(name="Churn")
    other = arn.replace("Churn", "churn")
    written = inventory.run(delete_one(other))
    assert (written.note, written.outcomes) == (f"{other} was not found.", ())
    assert arns(aws) == [arn]


@pytest.mark.parametrize(
    ("arn", "says"),
    [
        (f"{ARN}churn".replace(REGION, ABROAD), f"is in {ABROAD}, not in {REGION}"),
        ("churn", "is not the ARN of a model quality job definition"),
        (f"{ARN}churn".replace("aws", "aws-cn", 1), "is of the partition aws-cn"),
    ],
)
def test_an_identifier_that_is_elsewhere_matches_nothing(
    inventory: Inventory, arn: str, says: str
) -> None:
    for statement in (
        delete("…", Exactly(arn, REGION)),
        update("'[]'", exactly=Exactly(arn, REGION)),
    ):
        written = inventory.run(statement)
        assert says in written.note
        assert (written.exit_code, written.outcomes) == (0, ())


def test_a_definition_of_another_account_is_refused(inventory: Inventory) -> None:
    elsewhere = f"{ARN}churn".replace(ACCOUNT, "210987654321")
    with pytest.raises(QueryRefused, match="in the account 210987654321, and the credentials"):
        inventory.run(delete("…", Exactly(elsewhere, REGION)))


def test_an_update_changes_only_tags_and_in_place(
    inventory: Inventory, aws: Clients, define: Callable[..., str]
) -> None:
    arn = define(Tags=[{"Key": "team", "Value": "churn"}, {"Key": "stage", "Value": "test"}])
    name = arn.rpartition("/")[2]
    before = aws.sagemaker.describe_model_quality_job_definition(JobDefinitionName=name)
    del before["ResponseMetadata"]
    exactly = Exactly(arn, REGION)

    def tags_after(value: str) -> dict[str, str]:
        where = f"job_definition_arn = '{arn}' AND region = '{REGION}'"
        written = inventory.run(update(value, where, exactly))
        assert statuses(written) == ["SUCCEEDED"]
        return tags_of(aws, arn)

    assert tags_after("MAP {'team': 'fraud', 'owner': 'ana'}") == {"team": "fraud", "owner": "ana"}
    appended = "json_merge_patch(tags, tags)"
    assert tags_after(appended) == {"team": "fraud", "owner": "ana"}
    assert tags_after("'[]'") == {}
    after = aws.sagemaker.describe_model_quality_job_definition(JobDefinitionName=name)
    del after["ResponseMetadata"]
    assert after == before


def test_values_of_an_update_are_checked_before_the_first_is_written(
    inventory: Inventory, aws: Clients, define: Callable[..., str]
) -> None:
    tagged, untagged = define(Tags=[{"Key": "team", "Value": "churn"}]), define()
    value = f"CASE job_definition_arn WHEN '{tagged}' THEN '[]' END"
    with pytest.raises(QueryRefused, match=f"{untagged}: The new tags are NULL"):
        inventory.run(update(value), yes=True)
    with pytest.raises(QueryRefused, match=f"{tagged}: Tags: the key 'AWS:x' begins with"):
        inventory.run(update("""'[{"Key": "AWS:x", "Value": ""}]'"""), yes=True)
    assert tags_of(aws, tagged) == {"team": "churn"}


def test_an_update_is_asked_about_with_the_new_tags(
    inventory: Inventory, aws: Clients, define: Callable[..., str]
) -> None:
    arn = define()
    asked: list[str] = []

    def ask(question: str) -> bool:
        asked.append(question)
        return True

    written = inventory.run(update(f"'{TEAM}'"), ask=ask)
    assert asked == [f"{arn} ({REGION}, account {ACCOUNT}): {TEAM}\nUpdate this definition?"]
    assert statuses(written) == ["SUCCEEDED"]
    assert tags_of(aws, arn) == {"team": "churn"}


@pytest.mark.parametrize(
    ("calls", "expected"),
    [(1, ["FAILED", "SUCCEEDED"]), (None, ["FAILED", "FAILED"])],
    ids=["once", "always"],
)
def test_tags_that_the_read_was_denied_are_not_taken_for_none(
    inventory: Inventory,
    aws: Clients,
    define: Callable[..., str],
    fault: Fault,
    calls: int | None,
    expected: list[str],
) -> None:
    for _ in expected:
        define(Tags=[{"Key": "team", "Value": "churn"}])
    answer = inventory("SELECT job_definition_arn, region, '[]', tags FROM definitions")
    with fault("ListTags", "access-denied", calls=calls):
        written = carry_out(update("'[]'"), lambda _: answer, inventory.accounts, yes=True)
    assert statuses(written) == expected
    for outcome in written.outcomes:
        arn, failed = outcome.job_definition_arn or "", outcome.status is Status.FAILED
        assert tags_of(aws, arn) == ({"team": "churn"} if failed else {})


def test_a_denied_tag_is_told_and_the_other_definitions_are_updated(
    inventory: Inventory, aws: Clients, define: Callable[..., str], fault: Fault
) -> None:
    both = [define(), define()]
    with fault("AddTags", "access-denied", calls=1):
        written = inventory.run(update(f"'{TEAM}'"), yes=True)
    assert (statuses(written), written.exit_code) == (["FAILED", "SUCCEEDED"], 1)
    assert "sagemaker:AddTags" in written.outcomes[0].message
    assert [tags for arn in both if (tags := tags_of(aws, arn))] == [{"team": "churn"}]


def test_a_plan_says_which_handlers_would_be_invoked_and_writes_nothing(
    inventory: Inventory, aws: Clients, define: Callable[..., str]
) -> None:
    arn = define()
    name = arn.rpartition("/")[2]

    def planned(statement: Insert | Delete | Update) -> list[tuple[Any, ...]]:
        return [tuple(each) for each in plan(statement, inventory, inventory.accounts)]

    assert planned(insert(values("Churn"), values(region=ABROAD))) == [
        (("CREATE",), None, "Churn", REGION, ACCOUNT),
        (("CREATE",), None, None, ABROAD, ACCOUNT),
    ]
    assert planned(delete("true")) == [(("DELETE",), arn, name, REGION, ACCOUNT)]
    assert planned(update("'[]'")) == [(("READ", "UPDATE"), arn, name, REGION, ACCOUNT)]
    assert arns(aws) == [arn]
    with pytest.raises(QueryRefused, match="not JSON"):
        planned(insert(values(tags="[")))


def test_ctrl_c_after_a_row_ends_before_the_next(inventory: Inventory, aws: Clients) -> None:
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    written = inventory.run(insert(values("First"), values("Second")), on_progress=interrupt)
    assert statuses(written) == ["SUCCEEDED", "NOT STARTED"]
    assert (written.note, written.exit_code) == ("Interrupted.", 130)
    assert written.outcomes[1].job_definition_arn is None
    assert arns(aws) == [f"{ARN}First"]


@pytest.mark.parametrize("name", [None, "Churn"], ids=["generated name", "given name"])
def test_ctrl_c_while_a_create_is_in_progress_tells_how_to_find_what_it_made(
    inventory: Inventory, aws: Clients, fault: Fault, name: str | None
) -> None:
    def interrupt(progress: str) -> None:
        assert progress == f"1 of 2: CREATE in {REGION} waits for 1 s"
        raise KeyboardInterrupt

    # The definition is made, and not shown yet.
    with fault("CreateModelQualityJobDefinition", "cut-after", calls=1):
        written = inventory.run(insert(values(name), values()), on_progress=interrupt)
    assert statuses(written) == ["OUTCOME UNKNOWN", "NOT STARTED"]
    assert arns(aws) == [written.outcomes[0].job_definition_arn]
    assert f"job_definition_arn = '{arns(aws)[0]}'" in written.outcomes[0].message


def test_ctrl_c_ends_a_call_that_hangs_within_a_second(
    inventory: Inventory, fault: Fault, sandbox_url: str
) -> None:
    threads = threading.active_count()
    pressed: list[float] = []
    with fault("DescribeModelQualityJobDefinition", "hang", calls=1, seconds=3):

        def interrupt() -> None:
            url = f"{sandbox_url}/_sandbox/faults"
            while requests.get(url, timeout=5).json()["faults"]:
                time.sleep(0.02)
            pressed.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)

        presser = threading.Thread(target=interrupt)
        presser.start()
        written = inventory.run(insert(values("Churn"), values()))
        took = time.monotonic() - pressed[0]
        presser.join()
    assert statuses(written) == ["OUTCOME UNKNOWN", "NOT STARTED"]
    assert took < 1
    assert threading.active_count() == threads


def test_credentials_that_are_gone_are_told_without_what_they_are(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "caf\u00e9")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "correct-horse")
    written = inventory.run(insert(values("Churn"), values()))
    assert statuses(written) == ["FAILED", "NOT STARTED"]
    assert written.outcomes[0].message == (
        "Row 1: The credentials have no accessKeyId, or it is not printable ASCII text."
    )
    assert "caf\u00e9" not in str(written)
    inventory.accounts = {ACCOUNT: Account(boto3.Session())}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    written = inventory.run(insert(values("Churn")))
    assert statuses(written) == ["FAILED"]
    assert written.outcomes[0].message == "Row 1: Unable to locate credentials"


def test_the_tables_give_what_statements_need(
    inventory: Inventory, aws: Clients, sandbox_url: str, define: Callable[..., str]
) -> None:
    arn = define(name="Churn", Tags=[{"Key": "team", "Value": "churn"}])
    session = boto3.Session()
    database = Database(
        [Source(ACCOUNT, region, Service(session, region)) for region in (REGION, ABROAD)]
    )
    columns = ", ".join(map(xform_name, COLUMNS[:-1]))
    table = f"{STACKQL.name} AS d"
    statements: list[Insert | Update | Delete] = [
        Insert(COLUMNS, f"SELECT {columns}, '{ABROAD}' FROM {table}"),
        Update(table, "json_array(tags->0, {'Key': 'region', 'Value': d.region})", "true", None),
        Delete(table, f"region = '{REGION}'", None),
    ]
    try:
        for statement in statements:
            written = carry_out(statement, database.fetch, inventory.accounts, yes=True)
            assert {*statuses(written)} == {"SUCCEEDED"}
    finally:
        database.close()
    abroad = Clients(sandbox_url, ABROAD)
    assert arns(aws) == []
    assert arns(abroad) == [arn.replace(REGION, ABROAD)]
    assert tags_of(abroad, arns(abroad)[0]) == {"team": "churn", "region": ABROAD}
