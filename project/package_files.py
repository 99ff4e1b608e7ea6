"""The names of the files in a package for the registry, as the CloudFormation CLI has them."""

from __future__ import annotations

from pathlib import Path

SCHEMA = "schema.json"
SETTINGS = ".rpdk-config"
INNER = "ResourceProvider.zip"
"""The package for Lambda, inside the package for the registry."""


def sbom_path(package: Path) -> Path:
    """The path of a package's bill of materials, which is beside the package."""
    return package.with_suffix(".cdx.json")
