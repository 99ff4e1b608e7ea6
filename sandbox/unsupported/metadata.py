"""Which services there are in AWS, and how a request shows which of them it is for.

botocore has a model of each. Parsing all of them takes seconds, and only their metadata is needed,
which stands at the beginning of each file.
"""

import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import botocore

_MODELS = Path(botocore.__file__).parent / "data"
_BEGINNING = 8192
_GZIP = 31


class Service(NamedTuple):
    """A service of AWS. name: botocore's name for it. title: its name in sentences."""

    name: str
    title: str
    signing_name: str
    protocols: Sequence[str]
    api_version: str
    target_prefix: str | None
    json_version: str


class Services(NamedTuple):
    """All services, by the parts of a request that show which one it is for."""

    by_signing_name: Mapping[str, Sequence[Service]]
    by_target_prefix: Mapping[str, Sequence[Service]]
    by_api_version: Mapping[str, Sequence[Service]]


@cache
def services() -> Services:
    """Return all services that botocore has a model of."""
    # Of services that share a signing name, the one that has it as its own name comes first.
    found = sorted(_all(), key=lambda each: each.name != each.signing_name)
    return Services(
        by_signing_name=_index(found, lambda each: each.signing_name),
        by_target_prefix=_index(found, lambda each: each.target_prefix or ""),
        by_api_version=_index(found, lambda each: each.api_version),
    )


def _index(
    found: Iterable[Service], key: Callable[[Service], str]
) -> Mapping[str, Sequence[Service]]:
    index = defaultdict(list)
    for service in found:
        index[key(service)].append(service)
    index.pop("", None)
    return dict(index)


def _all() -> Iterator[Service]:
    for folder in sorted(_MODELS.iterdir()):
        models = sorted(folder.glob("*/service-2.json*"))
        if models:
            yield _service(folder.name, _metadata(models[-1]))


def _metadata(model: Path) -> dict[str, Any]:
    with model.open("rb") as file:
        content = file.read(_BEGINNING)
    if model.suffix == ".gz":
        content = zlib.decompressobj(_GZIP).decompress(content, _BEGINNING)
    text = content.decode(errors="replace")
    start = text.index("{", text.index('"metadata"'))
    metadata: dict[str, Any] = json.JSONDecoder().raw_decode(text, start)[0]
    return metadata


def _service(name: str, metadata: Mapping[str, Any]) -> Service:
    return Service(
        name=name,
        title=metadata.get("serviceId", name),
        signing_name=metadata.get("signingName", metadata["endpointPrefix"]),
        protocols=metadata.get("protocols") or [metadata["protocol"]],
        api_version=metadata["apiVersion"],
        target_prefix=metadata.get("targetPrefix"),
        json_version=metadata.get("jsonVersion", "1.0"),
    )
