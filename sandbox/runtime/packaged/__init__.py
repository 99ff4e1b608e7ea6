"""A package run as Lambda runs it: by AWS's own runtime interface client.

package_file.py           what is in the zip, and which functions it has
packaged_runtime.py       the runtime: a pool of execution environments for each function
execution_environment.py  one process, from its cold start to its end
bootstrap.py              what that process runs first
runtime_api.py            the HTTP interface that the process asks for work
logs.py                   where the functions log
"""

from sandbox.runtime.packaged.package_file import PackageInvalid
from sandbox.runtime.packaged.packaged_runtime import PackagedRuntime

__all__ = ["PackageInvalid", "PackagedRuntime"]
