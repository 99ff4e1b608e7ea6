"""The identity of a stack."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.hosting.event import StackContext
from sandbox.hosting.place import Place


@dataclass(frozen=True)
class StackIdentity:
    """A stack's id, name and place."""

    stack_id: str
    name: str
    place: Place

    @property
    def account_id(self) -> str:
        """The stack's account."""
        return self.place.account_id

    @property
    def region(self) -> str:
        """The stack's region."""
        return self.place.region

    def context(self, logical_id: str) -> StackContext:
        """Return what the event for a handler says about the stack and one of its resources."""
        return StackContext(self.stack_id, self.name, logical_id)
