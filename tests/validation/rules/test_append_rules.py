"""The rules in stock cfn-lint, outside of this project."""

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from project import ROOT
from tests.harness.documents import Document
from tools.rule_pages import FOLDER

pytestmark = pytest.mark.once


def test_the_command_of_the_page_finds_a_mistake(tmp_path: Path) -> None:
    commands = Document.read(FOLDER / "README.md").commands
    [command] = [each for each in commands if each.startswith("cfn-lint")]
    (tmp_path / "validation").mkdir()
    (tmp_path / "validation/rules").symlink_to(ROOT / "validation/rules")
    shutil.copy(ROOT / "validation/examples/W9513/mistaken-none.yaml", tmp_path / "template.yaml")
    finished = subprocess.run(
        ["sh", "-c", command],
        cwd=tmp_path,
        env={"PATH": f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert finished.stdout.startswith("W9513 DatasetFormat has no format")
    assert finished.returncode == 4


def test_cfn_lint_alone_loads_the_rules_from_any_working_directory(tmp_path: Path) -> None:
    template = ROOT / "validation/examples/E9501/mistaken-both.yaml"
    own = tmp_path / "own-type.yaml"
    own.write_text(template.read_text("utf-8").replace("AWS::SageMaker", "YourOrg::SageMaker"))
    finished = subprocess.run(
        [
            str(Path(sysconfig.get_path("scripts")) / "cfn-lint"),
            *("--append-rules", str(ROOT / "validation/rules")),
            *("--format", "json"),
            *("--template", str(template), str(own)),
        ],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert not finished.stderr
    found = {
        (Path(each["Filename"]).name, each["Rule"]["Id"], each["Location"]["Start"]["LineNumber"])
        for each in json.loads(finished.stdout)
    }
    assert found == {
        ("mistaken-both.yaml", "E9501", 15),
        ("own-type.yaml", "E9501", 15),
        # Stock cfn-lint does not know a type that someone has registered.
        ("own-type.yaml", "E3006", 5),
    }
