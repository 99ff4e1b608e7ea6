"""The sandbox as users start it: a process of its own."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from sandbox.process import REGION, running_sandbox


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """The address of a sandbox that all tests of a process share; their stacks have own names."""
    with running_sandbox() as url:
        yield url


class Clients:
    """boto3's clients for a sandbox, made when first asked for."""

    def __init__(self, url: str, region: str = REGION) -> None:
        self.url = url
        self._session = boto3.Session(
            aws_access_key_id="sandbox", aws_secret_access_key="sandbox", region_name=region
        )
        self._made: dict[str, Any] = {}

    def __getattr__(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._session.client(service, endpoint_url=self.url)
        return self._made[service]


@pytest.fixture(scope="session")
def aws(sandbox_url: str) -> Clients:
    """boto3's clients for the shared sandbox: ``aws.cloudformation``, ``aws.sagemaker`` ..."""
    return Clients(sandbox_url)
