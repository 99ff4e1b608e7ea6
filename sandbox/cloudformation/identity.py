"""Which stack it is, and where."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.hosting.event import StackContext
from sandbox.hosting.place import Place


@dataclass(frozen=True)
class StackIdentity:
    """A stack's id, its name and its place."""

    stack_id: str
    name: str
    place: Place

    @property
    def account_id(self) -> str:
        """The account that it is in."""
        return self.place.account_id

    @property
    def region(self) -> str:
        """The region that it is in."""
        return self.place.region

    def context(self, logical_id: str) -> StackContext:
        """What a handler is told of the stack, for one of its resources."""
        return StackContext(self.stack_id, self.name, logical_id)
