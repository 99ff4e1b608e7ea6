"""State that all accounts and regions of this process share: hosted types, timing and workers.

It is global because moto is: moto's state belongs to the process, and moto creates its backends
without arguments.
"""

from __future__ import annotations

from sandbox.background import Workers
from sandbox.hosting.timing import Timing
from sandbox.registry.type_registry import TypeRegistry


class ProcessWide:
    """The types, timing and workers of this process."""

    def __init__(self) -> None:
        self.types = TypeRegistry()
        self.timing = Timing()
        self.workers = Workers()


PROCESS = ProcessWide()
