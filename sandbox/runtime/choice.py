"""Chooses the runtime: that of a package, or that of the project's own code."""

from pathlib import Path

from sandbox.runtime.contract import Runtime
from sandbox.runtime.in_process import InProcessRuntime


def runtime_of(package: Path | None) -> Runtime:
    """Return a new runtime for a package, or for the project's own code if there is no package.

    The package may be removed afterwards. The first package on a machine takes long, because
    Lambda's runtime interface client is installed for it. A sandbox does not install the client
    at its start, because most sandboxes run no package.

    Raises ValueError if the package cannot be run; the message says why.
    """
    if package is None:
        return InProcessRuntime()
    # Imported when needed: they read YAML and serve HTTP, and most sandboxes do neither.
    from sandbox.runtime.packaged import PackagedRuntime
    from sandbox.runtime.packaged.logs import write_log

    return PackagedRuntime(package, write_log=write_log)
