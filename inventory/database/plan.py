"""What DuckDB is going to read for a query, from its own plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_NUMBERED = re.compile(r"\b[a-z_]+_(\d+)\b")


@dataclass(frozen=True)
class Scan:
    """What a query reads of one branch: columns, and the text of filters on others."""

    columns: frozenset[str] = frozenset()
    filters: str = ""


@dataclass(frozen=True)
class Plan:
    """What a query reads.

    scans: by the number of each branch, in the order in which DuckDB reads them.
    stops_early: whether a LIMIT may be reached before everything is read.
    enough: how many rows answer the query, if every row that is read is a row of the answer.
    """

    scans: Mapping[int, Scan]
    stops_early: bool
    enough: int | None


def parsed(explained: str) -> Plan:
    """The plan that EXPLAIN (FORMAT json) gives."""
    [root] = json.loads(explained)
    scans: dict[int, Scan] = {}
    for node in _all(root):
        if node["name"].endswith("ARROW_SCAN"):
            columns, filters = _texts(node, "Projections"), _texts(node, "Filters")
            # A count that filters has no column but in its filter.
            for number in set(map(int, _NUMBERED.findall(" ".join(columns or filters)))):
                before = scans.get(number, Scan())
                scans[number] = Scan(
                    before.columns | frozenset(columns), "\n".join([before.filters, *filters])
                )
    return Plan(
        scans,
        any(node["name"] in {"LIMIT", "STREAMING_LIMIT"} for node in _all(root)),
        _enough(root),
    )


def _enough(root: Mapping[str, Any]) -> int | None:
    """The limit, if there is nothing between it and the tables that adds or removes rows.

    DuckDB 1 does not tell it. Each branch is then asked for its first rows.
    """
    while root["name"] == "PROJECTION":
        [root] = root["children"]
    info = root.get("extra_info") or {}
    limit = str(info.get("Limit", ""))
    if root["name"] != "STREAMING_LIMIT" or "Offset" in info or not limit.isdecimal():
        return None
    below = [node["name"] for child in root["children"] for node in _all(child)]
    plain = all(name in {"PROJECTION", "UNION"} or name.endswith("ARROW_SCAN") for name in below)
    return int(limit) if plain else None


def _texts(node: Mapping[str, Any], name: str) -> list[str]:
    texts = node["extra_info"].get(name, [])
    return [texts] if isinstance(texts, str) else list(texts)


def _all(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node["children"]:
        yield from _all(child)
