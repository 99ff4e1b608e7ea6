"""Runs a package as Lambda does: with AWS's own runtime interface client.

package_file.py           the content of the zip, and its functions
packaged_runtime.py       the runtime: a pool of execution environments for each function
execution_environment.py  one process, from its cold start to its end
bootstrap.py              the first code that the process runs
runtime_api.py            the HTTP interface from which the process gets work
logs.py                   the log of the functions
"""

from sandbox.runtime.packaged.execution_environment import Home
from sandbox.runtime.packaged.package_file import PackageInvalid
from sandbox.runtime.packaged.packaged_runtime import PackagedRuntime

__all__ = ["Home", "PackageInvalid", "PackagedRuntime"]
