"""What is known about the drift of a stack and of its resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.cloudformation.drift.comparison import PropertyDifference

NOT_CHECKED = "NOT_CHECKED"
DRIFTED_RESOURCE = frozenset(("MODIFIED", "DELETED"))


@dataclass(frozen=True)
class ResourceDrift:
    """The result for one resource.

    status: IN_SYNC, MODIFIED, DELETED, or UNKNOWN if the resource could not be read.
    expected, actual: the properties that were compared; None if there was nothing to compare.
    reason: why the status is UNKNOWN.
    """

    logical_id: str
    physical_id: str
    type_name: str
    timestamp: datetime
    status: str
    expected: Mapping[str, Any] | None = None
    actual: Mapping[str, Any] | None = None
    differences: tuple[PropertyDifference, ...] = ()
    reason: str | None = None


@dataclass
class StackDrift:
    """The latest results of a stack.

    resources: by logical id; resources that were not checked are missing.
    checked: when the latest check began. whole: whether a check of the stack, and not only of
        single resources, has ended with a result for every resource that can be checked.
    """

    resources: Mapping[str, ResourceDrift] = field(default_factory=dict)
    checked: datetime | None = None
    whole: bool = False

    def add(self, result: ResourceDrift) -> None:
        """Add a result, in the place of an earlier one. Others may read the results meanwhile."""
        self.resources = {**self.resources, result.logical_id: result}

    @property
    def drifted(self) -> int:
        """The number of resources that have drifted."""
        return sum(result.status in DRIFTED_RESOURCE for result in self.resources.values())

    @property
    def status(self) -> str:
        """DRIFTED, UNKNOWN, IN_SYNC, or NOT_CHECKED before the stack was checked.

        One resource that has drifted is enough for DRIFTED. One that is in sync says nothing of
        the others.
        """
        if self.drifted:
            return "DRIFTED"
        if not self.whole:
            return NOT_CHECKED
        unknown = any(result.status == "UNKNOWN" for result in self.resources.values())
        return "UNKNOWN" if unknown else "IN_SYNC"
