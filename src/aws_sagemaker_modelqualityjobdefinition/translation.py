"""Properties to SageMaker's request, and SageMaker's description to properties.

Both have the same names and nesting. Only the differences are handled here.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from .tags import Tags, to_api

Document = dict[str, Any]

# Properties that are not members of CreateModelQualityJobDefinition's request.
NOT_IN_REQUEST = ("JobDefinitionArn", "CreationTime", "EndpointName")

# The defaults that SageMaker fills in: the path of a structure, and the members that it gets. If a
# list is on the path, the structure in each item gets them. Source: B22 to B25 of
# guide/assumptions.md.
SERVICE_DEFAULTS: tuple[tuple[tuple[str, ...], Mapping[str, Any]], ...] = (
    ((), {"StoppingCondition": {"MaxRuntimeInSeconds": 3600}}),
    *(
        (
            ("ModelQualityJobInput", source),
            {"S3InputMode": "File", "S3DataDistributionType": "FullyReplicated"},
        )
        for source in ("EndpointInput", "BatchTransformInput")
    ),
    (
        ("ModelQualityJobOutputConfig", "MonitoringOutputs", "S3Output"),
        {"S3UploadMode": "EndOfJob"},
    ),
)
_DATASET_FORMAT = ("ModelQualityJobInput", "BatchTransformInput", "DatasetFormat")


def to_request(properties: Mapping[str, Any], name: str, tags: Tags) -> Document:
    """CreateModelQualityJobDefinition's request for ``properties``, ``name`` and ``tags``."""
    request = _at_dataset_format(properties, _parquet_to_object)
    for member in (*NOT_IN_REQUEST, "Tags"):
        request.pop(member, None)
    request["JobDefinitionName"] = name
    if tags:
        request["Tags"] = to_api(tags)
    return request


def to_properties(description: Mapping[str, Any], identifier: str | None = None) -> Document:
    """The properties of a definition, from the response of DescribeModelQualityJobDefinition.

    ``identifier`` is the ARN that the caller already uses, if any. Operations of SageMaker spell an
    ARN in different case, and CloudFormation compares identifiers as text.
    """
    properties = _at_dataset_format(description, _parquet_to_boolean)
    if identifier is not None:
        properties["JobDefinitionArn"] = identifier
    properties["CreationTime"] = to_instant(description["CreationTime"])
    return properties


def to_instant(time: datetime) -> str:
    """``time`` in UTC with milliseconds, as in AWS's own type: 2026-11-20T20:21:24.397Z."""
    utc = time.astimezone(timezone.utc)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def with_service_defaults(properties: Mapping[str, Any]) -> Document:
    """``properties`` with SageMaker's defaults: an explicit default equals an omitted one."""
    filled = _at_dataset_format(properties, _without_false_parquet)
    for path, defaults in SERVICE_DEFAULTS:
        for structure in _structures(filled, path):
            structure.update({**defaults, **structure})
    return filled


def _at_dataset_format(document: Mapping[str, Any], change: Callable[[Document], None]) -> Document:
    """A copy without nulls, with ``change`` applied to the DatasetFormat if it has Parquet."""
    copied: Document = _without_nulls(document)
    for structure in _structures(copied, _DATASET_FORMAT):
        if "Parquet" in structure:
            change(structure)
    return copied


def _structures(value: Any, path: tuple[str, ...]) -> Iterator[Document]:
    """The structures that exist at ``path``; a list on the path is searched item by item."""
    if isinstance(value, list):
        for item in value:
            yield from _structures(item, path)
    elif isinstance(value, dict) and path:
        yield from _structures(value.get(path[0]), path[1:])
    elif isinstance(value, dict):
        yield value


def _parquet_to_object(dataset_format: Document) -> None:
    """CloudFormation's boolean to the API's empty object; false is the same as omitting it."""
    if dataset_format.pop("Parquet"):
        dataset_format["Parquet"] = {}


def _parquet_to_boolean(dataset_format: Document) -> None:
    dataset_format["Parquet"] = True


def _without_false_parquet(dataset_format: Document) -> None:
    if not dataset_format["Parquet"]:
        del dataset_format["Parquet"]


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
