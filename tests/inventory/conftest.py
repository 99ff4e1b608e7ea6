"""Definitions and schedules in two regions of one account, in a sandbox's SageMaker."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from inventory.database.database import Database
from inventory.reading.reading import Source
from inventory.reading.service import Service
from tests.harness import sagemaker
from tests.harness.sagemaker import ACCOUNT, Sandbox

REGIONS = ("eu-west-1", "us-east-1", "us-west-2")

DEFINITIONS: dict[str, list[dict[str, Any]]] = {
    "eu-west-1": [
        {**sagemaker.EVERYTHING, "JobDefinitionName": "Churn-Quality"},
        sagemaker.batch("batch-quality"),
        sagemaker.minimal("quality", Tags=[{"Key": "team", "Value": "risk: données/a+b=c@d"}]),
    ],
    "us-east-1": [
        # The same name as in the other region.
        sagemaker.minimal("quality", StoppingCondition={"MaxRuntimeInSeconds": 3600}),
        sagemaker.minimal(
            "a",
            NetworkConfig={"EnableNetworkIsolation": True},
            Tags=[{"Key": "region", "Value": "mine"}],
        ),
        sagemaker.minimal(
            "b", Tags=[{"Key": "Cost Center", "Value": ""}, {"Key": "team", "Value": "x"}]
        ),
        sagemaker.batch("z9", StoppingCondition={"MaxRuntimeInSeconds": 60}),
    ],
    "us-west-2": [],
}
SCHEDULES = {
    "eu-west-1": [sagemaker.schedule("daily", "quality")],
    "us-east-1": [
        sagemaker.schedule("hourly", "b", Tags=[{"Key": "team", "Value": "x"}]),
        sagemaker.schedule("weekly", "z9"),
    ],
}


@pytest.fixture(scope="package")
def filled() -> Iterator[Sandbox]:
    """A SageMaker that has them, and that no test changes."""
    with sagemaker.running() as sandbox:
        for region, definitions in DEFINITIONS.items():
            for definition in definitions:
                sandbox.client(region=region).create_model_quality_job_definition(**definition)
            for schedule in SCHEDULES.get(region, []):
                sandbox.client(region=region).create_monitoring_schedule(**schedule)
        yield sandbox


@contextmanager
def tables(url: str, regions: Sequence[str] = REGIONS) -> Iterator[Database]:
    """The tables of the SageMaker at an address, in some regions."""
    session = boto3.Session(
        aws_access_key_id="AKIATESTTESTTESTTEST", aws_secret_access_key="secret"
    )
    with pytest.MonkeyPatch.context() as settings:
        # Clients are made when they are first needed.
        settings.setenv("AWS_ENDPOINT_URL", url)
        database = Database([Source(ACCOUNT, each, Service(session, each)) for each in regions])
        try:
            yield database
        finally:
            database.close()
