"""``make demo``: what it shows, what it leaves, and what it says when something goes wrong."""

import json
import re
import shlex
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
from tests.harness.stacks import TYPE_NAME, tag_list, template_of
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
    others = r"arn:\S+|http:\S+|(?m:^ +\d+:\d+: )"  # the last is a line and a column
    times = re.findall(r"\S*\d\d:\d\d\S*", re.sub(others, "", told))
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
    assert (
        "  make validate TEMPLATE=tools/demo/outside.yaml\n"
        "    tools/demo/outside.yaml\n"
        "    12:11:              E9510     LocalPath '/opt/ml/input' is outside of\n"
        "    /opt/ml/processing/; use /opt/ml/processing/input\n"
        "    Cfn-lint scanned 1 templates against "
    ) in mistake


@pytest.mark.parametrize("setting", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_below_a_command_the_demo_shows_what_that_command_prints_in_every_region(
    told: str, setting: str
) -> None:
    target, variable = "validate", f"TEMPLATE={OUTSIDE.relative_to(ROOT)}"
    with running(make(target, variable), ROOT, {setting: "eu-west-1"}) as validating:
        assert validating.end(SECONDS_FOR_A_DEMO) != 0
    _, command, shown = chapter(told, "Make a mistake that deploys").partition(
        f"  make {target} {variable}\n"
    )
    assert command
    assert shown.split() == validating.printed.split()


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
    assert f"\nThe template has no {TYPE_NAME}, so the chapters about a" in started.printed
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
    assert started.errors() == (
        "CloudFormation rejects own.yaml: Template format error: unsupported structure.\n"
        "Find mistakes in the template:\n  make validate TEMPLATE=own.yaml\n"
    )
    # Nothing is created, and no heading says that.
    assert "──" not in started.printed


def test_a_parameter_that_is_rejected_ends_with_a_command_that_gives_it_another_value(
    tmp_path: Path,
) -> None:
    (tmp_path / "own.yaml").write_text(
        "Parameters: {Stage: {Type: String, AllowedValues: [test, production]}}\n"
        "Resources: {Topic: {Type: AWS::SNS::Topic}}"
    )
    arguments = ("--template", "own.yaml", "--parameters", "Stage='a test'")
    with running(demo(*arguments), tmp_path) as started:
        assert started.end(SECONDS_FOR_A_DEMO) == 1
    assert "──" not in started.printed
    said, command = started.errors().splitlines()[-2:]
    assert "Parameter 'Stage' must be one of AllowedValues" in started.errors()
    assert said == "If the reason is a parameter's value, give it another one:"
    *_, parameters = shlex.split(command)
    assert parameters == "PARAMETERS=Stage='a test'"


def test_a_deployment_that_fails_with_parameters_ends_with_what_may_be_wrong_with_either(
    tmp_path: Path,
) -> None:
    template = template_of({**MINIMUM, "RoleArn": {"Ref": "RoleArn"}})
    template["Parameters"] = {"RoleArn": {"Type": "String"}}
    (tmp_path / "own.json").write_text(json.dumps(template))
    arguments = ("--template", "own.json", "--parameters", "RoleArn=x")
    with running(demo(*arguments), tmp_path) as started:
        assert started.end(SECONDS_FOR_A_DEMO) == 1
    assert started.errors().partition("above.\n")[2] == (
        "If the reason is a parameter's value, give it another one:\n"
        "  make demo TEMPLATE=own.json PARAMETERS=RoleArn=x\n"
        "Find mistakes in the template:\n  make validate TEMPLATE=own.json\n"
    )


def test_a_definition_that_has_the_keys_of_the_demos_tags_itself_is_shown_with_other_keys(
    tmp_path: Path,
) -> None:
    own = {"Project": "mine", "stage": "prod"}
    template = template_of({**MINIMUM, "Tags": tag_list(own)})
    (tmp_path / "own.json").write_text(json.dumps(template))
    with running(demo("--template", "own.json"), tmp_path) as started:
        assert (started.end(SECONDS_FOR_A_DEMO), started.errors()) == (0, "")
    definition = outlined(started.printed, "The definition, as SageMaker holds it:")
    assert definition["Tags"] == {"DemoProject": "churn", "DemoStage": "test", **own}
    change = chapter(started.printed, "Change a tag")
    assert "changes its tag DemoStage from 'test' to 'production':\n" in change
    assert parse(change.partition("tags:\n")[2])["DemoStage"] == "production"
    assert "'experiment' instead of 'production'" in chapter(started.printed, "Drift")


@pytest.mark.parametrize(("count", "fits"), [(48, True), (49, False), (50, False)])
def test_the_chapters_on_tags_are_left_out_where_there_is_no_room_for_the_tags_of_the_demo(
    tmp_path: Path, count: int, fits: bool
) -> None:
    own = tag_list({f"key-{number}": "" for number in range(count)})
    (tmp_path / "own.json").write_text(json.dumps(template_of({**MINIMUM, "Tags": own})))
    with running(demo("--template", "own.json"), tmp_path) as started:
        assert (started.end(SECONDS_FOR_A_DEMO), started.errors()) == (0, "")
    headings = re.findall(r"^(.*?) ──", started.printed, re.MULTILINE)
    about_tags = ["Change a tag", "Drift"] if fits else []
    assert headings == ["Deploy", *about_tags, "Cloud Control", "Delete"]
    reason = f"\nA resource of the template has {count} tags, and the limit is 50. "
    assert (reason in started.printed) == (not fits)


def test_a_template_with_a_name_of_ones_own_is_shown_as_if_that_were_registered(
    tmp_path: Path,
) -> None:
    own = "YourOrg::SageMaker::ModelQualityJobDefinition"
    template = json.dumps(template_of(MINIMUM)).replace(TYPE_NAME, own)
    (tmp_path / "own.json").write_text(template)
    with running(demo("--template", "own.json"), tmp_path) as started:
        assert (started.end(SECONDS_FOR_A_DEMO), started.errors()) == (0, "")
    assert f"\nThere the type is registered as {own}, too.\n" in started.printed
    headings = re.findall(r"^(.*?) ──", started.printed, re.MULTILINE)
    assert headings == ["Deploy", "Change a tag", "Drift", "Cloud Control", "Delete"]
    assert re.search(rf"^  UPDATE_COMPLETE +JobDefinition +{own}$", started.printed, re.MULTILINE)
    assert TYPE_NAME not in started.printed


def test_output_that_cannot_be_written_is_one_sentence_and_the_sandbox_is_gone(
    tmp_path: Path,
) -> None:
    with running(["sh", "-c", f"{shlex.join(demo())} >/dev/full"], tmp_path) as started:
        assert started.end(SECONDS_FOR_A_DEMO) == 1
        assert started.left_nothing()
    message = "The demo cannot be written to standard output: No space left on device.\n"
    assert started.errors() == message


def test_a_reader_that_leaves_ends_the_demo_and_its_sandbox_without_a_word(tmp_path: Path) -> None:
    with running(["sh", "-c", f"{shlex.join(demo())} | head -1"], tmp_path) as started:
        started.end(SECONDS_FOR_A_DEMO)
        assert started.left_nothing()
    assert len(started.printed.splitlines()) == 1
    assert started.errors() == ""


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


def test_the_help_says_in_plain_words_what_the_demo_shows(tmp_path: Path) -> None:
    with running(demo("--help"), tmp_path) as started:
        assert started.end(SECONDS_FOR_A_DEMO) == 0
    assert "\nShow what this resource type does, in a sandbox of its own.\n" in started.printed
    assert "`" not in started.printed


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
