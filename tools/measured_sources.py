"""Digests of what the benchmarks depend on, which tell whether their pages are up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from project import ROOT
from tools.packaging import project_copy

MEASURING = (
    "benchmarks/*",
    "benchmarks/textbook/*",
    "sandbox/**/*",
    "requirements/dev.txt",
    "project/*",
    "tools/packaging/*",
    "tools/__init__.py",
    "tools/cloudformation_cli.py",
    "tools/measured_sources.py",
)
"""What measures, and what builds the packages: a test checks that nothing else is imported."""

INVENTORY = (
    "VERSION",
    "inventory/**/*",
    "benchmarks/inventory/*",
    "requirements/inventory.txt",
)
"""What decides how fast the inventory is, and what measures it.

Of the provider it has the translation, whose share of the time is small: a change of the handlers
alone does not ask for a new run.
"""

FOR_READERS = ("docs", "examples")
"""Folders that are handed out, but are in no package."""


def sources(root: Path = ROOT) -> str:
    """A short digest of every file that the figures of the handlers depend on."""
    return _digest(root, files(root))


def sources_of_inventory(root: Path = ROOT) -> str:
    """A short digest of every file that the figures of the inventory depend on."""
    return _digest(root, _matching(root, INVENTORY))


def files(root: Path = ROOT) -> list[Path]:
    """The files that the digest of the handlers covers, in order."""
    measured = {path for path in project_copy.parts(root) if path.parent.name not in FOR_READERS}
    return sorted(measured.union(_matching(root, MEASURING)))


def _matching(root: Path, patterns: Iterable[str]) -> list[Path]:
    found = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    return sorted(path for path in found if path.parent.name != "__pycache__")


def _digest(root: Path, paths: Iterable[Path]) -> str:
    """Of the name and the content of each file."""
    digest = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:12]
