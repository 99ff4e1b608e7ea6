"""Chooses the runtime: that of a package, or that of the project's own code."""

from pathlib import Path

from sandbox.process import ACCOUNT, REGION
from sandbox.runtime.contract import Runtime
from sandbox.runtime.in_process import InProcessRuntime


def runtime_of(
    package: Path | None,
    account_id: str = ACCOUNT,
    region: str = REGION,
    log_group: str | None = None,
) -> Runtime:
    """Return a new runtime for a package, or for the project's own code if there is no package.

    The package may be removed afterwards. The first package on a machine takes long, because
    Lambda's runtime interface client is installed for it. A sandbox does not install the client
    at its start, because most sandboxes run no package.

    log_group: the log group of a package's functions, in that account and region; by default, the
        ones that Lambda gives them.

    Raises PackageInvalid, a ValueError, if the package cannot be run; the message says why.
    """
    if package is None:
        return InProcessRuntime()
    # Imported when needed: they read YAML and serve HTTP, and most sandboxes do neither.
    from sandbox.runtime.packaged import Home, PackagedRuntime
    from sandbox.runtime.packaged.logs import log_writer

    home = Home(account_id, region, log_group, log_writer(account_id, region))
    return PackagedRuntime(package, home=home)
