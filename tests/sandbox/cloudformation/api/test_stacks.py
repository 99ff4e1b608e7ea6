"""DescribeStacks holds its answer while the named stack is in progress."""

import threading
import time
from collections.abc import Iterator

import pytest

from sandbox.background import LONGEST_HOLD
from sandbox.cloudformation.api import stacks as api
from tests.harness.cloudformation import Event, Stacks, template, thing


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


@pytest.fixture
def held_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held is then told from what takes a while on a busy machine."""
    monkeypatch.setattr(api, "LONGEST_HOLD", 60)


@pytest.mark.usefixtures("held_for_a_minute")
def test_the_answer_comes_when_the_operation_ends(stacks: Stacks, go_on: threading.Event) -> None:
    threading.Timer(0.2, go_on.set).start()
    # It is the first one that was asked for.
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"


def test_it_is_held_for_no_longer_than_that(stacks: Stacks, go_on: threading.Event) -> None:
    started = time.monotonic()
    assert stacks.describe()["StackStatus"] == "CREATE_IN_PROGRESS"
    assert time.monotonic() - started >= LONGEST_HOLD
    go_on.set()
    assert stacks.settled() == "CREATE_COMPLETE"


@pytest.mark.usefixtures("go_on", "held_for_a_minute")
def test_a_list_of_all_stacks_is_not_held(stacks: Stacks) -> None:
    started = time.monotonic()
    [stack] = stacks.client().describe_stacks()["Stacks"]
    assert stack["StackStatus"] == "CREATE_IN_PROGRESS"
    assert time.monotonic() - started < 30


@pytest.mark.usefixtures("held_for_a_minute")
def test_a_stack_in_review_is_not_held(stacks: Stacks) -> None:
    stacks.client().create_change_set(
        StackName="shop",
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=template({"Thing": thing()}),
    )
    started = time.monotonic()
    assert stacks.describe()["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert time.monotonic() - started < 30
