"""A digest of what the benchmarks depend on, which tells whether their page is up to date."""

from __future__ import annotations

import hashlib
from pathlib import Path

from project import ROOT
from tools.packaging import project_copy

MEASURING = (
    "benchmarks/**/*",
    "sandbox/**/*",
    "requirements/dev.txt",
    "project/*",
    "tools/packaging/*",
    "tools/__init__.py",
    "tools/cloudformation_cli.py",
    "tools/measured_sources.py",
)
"""What measures, and what builds the packages: a test checks that nothing else is imported."""

FOR_READERS = ("docs", "examples")
"""Folders that are handed out, but are in no package."""


def sources(root: Path = ROOT) -> str:
    """A short digest of the name and content of every file that the figures depend on."""
    digest = hashlib.sha256()
    for path in files(root):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:12]


def files(root: Path = ROOT) -> list[Path]:
    """The files that the digest covers, in order."""
    measuring = {path for pattern in MEASURING for path in root.glob(pattern) if path.is_file()}
    measured = {path for path in project_copy.parts(root) if path.parent.name not in FOR_READERS}
    return sorted(path for path in measuring | measured if path.parent.name != "__pycache__")
