"""The tables, and which kind of call gives each of their columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from aws_sagemaker_modelqualityjobdefinition.tags import to_api
from aws_sagemaker_modelqualityjobdefinition.translation import to_instant
from inventory import tables
from inventory.columns import column_name
from inventory.reading.kinds import DEFINITIONS, SCHEDULES, Kind, Part
from project.settings import schema_path

TEXT = pa.string()
JSON = pa.json_(pa.string())
TIME = pa.timestamp("us", tz="UTC")
MAP = pa.map_(pa.string(), pa.string())


def _same(value: Any, _: str) -> Any:
    return value


def _instant(value: Any, _: str) -> Any:
    return value and to_instant(value)


def _tag_list(tags: Mapping[str, str], _: str) -> str:
    return json.dumps(to_api(dict(sorted(tags.items()))), ensure_ascii=False, separators=(",", ":"))


def _tag_map(tags: Mapping[str, str], region: str) -> list[tuple[str, str]]:
    # Two MAPs are equal only if their keys have the same order.
    return sorted({**tags, "region": region}.items())


@dataclass(frozen=True)
class Column:
    """A column.

    part: what gives it; None if it is the same for everything in one account and region.
    source: what the kind of item calls it, or `account` or `region`.
    value: makes the column's value from that one, which may be None, and the region.
    """

    name: str
    type: pa.DataType
    part: Part | None
    source: str
    value: Callable[[Any, str], Any] = _same


@dataclass(frozen=True)
class Table:
    """A table of one kind of item, with its columns in their order."""

    name: str
    kind: Kind
    columns: tuple[Column, ...]


def _listed(name: str, source: str | None = None) -> Column:
    return Column(name, TEXT, Part.LIST, source or name)


def _described(name: str, kind: pa.DataType) -> Column:
    return Column(name, kind, Part.DESCRIPTION, name)


def _time_text(name: str) -> Column:
    return Column(name, TEXT, Part.LIST, name, _instant)


_TAG_LIST = Column("tags", JSON, Part.TAGS, "tags", _tag_list)
_TAG_MAP = Column("tags", MAP, Part.TAGS, "tags", _tag_map)


def _properties() -> Mapping[str, Column]:
    """A column for each property of the type. CreationTime comes last."""
    schema = json.loads(schema_path().read_text("utf-8"))
    properties = schema["properties"]
    listed = {"JobDefinitionArn", "JobDefinitionName", "EndpointName"}
    columns: dict[str, Column] = {}
    for name, subschema in properties.items():
        column = column_name(name)
        if name in listed:
            columns[column] = _listed(column)
        elif name not in {"CreationTime", "Tags"}:
            text = subschema.get("type") == "string"
            columns[column] = _described(column, TEXT if text else JSON)
    return columns | {"tags": _TAG_LIST, "creation_time": _time_text("creation_time")}


_PROPERTIES = _properties()
_REGION = Column("region", TEXT, None, "region")
_ACCOUNT = Column("account_id", TEXT, None, "account")

STACKQL = Table(
    tables.DEFINITIONS,
    DEFINITIONS,
    (*_PROPERTIES.values(), _REGION),
)
DATADOG = Table(
    tables.DEFINITIONS_OF_DATADOG,
    DEFINITIONS,
    (
        _listed("_key", "job_definition_arn"),
        _ACCOUNT,
        Column("creation_time", TIME, Part.LIST, "creation_time"),
        *(
            column
            for name, column in sorted(_PROPERTIES.items())
            if name not in {"creation_time", "endpoint_name", "tags"}
        ),
        _TAG_MAP,
    ),
)
MONITORING_SCHEDULES = Table(
    tables.SCHEDULES,
    SCHEDULES,
    (
        _listed("monitoring_schedule_arn"),
        _listed("monitoring_schedule_name"),
        _listed("monitoring_schedule_status"),
        _listed("monitoring_type"),
        _listed("monitoring_job_definition_name"),
        _described("schedule_expression", TEXT),
        _described("last_execution", JSON),
        _listed("endpoint_name"),
        _time_text("creation_time"),
        _time_text("last_modified_time"),
        _TAG_LIST,
        _ACCOUNT,
        _REGION,
    ),
)
TABLES = (STACKQL, DATADOG, MONITORING_SCHEDULES)
