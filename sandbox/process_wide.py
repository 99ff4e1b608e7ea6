"""What all accounts and regions of this process share: hosted types, timing and workers.

moto's state is global to the process and its backends are made without arguments, so this is too.
"""

from __future__ import annotations

from sandbox.background import Workers
from sandbox.hosting.timing import Timing
from sandbox.registry.type_registry import TypeRegistry


class ProcessWide:
    """The types, the timing and the workers of this process."""

    def __init__(self) -> None:
        self.types = TypeRegistry()
        self.timing = Timing()
        self.workers = Workers()


PROCESS = ProcessWide()
