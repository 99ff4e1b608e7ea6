"""guide/sandbox.md, held to the code."""

import re
from pathlib import Path

from sandbox.background import LONGEST_HOLD
from sandbox.cloudformation.api.change_sets import ChangeSetApi
from sandbox.cloudformation.api.drift import DriftApi
from sandbox.cloudformation.api.events import EventApi
from sandbox.cloudformation.api.generator import GeneratorApi
from sandbox.cloudformation.api.registry import RegistryApi
from sandbox.cloudformation.api.stacks import StackApi
from sandbox.cloudformation.api.templates import TemplateApi
from sandbox.sagemaker.service import ARN_CASE_VARIABLE, ENDPOINTS_VARIABLE
from tests.harness.documents import Document

PAGE = Document.read(Path("guide/sandbox.md"))
PARTS = {
    "Stacks": StackApi,
    "Events": EventApi,
    "Change sets": ChangeSetApi,
    "Drift": DriftApi,
    "Templates": TemplateApi,
    "IaC generator": GeneratorApi,
    "Registry": RegistryApi,
}


def test_the_page_lists_the_operations_of_cloudformation_that_the_sandbox_has() -> None:
    listed = {
        row["part"]: set(row["operations"].split(", "))
        for row in PAGE.table("What it supports of CloudFormation")
    }
    assert listed == {
        part: {
            name.title().replace("_", "")
            for name, member in vars(api).items()
            if callable(member) and not name.startswith("_")
        }
        for part, api in PARTS.items()
    }


def test_the_page_has_the_settings_of_the_sandbox() -> None:
    settings = {re.sub(r"[`=].*", "", row["setting"].strip("`")) for row in PAGE.table("Start it")}
    assert settings == {"PORT", "PACKAGE", ARN_CASE_VARIABLE, ENDPOINTS_VARIABLE}


def test_the_page_says_how_long_an_answer_is_held() -> None:
    [row] = (
        row for row in PAGE.table("How it differs from AWS") if "`DescribeStacks`" in row["subject"]
    )
    assert set(re.findall(r"`(\w+)`", row["subject"])) == {
        "DescribeStacks",
        "DescribeStackDriftDetectionStatus",
        "GetResourceRequestStatus",
    }
    assert f"for up to {LONGEST_HOLD:.0f} seconds" in row["the sandbox"]
