"""`make sql`: what reaches the tool, byte for byte."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from project import ROOT
from tests.harness.processes import MAKES_OWN

SETTINGS = (
    *("QUERY", "FILE", "REGIONS", "PROFILES", "OUTPUT", "OUT"),
    *("YES", "DRY_RUN", "TIMING", "PYTHON"),
)
TEXTS = (
    "SELECT $tag, $1, $$x$$, ${HOME}, $(HOME), $@ $",
    "$(shell touch '{touched}') `touch '{touched}'` $$(touch '{touched}')",
    "$(error no) $(warning no)",
    "-- a # comment, and \\# another # one",
    """it's "quoted" and ''doubled'' and ""doubled"" """,
    "a\\b \\\\ \\n \\$ ends in \\",
    "SELECT *\n\tFROM t -- one\n  WHERE a = 'b\\\n c'\n;\n",
    "-x --yes",
    "--",
    "a = b := c += d != e ?= f",
    "a, b) (c ; d & e | f > g < h * ? [i] ~ ! % :",
    "@untagged tag=a$b",
    "é \udcff 日本",
    "ends in blanks \t ",
)


@pytest.fixture
def tool(tmp_path: Path) -> str:
    """A command to stand in for project/environment.py: it prints its arguments and its input."""
    path = tmp_path / "tool.py"
    path.write_text("import json, sys; print(json.dumps([sys.argv[1:], sys.stdin.read()]))")
    return f"{sys.executable} {path}"


def ran(
    tool: str, *given: str, settings: Mapping[str, str] | None = None, typed: str = ""
) -> tuple[list[str], str]:
    """The arguments and the standard input of the tool that `make sql` runs."""
    others = {
        name: value for name, value in os.environ.items() if name not in (*MAKES_OWN, *SETTINGS)
    }
    ended = subprocess.run(
        ["make", "sql", f"ENVIRONMENT={tool}", *given],
        cwd=ROOT,
        env={**others, **(settings or {})},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    arguments, read = json.loads(ended.stdout)
    assert arguments[:4] == ["run", "inventory", "-m", "inventory"]
    return arguments[4:], read


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("way", ["command line", "environment"])
def test_a_text_reaches_the_tool_byte_for_byte(
    tool: str, tmp_path: Path, text: str, way: str
) -> None:
    touched = tmp_path / "touched"
    text = text.replace("{touched}", str(touched))
    values = dict.fromkeys(("QUERY", "FILE", "OUT"), text)
    on_line = [f"{name}={value}" for name, value in values.items()]
    arguments, _ = ran(tool, *on_line) if way == "command line" else ran(tool, settings=values)
    assert arguments == [f"--query={text}", f"--file={text}", f"--out={text}"]
    assert not touched.exists()


def test_blanks_before_a_text_are_kept_in_the_environment_and_lost_on_the_command_line(
    tool: str,
) -> None:
    assert ran(tool, settings={"QUERY": " \n a"})[0] == ["--query= \n a"]
    assert ran(tool, "QUERY= \n a")[0] == ["--query=a"]


def test_the_command_line_comes_before_the_environment(tool: str) -> None:
    assert ran(tool, "QUERY=$a", settings={"QUERY": "$b"})[0] == ["--query=$a"]


def test_all_other_settings_are_options_and_what_is_empty_or_says_no_is_left_out(
    tool: str,
) -> None:
    values = ["REGIONS=us-*, eu-west-1", "PROFILES=a b", "OUTPUT=csv"]
    flags = ["YES=1", "DRY_RUN=yes", "TIMING=true"]
    assert ran(tool, *values, *flags)[0] == [
        *("--regions=us-*, eu-west-1", "--profiles=a b", "--output=csv"),
        *("--yes", "--dry-run", "--timing"),
    ]
    off = ["YES=no", "DRY_RUN=0", "TIMING=false", *(f"{name}=" for name in SETTINGS[:6])]
    assert ran(tool, *off)[0] == []


def test_a_query_may_come_from_standard_input(tool: str) -> None:
    assert ran(tool, typed="SELECT $1;\n") == ([], "SELECT $1;\n")
