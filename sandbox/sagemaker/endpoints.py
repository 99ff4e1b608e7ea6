"""Whether an endpoint is there. moto has them; how much a definition cares is a choice."""

from collections.abc import Callable
from typing import Literal

from moto.backends import get_backend

from sandbox.sagemaker.listing import same_name
from sandbox.sagemaker.store import Region

Endpoints = Literal["assumed", "checked"]


def _is_there(region: Region, name: str) -> bool:
    endpoints = get_backend("sagemaker")[region.account][region.name].endpoints
    # A copy, for moto may be making one in another thread.
    return any(same_name(each, name) for each in list(endpoints))


#: Whether the region has an endpoint of that name, by how much the sandbox cares.
EXISTS: dict[Endpoints, Callable[[Region, str], bool]] = {
    "assumed": lambda _region, _name: True,
    "checked": _is_there,
}
