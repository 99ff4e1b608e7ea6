"""The executions and alerts of schedules. Schedules never run here, so there are none.

Requests are checked all the same. A request's schedule must exist if botocore's model lists
ResourceNotFound for the operation. No NextToken is valid, because no list has returned one.
"""

from typing import Any

from sandbox.sagemaker import schedules
from sandbox.sagemaker.errors import not_found
from sandbox.sagemaker.listing import Pages, Query
from sandbox.sagemaker.store import Region


def list_executions(region: Region, request: dict[str, Any], pages: Pages) -> dict[str, Any]:
    """Return an empty list. The name of a schedule is only a filter; it need not exist."""
    return {
        "MonitoringExecutionSummaries": _none("ListMonitoringExecutions", region, request, pages)
    }


def list_alerts(region: Region, request: dict[str, Any], pages: Pages) -> dict[str, Any]:
    """Return an empty list. Raises ServiceError if the schedule does not exist."""
    schedules.find(region, request)
    return {"MonitoringAlertSummaries": _none("ListMonitoringAlerts", region, request, pages)}


def list_alert_history(region: Region, request: dict[str, Any], pages: Pages) -> dict[str, Any]:
    """Return an empty list. Raises ServiceError if a schedule is named that does not exist."""
    if "MonitoringScheduleName" in request:
        schedules.find(region, request)
    return {"MonitoringAlertHistory": _none("ListMonitoringAlertHistory", region, request, pages)}


def update_alert(region: Region, request: dict[str, Any]) -> None:
    """Raise ServiceError: the schedule does not exist, or has no alerts."""
    schedule = schedules.find(region, request)
    raise not_found(
        f"Monitoring Alert {request['MonitoringAlertName']} of {schedule.arn} not found: "
        "no execution has run"
    )


def _none(operation: str, region: Region, request: dict[str, Any], pages: Pages) -> list[Any]:
    query: Query[Any] = Query(
        scope=(operation, region.account, region.name), request=request, limit=1, key=lambda _: ()
    )
    page, _ = pages.of((), query)
    return page
