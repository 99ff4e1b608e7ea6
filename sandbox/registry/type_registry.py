"""Find the hosted type for a type name."""

from __future__ import annotations

from threading import Lock

from sandbox.hosting.hosted_type import HostedType


class TypeRegistry:
    """Maps type names to hosted types, globally or for one account and region.

    A private registration in an account and region takes precedence over a global one.
    """

    def __init__(self) -> None:
        self._types: dict[tuple[str, str | None, str | None], HostedType] = {}
        self._lock = Lock()

    def register(
        self, hosted: HostedType, account_id: str | None = None, region: str | None = None
    ) -> None:
        """Register a type, or replace its version. Without an account, it applies everywhere."""
        with self._lock:
            self._types[hosted.type_name, account_id, region] = hosted

    def deregister(
        self, type_name: str, account_id: str | None = None, region: str | None = None
    ) -> None:
        """Remove a type. Does nothing if it is not registered."""
        with self._lock:
            self._types.pop((type_name, account_id, region), None)

    def lookup(self, type_name: str, account_id: str, region: str) -> HostedType | None:
        """Return the type with this name in an account and region, or None."""
        private = self._types.get((type_name, account_id, region))
        return private or self._types.get((type_name, None, None))

    def everywhere(self) -> list[HostedType]:
        """Return the types that apply in every account and region, sorted by name."""
        return [
            hosted
            for (_, account, _), hosted in sorted(self._types.items(), key=str)
            if not account
        ]

    def of_place(self, account_id: str, region: str) -> list[HostedType]:
        """Return the types in an account and region, sorted by name."""
        names = {name for name, account, _ in list(self._types) if account in (None, account_id)}
        found = [self.lookup(name, account_id, region) for name in sorted(names)]
        return [hosted for hosted in found if hosted]

    def clear(self) -> None:
        """Remove all types."""
        with self._lock:
            self._types.clear()
