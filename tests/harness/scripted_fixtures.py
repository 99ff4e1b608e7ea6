"""AWS over a real socket, whose answers a test may script, and the provider that calls it."""

from collections.abc import Iterator

import pytest

from tests.harness.provider import Provider, ScriptedAws, get_ready, serving


@pytest.fixture(scope="session")
def scripted_aws() -> Iterator[ScriptedAws]:
    get_ready("cloudwatch", "logs", "sagemaker")
    with serving(ScriptedAws()) as aws:
        yield aws


@pytest.fixture
def aws(scripted_aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch) -> ScriptedAws:
    """SageMaker, CloudWatch and its logs, with nothing recorded and nothing scripted yet."""
    scripted_aws.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL", scripted_aws.url)
    return scripted_aws


@pytest.fixture
def provider(aws: ScriptedAws) -> Provider:
    """Sends events to the entry point that CloudFormation calls."""
    return Provider(aws)
