"""What is given to make on its command line reaches the tools as it is, and only if it says so."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from project import ROOT

#: What belongs to the run of make that these tests may be part of, and what a user has set.
OTHERS = {"MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "TYPE_NAME", "REGION", "PORT"}
AWKWARD = "A'b\"c `d`; e=$HOME * \\"


@pytest.fixture
def tool(tmp_path: Path) -> str:
    """A command to stand in for project/environment.py: it prints its arguments."""
    path = tmp_path / "tool.py"
    path.write_text("import json, sys; print(json.dumps(sys.argv[1:]))")
    return f"{sys.executable} {path}"


def made(tool: str, target: str, *given: str) -> list[str]:
    """The arguments of the tool that a target runs, without those that say which tool."""
    answer = subprocess.run(
        ["make", target, f"ENVIRONMENT={tool}", *given],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in OTHERS},
        capture_output=True,
        text=True,
        check=True,
    )
    arguments: list[str] = json.loads(answer.stdout)
    return arguments[4:]


@pytest.mark.parametrize(
    ("target", "variable", "option"),
    [
        ("demo", "TEMPLATE", "--template"),
        ("sandbox", "PACKAGE", "--package"),
        ("sandbox", "PORT", "--port"),
        ("contract", "PACKAGE", "--package"),
        ("conformance", "ONLY", "--only"),
        ("package", "TYPE_NAME", "--type-name"),
        ("package", "DIST", "--folder"),
        ("release-check", "TYPE_NAME", "--type-name"),
        ("release-check", "TAG", "--tag"),
        ("submit", "TYPE_NAME", "--type-name"),
        ("submit", "REGION", "--region"),
        ("submit", "ROLE_ARN", "--role-arn"),
        ("submit", "PASSABLE_ROLES", "--passable-roles"),
    ],
)
def test_a_value_is_handed_on_as_it_is_and_an_empty_one_is_none(
    tool: str, target: str, variable: str, option: str
) -> None:
    # A dollar sign is doubled for make.
    arguments = made(tool, target, f"{variable}={AWKWARD.replace('$', '$$')}")
    assert arguments[arguments.index(option) + 1] == AWKWARD
    if variable != "PORT":
        assert option not in made(tool, target, f"{variable}=")


def test_what_conformance_is_to_know_of_an_account_is_handed_on_as_it_is(tool: str) -> None:
    values = [f"{name}={AWKWARD.replace('$', '$$')}" for name in ("REGION", "TYPE_NAME")]
    assert made(tool, "conformance", "AWS=1", "SCHEDULE=1", *values) == [
        *("--aws", "--role-arn", "", "--region", AWKWARD, "--type-name", AWKWARD, "--schedule")
    ]
    assert made(tool, "conformance", *values) == []


def test_parameters_of_the_demo_are_told_apart_by_spaces_and_files_do_not_matter(
    tool: str,
) -> None:
    arguments = made(tool, "demo", "PARAMETERS=Name=Make'file  VERSIO* Other=b")
    assert arguments == ["--parameters", "Name=Make'file", "VERSIO*", "Other=b"]


@pytest.mark.parametrize(
    ("target", "variable", "option"),
    [
        ("submit", "DRY_RUN", "--dry-run"),
        ("bench-here", "QUICK", "--quick"),
        ("conformance", "AWS", "--aws"),
        ("generate", "CHECK", "--check"),
    ],
)
def test_a_switch_is_on_unless_it_says_no(
    tool: str, target: str, variable: str, option: str
) -> None:
    assert option in made(tool, target, f"{variable}=1")
    for off in ("", "0", "no", "false"):
        assert option not in made(tool, target, f"{variable}={off}")
