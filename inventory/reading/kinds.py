"""Definitions and monitoring schedules: which call tells what of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Any

from aws_sagemaker_modelqualityjobdefinition.sagemaker import Page
from aws_sagemaker_modelqualityjobdefinition.translation import to_instant, to_properties
from inventory.columns import column_name
from inventory.reading.service import Service

Values = dict[str, Any]
"""By column. Structures are JSON text, times are datetimes, tags are a dict."""


class Part(Enum):
    """What one kind of call tells of an item."""

    LIST = auto()
    DESCRIPTION = auto()
    TAGS = auto()


@dataclass
class Item:
    """A definition or a schedule, as far as it has been read.

    parts: what is being read, or has been; None if the item was gone by then.
    """

    name: str
    arn: str
    values: Values
    parts: dict[Part, Future[Values | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """A kind of item.

    name, arn: the columns that identify an item.
    operations: what the API calls the operation that tells each part.
    page: lists one page of summaries. item: makes an item of a summary.
    describe: the item of a name, with all that its description tells.
    """

    name: str
    arn: str
    operations: Mapping[Part, str]
    page: Callable[[Service, str | None], Page]
    item: Callable[[Mapping[str, Any]], Item]
    describe: Callable[[Service, str], Item]


def _definition(summary: Mapping[str, Any]) -> Item:
    name, arn = summary["MonitoringJobDefinitionName"], summary["MonitoringJobDefinitionArn"]
    return _item(DEFINITIONS, name, arn, _times(summary) | _endpoint(summary))


def _described_definition(service: Service, name: str) -> Item:
    description = service.describe(name)
    properties = to_properties(description)
    # What lists definitions gives the name of the endpoint that a definition reads from.
    endpoint = description["ModelQualityJobInput"].get("EndpointInput") or {}
    values = _columns(properties) | _times(description) | _endpoint(endpoint)
    return _item(
        DEFINITIONS, properties["JobDefinitionName"], properties["JobDefinitionArn"], values
    )


def _schedule(summary: Mapping[str, Any]) -> Item:
    name, arn = summary["MonitoringScheduleName"], summary["MonitoringScheduleArn"]
    return _item(SCHEDULES, name, arn, _columns(summary) | _times(summary) | _endpoint(summary))


def _described_schedule(service: Service, name: str) -> Item:
    description = service.schedule(name)
    config = description["MonitoringScheduleConfig"]
    values = {
        "schedule_expression": (config.get("ScheduleConfig") or {}).get("ScheduleExpression"),
        "last_execution": _text(description.get("LastMonitoringExecutionSummary")),
    }
    name, arn = description["MonitoringScheduleName"], description["MonitoringScheduleArn"]
    # The members that a summary has too.
    members = {member: value for member, value in description.items() if member != "EndpointName"}
    members["MonitoringJobDefinitionName"] = config.get("MonitoringJobDefinitionName")
    members.setdefault("MonitoringType", config.get("MonitoringType"))
    values |= _columns(members) | _times(description) | _endpoint(description)
    return _item(SCHEDULES, name, arn, values)


def _item(kind: Kind, name: str, arn: str, values: dict[str, Any]) -> Item:
    return Item(name, arn, values | {kind.name: name, kind.arn: arn})


def _times(members: Mapping[str, Any]) -> dict[str, Any]:
    return {
        column_name(name): value for name, value in members.items() if isinstance(value, datetime)
    }


def _endpoint(members: Mapping[str, Any]) -> dict[str, Any]:
    """The name of the endpoint; NULL where there is none, for which the API has no word."""
    return {"endpoint_name": members.get("EndpointName") or None}


def _columns(members: Mapping[str, Any]) -> dict[str, Any]:
    return {column_name(name): _text(value) for name, value in members.items()}


def _text(value: Any) -> str | None:
    """Text as it is, structures as JSON, which takes a fraction of the memory of dicts."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_instant)


def _instant(value: Any) -> str:
    if isinstance(value, datetime):
        return to_instant(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


DEFINITIONS = Kind(
    "job_definition_name",
    "job_definition_arn",
    {
        Part.LIST: "ListModelQualityJobDefinitions",
        Part.DESCRIPTION: "DescribeModelQualityJobDefinition",
        Part.TAGS: "ListTags",
    },
    lambda service, token: service.page(None, token),
    _definition,
    _described_definition,
)
SCHEDULES = Kind(
    "monitoring_schedule_name",
    "monitoring_schedule_arn",
    {
        Part.LIST: "ListMonitoringSchedules",
        Part.DESCRIPTION: "DescribeMonitoringSchedule",
        Part.TAGS: "ListTags",
    },
    Service.schedules,
    _schedule,
    _described_schedule,
)
