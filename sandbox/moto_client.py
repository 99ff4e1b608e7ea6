"""Clients of the services that moto answers, for code inside the sandbox's process."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from moto.core.botocore_stubber import BotocoreStubber

from sandbox.hosting.place import Place


@lru_cache(maxsize=64)
def moto_client(service: str, place: Place) -> Any:
    """Return a boto3 client for an account and region, whose requests go to moto directly.

    botocore checks the parameters as for any client. Nothing is sent over a network. Hold MOTO_LOCK
    during a call.
    """
    client = boto3.client(
        service,
        region_name=place.region,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
        # moto finds a service by the URL that it has in AWS.
        config=Config(
            ignore_configured_endpoint_urls=True,
            use_dualstack_endpoint=False,
            use_fips_endpoint=False,
            retries={"total_max_attempts": 1},
        ),
    )
    moto = BotocoreStubber()
    moto.enabled = True
    client.meta.events.register_first("before-send", moto)

    def name_the_account(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["x-moto-account-id"] = place.account_id

    client.meta.events.register("before-call", name_the_account)
    return client
