"""A package run as Lambda runs it: by AWS's own runtime interface client."""

from sandbox.runtime.packaged.package import PackageInvalid
from sandbox.runtime.packaged.packaged_runtime import PackagedRuntime

__all__ = ["PackageInvalid", "PackagedRuntime"]
