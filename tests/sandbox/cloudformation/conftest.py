"""The sandbox's CloudFormation alone, in the process of the tests."""

from collections.abc import Iterator

import pytest

from tests.harness.cloudformation import Stacks, running


@pytest.fixture
def stacks() -> Iterator[Stacks]:
    """A sandbox with the toy type, which ends with the test."""
    with running() as sandbox:
        yield sandbox
