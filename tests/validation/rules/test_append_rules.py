"""The rules in stock cfn-lint, outside of this project."""

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from cfnlint.decode.cfn_yaml import loads

from project import ROOT
from tests.harness.documents import Document
from tools.rule_pages import FOLDER
from validation.examples import FOLDER as FOLDER_OF_EXAMPLES

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


def test_values_for_parameters_that_cfn_lint_is_given_belong_together(tmp_path: Path) -> None:
    template = loads((FOLDER_OF_EXAMPLES / "E9509/sound.yaml").read_text("utf-8"))
    window = template["Resources"]["Quality"]["Properties"]["ModelQualityJobInput"]["EndpointInput"]
    window |= {"StartTimeOffset": {"Ref": "Start"}, "EndTimeOffset": {"Ref": "End"}}
    template["Parameters"] = {name: {"Type": "String"} for name in ("Start", "End")}
    (tmp_path / "template.json").write_text(json.dumps(template))

    def found(*windows: tuple[str, str]) -> str:
        files = []
        for number, (start, end) in enumerate(windows):
            files.append(tmp_path / f"{number}.json")
            values = {"Start": start, "End": end}
            given = [{"ParameterKey": key, "ParameterValue": each} for key, each in values.items()]
            files[-1].write_text(json.dumps(given))
        finished = subprocess.run(
            [
                str(Path(sysconfig.get_path("scripts")) / "cfn-lint"),
                *("--append-rules", str(ROOT / "validation/rules"), "--format", "parseable"),
                *("--parameter-files", *map(str, files), "--", str(tmp_path / "template.json")),
            ],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": ""},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert not finished.stderr
        return finished.stdout

    assert "E9509" not in found(("-P2D", "-P1D"), ("-P9D", "-P8D"))
    assert "(if the parameter 'End' is '-P9D' and the parameter 'Start' is '-P8D')" in found(
        ("-P2D", "-P1D"), ("-P8D", "-P9D")
    )
