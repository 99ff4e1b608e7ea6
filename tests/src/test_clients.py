"""clients.py: what stays in a warm process, and what must not."""

import re
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pytest
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import NoCredentialsError

from aws_sagemaker_modelqualityjobdefinition import clients
from aws_sagemaker_modelqualityjobdefinition.clients import Session
from tests.harness.provider import REGION, ScriptedAws, serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CONFIG = Config()


@pytest.fixture(autouse=True)
def _provider_clients() -> None:
    """Those that the provider keeps itself. They would still speak to the server before."""
    clients._cached_client.cache_clear()


class SignedAws(ScriptedAws):
    """Keeps the access key that each request was signed with."""

    def reset(self) -> None:
        super().reset()
        self.signers: list[str] = []

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        self.signers += re.findall(r"Credential=(\w+)/", environ["HTTP_AUTHORIZATION"])
        return super().__call__(environ, start_response)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[SignedAws]:
    with serving(SignedAws()) as aws:
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
        yield aws


def session(key: str, region: str = REGION) -> Session:
    return Session(ReadOnlyCredentials(key, "secret", None), region)


def call() -> None:
    client = session("whose client it is does not matter").client("sagemaker", config=CONFIG)
    client.list_model_quality_job_definitions()


class TestAClient:
    def test_is_kept_for_the_sessions_that_follow(self) -> None:
        assert session("one").client("logs", config=CONFIG) is session("two").client(
            "logs", config=CONFIG
        )

    def test_is_another_one_in_another_region(self) -> None:
        here, there = session("one"), session("one", "eu-west-1")
        assert here.client("logs", config=CONFIG) is not there.client("logs", config=CONFIG)

    def test_signs_with_the_credentials_of_the_session_in_use(self, aws: SignedAws) -> None:
        for key in ("one", "two", "one"):
            with session(key).in_use():
                call()
        assert aws.signers == ["one", "two", "one"]

    def test_sends_nothing_when_no_session_is_in_use(
        self, aws: SignedAws, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "function")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "function")
        with session("one").in_use():
            call()
        with pytest.raises(NoCredentialsError):
            call()
        assert aws.signers == ["one"]

    def test_knows_nothing_of_the_session_that_another_thread_uses(self, aws: SignedAws) -> None:
        refused = []

        def elsewhere() -> None:
            with pytest.raises(NoCredentialsError) as refusal:
                call()
            refused.append(refusal)

        with session("one").in_use():
            thread = threading.Thread(target=elsewhere)
            thread.start()
            thread.join()
        assert refused
        assert aws.signers == []
