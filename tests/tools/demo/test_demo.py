"""``make demo``: what it shows, what it leaves, and what it says when something goes wrong."""

import json
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text

from project import ROOT
from sandbox.cloudformation.template.reading import parse
from sandbox.cloudformation.template.template import Template
from tests.harness.processes import SOMEBODYS_PROXY, SOMEBODYS_SETTINGS, make, running
from tests.harness.provider import BATCH, MINIMUM
from tests.harness.stacks import TYPE_NAME, template_of
from tools.demo.__main__ import EXAMPLE
from tools.demo.picture import COLUMNS, PICTURE, TERMINAL, picture
from tools.demo.story import MISSPELT, OUTSIDE

SECONDS_FOR_A_DEMO = 60


def demo(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tools.demo", *arguments]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a whole demo prints on a terminal of 80 columns."""
    folder = tmp_path_factory.mktemp("demo")
    with running(demo(), folder, TERMINAL) as started:
        assert (started.end(SECONDS_FOR_A_DEMO), started.errors()) == (0, "")
        assert started.left_nothing()
    assert list(folder.iterdir()) == []
    return started.printed


@pytest.fixture(scope="module")
def told(recorded: str) -> str:
    """What the demo prints, without the colours."""
    assert "\x1b" in recorded
    return Text.from_ansi(recorded).plain


def chapter(told: str, title: str) -> str:
    """A chapter with its heading, which begins with so much."""
    return next(each for each in told.split("\n\n") if each.startswith(title))


def outlined(told: str, heading: str) -> dict[str, Any]:
    """The values below a heading."""
    values: dict[str, Any] = parse(told.partition(heading)[2].partition("\n\n")[0])
    return values


def test_no_word_is_cut_and_only_what_is_longer_than_a_line_exceeds_it(told: str) -> None:
    long = [line.strip() for line in told.splitlines() if len(line) > COLUMNS]
    arn = outlined(told, "Outputs of the stack:")["JobDefinitionArn"]
    assert long == [arn]


def test_nothing_is_told_twice(told: str) -> None:
    events = re.findall(r"^  [A-Z_]+  .*$", told, re.MULTILINE)
    assert len(events) > 20
    assert len({*events}) == len(events)
    assert told.count("[LocalPth] is not") == 1
    assert "Call DescribeEvents" not in told


def test_a_time_has_one_form(told: str) -> None:
    times = re.findall(r"\S*\d\d:\d\d\S*", re.sub(r"arn:\S+|http:\S+", "", told))
    assert len(times) == 3
    [time] = {each.strip(",") for each in times}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time)


@pytest.mark.parametrize(
    ("title", "status", "name", "kind"),
    [
        ("Deploy", "CREATE_COMPLETE", "JobDefinition", TYPE_NAME),
        ("Deploy", "CREATE_COMPLETE", "Schedule", "AWS::SageMaker::MonitoringSchedule"),
        ("Change a tag", "UPDATE_COMPLETE", "JobDefinition", TYPE_NAME),
        ("Delete", "DELETE_COMPLETE", "JobDefinition", TYPE_NAME),
        ("Delete", "DELETE_COMPLETE", "demo", "AWS::CloudFormation::Stack"),
    ],
)
def test_the_demo_shows_how_each_resource_ends(
    told: str, title: str, status: str, name: str, kind: str
) -> None:
    assert re.search(rf"^  {status} +{name} +{kind}$", chapter(told, title), re.MULTILINE)


def test_the_demo_shows_the_outputs_whole(told: str) -> None:
    outputs = outlined(told, "Outputs of the stack:")
    assert re.fullmatch(
        r"arn:aws:sagemaker:us-east-1:\d{12}:model-quality-job-definition/[a-z0-9-]+",
        outputs["JobDefinitionArn"],
    )


def test_the_demo_shows_the_definition_as_sagemaker_holds_it(told: str) -> None:
    definition = outlined(told, "The definition, as SageMaker holds it:")
    assert definition["ModelQualityAppSpecification"]["ProblemType"] == "BinaryClassification"
    endpoint = definition["ModelQualityJobInput"]["EndpointInput"]
    assert endpoint["S3InputMode"] == "File"
    assert (endpoint["ProbabilityAttribute"], endpoint["ProbabilityThresholdAttribute"]) == (
        "0",
        0.5,
    )
    assert definition["JobDefinitionArn"].endswith(f":…/{definition['JobDefinitionName']}")
    assert definition["Tags"] == {"CostCenter": "ml-platform", "Project": "churn", "Stage": "test"}


