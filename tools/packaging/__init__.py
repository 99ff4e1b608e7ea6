"""Makes what the CloudFormation registry takes; guide/packaging.md says how and why."""

from project.package_files import sbom_path
from tools.packaging.assembly import build
from tools.packaging.errors import PackagingError

__all__ = ["PackagingError", "build", "sbom_path"]
