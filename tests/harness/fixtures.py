"""The sandbox as users start it: a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.sandboxes import running_sandbox
from tests.harness.stacks import Cli, Clients, InvokedProvider, Stacks, inventory

#: The parameter in which `cdk bootstrap` leaves its version, which templates of the CDK check.
BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """The address of a sandbox that all tests of a process share; their stacks have own names."""
    with running_sandbox() as url:
        yield url


@pytest.fixture(scope="session")
def aws(sandbox_url: str) -> Clients:
    """boto3's clients for the shared sandbox: ``aws.cloudformation``, ``aws.sagemaker`` ..."""
    return Clients(sandbox_url)


@pytest.fixture
def cli(sandbox_url: str, tmp_path: Path) -> Cli:
    """The AWS CLI for the shared sandbox."""
    return Cli(sandbox_url, tmp_path)


@pytest.fixture
def provider(aws: Clients) -> InvokedProvider:
    """The handlers in the shared sandbox, called as CloudFormation calls them."""
    return InvokedProvider(aws)


@pytest.fixture
def stacks(aws: Clients) -> Iterator[Stacks]:
    """Makes the stacks of a test, and sees to it that nothing is left of them."""
    before = inventory(aws)
    made = Stacks(aws)
    yield made
    made.clear()
    assert inventory(aws) == before, "the test or its stacks left something behind"


@pytest.fixture
def bootstrapped(aws: Clients) -> Iterator[None]:
    """An account and region that `cdk bootstrap` has prepared."""
    aws.ssm.put_parameter(Name=BOOTSTRAP_VERSION, Value="28", Type="String")
    yield
    aws.ssm.delete_parameter(Name=BOOTSTRAP_VERSION)
