"""What the command takes, refuses and prints: cfn-lint's options, formats and exit codes."""

import os
import re
from pathlib import Path

import pytest
from cfnlint.config import CliArgs
from cfnlint.version import __version__

from project import ROOT
from tests.harness.linting import STOCK, Linter
from tests.harness.monitored import definition, template
from validation.command import RULES, run
from validation.settings import EXIT_CODES, FORMATS

pytestmark = pytest.mark.once

IRELAND = "468650794304.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-model-monitor-analyzer"
SOUND = (ROOT / "examples" / "regression.yaml").read_text("utf-8")
ERROR = SOUND.replace("ProblemType:", "ProblemTyp:")
WARNING = SOUND.replace("\nParameters:\n", "\nParameters:\n  Unused:\n    Type: String\n")


@pytest.fixture
def linter(tmp_path: Path) -> Linter:
    linter = Linter(tmp_path / "work", tmp_path / "home")
    for name, text in {"sound": SOUND, "error": ERROR, "warning": WARNING}.items():
        (linter.folder / f"{name}.yaml").write_text(text)
    return linter


def refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path, *given: str
) -> str:
    """What the command says on standard error, and nothing else, when it refuses its arguments."""
    monkeypatch.chdir(folder)
    assert run(list(given)) == 1
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_the_exit_code_and_the_formats_are_cfn_lints(linter: Linter) -> None:
    line = 1 + ERROR[: ERROR.index("ProblemTyp:")].count("\n")

    pretty = linter.run("error.yaml", "warning.yaml")
    assert pretty.stdout.startswith(f"error.yaml\n{line}:")
    assert "found 1 errors, 1 warnings" in pretty.stdout
    assert (pretty.returncode, pretty.stderr) == (2 | 4, "")

    parseable = linter.run("--format=parseable", "--non-zero-exit-code=error", "warning.yaml")
    assert re.match(r"warning\.yaml:\d+:\d+:\d+:\d+:W2001:", parseable.stdout)
    assert (parseable.returncode, parseable.stderr) == (0, "")

    (linter.folder / ".cfnlintrc").write_text("format: quiet")
    quiet = linter.run("sound.yaml")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_the_formats_and_exit_codes_are_those_of_cfn_lint() -> None:
    choices = {action.dest: action.choices for action in CliArgs([]).parser._actions}
    assert set(FORMATS) == set(choices["format"])
    assert set(EXIT_CODES) == set(choices["non_zero_exit_code"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            [],
            "No template is given. Name one, or several: make validate TEMPLATE=path\n",
        ),
        (["absent.yaml"], "There is no template absent.yaml.\n"),
        (["a folder/pakcage.json"], "There is no template a folder/pakcage.json. Did you mean a f"),
        # Longer than the name of a file can be.
        (["--template", "sound.yaml " * 30 + "absent.yaml"], "There is no template absent.yaml.\n"),
        (
            ["--template", "a'b.yaml eu.yaml"],
            "TEMPLATE is a'b.yaml eu.yaml, where a quotation mark or a backslash has no cou",
        ),
        (["--template", "a.yaml b\\"], "TEMPLATE is a.yaml b\\, where a quotation mark or a ba"),
        (["."], '. is a folder. Name its templates: make validate TEMPLATE="./*.yaml"\n'),
        (
            ["--template", "a folder"],
            "a folder is a folder. Name its templates: make validate TEMPLATE=\"'a folder/",
        ),
        (["dangling.yaml"], "dangling.yaml cannot be read: No such file or directory.\n"),
        (["empty.yaml"], "empty.yaml is empty.\n"),
        (["binary.yaml"], "binary.yaml is not a text in UTF-8, as a template has to be.\n"),
        (
            ["--format", "jsn", "sound.yaml"],
            "FORMAT is 'jsn', which cfn-lint does not have. Did you mean json?\n",
        ),
        (["-f", "jsn", "sound.yaml"], "FORMAT is 'jsn', "),
        (["--format", "x", "a"], "FORMAT is 'x', which cfn-lint does not have. It has json, junit"),
        (
            ["--regions=us-esat-1", "sound.yaml"],
            "REGIONS is 'us-esat-1', which cfn-lint does not have. Did you mean us-east-1?\n",
        ),
        (
            ["--non-zero-exit-code=eror", "sound.yaml"],
            "--non-zero-exit-code is 'eror', which cfn-lint does not have. Did you mean error?\n",
        ),
        (["--format"], "--format has no value: write --format=value, or leave it out.\n"),
        (["--regions"], "--regions has no value: write --regions=value, or leave it out.\n"),
        (["--regoins=a", "b.yaml"], "There is no option --regoins. Did you mean --regions?\n"),
        (["--tpye-name", "b.yaml"], "There is no option --tpye-name. Did you mean --type-name?\n"),
        (["-q", "b.yaml"], "There is no option -q. validate.sh --help lists them all.\n"),
        (
            ["a.yaml", "--info", "b.yaml"],
            "Give b.yaml beside the other templates, after all options.\n",
        ),
        (["-x", "E3012", "--", "sound.yaml"], "--configure-rule takes RULE:setting=value, and "),
        (
            ["--parameters", "A=b", "--", "sound.yaml", "empty.json"],
            "Parameters can only be used with a single template.\n",
        ),
        (
            ["--ignore-checks=W,nosuch", "--", "sound.yaml"],
            "IGNORE has nosuch, but no rule's id begins with it. Give ids of rules or their ",
        ),
        (
            ["--ignore-checks=w2001", "--", "sound.yaml"],
            "IGNORE has w2001, but no rule's id begins with it. Did you mean W2001? Give ids",
        ),
        (
            ["--type-name", "YourOrg", "sound.yaml"],
            "TYPE_NAME is 'YourOrg', which is not the name of a resource type.",
        ),
        (
            ["--type-name", "AWS::S3::Bucket", "sound.yaml"],
            "TYPE_NAME is AWS::S3::Bucket, but nobody can register a type in the namespace AWS: ",
        ),
        (["--deployment-files=deployment.yaml"], "binary.yaml is not a text in UTF-8, "),
        (["--deployment-files=absent.yaml"], "A file is missing: absent.yaml could not be "),
        (["--parameter-files=absent.json", "--", "sound.yaml"], "A file is missing: absent.json "),
        (
            ["--registry-schemas", "a folder", "--", "sound.yaml"],
            "a folder/package.json is not the schema of a resource type. A folder of ",
        ),
    ],
)
def test_what_cannot_be_validated_is_refused_with_what_to_do(
    given: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "sound.yaml").write_text(SOUND)
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a folder" / "package.json").write_text("{}")
    (tmp_path / "empty.yaml").write_text(" \n")
    (tmp_path / "empty.json").write_text("{}")
    (tmp_path / "deployment.yaml").write_text("template-file-path: binary.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "dangling.yaml").symlink_to(tmp_path / "nowhere")
    assert refused(capsys, monkeypatch, tmp_path, *given).startswith(message)


def test_a_path_with_a_quotation_mark_is_shown_as_it_can_be_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, fix in {
        "a'b.yaml": '"a\'b.yaml"',
        'a"b.yaml': "'a\"b.yaml'",
        "ab\\": "'ab\\'",
    }.items():
        (tmp_path / name).write_text("")
        said = refused(capsys, monkeypatch, tmp_path, "--template", f"eu.yaml {name}")
        assert said.endswith(f" Quote the path that it belongs to, as in {fix}.\n")
        assert (
            refused(capsys, monkeypatch, tmp_path, "--template", f"{fix} ") == f"{name} is empty.\n"
        )


@pytest.mark.parametrize(
    ("front_door", "given", "message"),
    [
        ("script", [], "No template is given. Name one, or several: validate.sh path\n"),
        ("action", [], "No template is given. Name one, or several: template: path\n"),
        (
            "script",
            ["a folder"],
            "a folder is a folder. Name its templates: validate.sh 'a folder/*",
        ),
        (
            "action",
            ["a folder"],
            "a folder is a folder. Name its templates: template: \"'a folder/*",
        ),
        ("script", ["--template='a"], "--template is 'a, where "),
        ("action", ["--template='a"], "template is 'a, where "),
        ("script", ["--format=jsn", "a"], "--format is 'jsn', "),
        ("action", ["--format=jsn", "a"], "format is 'jsn', "),
        ("script", ["--regions=us", "a"], "--regions is 'us', "),
        ("action", ["--non-zero-exit-code=eror", "a"], "exit-code is 'eror', "),
        (
            "script",
            ["--type-name=A", "sound.yaml"],
            "--type-name is 'A', which is not the name of ",
        ),
        ("action", ["--type-name=A", "sound.yaml"], "type-name is 'A', which is not the name of "),
        ("script", ["--ignore-checks=w2", "--", "sound.yaml"], "--ignore-checks has w2, but no "),
    ],
)
def test_messages_name_what_the_front_door_takes(
    front_door: str,
    given: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "sound.yaml").write_text(SOUND)
    (tmp_path / "a folder").mkdir()
    said = refused(capsys, monkeypatch, tmp_path, f"--front-door={front_door}", *given)
    assert said.startswith(message)


def test_the_fix_of_a_type_name_is_written_as_the_front_door_takes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sound.yaml").write_text(SOUND)
    for front_door, fix in {
        "make": "TYPE_NAME=YourOrg::S3::Bucket",
        "script": "--type-name=YourOrg::S3::Bucket",
        "action": "type-name: YourOrg::S3::Bucket",
    }.items():
        given = (f"--front-door={front_door}", "--type-name=AWS::S3::Bucket", "sound.yaml")
        assert refused(capsys, monkeypatch, tmp_path, *given).endswith(f" instead: {fix}\n")


@pytest.mark.parametrize(
    ("settings", "variables", "message"),
    [
        ("regions: [us-esat-1]", {}, "regions in .cfnlintrc is 'us-esat-1', "),
        ("", {"AWS_REGION": "us-esat-1"}, "AWS_REGION is 'us-esat-1', "),
        ("", {"AWS_DEFAULT_REGION": "us-esat-1"}, "AWS_DEFAULT_REGION is 'us-esat-1', "),
    ],
)
def test_a_region_is_said_to_be_where_it_is(
    settings: str,
    variables: dict[str, str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / ".cfnlintrc").write_text(settings)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert refused(capsys, monkeypatch, tmp_path, "sound.yaml").startswith(message)


def printed(capsys: pytest.CaptureFixture[str], option: str) -> str:
    """What an option prints that ends the command."""
    with pytest.raises(SystemExit) as ended:
        run([option])
    assert not ended.value.code
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def test_help_has_the_option_of_this_command_and_those_of_cfn_lint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = printed(capsys, "--help")
    assert said == printed(capsys, "-h")
    assert said.startswith("usage: validate.sh [options] [--] TEMPLATE ...\n")
    assert "--type-name NAMES" in said
    assert "--non-zero-exit-code" in said


def test_the_version_says_whose_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    project = (ROOT / "VERSION").read_text("utf-8").strip()
    assert printed(capsys, "--version") == printed(capsys, "-v")
    assert printed(capsys, "--version") == (
        f"cfn-lint {__version__}, with the rules of version {project} of this project\n"
    )


def test_an_image_of_another_region_is_found_where_us_east_1_is_given(linter: Linter) -> None:
    (linter.folder / "ireland.yaml").write_text(template(Quality=definition(image=IRELAND)))

    def found(*given: str) -> set[str]:
        # Without cfn-lint's findings of what the definition lacks.
        given = (*given, "--ignore-checks=E3", "--", "ireland.yaml")
        return {each.rule for each in linter.findings(*given)}

    assert found() == set()
    assert found("--regions=us-east-1") == {"E9557"}
    # Settings of other rules, and one's own of this rule, still count.
    assert found("--regions=us-east-1", "--configure-rule=E3012:strict=true") == {"E9557"}
    assert found("--regions=us-east-1", "--configure-rule=E9557:regions_are_given=false") == set()
    (linter.folder / ".cfnlintrc").write_text("regions: [us-east-1]\n")
    assert found() == {"E9557"}


def test_cfn_lint_by_itself_is_told_with_a_setting_that_us_east_1_is_given(tmp_path: Path) -> None:
    stock = Linter(tmp_path / "work", tmp_path / "home", STOCK)
    (stock.folder / "ireland.yaml").write_text(template(Quality=definition(image=IRELAND)))
    given = ("--append-rules", str(RULES), "--regions=us-east-1", "--ignore-checks=E3")
    told = "--configure-rule=E9557:regions_are_given=true"
    assert stock.findings(*given, "--", "ireland.yaml") == []
    assert [each.rule for each in stock.findings(*given, told, "--", "ireland.yaml")] == ["E9557"]


def test_a_template_that_cfn_lint_fails_on_is_a_finding_beside_those_of_the_others(
    linter: Linter,
) -> None:
    fails = SOUND.replace("\nResources:\n", "\nResources:\n  Odd: {Type: A::B::C, Metadata: []}\n")
    assert fails != SOUND
    (linter.folder / "a.yaml").write_text(fails)
    (linter.folder / "b.yaml").write_text(f"Metadata: []\n{SOUND}")
    (linter.folder / "c.yaml").write_text(
        f"Metadata: {{cfn-lint: {{config: {{regions: [nowhere]}}}}}}\n{SOUND}"
    )
    *failed, last = linter.findings("a.yaml", "b.yaml", "c.yaml", "error.yaml")
    assert [(each.template, each.rule) for each in failed] == [
        ("a.yaml", "E0002"),
        ("b.yaml", "E0002"),
        ("c.yaml", "E0002"),
    ]
    assert re.fullmatch(
        r"cfn-lint [0-9.]+ fails on this template, which is not validated: AttributeError: .+",
        failed[0].message,
    )
    assert (last.template, last.rule) == ("error.yaml", "E3002")


def test_templates_of_deployment_files_are_validated(linter: Linter) -> None:
    own = ERROR.replace("AWS::SageMaker::ModelQ", "YourOrg::SageMaker::ModelQ")
    (linter.folder / "own.yaml").write_text(own)
    (linter.folder / "deployment.yaml").write_text(
        "template-file-path: own.yaml\nparameters: {Bucket: reports}\n"
    )
    found = linter.findings("--deployment-files", "deployment.yaml")
    assert ("own.yaml", "E3002") in {(each.template, each.rule) for each in found}
    assert "E3006" not in {each.rule for each in found}


def test_rules_to_ignore_and_regions_are_separated_by_blanks_or_commas(linter: Linter) -> None:
    # An instance type that us-east-1 has, and eu-north-1 has not.
    regional = SOUND.replace("!Ref InstanceType", "ml.m4.xlarge")
    assert regional != SOUND
    (linter.folder / "regional.yaml").write_text(regional)
    given = ("--ignore-checks=W2001 E3002,E30", "error.yaml", "warning.yaml", "regional.yaml")
    assert linter.findings(*given) == []
    [found] = linter.findings("--regions=us-east-1 eu-north-1", *given)
    assert found.rule == "E3640"
    assert "'eu-north-1'" in found.message
    assert "'us-east-1'" not in found.message


def test_templates_may_be_patterns_and_one_path_may_have_blanks(linter: Linter) -> None:
    awkward = linter.folder / "with a [blank].yaml"
    awkward.write_text(ERROR)
    (linter.folder / "deep" / "er").mkdir(parents=True)
    (linter.folder / "deep" / "er" / "t.yaml").write_text(ERROR)

    def found_in(*given: str) -> list[str]:
        return [each.template for each in linter.findings(*given)]

    assert found_in("--template", awkward.name) == [awkward.name]
    assert found_in("--template", "s*.yaml 'deep/**/*.yaml' error.yaml", "sound.yaml") == [
        "t.yaml",
        "error.yaml",
    ]


def test_a_cfnlintrc_in_the_working_directory_counts(linter: Linter) -> None:
    more = linter.folder / "more"
    more.mkdir()
    (more / "Mine.py").write_text(
        "from cfnlint.rules import CloudFormationLintRule, RuleMatch\n"
        "class Mine(CloudFormationLintRule):\n"
        "    id = 'E9999'\n"
        "    def match(self, cfn):\n"
        "        return [RuleMatch(['Resources'], 'mine')]\n"
    )
    # An editor that runs cfn-lint needs these rules here; they must not be loaded twice.
    append = f"append_rules: [more, {RULES}]\n"
    settings = linter.folder / ".cfnlintrc"

    def rules(*given: str) -> set[str]:
        return {each.rule for each in linter.findings(*given)}

    settings.write_text(f"{append}ignore_checks: [E3002]\ntemplates: [error.yaml, warning.yaml]\n")
    assert rules() == {"E9999", "W2001"}
    settings.write_text(f"{append}merge_configs: true\nignore_checks: [E9999]\n")
    assert rules("--ignore-checks=W", "--", "error.yaml", "warning.yaml") == {"E3002"}
    settings.write_text("ignore_templates: [error.yaml]\n")
    ignored = linter.run("error.yaml")
    assert (ignored.returncode, ignored.stdout, ignored.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("ignored: [E3002]", "Invalid configuration key 'ignored' in .cfnlintrc at ignored\n"),
        ("append_rules: [nowhere]", "Tried to append rules but got an error: No module named "),
        (
            "format: json\nregions: [a\nb: c: d\n",
            ".cfnlintrc is not YAML: did not find expected ',' or ']' in line 3; correct l",
        ),
        (
            "b: 1\na: @b\n",
            ".cfnlintrc is not YAML: found character that cannot start any token in ",
        ),
        (
            "a: 1\nb: 2\na: 3",
            ".cfnlintrc is not YAML: line 1 and line 3 have the same key; delete ",
        ),
        ("a: \x00", ".cfnlintrc is not YAML: unacceptable character #x0000: "),
    ],
)
def test_mistakes_in_settings_end_with_a_message_and_no_traceback(
    settings: str,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "sound.yaml").write_text(SOUND)
    (tmp_path / ".cfnlintrc").write_text(settings)
    assert refused(capsys, monkeypatch, tmp_path, "sound.yaml").startswith(message)


def test_findings_that_cannot_be_written_end_with_a_message_and_no_traceback(
    linter: Linter,
) -> None:
    with Path("/dev/full").open("w") as full:
        ended = linter.run("error.yaml", stdout=full)
    message = "The findings cannot be written to standard output: No space left on device.\n"
    assert (ended.returncode, ended.stderr) == (1, message)
    # As after `| head`: there is nobody to tell.
    reader, writer = os.pipe()
    os.close(reader)
    ended = linter.run("error.yaml", stdout=writer)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (1, "")


def test_nothing_stays_behind(linter: Linter) -> None:
    before = {*linter.folder.iterdir()}
    linter.run("--type-name", "YourOrg::SageMaker::ModelQualityJobDefinition", "error.yaml")
    assert {*linter.folder.iterdir()} == before
    assert [path for path in linter.home.rglob("*") if path.is_file()] == [
        linter.home / "sitecustomize.py"
    ]
    assert [*(linter.home / "tmp").iterdir()] == []
