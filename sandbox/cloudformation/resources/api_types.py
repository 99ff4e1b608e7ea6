"""A template's properties as the request of an API, and the API's errors as those of a resource.

Properties have the names of the API, but looser types.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import Shape

from sandbox.cloudformation.resources.resource_type import ResourceFailed
from sandbox.json_service.models import input_shape

_OF_BOOLEANS: dict[str, dict[str, Any]] = {
    "boolean": {"true": True, "false": False},
    "structure": {"true": {}, "false": None},
}


def api_request(service: str, operation: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties that an operation accepts, in its types.

    The others describe a resource and do not configure it.
    """
    members = input_shape(service, operation).members
    return {
        name: _in_api_types(member, properties[name])
        for name, member in members.items()
        if name in properties
    }


def shown_time(seconds: float) -> str:
    """Return a time of an API as Fn::GetAtt shows it. seconds: since the epoch."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def refuse_unsupported(type_name: str, lacking: Sequence[str]) -> None:
    """Raise ResourceFailed if properties are given that the sandbox lacks."""
    if lacking:
        raise ResourceFailed(f"The sandbox does not support {', '.join(lacking)} of {type_name}.")


@contextmanager
def api_errors(type_name: str) -> Iterator[None]:
    """Turn any exception of a call into ResourceFailed, with the words of the service."""
    try:
        yield
    except ResourceFailed:
        raise
    except Exception as error:
        words = getattr(error, "message", None) or error
        if isinstance(error, ClientError):
            words = error.response["Error"].get("Message") or error
        raise ResourceFailed(
            f"{words} (Type: {type_name}, Error: {type(error).__name__})"
        ) from error


def _in_api_types(shape: Shape, value: Any) -> Any:
    """A property in the API's types.

    CloudFormation accepts any scalar as a string, and strings as numbers and booleans. It has a
    boolean for `Parquet`, which is an empty structure in the API. A value that cannot be converted
    is left unchanged, so that the service rejects it.
    """
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        known = shape.members
        return {
            name: _in_api_types(known[name], item) if name in known else item
            for name, item in value.items()
        }
    if kind == "list" and isinstance(value, list):
        return [_in_api_types(shape.member, item) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {key: _in_api_types(shape.value, item) for key, item in value.items()}
    text = json.dumps(value) if isinstance(value, (bool, int, float)) else value
    return _from_text(kind, text) if isinstance(text, str) else value


def _from_text(kind: str, text: str) -> Any:
    if kind in _OF_BOOLEANS:
        return _OF_BOOLEANS[kind].get(text.lower(), text)
    if kind in ("integer", "double"):
        with suppress(ValueError):
            return json.loads(text)
    return text
