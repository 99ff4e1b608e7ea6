"""guide/guarantees.md and its tests, one to one."""

import inspect
import re

from aws_sagemaker_modelqualityjobdefinition.stabilization import BUDGET_SECONDS
from project import ROOT
from sandbox.faults import FAULTS, Fault
from tests.guarantees import test_guarantees

GUIDE = ROOT / "guide"


def test_each_promise_has_its_test_and_each_test_its_promise() -> None:
    page = (GUIDE / "guarantees.md").read_text("utf-8")
    promised = re.findall(r"^\| \d+\w? \| .+ \| `(test_\w+)` \|$", page, re.MULTILINE)
    tests = [name for name, _ in inspect.getmembers(test_guarantees, inspect.isfunction)]
    assert sorted(promised) == sorted(name for name in tests if name.startswith("test_"))


def test_the_page_states_the_budget_that_is_in_force() -> None:
    page = (GUIDE / "guarantees.md").read_text("utf-8")
    assert f"waited for {BUDGET_SECONDS} seconds" in page


def test_the_page_of_faults_has_every_fault_and_member() -> None:
    page = (GUIDE / "faults.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE))
    members = {name for name in Fault.__dataclass_fields__ if not name.startswith("_")}
    assert rows == {*FAULTS, *members}
