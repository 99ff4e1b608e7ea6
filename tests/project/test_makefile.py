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
AWKWARD = "A'b\"c `d`; e=$HOME $(error f) $(shell exit) * \\"


@pytest.fixture
def tool(tmp_path: Path) -> str:
    """A command to stand in for project/environment.py: it prints its arguments."""
    path = tmp_path / "tool.py"
    # In one piece, as make runs some targets side by side.
    path.write_text("import json, os, sys; os.write(1, f'{json.dumps(sys.argv[1:])}\\n'.encode())")
    return f"{sys.executable} {path}"


def called(environment: str, *given: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """What make answers where a command stands in for project/environment.py.

    variables: environment variables to set.
    """
    others = {
        name: value for name, value in os.environ.items() if name not in (*MAKES_OWN, *SETTINGS)
    }
    return subprocess.run(
        ["make", f"ENVIRONMENT={environment}", *given],
        cwd=ROOT,
        env={**others, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def said(environment: str, target: str, *given: str, **variables: str) -> list[str]:
    """The lines that a target prints where a command stands in for project/environment.py."""
    answer = called(environment, target, *given, **variables)
    answer.check_returncode()
    return answer.stdout.splitlines()


def ran(tool: str, target: str, *given: str, **variables: str) -> list[list[str]]:
    """The arguments of each tool that a target runs, in order."""
    lines = said(tool, target, *given, **variables)
    return [json.loads(line) for line in lines if line.startswith("[")]


def made(tool: str, target: str, *given: str, **variables: str) -> list[str]:
    """The arguments of the one tool that a target runs, without those that say which tool."""
    [arguments] = ran(tool, target, *given, **variables)
    return arguments[4:]


@pytest.mark.parametrize(
    ("target", "variable", "option"),
    [
        ("demo", "TEMPLATE", "--template"),
        ("demo", "PARAMETERS", "--parameters"),
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
        ("validate", "TEMPLATE", "--template"),
        ("validate", "TYPE_NAME", "--type-name"),
        ("validate", "FORMAT", "--format"),
        ("validate", "REGIONS", "--regions"),
        ("validate", "IGNORE", "--ignore-checks"),
        ("template", "LOGICAL_ID", "--logical-id"),
    ],
)
def test_a_value_is_passed_on_unchanged_and_an_empty_one_is_left_out(
    tool: str, target: str, variable: str, option: str
) -> None:
    arguments = made(tool, target, f"{variable}={AWKWARD}")
    assert f"{option}={AWKWARD}" in arguments
    without = made(tool, target, f"{variable}=")
    assert not any(argument.startswith(option) for argument in without)


def test_the_settings_of_conformance_for_an_account_are_passed_on_unchanged(tool: str) -> None:
    values = [f"{name}={AWKWARD}" for name in ("REGION", "TYPE_NAME")]
    assert made(tool, "conformance", "AWS=1", "SCHEDULE=1", *values) == [
        *("--aws", "--role-arn=", f"--region={AWKWARD}", f"--type-name={AWKWARD}", "--schedule")
    ]


def test_what_conformance_takes_for_an_account_is_refused_without_one(tool: str) -> None:
    answer = called(tool, "conformance", "REGION=eu-west-1", "SCHEDULE=1")
    assert answer.returncode == 2
    assert "takes REGION, SCHEDULE only with AWS=1" in answer.stderr
    assert made(tool, "conformance", REGION="eu-west-1") == [], "somebody's environment"


def test_sql_writes_without_asking_only_if_that_is_said_on_the_command_line(tool: str) -> None:
    query = "QUERY=DELETE"
    assert "--yes" in made(tool, "sql", query, "YES=1")
    assert "--yes" not in made(tool, "sql", query, YES="1")


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
    for on in ("1", "yes", "true"):
        assert option in made(tool, target, f"{variable}={on}")
    for off in ("", "0", "no", "false"):
        assert option not in made(tool, target, f"{variable}={off}")


@pytest.mark.parametrize("way", ["command line", "environment"])
@pytest.mark.parametrize("value", ["flase", "1 1", "2", "$(shell touch $@)"])
def test_a_switch_that_says_neither_yes_nor_no_runs_nothing(
    tool: str, value: str, way: str
) -> None:
    on_line, environment = (
        ([f"DRY_RUN={value}"], {}) if way == "command line" else ([], {"DRY_RUN": value})
    )
    answer = called(tool, "submit", *on_line, **environment)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert f"*** DRY_RUN={value}: DRY_RUN is 1, yes or true to turn it on" in answer.stderr


@pytest.mark.parametrize(
    ("targets", "given", "message"),
    [
        (
            "demo",
            "TEMPLTE=own.yaml",
            "make demo does not take TEMPLTE. Did you mean TEMPLATE? It takes TEMPLATE, PARAM",
        ),
        ("demo", "PORT=1", "make demo does not take PORT. It takes TEMPLATE, PARAMETERS."),
        (
            "fuzz",
            "seed=4570",
            "make fuzz does not take seed. Did you mean FUZZ_SEED? It takes COUNT,",
        ),
        (
            "clean",
            "NO_COLOR=1",
            (
                "make clean does not take NO_COLOR. It takes no variables of its own. "
                "An environment variable goes before make: NO_COLOR=... make clean."
            ),
        ),
        (
            "fuzz lint",
            "a'b=`exit`",
            "make fuzz lint does not take a'b. It takes COUNT, FUZZ_SEED, ONLY.",
        ),
        (
            "",
            "TEMPLATE=own.yaml",
            "make help does not take TEMPLATE. It takes no variables of its own.",
        ),
    ],
)
@pytest.mark.parametrize("option", ["--silent", "--dry-run"])
def test_a_variable_that_no_target_takes_is_refused_before_anything_runs(
    tool: str, targets: str, given: str, message: str, option: str
) -> None:
    answer = called(tool, *targets.split(), given, option)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.partition("*** ")[2].startswith(message)
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("goals", "message"),
    [
        ("validte", "There is no target validte. Did you mean validate? make alone lists all"),
        (
            "demo own.yaml",
            "There is no target own.yaml. If that is a value, give it to a variable: TEMPLATE,",
        ),
        ("lint README.md", "There is no target README.md. make alone lists all targets."),
    ],
)
def test_a_target_that_does_not_exist_is_refused_before_anything_runs(
    tool: str, goals: str, message: str
) -> None:
    answer = called(tool, *goals.split())
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.partition("*** ")[2].startswith(message)
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "asked", [["-npq", "__BASH_MAKE_COMPLETION__=1", ".DEFAULT"], ["-nsp", ".PHONY"]]
)
def test_shells_can_complete_targets_as_bash_and_zsh_do(tool: str, asked: list[str]) -> None:
    answer = called(tool, *asked)
    assert "\ndemo:" in answer.stdout
    assert "There is no target" not in answer.stderr
    assert "does not take" not in answer.stderr


def test_variables_of_each_of_several_targets_are_taken(tool: str) -> None:
    fuzz, package = ran(tool, "fuzz", "package", "COUNT=5", "DIST=x")
    assert fuzz[-1] == "--count=5"
    assert package[-1] == "--folder=x"


def test_every_target_takes_settings_of_the_programs_that_it_runs(tool: str) -> None:
    assert (
        made(tool, "demo", "AWS_PROFILE=a", "PIP_INDEX_URL=b", "UV_OFFLINE=1", "HTTPS_PROXY=c")
        == []
    )


def test_a_make_that_another_one_starts_may_inherit_variables_of_other_targets(
    tool: str, tmp_path: Path
) -> None:
    outer = tmp_path / "Makefile"
    outer.write_text(f"all: ; @$(MAKE) -sC {ROOT} fuzz\n")
    answer = called(tool, f"--file={outer}", "all", "COUNT=$HOME", "CC=gcc")
    assert json.loads(answer.stdout.splitlines()[0])[4:] == ["--count=$HOME"]


def test_the_variables_of_the_environment_are_never_refused(tool: str) -> None:
    assert called(tool, "demo", TEMPLTE="own.yaml").returncode == 0


def test_the_help_lists_each_target_and_its_variables_in_groups_of_whole_lines() -> None:
    text = called("true", "help").stdout
    assert max(map(len, text.splitlines())) <= 80
    assert re.findall(r"^\w.*", text, re.MULTILINE)[:3] == ["Try it", "Use it", "Work on it"]
    shown = re.findall(r"^  make ([a-z-]+) +\w", text, re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", "")
    assert len(shown) == len({*shown})
    [targets] = re.findall(r"^TARGETS = (.*)", makefile, re.MULTILINE)
    assert {*shown} == {*targets.split()}
    taken = re.findall(r"^[a-z-]+\.takes = (.*)", makefile, re.MULTILINE)
    assert taken
    assert all(word in text.split() for words in taken for word in words.split())
    # What a recipe passes on has to be taken.
    used = re.findall(r"\$\(call (?:OPTION|FLAG),(\w+),", makefile)
    assert {*used} - {word.partition("=")[0] for words in taken for word in words.split()} == set()


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
    # Those that a working copy borrows, and those that a test asks for.
    lent = {"dev", "sandbox", "validation", "lambda-runtime"}
    assert lent | prepared == set(environments[1:])


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
