"""What all accounts and regions of this process share: hosted types, timing and workers.

moto's state is global to the process and its backends are made without arguments, so this is too.
"""

from __future__ import annotations

from pathlib import Path

from sandbox.background import Workers
from sandbox.hosting.timing import Timing
from sandbox.registry.type_registry import TypeRegistry
from sandbox.registry.uploaded_package import RunningPackage, RunPackage


def no_packages(_package: Path) -> RunningPackage:
    """What stands for running a package where nobody said how. Raises ValueError."""
    raise ValueError("this sandbox was started without a way to run packages")


class ProcessWide:
    """The types, the timing and the workers of this process, and how it runs packages."""

    def __init__(self) -> None:
        self.types = TypeRegistry()
        self.timing = Timing()
        self.run_package: RunPackage = no_packages
        self.workers = Workers()


PROCESS = ProcessWide()
