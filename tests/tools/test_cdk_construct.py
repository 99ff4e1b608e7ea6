"""`make cdk-construct`: what it prints, and the names that it refuses.

tests/guide/test_cdk_pages.py uses the construct in apps.
"""

import ast
import re
import subprocess
import sys

import pytest

from project import ROOT
from project.type_name import EXAMPLE
from tools import cdk_construct

pytestmark = pytest.mark.once


def test_prints_a_module_with_a_construct_of_the_type_that_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cdk_construct.main(["--type-name", EXAMPLE]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    module = ast.parse(out)
    assert (ast.get_docstring(module) or "").startswith(f"A construct for {EXAMPLE}.")
    [construct] = [
        each
        for each in module.body
        if isinstance(each, ast.ClassDef) and each.name == "CfnModelQualityJobDefinition"
    ]
    assert (ast.get_docstring(construct) or "").startswith(
        f"Resource Type definition for {EXAMPLE}"
    )
    assert f'CFN_RESOURCE_TYPE_NAME = "{EXAMPLE}"' in out
    assert "AWS::SageMaker" not in out


def test_describes_each_argument(capsys: pytest.CaptureFixture[str]) -> None:
    cdk_construct.main(["--type-name", EXAMPLE])
    described = ":param max_runtime_in_seconds: Maximum duration of a run in seconds, 1 to"
    assert described in capsys.readouterr().out


def test_a_formatter_and_a_linter_leave_the_module_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cdk_construct.main(["--type-name", EXAMPLE])
    module = capsys.readouterr().out
    for command in (["format", "--check"], ["check", "--extend-select=E,W,I,B,UP"]):
        answer = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "-"],
            input=module,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr


def test_suggests_the_values_of_a_property_that_has_a_fixed_set(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cdk_construct.main(["--type-name", EXAMPLE])
    assert 's3_input_mode: Literal["Pipe", "File"] | str | None = None,' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], f"TYPE_NAME is missing. .* make cdk-construct TYPE_NAME={EXAMPLE}"),
        (["--type-name", "AWS::SageMaker::Thing"], "nobody can register a type"),
        (["--type-name", "Quality"], "TYPE_NAME is 'Quality', which is not the name"),
    ],
)
def test_says_what_is_wrong_with_the_name(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cdk_construct.main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert re.search(message, err)


def test_ends_well_where_nobody_reads_all_of_it() -> None:
    command = [sys.executable, "-m", "tools.cdk_construct", "--type-name", EXAMPLE]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.stderr is not None
        assert running.stderr.read() == ""
        assert running.wait() == 0


def test_a_structure_without_a_name_is_an_error() -> None:
    nameless = {
        "typeName": EXAMPLE,
        "description": "A thing.",
        "definitions": {},
        "properties": {
            "Tags": {"type": "array", "items": {"$ref": "#/definitions/Tag"}, "description": "x"},
            "Inner": {"type": "object", "properties": {}, "description": "x"},
        },
        "readOnlyProperties": [],
        "tagging": {"tagProperty": "/properties/Tags"},
    }
    with pytest.raises(ValueError, match="Inner is a structure without a name"):
        cdk_construct.construct(nameless, "1.0.0")
