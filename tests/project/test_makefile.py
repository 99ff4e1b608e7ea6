"""The make targets: what they run, on which Python, and what they pass on of their command line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from project import ROOT
from project.environment import INSTALLER, PURPOSES
from tests.harness.processes import MAKES_OWN
from tools.packaging.lambda_python import lambda_python

#: What a user may have set.
SETTINGS = ("TYPE_NAME", "REGION", "PORT", "PYTHON", "PYTEST_ARGS")
AWKWARD = "A'b\"c `d`; e=$HOME * \\"


@pytest.fixture
def tool(tmp_path: Path) -> str:
    """A command to stand in for project/environment.py: it prints its arguments."""
    path = tmp_path / "tool.py"
    # In one piece, as make runs some targets side by side.
    path.write_text("import json, os, sys; os.write(1, f'{json.dumps(sys.argv[1:])}\\n'.encode())")
    return f"{sys.executable} {path}"


def said(environment: str, target: str, *given: str) -> list[str]:
    """The lines that a target prints where a command stands in for project/environment.py."""
    answer = subprocess.run(
        ["make", target, f"ENVIRONMENT={environment}", *given],
        cwd=ROOT,
        env={
            name: value for name, value in os.environ.items() if name not in (*MAKES_OWN, *SETTINGS)
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout.splitlines()


def ran(tool: str, target: str, *given: str) -> list[list[str]]:
    """The arguments of each tool that a target runs, in order."""
    return [json.loads(line) for line in said(tool, target, *given) if line.startswith("[")]


def made(tool: str, target: str, *given: str) -> list[str]:
    """The arguments of the one tool that a target runs, without those that say which tool."""
    [arguments] = ran(tool, target, *given)
    return arguments[4:]


@pytest.mark.parametrize(
    ("target", "variable", "option"),
    [
        ("demo", "TEMPLATE", "--template"),
        ("sandbox", "PACKAGE", "--package"),
        ("sandbox", "PORT", "--port"),
        ("contract", "PACKAGE", "--package"),
        ("contract", "SETUP", "--setup"),
        ("contract", "TYPE_CONFIGURATION", "--type-configuration"),
        ("conformance", "ONLY", "--only"),
        ("fuzz", "COUNT", "--count"),
        ("fuzz", "FUZZ_SEED", "--seed"),
        ("fuzz", "ONLY", "--only"),
        ("package", "TYPE_NAME", "--type-name"),
        ("package", "DIST", "--folder"),
        ("release-check", "TYPE_NAME", "--type-name"),
        ("release-check", "TAG", "--tag"),
        ("submit", "TYPE_NAME", "--type-name"),
        ("submit", "REGION", "--region"),
        ("submit", "ROLE_ARN", "--role-arn"),
        ("submit", "PASSABLE_ROLES", "--passable-roles"),
        ("template", "DEFINITION", "--definition"),
        ("template", "REGION", "--region"),
        ("template", "TYPE_NAME", "--type-name"),
        ("template", "LOGICAL_ID", "--logical-id"),
    ],
)
def test_a_value_is_passed_on_unchanged_and_an_empty_one_is_left_out(
    tool: str, target: str, variable: str, option: str
) -> None:
    # A dollar sign is doubled for make.
    arguments = made(tool, target, f"{variable}={AWKWARD.replace('$', '$$')}")
    assert f"{option}={AWKWARD}" in arguments
    if variable != "PORT":
        without = made(tool, target, f"{variable}=")
        assert not any(argument.startswith(option) for argument in without)


def test_the_settings_of_conformance_for_an_account_are_passed_on_unchanged(tool: str) -> None:
    values = [f"{name}={AWKWARD.replace('$', '$$')}" for name in ("REGION", "TYPE_NAME")]
    assert made(tool, "conformance", "AWS=1", "SCHEDULE=1", *values) == [
        *("--aws", "--role-arn=", f"--region={AWKWARD}", f"--type-name={AWKWARD}", "--schedule")
    ]
    assert made(tool, "conformance", *values) == []


def test_parameters_of_the_demo_are_split_at_spaces_and_never_expanded_to_files(
    tool: str,
) -> None:
    arguments = made(tool, "demo", "PARAMETERS=Name=Make'file  VERSIO* Other=b")
    assert arguments == ["--parameters", "Name=Make'file", "VERSIO*", "Other=b"]


@pytest.mark.parametrize(
    ("target", "variable", "option"),
    [
        ("submit", "DRY_RUN", "--dry-run"),
        ("bench-here", "QUICK", "--quick"),
        ("bench-sql-here", "QUICK", "--quick"),
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


def test_make_test_makes_all_environments_and_checks_the_code_before_it_runs_the_tests(
    tool: str,
) -> None:
    first, *between, last = ran(tool, "test", f"PYTHON={sys.executable}", "PYTEST_ARGS=-x")
    assert first == ["make", "dev"]
    [environments] = [each[1:] for each in between if each[0] == "make"]
    assert set(environments) == PURPOSES.keys() - {INSTALLER}
    run = ["run", "dev", "-m"]
    checks = [["ruff", "format", "--check"], ["ruff", "check"], ["mypy"]]
    assert sorted(each for each in between if each[0] == "run") == sorted(
        run + check for check in checks
    )
    assert last == [*run, "pytest", "-x"]


@pytest.mark.parametrize("target", ["test", "test-compat"])
def test_an_environment_that_cannot_be_made_does_not_keep_the_tests_from_running(
    tool: str, tmp_path: Path, target: str
) -> None:
    failing = tmp_path / "tool.py"
    failing.write_text(f"{failing.read_text()}; sys.exit('schema-linter' in sys.argv)")
    last = ran(tool, target, f"PYTHON={sys.executable}", "PYTEST_ARGS=-x")[-1]
    assert last[:5] == ["run", "dev", "-m", "pytest", "-x"]


def test_make_test_compat_makes_the_environments_of_the_tests_that_it_runs(tool: str) -> None:
    environments, tests = ran(tool, "test-compat", "PYTEST_ARGS=-x")
    assert tests == ["run", "dev", "-m", "pytest", "-x", "-m", "not once"]
    modules = [path.read_text("utf-8") for path in ROOT.glob("tests/**/*.py")]
    prepared = {
        name
        for module in modules
        if not re.search(r"^pytestmark = .*mark\.once", module, re.MULTILINE)
        for name in re.findall(r"\bprepare\(\"([\w-]+)\"\)", module)
    }
    assert prepared
    assert {"dev", "sandbox", "lambda-runtime", *prepared} == set(environments[1:])


@pytest.mark.parametrize(
    ("found", "given", "chosen"),
    [
        ("/a/python3.12", [], "/a/python3.12"),
        ("", [], "python3"),
        ("/a/python3.12", [f"PYTHON={sys.executable}"], sys.executable),
    ],
)
def test_tests_run_on_lambdas_python_if_it_is_found_and_no_other_was_given(
    found: str, given: list[str], chosen: str
) -> None:
    assert said(f"echo {found} #", "print-python", *given) == [chosen]


def test_make_takes_the_same_python_for_lambdas_as_the_package_does() -> None:
    assert f"\nLAMBDA_PYTHON = {lambda_python()}\n" in (ROOT / "Makefile").read_text("utf-8")


def test_make_test_says_which_python_it_runs_on(tool: str) -> None:
    [first, *_] = said(tool, "test", f"PYTHON={sys.executable}")
    version = ".".join(map(str, sys.version_info[:3]))
    assert first.startswith(f"make test runs on Python {version}")
    assert "Lambda runs" in first
