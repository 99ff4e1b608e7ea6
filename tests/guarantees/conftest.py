"""AWS that fails on demand, and CloudFormation that drives the provider on it."""

import uuid
from collections.abc import Iterator

import pytest

from tests.harness.failing_aws import CloudFormation, FailingAws
from tests.harness.provider import get_ready, serving


@pytest.fixture(scope="session")
def _failing_aws() -> Iterator[FailingAws]:
    get_ready("cloudwatch", "logs", "sagemaker", "sts")
    with serving(FailingAws()) as aws:
        yield aws


@pytest.fixture
def aws(_failing_aws: FailingAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[FailingAws]:
    """AWS without faults and with nothing recorded yet."""
    _failing_aws.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL", _failing_aws.url)
    yield _failing_aws
    _failing_aws.heal()


@pytest.fixture
def cloudformation(aws: FailingAws) -> CloudFormation:
    """CloudFormation with a warm process to call."""
    return CloudFormation(aws)


@pytest.fixture
def unique() -> str:
    """A name that no other test has."""
    return f"t{uuid.uuid4().hex[:12]}"
