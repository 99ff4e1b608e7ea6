"""``make contract``: the CloudFormation CLI's own contract tests, on every input set."""

import re
import signal
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from project import ROOT
from project.settings import type_name
from tests.harness.processes import make, running

# The CloudFormation CLI's tests and packages run on a Python of their own.
pytestmark = pytest.mark.once

SECONDS = 120
ACME = "Acme::SageMaker::ModelQualityJobDefinition"
INPUT_SETS = sorted((ROOT / "inputs").glob("inputs_*_create.json"))
#: What comes of each of the CLI's tests of a type that has all five handlers.
PASSED = {
    "contract_check_asserts_work",
    "contract_create_delete",
    "contract_create_list",
    "contract_create_read",
    "contract_create_taggable",
    "contract_delete_delete",
    "contract_delete_list",
    "contract_delete_read",
    "contract_delete_update",
    "contract_update_list",
    "contract_update_read",
    "contract_update_tag_updatable",
    "contract_update_without_create",
}
#: They make the same resource anew under its own identifier, and SageMaker makes up ours. The CLI
#: skips them by itself.
SKIPPED = {"contract_create_create", "contract_delete_create"}


class Run(NamedTuple):
    """What the command has printed, and of how many input sets."""

    printed: str
    input_sets: int


def leave_one_input_set(package: Path, path: Path) -> None:
    """Write the package as it were with the first of its input sets alone."""
    with zipfile.ZipFile(package) as whole, zipfile.ZipFile(path, "w") as part:
        for name in whole.namelist():
            if not name.startswith("inputs/") or name.startswith("inputs/inputs_1_"):
                part.writestr(whole.getinfo(name), whole.read(name))


@pytest.fixture(
    scope="module",
    params=[
        "the project",
        "its package",
        "a package under another name",
    ],
)
def contract(
    request: pytest.FixtureRequest,
    package: Callable[[str], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    variables, input_sets = [], len(INPUT_SETS)
    if request.param == "its package":
        variables = [f"PACKAGE={package(type_name())}"]
    elif request.param == "a package under another name":
        cut, input_sets = tmp_path_factory.mktemp("cut") / "acme.zip", 1
        leave_one_input_set(package(ACME), cut)
        variables = [f"PACKAGE={cut}"]
    # In a narrow terminal pytest leaves out why it skipped a test.
    with running(make("contract", *variables), ROOT, {"COLUMNS": "200"}) as started:
        assert started.end(SECONDS) == 0, started.printed + started.errors()
        assert started.left_nothing()
    return Run(started.printed, input_sets)


def test_there_are_at_least_four_input_sets_each_with_create_update_and_invalid() -> None:
    names = {path.name for path in INPUT_SETS}
    assert len(names) >= 4
    for kind in ("update", "invalid"):
        for name in names:
            assert (ROOT / "inputs" / name.replace("create", kind)).is_file()


def test_there_is_a_run_for_each_input_set_with_the_summary_of_the_cli(contract: Run) -> None:
    summaries = re.findall(r"^=+ (.* in [\d.]+s.*) =+$", contract.printed, re.MULTILINE)
    assert len(summaries) == contract.input_sets
    assert " have passed, on every input set " in contract.printed.splitlines()[-1]
    for summary in summaries:
        assert summary.startswith(f"{len(PASSED)} passed, {len(SKIPPED)} skipped, 9 deselected")


def test_every_test_passes_but_those_that_need_a_writable_identifier(contract: Run) -> None:
    [_, *runs] = contract.printed.split(" test session starts ")
    assert len(runs) == contract.input_sets
    for run in runs:
        # The 9 are its tests of hooks, which the CLI leaves out for resource types by itself.
        assert "collected 24 items / 9 deselected / 15 selected" in run
        outcomes = re.findall(r"::(contract_\w+)\s.*?\b([A-Z]{5,})\s+(?:\(|\[)", run, re.DOTALL)
        assert {test for test, outcome in outcomes if outcome == "PASSED"} == PASSED
        assert {test for test, outcome in outcomes if outcome == "SKIPPED"} == SKIPPED
    reasons = re.findall(r"SKIPPED \((.*?)\)", contract.printed)
    assert set(reasons) == {"No writable identifiers. Skipping test."}


@pytest.mark.parametrize("when", ["Testing against a sandbox", "test session starts"])
@pytest.mark.parametrize(
    ("number", "to_all"),
    [(signal.SIGINT, True), (signal.SIGTERM, False)],
    ids=["ctrl-c", "sigterm"],
)
def test_interrupted_it_says_so_and_its_sandbox_is_gone(
    when: str, number: signal.Signals, to_all: bool
) -> None:
    command = [sys.executable, "-m", "tools.contract"]
    with running(command, ROOT, {"PYTHONUNBUFFERED": "1"}) as started:
        started.until(when).send(number, to_all)
        assert started.end(30) == 128 + number
        assert started.left_nothing()
    assert "Interrupted; the sandbox is stopped." in started.errors()
    said = started.printed + started.errors()
    assert "Traceback" not in said
    assert "contract tests" not in said.lower()


@pytest.mark.parametrize("variable", ["SETUP", "TYPE_CONFIGURATION"])
def test_a_file_that_is_missing_is_told_with_the_variable_that_names_it(variable: str) -> None:
    option = variable.lower().replace("_", "-")
    command = [sys.executable, "-m", "tools.contract", f"--{option}=nope"]
    with running(command, ROOT) as started:
        assert started.end(SECONDS) == 1
        said = started.errors()
    assert said == f"{variable}=nope: there is no such file. Name one that exists.\n"
