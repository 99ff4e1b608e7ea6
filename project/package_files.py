"""The files of a package that the registry takes, as the CloudFormation CLI names them.

The sandbox finds what is packaged here by the same names.
"""

from __future__ import annotations

from pathlib import Path

SCHEMA = "schema.json"
SETTINGS = ".rpdk-config"
INNER = "ResourceProvider.zip"
"""What goes to Lambda, within what goes to the registry."""


def sbom_path(package: Path) -> Path:
    """Where the bill of materials of a package of ours is: beside it."""
    return package.with_suffix(".cdx.json")
