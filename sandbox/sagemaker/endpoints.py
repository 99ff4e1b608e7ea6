"""Checks whether an endpoint exists in moto, if definitions are to be checked for that."""

from collections.abc import Callable
from typing import Literal

from moto.backends import get_backend

from sandbox.moto_seams import MOTO_LOCK
from sandbox.sagemaker.listing import same_name
from sandbox.sagemaker.store import Region

Endpoints = Literal["assumed", "checked"]


def _exists(region: Region, name: str) -> bool:
    with MOTO_LOCK:
        # Copied, because moto may add an endpoint in another thread.
        endpoints = list(get_backend("sagemaker")[region.account][region.name].endpoints)
    return any(same_name(each, name) for each in endpoints)


#: Functions that return whether a region has an endpoint with a name, by the setting.
EXISTS: dict[Endpoints, Callable[[Region, str], bool]] = {
    "assumed": lambda _region, _name: True,
    "checked": _exists,
}
