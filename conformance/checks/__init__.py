"""The checks: one module for each section of guide/assumptions.md."""

from conformance.belief import CHECKS, Check
from conformance.checks import (
    cloud_control,
    definitions,
    drift,
    generator,
    imports,
    lifecycle,
    lists,
    names,
    references,
    regions,
    registry,
    requests,
    stacks,
    tags,
    templates,
    validation,
)

__all__ = [
    "all_checks",
    "cloud_control",
    "definitions",
    "drift",
    "generator",
    "imports",
    "lifecycle",
    "lists",
    "names",
    "references",
    "regions",
    "registry",
    "requests",
    "stacks",
    "tags",
    "templates",
    "validation",
]


def all_checks() -> list[Check]:
    """Every check, by the number of its belief."""
    return sorted(CHECKS.values(), key=lambda check: int(check.number.removeprefix("B")))
