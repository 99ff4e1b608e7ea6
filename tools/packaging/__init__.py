"""Makes what the CloudFormation registry takes; docs/packaging.md says how, and why so."""

from tools.packaging.assembly import PackagingError, build, sbom_path

__all__ = ["PackagingError", "build", "sbom_path"]
