"""A sandbox to check beliefs in."""

from collections.abc import Iterator

import pytest

from conformance.aws import AS_STRICT_AS_AWS, Aws
from conformance.removal import clean_up, sweep
from tests.harness.sandboxes import running_sandbox


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """The address of a sandbox that all checks of a process share; each has names of its own."""
    with running_sandbox(variables=AS_STRICT_AS_AWS) as url:
        yield url


@pytest.fixture(scope="session")
def place(sandbox_url: str) -> Aws:
    """The shared sandbox, with clients that are made but once."""
    return Aws.of_sandbox(sandbox_url)


@pytest.fixture
def aws(place: Aws) -> Iterator[Aws]:
    """The shared sandbox, where nothing is left of what a check makes."""
    yield place
    clean_up(place)
    assert sweep(place) == []
