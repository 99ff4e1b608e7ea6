"""``make demo``: what it shows, what it leaves, and what it says when something goes wrong."""

import json
import re
import signal
import sys
from pathlib import Path

import pytest

from project import ROOT
from tests.harness.processes import SOMEBODYS_PROXY, SOMEBODYS_SETTINGS, make, running
from tests.harness.provider import BATCH, MINIMUM
from tests.harness.stacks import template_of

SECONDS_FOR_A_DEMO = 60


def demo(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tools.demo", *arguments]


def left_of(text: str) -> dict[str, int]:
    """The numbers of the last table, by what they count."""
    table = text.rpartition("What is left")[2]
    return {what.strip(): int(count) for what, count in re.findall(r"│ ([^│\d]+)│ (\d+)", table)}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a whole demo prints into a pipe."""
    folder = tmp_path_factory.mktemp("demo")
    with running(demo(), folder) as started:
        assert (started.end(SECONDS_FOR_A_DEMO), started.errors()) == (0, "")
        assert started.left_nothing()
    assert list(folder.iterdir()) == []
    return started.printed


def test_the_demo_is_plain_text_in_a_pipe(told: str) -> None:
    assert "\x1b" not in told
    assert "Traceback" not in told


def test_the_demo_shows_the_events_of_the_stack(told: str) -> None:
    for status, resource in (
        ("CREATE_COMPLETE", "AWS::SageMaker::ModelQualityJobDefinition"),
        ("CREATE_COMPLETE", "AWS::SageMaker::MonitoringSchedule"),
        ("UPDATE_COMPLETE", "AWS::SageMaker::ModelQualityJobDefinition"),
        ("DELETE_COMPLETE", "AWS::SageMaker::ModelQualityJobDefinition"),
    ):
        assert re.search(rf"^ +\d\d:\d\d:\d\d +{status} +\S+ +{resource}$", told, re.MULTILINE)


def test_the_demo_says_why_a_resource_is_in_progress_again(told: str) -> None:
    deployed = told.partition("Change a tag")[0]
    events = re.findall(r"CREATE_IN_PROGRESS +JobDefinition +\S+\n(?=(.*))", deployed)
    assert [event.strip() for event in events[1:]] == ["Resource creation Initiated"]
    assert "Resource creation" not in events[0]


def test_the_demo_shows_the_outputs_whole(told: str) -> None:
    outputs = told.partition("Outputs of the stack")[2].partition("The definition")[0]
    cells = re.findall(r"│ *(\S*) *│ *(\S+) *│", outputs)
    assert "JobDefinitionArn" in {name for name, _ in cells}
    # A long value goes on in the next line.
    assert re.search(
        r"arn:aws:sagemaker:us-east-1:\d{12}:model-quality-job-definition/[a-z0-9-]+",
        "".join(value for _, value in cells),
    )


def test_the_demo_shows_the_definition_as_sagemaker_holds_it(told: str) -> None:
    shown = told.partition("The definition, as SageMaker holds it:")[2]
    definition, _ = json.JSONDecoder().raw_decode(shown.lstrip())
    assert definition["ModelQualityAppSpecification"]["ProblemType"] == "BinaryClassification"
    assert definition["ModelQualityJobInput"]["EndpointInput"]["S3InputMode"] == "File"


def test_the_demo_changes_a_tag_of_the_same_definition(told: str) -> None:
    before, _, after = told.partition("Change a tag")
    assert re.search(r"│ Stage +│ test +│", before)
    assert re.search(r"│ Stage +│ production +│", after)
    assert "The same definition" in after


def test_the_demo_detects_the_tag_that_someone_changed_outside_of_the_stack(told: str) -> None:
    drift = told.partition("Drift ──")[2].partition("Cloud Control ──")[0]
    assert "the stack is DRIFTED" in drift
    assert re.search(r"│ JobDefinition │ /Tags/\d/Value │ production │ experiment │", drift)


def test_the_demo_creates_and_deletes_a_definition_through_cloud_control(told: str) -> None:
    control = told.partition("Cloud Control ──")[2].partition("Make a mistake ──")[0]
    requests = re.findall(r"│ (CREATE|DELETE) +│ (\w+) +│ (arn:aws:sagemaker:\S+)", control)
    assert [request[:2] for request in requests] == [("CREATE", "SUCCESS"), ("DELETE", "SUCCESS")]
    assert len({identifier for _, _, identifier in requests}) == 1


def test_the_demo_shows_what_a_mistake_leads_to(told: str) -> None:
    mistake = told.partition("Make a mistake")[2].partition("Delete ──")[0]
    assert re.search(r"CREATE_FAILED +broken", mistake)
    assert not re.search(r"CREATE_\w+ +JobDefinition", mistake)
    assert (
        "/Resources/JobDefinition/Properties/ModelQualityJobInput/EndpointInput\n"
        f"{'':16}#/ModelQualityJobInput/EndpointInput: extraneous key [LocalPth] is not permitted\n"
    ) in mistake


def test_the_demo_ends_with_nothing_left(told: str) -> None:
    left = left_of(told)
    assert {"model quality job definitions", "monitoring schedules", "roles", "buckets"} <= {*left}
    assert set(left.values()) == {0}


def test_somebodys_own_template_is_deployed_by_make_demo(tmp_path: Path) -> None:
    template = tmp_path / "my template.json"
    template.write_text(json.dumps(template_of(BATCH)))
    with running(make("demo", f"TEMPLATE={template}"), ROOT) as started:
        assert started.end(SECONDS_FOR_A_DEMO) == 0, started.errors()
        assert started.left_nothing()
    definition = started.printed.partition("as SageMaker holds it:")[2].lstrip()
    shown, _ = json.JSONDecoder().raw_decode(definition)
    assert "BatchTransformInput" in shown["ModelQualityJobInput"]
    assert set(left_of(started.printed).values()) == {0}


def test_the_users_own_settings_do_not_disturb_the_demo(tmp_path: Path) -> None:
    settings = SOMEBODYS_SETTINGS | SOMEBODYS_PROXY
    template = tmp_path / "template.json"
    template.write_text(json.dumps(template_of(MINIMUM)))
    with running(demo("--template", str(template)), tmp_path, settings) as started:
        assert (started.end(SECONDS_FOR_A_DEMO), started.errors()) == (0, "")


def test_a_template_that_fails_to_deploy_is_exit_code_1_with_the_reason(tmp_path: Path) -> None:
    template = tmp_path / "template.json"
    template.write_text(json.dumps(template_of({**MINIMUM, "RoleArn": "nobody"})))
    with running(demo("--template", str(template)), tmp_path) as started:
        assert started.end(SECONDS_FOR_A_DEMO) == 1
        assert started.left_nothing()
    assert "/Resources/JobDefinition/Properties/RoleArn\n" in started.printed
    assert "#/RoleArn: expected minLength: 20" in started.printed
    assert "ROLLBACK_COMPLETE" in started.errors()
    assert "Traceback" not in started.printed + started.errors()


@pytest.mark.parametrize("text", ["", "\x00\xff"], ids=repr)
def test_what_is_no_template_is_exit_code_1_with_the_reason(tmp_path: Path, text: str) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(text, "latin-1")
    with running(demo("--template", str(template)), tmp_path) as started:
        assert started.end(SECONDS_FOR_A_DEMO) == 1
        assert started.left_nothing()
    assert started.errors().strip()
    assert "Traceback" not in started.printed + started.errors()


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_path_that_is_no_file_is_exit_code_1_and_a_line_that_names_it(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    with running(demo("--template", str(path)), tmp_path) as started:
        assert (started.end(SECONDS_FOR_A_DEMO), started.printed) == (1, "")
    # A long path goes on in the next line.
    assert str(path) in "".join(started.errors().splitlines())
    assert "Traceback" not in started.errors()


@pytest.mark.parametrize("when", ["Starting a sandbox", "CREATE_IN_PROGRESS"])
@pytest.mark.parametrize(
    ("number", "to_all"),
    [(signal.SIGINT, True), (signal.SIGTERM, False)],
    ids=["ctrl-c", "sigterm"],
)
def test_interrupted_it_fails_and_its_sandbox_is_gone(
    tmp_path: Path, when: str, number: signal.Signals, to_all: bool
) -> None:
    with running(demo(), tmp_path) as started:
        started.until(when).send(number, to_all)
        assert started.end(10) not in (0, 1)
        assert started.left_nothing()
    assert "Traceback" not in started.errors()
    assert list(tmp_path.iterdir()) == []
