"""Each rule finds its mistake, at its line, and nothing else in this project's templates."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

import pytest

from project import ROOT
from tests.harness.documents import Document
from tests.harness.examples import EXAMPLES
from validation.examples import FOLDER, Mistaken, mistaken, sound
from validation.lint import lint
from validation.rules import RULES

# They run in the Python that cfn-lint runs in, and read only files.
pytestmark = pytest.mark.once

IDS = [rule.id for rule in RULES]
MISTAKEN = [each for rule_id in IDS for each in mistaken(rule_id)]
DATA = ROOT / "tests/data"
# What people have written, what is documented, what was created in AWS.
OTHERS = sorted(path for path in DATA.glob("**/*") if path.is_file())


def found(template: str) -> list[tuple[int, str]]:
    return [(match.linenumber, match.rule.id) for match in lint(template)]


@pytest.mark.parametrize(
    "example", MISTAKEN, ids=lambda each: f"{each.path.parent.name}-{each.path.stem}"
)
def test_a_rule_and_no_other_finds_its_mistake_at_the_line_that_is_marked(
    example: Mistaken,
) -> None:
    assert example.expected
    assert sorted(set(found(example.text))) == example.expected
    assert {rule for _, rule in example.expected} == {example.path.parent.name}


@pytest.mark.parametrize("template", [*sound(), *EXAMPLES, *OTHERS], ids=lambda path: path.name)
def test_no_rule_finds_anything_in_a_template_without_the_mistakes(template: Path) -> None:
    assert lint(template.read_text("utf-8")) == []


def test_no_rule_finds_anything_in_readmes_first_template() -> None:
    templates = [
        fence.text
        for fence in Document.read(Path("README.md")).fences
        if fence.language == "yaml" and "Resources:" in fence.text
    ]
    assert templates
    assert [lint(template) for template in templates] == [[]] * len(templates)


def test_every_rule_has_templates_with_and_without_the_mistake() -> None:
    assert {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name[0] != "_"} == set(
        IDS
    )
    assert {example.path.parent.name for example in MISTAKEN} == set(IDS)
    assert {path.parent.name for path in sound()} == set(IDS)


def test_ids_are_in_order_and_no_number_is_used_twice() -> None:
    numbers = [int(re.fullmatch(r"[EWI](95\d\d)", rule_id)[1]) for rule_id in IDS]  # type: ignore[index]
    assert [number for number, _ in groupby(sorted(numbers))] == numbers


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_it_is_about_and_who_says_so(rule: type) -> None:
    made = rule()
    assert made.shortdesc
    assert not made.shortdesc.endswith(".")
    assert made.description.endswith(".")
    assert made.source_url.startswith(("https://docs.aws.amazon.com/", "https://github.com/"))
    assert "sagemaker" in made.tags
