"""botocore's data, cut to what the handlers call.

botocore reads each service's operations, endpoints and retries from JSON files beside its code. All
of them have 19 MB, and reading SageMaker's alone takes a fifth of a second, so only what is listed
here is packaged. botocore's code is unchanged: it sees an AWS with three services.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

from tools.packaging.errors import PackagingError

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "sagemaker": (
        "AddTags",
        "CreateModelQualityJobDefinition",
        "DeleteModelQualityJobDefinition",
        "DeleteTags",
        "DescribeModelQualityJobDefinition",
        "ListModelQualityJobDefinitions",
        "ListTags",
    ),
    "logs": ("CreateLogGroup", "CreateLogStream", "PutLogEvents"),
    "cloudwatch": ("PutMetricData",),
}
"""All operations that the handlers call, by botocore's name of the service. If you add a call to
them, add it here; tests/tools/packaging/test_package.py compares the list with the actual calls."""

# Read for every client: retries, partitions of AWS, and defaults that a configuration can select.
_KEPT = ("_retry", "partitions", "sdk-default-configuration")
_MODEL, _RULES, _ENDPOINTS = "service-2", "endpoint-rule-set-1", "endpoints"


def cut(data: Path, operations: Mapping[str, Collection[str]] = OPERATIONS) -> None:
    """Reduce the folder ``data`` of a botocore to what ``operations`` need.

    Raises PackagingError for an operation that the service does not have.
    """
    loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    files: dict[str, Any] = {name: loader.load_data(name) for name in _KEPT}
    prefixes = set()
    for service, names in operations.items():
        version = loader.determine_latest_version(service, _MODEL)
        model = cut_model(loader.load_service_model(service, _MODEL), names)
        prefixes.add(model["metadata"]["endpointPrefix"])
        files[f"{service}/{version}/{_MODEL}"] = model
        files[f"{service}/{version}/{_RULES}"] = loader.load_service_model(service, _RULES)
    files[_ENDPOINTS] = cut_endpoints(loader.load_data(_ENDPOINTS), prefixes)
    shutil.rmtree(data)
    for name, content in files.items():
        path = data / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, separators=(",", ":")), "utf-8")


def cut_model(model: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """A service's model with only the operations ``names`` and their shapes, and no documentation.

    All errors stay, because every operation may answer with any of them.
    """
    unknown = sorted(set(names) - model["operations"].keys())
    if unknown:
        raise PackagingError(
            f"{model['metadata']['serviceId']} has no operation {', '.join(unknown)}. Correct the "
            "name in OPERATIONS (tools/packaging/service_data.py); it is spelled as in the API."
        )
    operations = {name: model["operations"][name] for name in names}
    shapes: dict[str, Any] = {}
    errors = (name for name, shape in model["shapes"].items() if shape.get("exception"))
    open_ends = [*_references(operations), *errors]
    while open_ends:
        name = open_ends.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            open_ends += _references(shapes[name])
    needed = {
        **model,
        "operations": operations,
        "shapes": {name: shapes[name] for name in sorted(shapes)},
    }
    return {key: _without_prose(value) for key, value in needed.items() if key != _PROSE}


def cut_endpoints(endpoints: Mapping[str, Any], prefixes: set[str]) -> dict[str, Any]:
    """The endpoints of only the services with these prefixes, in all partitions and regions."""
    return {
        **endpoints,
        "partitions": [
            {
                **partition,
                "services": {
                    prefix: service
                    for prefix, service in partition["services"].items()
                    if prefix in prefixes
                },
            }
            for partition in endpoints["partitions"]
        ],
    }


_PROSE = "documentation"


def _references(part: Any) -> list[str]:
    """The names of the shapes that ``part`` of a model refers to directly."""
    if isinstance(part, list):
        return [name for item in part for name in _references(item)]
    if not isinstance(part, dict):
        return []
    own = [part["shape"]] if isinstance(part.get("shape"), str) else []
    return own + [name for value in part.values() for name in _references(value)]


def _without_prose(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_prose(item) for item in part]
    if not isinstance(part, dict):
        return part
    # Documentation is text; a member of a shape that is called "documentation" is an object.
    return {
        key: _without_prose(value)
        for key, value in part.items()
        if not (key == _PROSE and isinstance(value, str))
    }