def test_the_demo_changes_a_tag_of_the_same_definition(told: str) -> None:
    before = outlined(told, "The definition, as SageMaker holds it:")
    change = chapter(told, "Change a tag")
    assert f"the same definition, created at {before['CreationTime']}," in change
    assert parse(change.partition("tags:\n")[2]) == {**before["Tags"], "Stage": "production"}


def test_the_demo_detects_the_tag_that_someone_changed_outside_of_the_stack(told: str) -> None:
    drift = chapter(told, "Drift")
    assert "the stack is DRIFTED:\n" in drift
    assert re.search(r"^  JobDefinition  /Tags/\d/Value: 'experiment' instead", drift, re.MULTILINE)


def test_the_demo_creates_and_deletes_a_definition_through_cloud_control(told: str) -> None:
    requests = re.findall(r"(CREATE|DELETE)  (\w+) +(\w+)", chapter(told, "Cloud Control"))
    assert [request[:2] for request in requests] == [("CREATE", "SUCCESS"), ("DELETE", "SUCCESS")]
    assert len({name for _, _, name in requests}) == 1


def test_the_demo_shows_what_a_mistake_leads_to(told: str) -> None:
    mistake = chapter(told, "Make a mistake ─")
    assert re.search(r"CREATE_FAILED +misspelt", mistake)
    assert not re.search(r"CREATE_\w+ +JobDefinition", mistake)
    assert (
        "    /Resources/JobDefinition/Properties/ModelQualityJobInput/EndpointInput\n"
        "      #/ModelQualityJobInput/EndpointInput: required key [LocalPath] not found\n"
        "      #/ModelQualityJobInput/EndpointInput: extraneous key [LocalPth] is not\n"
        "      permitted\n"
    ) in mistake


def test_the_demo_shows_a_mistake_that_deploys_and_what_finds_it(told: str) -> None:
    mistake = chapter(told, "Make a mistake that deploys")
    assert re.search(rf"^  CREATE_COMPLETE +Definition +{TYPE_NAME}$", mistake, re.MULTILINE)
    assert mistake.endswith(
        "  make validate TEMPLATE=tools/demo/outside.yaml\n"
        "    tools/demo/outside.yaml, line 12:\n"
        "      LocalPath: /opt/ml/input\n"
        "    E9510 LocalPath '/opt/ml/input' is outside of /opt/ml/processing/; use\n"
        "    /opt/ml/processing/input"
    )


def test_the_demo_ends_with_what_it_made_changed_and_left(told: str) -> None:
    # The resources of the templates that deploy are counted here too.
    deployed = [Template.parse(path.read_text("utf-8")) for path in (EXAMPLE, OUTSIDE)]
    created = sum(len(template.resources) for template in deployed)
    last = " ".join(told.rpartition("\n\n")[2].split())
    assert re.fullmatch(
        rf"Done in \d+ s: created {created} resources in stacks and 1 definition through Cloud "
        r"Control, changed 1 tag in place, replaced nothing, and left nothing behind\. "
        r"Try your own template: make demo TEMPLATE=path",
        last,
    )


def test_the_picture_in_the_guide_is_of_this_demo(recorded: str) -> None:
    assert picture(recorded) == PICTURE.read_text("utf-8"), "Make it again: make picture"


def test_the_picture_loads_nothing_and_is_small(recorded: str) -> None:
    made = picture(recorded)
    assert len(made.encode()) < 60_000
    assert not re.search(r"@import|@font-face|url\((?!#)|href", made)


def test_somebodys_own_template_is_deployed_by_make_demo(tmp_path: Path) -> None:
    template = tmp_path / "my template.json"
    template.write_text(json.dumps(template_of(BATCH)))
    with running(make("demo", f"TEMPLATE={template}"), ROOT) as started:
        assert started.end(SECONDS_FOR_A_DEMO) == 0, started.errors()
        assert started.left_nothing()
    told = started.printed
    assert "\x1b" not in told
    # No output of the stack has shown the ARN before.
    definition = outlined(told, "The definition, as SageMaker holds it:")
    assert definition["JobDefinitionArn"].startswith(
        "arn:aws:sagemaker:us-east-1:123456789012:model"
    )
    assert "BatchTransformInput" in definition["ModelQualityJobInput"]
    # This mistake is not in the template.
    assert "Make a mistake" not in told
    assert told.endswith(
        ": created 1 resource in stacks and 1 definition through Cloud Control, changed 1 tag in "
        "place, replaced nothing, and left nothing behind.\n"
        "Find mistakes that deploy, and fail later:\n"
        f"  make validate TEMPLATE='{template}'\n"
    )


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


