"""Notice which properties of a resource moto's model looks at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Given(dict[str, Any]):
    """Properties that know which of them were read.

    All of them count as read when they are iterated over, because they may be then. An absent
    property counts as read when its value is asked for, as a default then takes its place.
    """

    def __init__(self, properties: dict[str, Any]) -> None:
        super().__init__(properties)
        self._all = frozenset(properties)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        """Return a property. Raises KeyError if there is none."""
        self.read.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        """Return whether there is such a property."""
        found = super().__contains__(name)
        if found:
            self.read.add(str(name))
        return found

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of all properties."""
        self.read |= self._all
        return super().__iter__()

    def get(self, name: str, default: Any = None) -> Any:
        """Return a property, or `default` if there is none."""
        self.read.add(name)
        return super().get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        """Remove and return a property. Raises KeyError if there is neither it nor a default."""
        self.read.add(name)
        return super().pop(name, *default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return a property, or set it if there is none."""
        self.read.add(name)
        return super().setdefault(name, default)

    def keys(self) -> Any:
        """Return the names of all properties."""
        self.read |= self._all
        return super().keys()

    def values(self) -> Any:
        """Return the values of all properties."""
        self.read |= self._all
        return super().values()

    def items(self) -> Any:
        """Return all properties with their names."""
        self.read |= self._all
        return super().items()
