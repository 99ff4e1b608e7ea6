"""Types that make nothing."""

from collections.abc import Iterator

import pytest

from tests.harness.cloudformation import Stacks, running


@pytest.fixture
def stacks() -> Iterator[Stacks]:
    with running() as sandbox:
        yield sandbox


def test_a_wait_condition_handle_makes_nothing(stacks: Stacks) -> None:
    stacks.create({"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}})
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"
