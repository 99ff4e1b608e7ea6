"""What `cfn generate` makes of the schema is what the project holds, and all that docs/ holds."""

import json
import shutil
from pathlib import Path

import pytest

from project.package_files import SETTINGS
from project.settings import schema_path
from tools.generate import generated, main, stale, write

pytestmark = pytest.mark.once

ROOT = schema_path().parent
MODELS = Path("src/aws_sagemaker_modelqualityjobdefinition/models.py")
GUIDE = Path("guide/guarantees.md")


@pytest.fixture(scope="module")
def fresh() -> dict[Path, str]:
    return generated()


@pytest.fixture
def project(tmp_path: Path, fresh: dict[Path, str]) -> Path:
    """A copy of what generation reads and writes, up to date, with a page that a person wrote."""
    shutil.copy(ROOT / SETTINGS, tmp_path)
    shutil.copy(schema_path(), tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src")
    write(tmp_path, fresh)
    (tmp_path / GUIDE).write_text("# Guarantees\n", "utf-8")
    return tmp_path


def contents(project: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(project.rglob("*")) if path.is_file()}


def change_schema(project: Path) -> None:
    """Describe a property anew, and do without NetworkConfig."""
    schema = json.loads(schema_path(project).read_text("utf-8"))
    schema["properties"]["EndpointName"]["description"] = "Something else."
    del schema["properties"]["NetworkConfig"]
    del schema["definitions"]["NetworkConfig"]
    schema["createOnlyProperties"].remove("/properties/NetworkConfig")
    schema_path(project).write_text(json.dumps(schema), "utf-8")


def test_the_project_holds_what_its_schema_generates(fresh: dict[Path, str]) -> None:
    assert {MODELS, Path("docs/README.md"), Path("resource-role.yaml")} <= fresh.keys()
    assert stale(ROOT, fresh) == [], "older than the schema: run `make generate`"


def test_docs_holds_what_is_generated_and_nothing_else(fresh: dict[Path, str]) -> None:
    held = {path.relative_to(ROOT) for path in ROOT.glob("docs/**/*") if path.is_file()}
    assert held == {path for path in fresh if path.parent == Path("docs")}


def test_check_names_each_stale_file_and_changes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change_schema(project)
    (project / "resource-role.yaml").unlink()
    (project / "docs/notes.txt").write_text("Of a person.\n", "utf-8")
    before = contents(project)
    assert main(["--check"], project) == 1
    named = {line.split()[0] for line in capsys.readouterr().out.splitlines()}
    # The page of VpcConfig, which only NetworkConfig led to, goes with it.
    left_over = {"docs/networkconfig.md", "docs/vpcconfig.md", "docs/notes.txt"}
    assert named == {"docs/README.md", str(MODELS), "resource-role.yaml"} | left_over
    assert contents(project) == before


def test_generation_mends_what_is_stale_and_leaves_the_guide_alone(project: Path) -> None:
    change_schema(project)
    assert main([], project) == 0
    assert main(["--check"], project) == 0
    assert "Something else." in (project / "docs/README.md").read_text("utf-8")
    assert not (project / "docs/networkconfig.md").exists()
    assert (project / GUIDE).read_text("utf-8") == "# Guarantees\n"


def test_a_schema_that_the_cli_refuses_is_told_and_changes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema_path(project).write_text("{}", "utf-8")
    before = contents(project)
    assert main([], project) == 1
    assert "'typeName' is a required property" in capsys.readouterr().err
    assert contents(project) == before


def test_pages_of_structures_say_what_an_update_really_does(fresh: dict[Path, str]) -> None:
    pages = {path.stem: text for path, text in fresh.items() if path.parent.name == "docs"}
    for page, text in pages.items():
        if page not in ("README", "tag"):
            assert "_Update requires_: [Replacement]" in text, page
            assert "No interruption" not in text, page
    assert "_Update requires_: [No interruption]" in pages["tag"]


def test_pages_of_structures_say_what_is_required_by_itself(fresh: dict[Path, str]) -> None:
    page = fresh[Path("docs/modelqualityjobinput.md")]
    required = {
        section.splitlines()[0]: "_Required_: Yes" in section for section in page.split("#### ")[1:]
    }
    assert required == {
        "EndpointInput": False,
        "BatchTransformInput": False,
        "GroundTruthS3Input": True,
    }
