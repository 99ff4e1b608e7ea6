"""DescribeStacks holds its answer while the named stack is in progress."""

import threading
import time
from collections.abc import Iterator

import pytest

from sandbox.cloudformation.api.stacks import LONGEST_HOLD
from tests.harness.cloudformation import Event, Stacks, running, template, thing


@pytest.fixture
def stacks() -> Iterator[Stacks]:
    with running() as sandbox:
        yield sandbox


@pytest.fixture
def go_on(stacks: Stacks) -> Iterator[threading.Event]:
    """A stack named shop whose creation goes on when this is set."""
    go_on = threading.Event()

    def wait(_: Event) -> None:
        go_on.wait(60)

    stacks.shop.will("CREATE", wait)
    stacks.create({"Thing": thing()}, wait=False)
    yield go_on
    go_on.set()


def test_the_answer_comes_when_the_operation_ends(stacks: Stacks, go_on: threading.Event) -> None:
    threading.Timer(0.2, go_on.set).start()
    # The first answer that is asked for has the final status.
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"


def test_it_is_held_for_no_longer_than_that(stacks: Stacks, go_on: threading.Event) -> None:
    started = time.monotonic()
    assert stacks.describe()["StackStatus"] == "CREATE_IN_PROGRESS"
    assert time.monotonic() - started >= LONGEST_HOLD
    go_on.set()
    assert stacks.settled() == "CREATE_COMPLETE"


@pytest.mark.usefixtures("go_on")
def test_a_list_of_all_stacks_is_not_held(stacks: Stacks) -> None:
    started = time.monotonic()
    [stack] = stacks.client().describe_stacks()["Stacks"]
    assert stack["StackStatus"] == "CREATE_IN_PROGRESS"
    assert time.monotonic() - started < LONGEST_HOLD


def test_a_stack_in_review_is_not_held(stacks: Stacks) -> None:
    stacks.client().create_change_set(
        StackName="shop",
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=template({"Thing": thing()}),
    )
    started = time.monotonic()
    assert stacks.describe()["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert time.monotonic() - started < LONGEST_HOLD
