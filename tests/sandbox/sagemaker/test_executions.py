"""What the sandbox says of executions and alerts, of which it has none, over a socket."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.sagemaker import ACCOUNT, REGION, Sandbox, minimal, running, schedule

ALERT: dict[str, Any] = {
    "MonitoringAlertName": "drift",
    "DatapointsToAlert": 1,
    "EvaluationPeriod": 1,
}
LISTS = {
    "ListMonitoringExecutions": "MonitoringExecutionSummaries",
    "ListMonitoringAlerts": "MonitoringAlertSummaries",
    "ListMonitoringAlertHistory": "MonitoringAlertHistory",
}
each_list = pytest.mark.parametrize("operation", LISTS)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as it:
        it.client().create_model_quality_job_definition(**minimal("quality"))
        it.client().create_monitoring_schedule(**schedule("daily"))
        yield it


def refused(sandbox: Sandbox, operation: str, request: dict[str, Any], code: str) -> str:
    """The message of a refusal with that code."""
    answer = sandbox.post(operation, request)
    assert (answer.status, answer.json["__type"]) == (400, code), answer.body
    return str(answer.json.get("Message") or answer.json["message"])


@each_list
def test_a_schedule_that_never_ran_has_none(sandbox: Sandbox, operation: str) -> None:
    answer = sandbox.post(operation, {"MonitoringScheduleName": "DAILY", "MaxResults": 1})
    assert (answer.status, answer.json) == (200, {LISTS[operation]: []})


@pytest.mark.parametrize("operation", ["ListMonitoringExecutions", "ListMonitoringAlertHistory"])
def test_the_schedule_need_not_be_named(sandbox: Sandbox, operation: str) -> None:
    assert sandbox.post(operation, {}).json == {LISTS[operation]: []}


def test_executions_of_no_schedule_are_none(sandbox: Sandbox) -> None:
    answer = sandbox.post("ListMonitoringExecutions", {"MonitoringScheduleName": "absent"})
    assert (answer.status, answer.json) == (200, {"MonitoringExecutionSummaries": []})


@pytest.mark.parametrize(
    "operation", ["ListMonitoringAlerts", "ListMonitoringAlertHistory", "UpdateMonitoringAlert"]
)
def test_alerts_of_no_schedule_are_not_found(sandbox: Sandbox, operation: str) -> None:
    request: dict[str, Any] = {"MonitoringScheduleName": "absent"}
    if operation == "UpdateMonitoringAlert":
        request |= ALERT
    message = refused(sandbox, operation, request, "ResourceNotFound")
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:monitoring-schedule/absent"
    assert message == f"Monitoring Schedule {arn} not found"


def test_an_update_of_an_alert_says_that_there_is_none(sandbox: Sandbox) -> None:
    request = {"MonitoringScheduleName": "daily", **ALERT}
    message = refused(sandbox, "UpdateMonitoringAlert", request, "ResourceNotFound")
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:monitoring-schedule/daily"
    assert message == f"Monitoring Alert drift of {arn} not found: no execution has run"


@each_list
def test_a_token_that_no_list_gave_is_refused(sandbox: Sandbox, operation: str) -> None:
    request = {"MonitoringScheduleName": "daily", "NextToken": "made up"}
    assert "NextToken" in refused(sandbox, operation, request, "ValidationException")


@each_list
def test_a_request_is_held_against_the_service_model(sandbox: Sandbox, operation: str) -> None:
    request = {"MonitoringScheduleName": "daily", "MaxResults": 101}
    message = refused(sandbox, operation, request, "ValidationException")
    assert "Value '101' at 'maxResults' failed to satisfy constraint" in message


def test_an_update_of_an_alert_is_held_against_the_service_model(sandbox: Sandbox) -> None:
    message = refused(sandbox, "UpdateMonitoringAlert", {}, "ValidationException")
    assert message.startswith("4 validation errors detected")
