"""The SageMaker Python SDK, a client that the sandbox has to satisfy without knowing of it."""

import json
import subprocess
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from project import ROOT
from project.environment import prepare
from sandbox.process import environment
from tests.harness.stacks import Clients, InvokedProvider

pytestmark = [pytest.mark.once]

CLIENT = ROOT / "tests" / "harness" / "sagemaker_sdk_client.py"


ENDPOINT = f"sdk-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def seen(sandbox_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What the SDK saw of a monitor's life; it leaves definitions behind, for the tests to see."""
    folder = tmp_path_factory.mktemp("sagemaker-sdk")
    answer = subprocess.run(
        # -I: sagemaker is the SDK, not the module of that name beside the client.
        [prepare("sagemaker-sdk") / "python", "-I", CLIENT, ENDPOINT],
        # The SDK looks for settings in the home folder.
        env={**environment(sandbox_url), "HOME": str(folder)},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    sagemaker = Clients(sandbox_url).sagemaker
    left = sagemaker.list_model_quality_job_definitions(EndpointName=ENDPOINT)
    try:
        assert answer.returncode == 0, answer.stderr
        yield dict(json.loads(answer.stdout.splitlines()[-1]))
    finally:
        for each in left["JobDefinitionSummaries"]:
            name = each["MonitoringJobDefinitionName"]
            sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)


def test_a_monitor_is_created_updated_stopped_and_started(seen: dict[str, Any]) -> None:
    assert seen["statuses"] == ["Scheduled", "Scheduled", "Scheduled", "Stopped", "Scheduled"]
    created, updated, last, *rest = seen["definitions"]
    assert len({created, updated, last}) == 3
    assert rest == [last, last]


def test_nothing_ran_so_there_are_no_executions_and_no_alerts(seen: dict[str, Any]) -> None:
    assert (seen["executions"], seen["alerts"], seen["history"]) == ([], [], [])
    assert seen["update of an alert"] == "ResourceNotFound"


def test_the_definitions_that_updates_leave_behind_are_shown_by_list(
    seen: dict[str, Any], provider: InvokedProvider, aws: Clients
) -> None:
    models = provider("LIST", {"EndpointName": ENDPOINT})["resourceModels"]
    # With the schedule, the SDK deletes the definition that the schedule has last.
    left = [model["JobDefinitionArn"].rpartition("/")[2] for model in models]
    assert sorted(left) == sorted(seen["definitions"][:2])
    schedules = aws.sagemaker.list_monitoring_schedules(NameContains=ENDPOINT)
    assert schedules["MonitoringScheduleSummaries"] == []
