"""Makes what the CloudFormation registry takes; docs/packaging.md says how, and why so."""

from tools.packaging.build import PackagingError, build, sbom_path

__all__ = ["PackagingError", "build", "sbom_path"]
