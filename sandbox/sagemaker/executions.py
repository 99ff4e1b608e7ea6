"""What runs of schedules leave behind: executions and alerts. Nothing runs here, so there are none.

Requests are judged all the same: the schedule that one names has to exist where the service model
gives the operation ResourceNotFound, and no list has given a token.
"""

from typing import Any

from sandbox.sagemaker import schedules
from sandbox.sagemaker.errors import not_found
from sandbox.sagemaker.listing import Pages, Query
from sandbox.sagemaker.store import Region


def list_executions(region: Region, request: dict[str, Any], pages: Pages) -> dict[str, Any]:
    """Return no execution. The name of a schedule is a filter here, and need not be one's."""
    return {
        "MonitoringExecutionSummaries": _none("ListMonitoringExecutions", region, request, pages)
    }


def list_alerts(region: Region, request: dict[str, Any], pages: Pages) -> dict[str, Any]:
    """Return no alert of a schedule that exists."""
    schedules.find(region, request)
    return {"MonitoringAlertSummaries": _none("ListMonitoringAlerts", region, request, pages)}


def list_alert_history(region: Region, request: dict[str, Any], pages: Pages) -> dict[str, Any]:
    """Return no past alert, of a schedule that exists or of all."""
    if "MonitoringScheduleName" in request:
        schedules.find(region, request)
    return {"MonitoringAlertHistory": _none("ListMonitoringAlertHistory", region, request, pages)}


def update_alert(region: Region, request: dict[str, Any]) -> None:
    """Raise ResourceNotFound, for want of the schedule or of an alert."""
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
