"""Whether an endpoint exists. moto has them; whether it matters to a definition is a choice."""

from collections.abc import Callable
from typing import Literal

from moto.backends import get_backend

from sandbox.moto_seams import MOTO_LOCK
from sandbox.sagemaker.listing import same_name
from sandbox.sagemaker.store import Region

Endpoints = Literal["assumed", "checked"]


def _exists(region: Region, name: str) -> bool:
    with MOTO_LOCK:
        # A copy, since moto may add one in another thread, in a request of its own.
        endpoints = list(get_backend("sagemaker")[region.account][region.name].endpoints)
    return any(same_name(each, name) for each in endpoints)


#: Whether the region has an endpoint of that name, by how endpoints are treated.
EXISTS: dict[Endpoints, Callable[[Region, str], bool]] = {
    "assumed": lambda _region, _name: True,
    "checked": _exists,
}
