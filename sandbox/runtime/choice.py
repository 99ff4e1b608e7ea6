"""The runtime of a package."""

from pathlib import Path

from sandbox.runtime.contract import Runtime


def run_package(package: Path) -> Runtime:
    """Make the runtime of a package, which may be removed afterwards.

    The first one on a machine takes long: Lambda's runtime interface client is installed for it.
    A sandbox does not prepare that at its start, because most sandboxes run no package.

    Raises ValueError, whose text says why the package cannot be run.
    """
    # Imported when needed: they read YAML and serve HTTP, and most sandboxes do neither.
    from sandbox.runtime.packaged import PackagedRuntime
    from sandbox.runtime.packaged.logs import write_log

    return PackagedRuntime(package, write_log=write_log)
