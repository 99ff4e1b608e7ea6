"""Which runtime runs a package."""

from pathlib import Path

from sandbox.runtime.contract import Runtime


def run_package(package: Path) -> Runtime:
    """What runs a package as Lambda does. Raises ValueError, whose text says why it cannot."""
    # Here, for it reads YAML and serves HTTP, and most sandboxes need neither.
    from sandbox.runtime.packaged import PackagedRuntime
    from sandbox.runtime.packaged.logs import write_log

    return PackagedRuntime(package, write_log=write_log)
