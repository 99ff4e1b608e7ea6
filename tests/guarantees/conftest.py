"""AWS that fails on demand, and CloudFormation that drives the provider on it."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from botocore.config import Config

from aws_sagemaker_modelqualityjobdefinition import sagemaker
from tests.harness.failing_aws import CloudFormation, FailingAws
from tests.harness.provider import get_ready, serving


@pytest.fixture(scope="session")
def _failing_aws() -> Iterator[FailingAws]:
    get_ready("cloudwatch", "logs", "sagemaker", "sts")
    with serving(FailingAws()) as aws:
        yield aws


_LIMITS = {
    "real": sagemaker._LIMITS,
    # For the tests of what happens past the limit. It is far more than an answer takes here.
    "short": sagemaker._LIMITS.merge(Config(read_timeout=1)),
    # For all others: no answer is given up, on the busiest machine.
    "long": sagemaker._LIMITS.merge(Config(connect_timeout=60, read_timeout=60)),
}
REAL_PATIENCE = float(sagemaker._LIMITS.read_timeout)


@pytest.fixture(autouse=True)
def patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> float:
    """For how many seconds the handlers wait for an answer of SageMaker.

    A test may choose "real" or "short"; others get "long".
    """
    limits = _LIMITS[getattr(request, "param", "long")]
    monkeypatch.setattr(sagemaker, "_LIMITS", limits)
    return float(limits.read_timeout)


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


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Iterator[Callable[[], None]]:
    """To be called once for each example. The sum is printed at the end of the run."""
    calls = 0

    def one_more() -> None:
        nonlocal calls
        calls += 1

    yield one_more
    record_property("examples", calls)