def test_a_template_without_a_definition_is_deployed_and_what_it_retains_is_told(
    tmp_path: Path,
) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(
        "Parameters: {Name: {Type: String}}\n"
        "Resources:\n"
        "  Topic: {Type: AWS::SNS::Topic}\n"
        "  Bucket:\n"
        "    Type: AWS::S3::Bucket\n"
        "    DeletionPolicy: Retain\n"
        "    Properties: {BucketName: !Ref Name}\n"
    )
    arguments = ("--template", str(template), "--parameters", "Name=kept")
    with running(demo(*arguments), tmp_path) as started:
        assert (started.end(SECONDS_FOR_A_DEMO), started.errors()) == (0, "")
    assert f"\nThe template has no {TYPE_NAME}. It is only" in started.printed
    headings = re.findall(r"^(.*?) ──", started.printed, re.MULTILINE)
    assert headings == ["Deploy", "Change a tag", "Delete"]
    assert re.search(r"^  DELETE_SKIPPED +Bucket +AWS::S3::Bucket$", started.printed, re.MULTILINE)
    assert (
        ": created 2 resources, changed 1 resource in place, replaced nothing, and left 1 resource "
        "behind, as the template says.\n"
    ) in started.printed


def test_what_is_no_template_is_told_before_anything_is_deployed(tmp_path: Path) -> None:
    template = tmp_path / "own.yaml"
    template.write_text("hello")
    with running(demo("--template", "own.yaml"), tmp_path) as started:
        assert started.end(SECONDS_FOR_A_DEMO) == 1
        assert started.left_nothing()
    rejected = "CloudFormation rejects own.yaml: Template format error: unsupported structure.\n"
    assert started.errors() == rejected


def test_a_template_that_fails_ends_with_where_the_reason_is_and_what_finds_mistakes(
    tmp_path: Path,
) -> None:
    (tmp_path / "own.yaml").write_text(MISSPELT.read_text("utf-8"))
    with running(demo("--template", "own.yaml"), tmp_path) as started:
        assert started.end(SECONDS_FOR_A_DEMO) == 1
        assert started.left_nothing()
    assert "LocalPth" in started.printed
    assert started.errors() == (
        "\nThe demo failed. The stack is ROLLBACK_COMPLETE, not CREATE_COMPLETE. The reason is "
        "above.\nFind mistakes in the template:\n  make validate TEMPLATE=own.yaml\n"
    )


def test_parameters_without_values_are_told_before_a_sandbox_starts(tmp_path: Path) -> None:
    template = tmp_path / "own.yaml"
    template.write_text(
        "Parameters: {Stage: {Type: String, AllowedValues: [test, production]}}\n"
        "Resources: {Topic: {Type: AWS::SNS::Topic}}"
    )
    arguments = ("--template", "own.yaml", "--parameters", "Stag=test")
    with running(demo(*arguments), tmp_path) as started:
        assert (started.end(SECONDS_FOR_A_DEMO), started.printed) == (1, "")
    assert started.errors() == (
        "own.yaml has no parameter Stag. Did you mean Stage?\n"
        "own.yaml needs values for these parameters:\n"
        "  Stage: Allowed values: test, production.\n"
        "Nothing was deployed. Try:\n"
        "  make demo TEMPLATE=own.yaml PARAMETERS=Stage=test\n"
    )


def test_a_file_that_is_missing_is_told_before_a_sandbox_starts(tmp_path: Path) -> None:
    with running(demo("--template", "nowhere.yaml"), tmp_path) as started:
        assert (started.end(SECONDS_FOR_A_DEMO), started.printed) == (1, "")
    assert started.errors() == (
        "There is no template nowhere.yaml. Name a template that exists, such as:\n"
        "  make demo TEMPLATE=examples/regression.yaml\n"
    )


@pytest.mark.parametrize("when", ["Starting a sandbox", "CREATE_COMPLETE"])
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
