"""guide/generating.md, held to the code. tests/guide/test_readme.py runs its commands."""

import re
from pathlib import Path

from sandbox.cloudformation.generator.scans import SCANS_A_DAY
from sandbox.cloudformation.generator.templates import MAX_CONCURRENT, MAX_TEMPLATES
from tests.harness.documents import Document
from tests.harness.stacks import TYPE_NAME

PAGE = Document.read(Path("guide/generating.md"))


def test_the_page_has_the_limits_of_the_generator() -> None:
    [row] = [row for row in PAGE.table("How it differs from AWS") if row["subject"] == "Limits"]
    assert row == {
        "subject": "Limits",
        "AWS": f"{SCANS_A_DAY} scans a day, {MAX_CONCURRENT} templates at once, "
        f"{MAX_TEMPLATES:,} templates in all.",
        "the sandbox": "The same. A sandbox that is started anew has no scans.",
    }


def test_the_logical_id_on_the_page_is_made_of_the_name_on_the_page() -> None:
    [name] = re.findall(r"--job-definition-name (\S+)", PAGE.text)
    made = "".join(TYPE_NAME.split("::")[1:]) + name.replace("-", "").capitalize()
    assert f"`{made}`" in PAGE.table("What is in the template")[0]["what it is"]
