"""Properties to SageMaker's request, and SageMaker's description to properties.

The two share names and nesting, so that only the differences are here; the rest passes through.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from .tags import Tags, to_api

Document = dict[str, Any]

# Properties that are not members of CreateModelQualityJobDefinition's request.
NOT_IN_REQUEST = ("JobDefinitionArn", "CreationTime", "EndpointName")

# What SageMaker fills in where a definition leaves it out: the path of the structure (of each,
# where a list is on the way), and the members that it gets. Source: B22 to B25 of
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
    """CreateModelQualityJobDefinition's request for ``properties``, with this name, these tags."""
    request = _at_dataset_format(properties, _parquet_to_object)
    for member in (*NOT_IN_REQUEST, "Tags"):
        request.pop(member, None)
    request["JobDefinitionName"] = name
    if tags:
        request["Tags"] = to_api(tags)
    return request


def to_properties(description: Mapping[str, Any], identifier: str | None = None) -> Document:
    """The properties of the definition that DescribeModelQualityJobDefinition described.

    ``identifier`` is the ARN that the caller already knows it by, if any: SageMaker's spelling of
    an ARN differs in case between operations, and CloudFormation compares identifiers as text.
    """
    properties = _at_dataset_format(description, _parquet_to_boolean)
    if identifier is not None:
        properties["JobDefinitionArn"] = identifier
    properties["CreationTime"] = to_instant(description["CreationTime"])
    return properties


def to_instant(time: datetime) -> str:
    """``time`` in UTC to the millisecond, as AWS's own type has it: 2026-11-20T20:21:24.397Z."""
    utc = time.astimezone(timezone.utc)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def with_service_defaults(properties: Mapping[str, Any]) -> Document:
    """``properties`` with what SageMaker fills in: a default stated equals one left out."""
    filled = _at_dataset_format(properties, _without_false_parquet)
    for path, defaults in SERVICE_DEFAULTS:
        for structure in _structures(filled, path):
            structure.update({**defaults, **structure})
    return filled


def _at_dataset_format(document: Mapping[str, Any], change: Callable[[Document], None]) -> Document:
    """A copy without nulls, with ``change`` made to the DatasetFormat if it names Parquet."""
    copied: Document = _without_nulls(document)
    for structure in _structures(copied, _DATASET_FORMAT):
        if "Parquet" in structure:
            change(structure)
    return copied


def _structures(value: Any, path: tuple[str, ...]) -> Iterator[Document]:
    """The structures at a path that are there; a list on the way leads to one for each item."""
    if isinstance(value, list):
        for item in value:
            yield from _structures(item, path)
    elif isinstance(value, dict) and path:
        yield from _structures(value.get(path[0]), path[1:])
    elif isinstance(value, dict):
        yield value


def _parquet_to_object(dataset_format: Document) -> None:
    """CloudFormation's boolean to the API's empty object; false says what leaving it out says."""
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
