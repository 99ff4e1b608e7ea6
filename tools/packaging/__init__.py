"""Makes what the CloudFormation registry takes; docs/packaging.md says how, and why so."""

from tools.packaging.assembly import build, sbom_path
from tools.packaging.errors import PackagingError

__all__ = ["PackagingError", "build", "sbom_path"]
