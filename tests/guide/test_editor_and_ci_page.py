"""guide/editor-and-ci.md and the files that it is about, used as editors and CI use them."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from cfnlint.version import __version__

from project import ROOT
from project.environment import prepare
from tests.harness.documents import Document, copied, lend_environment, readers_environment
from tests.harness.linting import STOCK, Linter
from validation.command import write_schemas

pytestmark = pytest.mark.once

PAGE = Document.read(Path("guide/editor-and-ci.md"))
CHANGE = Document.read(Path("guide/cfn-lint-registry-types.md"))
HOME = "/home/you/model-quality"
OWN = "YourOrg::SageMaker::ModelQualityJobDefinition"
EXPECTED = ["E3002", "E9510", "E6101"]


def block(language: str, word: str, page: Document = PAGE) -> str:
    """The one block of a language that has a word in it."""
    [found] = [
        fence.text for fence in page.fences if fence.language == language and word in fence.text
    ]
    return found


MISTAKES = block("yaml", "ProblemTyp:")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the project that has the environment of make validate already."""
    folder = copied(tmp_path_factory.mktemp("model quality"))
    lend_environment("validation", prepare("validation").parent, folder)
    return folder


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[Path]:
    """A repository of someone else, whose folders have the names of this project's packages."""
    for name in ("project", "validation", "templates"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError(__name__)")
    (tmp_path / "templates" / "my mistakes.yaml").write_text(MISTAKES)
    before = {*tmp_path.rglob("*")}
    yield tmp_path
    assert {*tmp_path.rglob("*")} - before <= {
        tmp_path / "findings.sarif",
        tmp_path / "findings.xml",
    }


def ran(
    command: list[str], folder: Path, variables: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command as a program of someone else does."""
    return subprocess.run(
        command,
        cwd=folder,
        env=readers_environment(**(variables or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_make_validate_prints_what_the_page_shows(tmp_path: Path) -> None:
    linter = Linter(tmp_path / "work", tmp_path / "home")
    (linter.folder / "mistakes.yaml").write_text(MISTAKES)
    said = linter.run("mistakes.yaml").stdout
    shown = block("text", "mistakes.yaml")
    assert said.startswith(shown)
    assert re.findall(r"\b[EW]\d{4}\b", shown) == EXPECTED


def test_other_editors_find_the_same_with_the_settings_of_the_page(tmp_path: Path) -> None:
    stock = Linter(tmp_path / "work", tmp_path / "home", STOCK)
    [schemas] = yaml.safe_load(block("yaml", "registry_schemas"))["registry_schemas"]
    there = Path(schemas.replace(HOME, str(tmp_path)))
    there.mkdir(parents=True)
    write_schemas(there, [OWN])
    rules = block("yaml", "registry_schemas").replace(
        f"{HOME}/validation", str(ROOT / "validation")
    )
    (stock.folder / ".cfnlintrc").write_text(rules.replace(HOME, str(tmp_path)))
    (stock.folder / "mistakes.yaml").write_text(MISTAKES)
    assert [each.rule for each in stock.findings("mistakes.yaml")] == EXPECTED
    assert f"Version {__version__} was tried." in PAGE.text
    assert f"cfn-lint\n{__version__} accepts the same setting" in PAGE.text


def test_cfn_lint_ignores_the_exit_codes_of_its_settings(tmp_path: Path) -> None:
    stock = Linter(tmp_path / "work", tmp_path / "home", STOCK)
    (stock.folder / ".cfnlintrc").write_text("non_zero_exit_code: none\n")
    (stock.folder / "mistakes.yaml").write_text(MISTAKES)
    assert stock.run("mistakes.yaml").returncode == 2


def test_vs_code_gets_the_findings_as_json(clone: Path, theirs: Path) -> None:
    path = json.loads(block("json", "cfnLint.path"))["cfnLint.path"].replace(HOME, str(clone))
    template = theirs / "templates" / "my mistakes.yaml"
    # As version 0.27.0 of the extension does it, in whatever folder VS Code was started:
    # server/src/server/handlers/validationHandler.ts of cfn-lint-visual-studio-code.
    ended = ran([path, "--format", "json", "--include-checks", "I", "--", str(template)], Path("/"))
    assert ended.stderr == ""
    found = json.loads(ended.stdout)
    assert [each["Rule"]["Id"] for each in found] == EXPECTED
    assert {each["Filename"] for each in found} == {str(template)}


def test_pre_commit_runs_the_hook(clone: Path, theirs: Path) -> None:
    [repository] = yaml.safe_load(block("yaml", "hooks:"))["repos"]
    [used] = repository["hooks"]
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert used["id"] == hook["id"]
    assert re.match(used["files"], "templates/my mistakes.yaml")
    # What pre-commit does for a hook of the language "script": it runs a file of its clone.
    assert hook["language"] == "script"
    command = [str(clone / hook["entry"]), *used["args"], "templates/my mistakes.yaml"]
    ended = ran(command, theirs, {"PRE_COMMIT": "1"})
    assert (ended.returncode, ended.stderr) == (2, "")
    assert re.findall(r"\b[EW]\d{4}\b", ended.stdout) == EXPECTED


def test_a_python_that_is_too_old_or_missing_is_told_in_one_line(theirs: Path) -> None:
    old = theirs / "python3.9"
    old.symlink_to(shutil.which("false") or "")
    for python in (str(old), "python-nowhere"):
        ended = ran([str(ROOT / "validation" / "validate.sh")], theirs, {"PYTHON": python})
        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr == (
            f"Python 3.10 or later is needed; {python} is older or missing. "
            "Name another one in the variable PYTHON, such as python3.12.\n"
        )
    old.unlink()


def github_step(clone: Path, theirs: Path, given: dict[str, str]) -> Any:
    """Run the one step of the action, as a runner does, with these inputs."""
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    inputs = action["inputs"]
    assert given.keys() <= inputs.keys()
    assert {name for name, each in inputs.items() if each.get("required")} <= given.keys()
    values = {name: given.get(name, each.get("default", "")) for name, each in inputs.items()}
    [step] = action["runs"]["steps"]
    assert "${{" not in step["run"]

    def value(expression: str) -> str:
        match = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", expression)
        assert match
        return str(values.pop(match[1]))

    variables = {name: value(expression) for name, expression in step["env"].items()}
    assert values == {}
    python = variables.pop("PYTHON")
    assert python == "python3"
    script = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
    return ran(script, theirs, {**variables, "GITHUB_ACTION_PATH": str(clone)})


def test_the_github_action_writes_what_code_scanning_takes(clone: Path, theirs: Path) -> None:
    steps = yaml.safe_load(block("yaml", "upload-sarif"))["jobs"]["validate"]["steps"]
    [given, uploaded] = [step["with"] for step in steps if "with" in step]
    ended = github_step(clone, theirs, given)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", "")
    [run] = json.loads((theirs / uploaded["sarif_file"]).read_text("utf-8"))["runs"]
    assert [each["ruleId"] for each in run["results"]] == EXPECTED


def test_values_of_the_action_are_never_part_of_its_script(clone: Path, theirs: Path) -> None:
    ended = github_step(clone, theirs, {"template": '"; touch hacked; $(touch hacked) "'})
    assert ended.returncode == 1
    assert "There is no template" in ended.stderr


def test_mistakes_are_told_in_the_words_of_who_runs_it(clone: Path, theirs: Path) -> None:
    script = str(clone / "validation" / "validate.sh")
    unnamed = ran([script], theirs)
    assert (unnamed.returncode, unnamed.stdout) == (1, "")
    assert unnamed.stderr == "No template is given. Name one, or several: validate.sh path\n"
    empty = ran([script, "--format"], theirs)
    assert (empty.returncode, empty.stdout) == (1, "")
    assert empty.stderr == "--format has no value: write --format=value, or leave it out.\n"

    unnamed = github_step(clone, theirs, {"template": ""})
    assert (unnamed.returncode, unnamed.stdout) == (1, "")
    assert unnamed.stderr == "No template is given. Name one, or several: template: path\n"
    wrong = github_step(clone, theirs, {"template": "a.yaml", "exit-code": "eror"})
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr == (
        "exit-code is 'eror', which cfn-lint does not have. Did you mean error?\n"
    )


def test_actions_are_pinned_to_commits_with_their_versions_beside_them() -> None:
    workflow = block("yaml", "upload-sarif")
    used = [line for line in workflow.splitlines() if "uses:" in line]
    # This one stands for the reader's own repository.
    [ours] = [line for line in used if "your-org/" in line]
    for line in set(used) - {ours}:
        assert re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_gitlab_gets_a_report_of_tests(clone: Path, theirs: Path) -> None:
    job = yaml.safe_load(block("yaml", "artifacts:"))["validate"]
    clones, validates = job["script"]
    there = clones.split()[-1]
    assert validates.startswith(f"{there}/")
    script = validates.replace(there, f"'{clone}'", 1)
    ended = ran(["bash", "-e", "-c", script], theirs)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", "")
    report = ET.parse(theirs / job["artifacts"]["reports"]["junit"])  # noqa: S314
    failed = [
        case.get("name", "") for case in report.iter("testcase") if case.find("failure") is not None
    ]
    assert sorted(name.split()[0] for name in failed) == sorted(EXPECTED)


def test_with_the_change_of_its_page_cfn_lint_validates_registered_types(tmp_path: Path) -> None:
    # A cfn-lint whose files are links to the installed one, but for the changed one.
    import cfnlint

    installed = Path(cfnlint.__file__).parent
    changed = tmp_path / "changed" / "src" / "cfnlint"
    (changed / "schema").mkdir(parents=True)
    for folder in (installed, installed / "schema"):
        for entry in folder.iterdir():
            target = changed / entry.relative_to(installed)
            if entry.name == "manager.py":
                target.write_bytes(entry.read_bytes())
            elif not target.exists():
                target.symlink_to(entry)
    subprocess.run(
        ["git", "apply", "-"],
        input=block("diff", "manager.py", CHANGE),
        cwd=tmp_path / "changed",
        text=True,
        check=True,
    )
    (tmp_path / "schemas").mkdir()
    write_schemas(tmp_path / "schemas", [OWN])
    linter = Linter(tmp_path / "work", tmp_path / "home", STOCK)
    (linter.folder / "mistakes.yaml").write_text(MISTAKES)
    (linter.home / "cfnlint").symlink_to(changed)
    given = ("--registry-schemas", tmp_path / "schemas")

    assert [each.rule for each in linter.findings(*given, "--", "mistakes.yaml")] == [
        "E3002",
        "E6101",
    ]
    rules = ("--append-rules", ROOT / "validation" / "rules")
    assert [
        each.rule for each in linter.findings(*given, *rules, "--", "mistakes.yaml")
    ] == EXPECTED
