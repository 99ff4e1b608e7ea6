"""Which regions AWS has, as the SDK (botocore) knows them."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Any

from project.words import did_you_mean

_DIRECTION = re.compile(r"(?:[a-z]+-)+([a-z]+)-\d+")


def known_regions(session: Any) -> AbstractSet[str]:
    """The names of the regions in all partitions, without pseudo-regions such as aws-global.

    session: one of boto3 or botocore.
    """
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ec2", partition)
    )


def refusal(region: str, session: Any) -> str | None:
    """Why there cannot be a region with this name, in a sentence; None if there may be one.

    A region that is newer than this SDK has a name like the others: letters, a direction that
    other regions have too, and a number, as in mx-central-1. Only AWS knows whether it exists.

    session: as for `known_regions`.
    """
    known = known_regions(session)
    directions = set(filter(None, map(_direction, known)))
    return None if region in known or _direction(region) in directions else no(region, known)


def no(region: str, known: AbstractSet[str]) -> str:
    """The sentence that there is no such region. If one is like it, a question follows."""
    return f"There is no region {region}.{did_you_mean(region, known)}"


def _direction(region: str) -> str | None:
    found = _DIRECTION.fullmatch(region)
    return found[1] if found else None
