"""Which regions AWS has, as the SDK (botocore) knows them."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from functools import cache

import botocore.session

from project.words import did_you_mean

_DIRECTION = re.compile(r"(?:[a-z]+-)+([a-z]+)-\d+")


@cache
def known_regions() -> AbstractSet[str]:
    """The names of the regions in all partitions, without pseudo-regions such as aws-global."""
    session = botocore.session.Session()
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ec2", partition)
    )


def refusal(region: str) -> str | None:
    """Why there cannot be a region with this name, in a sentence; None if there may be one.

    A region that is newer than this SDK has a name like the others: letters, a direction that
    other regions have too, and a number, as in mx-central-1. Only AWS knows whether it exists.
    """
    return None if region in known_regions() or _direction(region) in _directions() else no(region)


def no(region: str) -> str:
    """The sentence that there is no such region, with the one that was probably meant."""
    hint = did_you_mean(region, known_regions()) or " Regions have names such as us-east-1."
    return f"There is no region {region}.{hint}"


@cache
def _directions() -> AbstractSet[str]:
    return frozenset(filter(None, map(_direction, known_regions())))


def _direction(region: str) -> str | None:
    found = _DIRECTION.fullmatch(region)
    return found[1] if found else None
