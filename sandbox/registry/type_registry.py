"""Which hosted type stands behind a type name."""

from __future__ import annotations

from threading import Lock

from sandbox.hosting.hosted_type import HostedType


class TypeRegistry:
    """Which hosted type a type name stands for, everywhere or in one account and region.

    Private registrations of an account and region come before those that hold everywhere.
    """

    def __init__(self) -> None:
        self._types: dict[tuple[str, str | None, str | None], HostedType] = {}
        self._lock = Lock()

    def register(
        self, hosted: HostedType, account_id: str | None = None, region: str | None = None
    ) -> None:
        """Add a type, or a new version of it: the one that is used from now on."""
        with self._lock:
            self._types[hosted.type_name, account_id, region] = hosted

    def deregister(
        self, type_name: str, account_id: str | None = None, region: str | None = None
    ) -> None:
        """Forget a type; nothing happens where it was not registered."""
        with self._lock:
            self._types.pop((type_name, account_id, region), None)

    def lookup(self, type_name: str, account_id: str, region: str) -> HostedType | None:
        """The type of that name in an account and region, or None."""
        private = self._types.get((type_name, account_id, region))
        return private or self._types.get((type_name, None, None))

    def everywhere(self) -> list[HostedType]:
        """The types that hold in every account and region, by name."""
        return [
            hosted
            for (_, account, _), hosted in sorted(self._types.items(), key=str)
            if not account
        ]

    def clear(self) -> None:
        """Forget all types."""
        with self._lock:
            self._types.clear()
