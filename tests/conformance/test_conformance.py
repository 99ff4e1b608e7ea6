"""Each belief about AWS holds in the sandbox, and the command that checks them tells the truth."""

import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

from conformance.__main__ import main
from conformance.aws import ROLE, Aws
from conformance.belief import PAGE, Check, stated
from conformance.checks import all_checks
from conformance.removal import NotRemoved, clean_up, sweep
from project import ROOT
from sandbox.process import REGION, environment, settings
from tests.harness.processes import SOMEBODYS_PROXY, SOMEBODYS_SETTINGS, make, running

SECONDS = 120
COMMAND = [sys.executable, "-m", "conformance"]


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: f"{check.number}-{check.name}")
def test_the_belief_holds_in_the_sandbox(aws: Aws, check: Check) -> None:
    assert aws.lacks(check.needs) is None
    check.run(aws)


class Lagging(Aws):
    """A sandbox where DescribeStacks shows once what was before the last operation on a stack."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.outdated: dict[str, Any] = {}
        self.shown_late = 0
        for operation in "ExecuteChangeSet", "UpdateStack", "DeleteStack":
            self.cloudformation.meta.events.register(
                f"before-parameter-build.cloudformation.{operation}", self.remember
            )

    def remember(self, params: Any, **_: Any) -> None:
        """Keep what DescribeStacks shows now, to show it again."""
        described = super().stack(params["StackName"])
        if described:
            self.outdated |= {described[name]: described for name in ("StackId", "StackName")}

    def stack(self, name: str) -> Any:
        outdated = self.outdated.pop(name, None)
        self.shown_late += outdated is not None
        return outdated or super().stack(name)


@pytest.mark.parametrize("number", ["B91", "B92", "B96", "B136", "B142"])
def test_what_is_shown_late_is_no_reason_against_a_belief_nor_left(
    sandbox_url: str, number: str
) -> None:
    aws = Lagging.of_sandbox(sandbox_url)
    [check] = [each for each in all_checks() if each.number == number]
    check.run(aws)
    assert isinstance(aws, Lagging)
    assert aws.shown_late
    clean_up(aws)
    assert sweep(Aws.of_sandbox(sandbox_url)) == []


# --- the page -------------------------------------------------------------------------------------


def test_the_page_and_the_checks_are_one_to_one() -> None:
    # A section holds its own order (below); a later number may stand in an earlier section.
    on_the_page = sorted((each.number, each.check) for each in stated())
    assert on_the_page == sorted((check.number, f"`{check.name}`") for check in all_checks())


def test_every_row_of_the_page_says_who_relies_on_it_and_where_it_is_from() -> None:
    rows = re.findall(r"^\| ([BU]\d+) \|(.*)\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(rows) > len(stated())
    for number, row in rows:
        belief, relied_on_by, source, last = row.split(" | ")
        assert all(cell.strip() for cell in (belief, relied_on_by, source, last)), number
        assert re.search("sandbox|handlers|schema", relied_on_by), number


def test_every_section_of_the_page_names_the_module_that_has_its_checks() -> None:
    sections = PAGE.read_text("utf-8").split("\n## ")[1:-1]
    for section in sections:
        [module] = re.findall(r"\(\.\./(conformance/checks/\w+)\.py\)", section)
        numbers = re.findall(r"^\| (B\d+) \|", section, re.MULTILINE)
        its = [each for each in all_checks() if each.run.__module__ == module.replace("/", ".")]
        assert numbers == [each.number for each in its]


# --- the command ----------------------------------------------------------------------------------


def results(printed: str) -> Counter[str]:
    """How many beliefs there are of each result, by the last line of what was printed."""
    last = printed.strip().splitlines()[-1]
    return Counter({what: int(count) for count, what in re.findall(r"(\d+) ([a-z ]+)", last)})


class Row(NamedTuple):
    """A row of the table."""

    number: str
    text: str
    result: str
    seen: str


def row(printed: str, number: str) -> Row:
    """The row of one belief. A long cell goes on in the next line."""
    [lines] = re.findall(rf"│ ({number} .*?)(?=\n[├└]|\n│ B\d)", printed, re.DOTALL)
    cells = zip(*(line.strip("│").split("│") for line in lines.splitlines()), strict=True)
    return Row(*(" ".join(" ".join(cell).split()) for cell in cells))


def left(url: str) -> list[str]:
    """The names of all definitions in a sandbox."""
    listed = Aws.of_sandbox(url).sagemaker.list_model_quality_job_definitions()
    return [each["MonitoringJobDefinitionName"] for each in listed["JobDefinitionSummaries"]]


@pytest.fixture
def account(sandbox_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whose SDK settings lead to the sandbox as others lead to an account."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in environment(sandbox_url, {}).items():
        monkeypatch.setenv(name, value)


def test_make_conformance_says_which_beliefs_hold() -> None:
    settings = SOMEBODYS_SETTINGS | SOMEBODYS_PROXY
    with running(make("conformance", "ONLY=B01 B84"), ROOT, settings) as started:
        assert (started.end(SECONDS), started.errors()) == (0, "")
        assert started.left_nothing()
    assert results(started.printed) == Counter({"beliefs": 2, "held": 2})
    assert started.printed.splitlines()[-1] == (
        "2 beliefs, checked in the sandbox: 2 held. Nothing was checked in AWS."
    )
    for number in ("B01", "B84"):
        [text] = [each.text for each in stated() if each.number == number]
        assert row(started.printed, number) == (number, text.replace("`", ""), "held", "")


def test_a_belief_that_does_not_hold_is_exit_code_1_and_what_was_seen(tmp_path: Path) -> None:
    lower = {"SANDBOX_SAGEMAKER_ARN_CASE": "lower"}
    with running([*COMMAND, "--only", "B03 B04"], tmp_path, lower) as started:
        assert (started.end(SECONDS), started.errors()) == (1, "")
    assert results(started.printed) == Counter({"beliefs": 2, "held": 1, "not held": 1})
    broken = row(started.printed, "B04")
    assert broken.result == "not held"
    assert ":model-quality-job-definition/" in broken.seen.replace(" ", "")


def test_a_belief_that_could_not_be_looked_at_is_neither_and_exit_code_1(
    aws: Aws, tmp_path: Path
) -> None:
    command = [*COMMAND, "--sandbox", str(aws.sandbox), "--only", "B60"]
    with aws.fault("access-denied", "AddTags"), running(command, tmp_path) as started:
        assert (started.end(SECONDS), started.errors()) == (1, "")
    failed = row(started.printed, "B60")
    assert failed.result == "failed"
    assert "AddTags answered AccessDeniedException" in failed.seen


def test_where_no_definition_can_be_made_nothing_is_checked(aws: Aws, tmp_path: Path) -> None:
    command = [*COMMAND, "--sandbox", str(aws.sandbox)]
    with (
        aws.fault("role-not-ready", "CreateModelQualityJobDefinition"),
        running(command, tmp_path) as started,
    ):
        assert (started.end(SECONDS), started.printed) == (1, "")
    assert "nothing was checked" in started.errors()
    assert "Could not assume role" in started.errors()


def test_what_cannot_be_removed_is_named_below_the_table(
    sandbox_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = count()

    def stuck(aws: Aws) -> None:
        clean_up(aws)
        if next(calls):  # the first call is the rehearsal's
            raise NotRemoved("conformance-stuck")

    monkeypatch.setattr("conformance.examination.clean_up", stuck)
    monkeypatch.setattr("sys.argv", ["conformance", "--sandbox", sandbox_url, "--only", "B01"])
    for name, value in environment(sandbox_url, {}).items():
        monkeypatch.setenv(name, value)  # what the command sets is undone
    assert main() == 1
    said = capsys.readouterr()
    assert row(said.out, "B01").result == "held"
    assert results(said.out) == Counter({"beliefs": 1, "held": 1})
    assert said.err == "Could not remove conformance-stuck; delete it manually.\n"


def test_a_number_that_no_belief_has_is_refused(tmp_path: Path) -> None:
    with running([*COMMAND, "--only", "B01 B999"], tmp_path) as started:
        assert (started.end(SECONDS), started.printed) == (1, "")
    assert "no belief B999" in started.errors()


@pytest.mark.usefixtures("account")
def test_in_an_account_it_says_where_and_what_and_finds_what_the_sandbox_does_on_demand_only(
    sandbox_url: str, tmp_path: Path
) -> None:
    command = [*COMMAND, "--aws", "--role-arn", ROLE]
    with running(command, tmp_path) as started:
        assert started.end(SECONDS) == 1
        assert started.errors() == ""
    said = " ".join(started.printed.partition("Beliefs about AWS")[0].split())
    assert "Account 123456789012, region us-east-1, as arn:aws:" in said
    assert "Will create there, named conformance-" in said
    assert "no endpoint, no job" in said
    assert "cost nothing" in said
    # SageMaker looks at the role whenever it is named; the sandbox does when it is told to.
    assert row(started.printed, "B16")[2:] == ("not held", "it was accepted")
    assert results(started.printed) == Counter(
        {
            "beliefs": len(all_checks()),
            "held": sum(check.needs is None for check in all_checks()) - 1,
            "not held": 1,
            "not checked": sum(check.needs is not None for check in all_checks()),
        }
    )
    assert "SCHEDULE=1" in row(started.printed, "B17").seen
    assert "ENDPOINT=" in row(started.printed, "B24").seen
    assert "TYPE_NAME" in row(started.printed, "B84").seen
    assert left(sandbox_url) == []


@pytest.mark.usefixtures("account")
def test_an_endpoint_of_the_account_is_named_and_left_alone(aws: Aws, tmp_path: Path) -> None:
    asked = ["--role-arn", ROLE, "--endpoint", aws.endpoint, "--only", "B24 B29"]
    with running([*COMMAND, "--aws", *asked], tmp_path) as started:
        assert (started.end(SECONDS), started.errors()) == (0, "")
    assert results(started.printed) == Counter({"beliefs": 2, "held": 2})
    assert aws.sagemaker.describe_endpoint(EndpointName=aws.endpoint)


@pytest.mark.usefixtures("account")
def test_where_the_generator_is_allowed_its_templates_are_announced_and_removed(
    aws: Aws, tmp_path: Path
) -> None:
    command = [*COMMAND, "--aws", "--role-arn", ROLE, "--only", "B158 B166"]
    with running([*command, "--generator"], tmp_path) as started:
        assert (started.end(SECONDS), started.errors()) == (0, "")
    said = " ".join(started.printed.partition("Beliefs about AWS")[0].split())
    assert "generated templates, two at a time" in said
    assert row(started.printed, "B158").result == "held"
    assert "TYPE_NAME" in row(started.printed, "B166").seen
    assert aws.cloudformation.list_generated_templates()["Summaries"] == []
    with running(command, tmp_path) as started:
        assert (started.end(SECONDS), started.errors()) == (0, "")
    assert "generated templates" not in started.printed
    assert "GENERATOR=1" in row(started.printed, "B158").seen


@pytest.mark.usefixtures("account")
def test_where_the_type_is_not_registered_stacks_are_not_checked(tmp_path: Path) -> None:
    asked = ["--role-arn", ROLE, "--type-name", "Acme::Model::Quality", "--only", "B04 B84"]
    with running([*COMMAND, "--aws", *asked], tmp_path) as started:
        assert (started.end(SECONDS), started.errors()) == (0, "")
    assert results(started.printed) == Counter({"beliefs": 2, "held": 1, "not checked": 1})
    assert started.printed.splitlines()[-1] == ("2 beliefs, checked in AWS: 1 held, 1 not checked.")
    assert "Acme::Model::Quality is not registered here" in row(started.printed, "B84").seen


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        ([], {}, r"ROLE_ARN=arn:aws:iam::\S+ is needed"),
        (["--role-arn", "monitor"], {}, r"ROLE_ARN=arn:aws:iam::\S+ is needed"),
        (
            ["--role-arn", ROLE],
            {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
            "No AWS credentials are found.*AWS_PROFILE",
        ),
        (["--role-arn", ROLE], {"AWS_DEFAULT_REGION": ""}, "give REGION="),
        (["--role-arn", ROLE, "--region", "us-esat-1"], {}, r"Did you mean us-east-1\?"),
        (
            ["--role-arn", ROLE, "--type-name", "AWS::SageMaker::ModelQualityJobDefinition"],
            {},
            "TYPE_NAME is the name",
        ),
        (["--role-arn", ROLE], {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "127.0.0.1:9"),
    ],
    ids=[
        "no role",
        "no ARN",
        "no credentials",
        "no region",
        "misspelt region",
        "AWS's own type",
        "no answer",
    ],
)
@pytest.mark.usefixtures("account")
def test_what_is_missing_is_refused_before_anything_is_made(
    tmp_path: Path, arguments: list[str], variables: Mapping[str, str], words: str
) -> None:
    command = [*COMMAND, "--aws", *arguments]
    with running(command, tmp_path, variables) as started:
        assert (started.end(SECONDS), started.printed) == (1, "")
    assert re.search(words, started.errors(), re.DOTALL)
    assert "Traceback" not in started.errors()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing_in_a_place_that_lasts(
    sandbox_url: str, tmp_path: Path, number: signal.Signals
) -> None:
    command = [*COMMAND, "--sandbox", sandbox_url]
    with running(command, tmp_path) as started:
        # As soon as a check has made something, and is likely to be about to make more.
        until = time.monotonic() + SECONDS
        while not left(sandbox_url):
            assert time.monotonic() < until, started.errors()
            time.sleep(0.05)
        started.send(number)
        assert started.end(30) == 128 + number
    assert f"Interrupted by {number.name}; everything is removed." in started.errors()
    assert "Traceback" not in started.errors()
    assert left(sandbox_url) == []


def test_interrupted_in_its_own_sandbox_it_stops_that(tmp_path: Path) -> None:
    with running(COMMAND, tmp_path) as started:
        started.until("a sandbox of its own").send(signal.SIGINT, to_all=True)
        assert started.end(30) not in (0, 1)
        assert started.left_nothing()
    assert "Traceback" not in started.errors()


def test_what_a_killed_run_left_is_removed_and_what_others_have_is_not(
    sandbox_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    its = settings(sandbox_url)
    session = boto3.Session(
        its["AWS_ACCESS_KEY_ID"], its["AWS_SECRET_ACCESS_KEY"], region_name=REGION
    )
    killed = Aws(session, role_arn=ROLE, sandbox=sandbox_url)
    others = Aws(session, role_arn=ROLE, sandbox=sandbox_url)
    somebodys = others.create("conformance-of-our-models")
    running_now, template = killed.create(), killed.template_name()
    killed.cloudformation.create_generated_template(GeneratedTemplateName=template)
    checked = Aws(session, role_arn=ROLE, sandbox=sandbox_url, generator=True)
    assert sweep(checked) == []
    monkeypatch.setattr("conformance.removal.LEFTOVER", timedelta(0))
    assert sweep(checked) == [running_now.name, template]
    assert killed.cloudformation.list_generated_templates()["Summaries"] == []
    assert others.exists(somebodys.name)
    others.sagemaker.delete_model_quality_job_definition(JobDefinitionName=somebodys.name)
