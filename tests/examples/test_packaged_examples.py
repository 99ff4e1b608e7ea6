"""The templates in examples/, deployed with the handlers of the package that users register."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from project.type_name import renamed
from tests.harness.examples import (
    EXAMPLES,
    STACK_TAGS,
    Written,
    change_the_tag_in_place,
    each_example,
    expect_what_it_says,
    replace_the_definition,
)
from tests.harness.sandboxes import running_sandbox
from tests.harness.stacks import TYPE_NAME, Clients, InvokedProvider, Stacks, inventory

# The package runs on Lambda's Python, whichever runs the tests.
pytestmark = pytest.mark.once

ACME = "Acme::SageMaker::ModelQualityJobDefinition"


@pytest.fixture(scope="module")
def sandbox_url(package: Callable[[str], Path]) -> Iterator[str]:
    """A sandbox that runs the package, in the place of the one of the project's own code."""
    with running_sandbox(package(TYPE_NAME)) as url:
        yield url


@pytest.fixture(scope="module")
def aws(sandbox_url: str) -> Clients:
    return Clients(sandbox_url)


def deploy_change_and_delete(template: str, aws: Clients, stacks: Stacks) -> None:
    written, before = Written(template), inventory(aws)
    stack = stacks.create(template, tags=STACK_TAGS)
    expect_what_it_says(stack, written, aws, InvokedProvider(aws))
    change_the_tag_in_place(stack, aws)
    replace_the_definition(stack, written, aws)
    stack.delete()
    assert inventory(aws) == before


@each_example
def test_an_example_deploys_changes_and_goes_with_the_package(
    example: Path, aws: Clients, stacks: Stacks
) -> None:
    deploy_change_and_delete(example.read_text("utf-8"), aws, stacks)


def test_an_example_deploys_changes_and_goes_with_a_package_under_another_name(
    package: Callable[[str], Path],
) -> None:
    [example] = [path for path in EXAMPLES if path.stem == "monitoring-schedule"]
    template = renamed(example.read_text("utf-8"), TYPE_NAME, ACME)
    with running_sandbox(package(ACME)) as url:
        aws = Clients(url)
        deploy_change_and_delete(template, aws, Stacks(aws))
