"""guide/templates.md, held to the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from project import ROOT
from sandbox.cloudformation.resources.names import _NAMES
from sandbox.cloudformation.template.template import SECTIONS, TRANSFORMS
from tests.harness.documents import Document

PAGE = Document.read(Path("guide/templates.md"))


def texts_of_the_code() -> Iterator[str]:
    """Yield each text in the sandbox's code, with `…` for what is put into it."""
    for path in ROOT.glob("sandbox/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Constant(value=str(text)):
                    yield text
                case ast.JoinedStr(values=parts):
                    yield "".join(
                        str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts
                    )


def test_the_page_quotes_refusals_in_the_words_of_the_sandbox() -> None:
    quoted = {
        text
        for row in PAGE.table("What is refused")
        for text in re.findall(r'"(.+?)"', row["what you see"])
    }
    assert quoted
    assert quoted - set(texts_of_the_code()) == set()


def test_the_page_has_every_section_of_a_template() -> None:
    listed = {
        name for row in PAGE.table("Sections") for name in re.findall(r"`(\w+)`", row["section"])
    }
    assert listed == SECTIONS - {"AWSTemplateFormatVersion", "Description"}


def test_the_page_has_the_transforms_of_the_sandbox() -> None:
    refused = "AWS::Serverless-2016-10-31"
    listed = {
        name
        for row in PAGE.table("Transforms")
        for name in re.findall(r"`(AWS::[\w:-]+)`", row["transform"])
    }
    assert listed == {*TRANSFORMS, refused}


def test_the_page_says_of_which_types_a_taken_name_is_found() -> None:
    rows = PAGE.table("Validation before provisioning")
    [said] = (row["the sandbox"] for row in rows if row["subject"] == "Names that are taken")
    words = {
        "buckets": "AWS::S3::Bucket",
        "roles": "AWS::IAM::Role",
        "log groups": "AWS::Logs::LogGroup",
    }
    assert {name for word, name in words.items() if word in said} == _NAMES.keys()
