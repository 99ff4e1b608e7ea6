"""Keeps the packages that were built last, so that the same sources are not built twice."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path

from project import ROOT
from project.environment import HOME, LOCKS
from project.package_files import sbom_path
from tools.packaging import project_copy
from tools.packaging.assembly import build
from tools.packaging.files import write_atomically
from tools.packaging.lambda_python import compiler, implementation

PACKAGES = HOME / "packages"
_MOST = 10


def build_if_changed(type_name: str, folder: Path, root: Path = ROOT) -> Path:
    """Like `build`, but reuses a package that was built of the same before, by the same.

    Without a compiler nothing is reused, so that its absence is told each time.
    """
    python = compiler(root)
    if python is None:
        return build(type_name, folder, root)
    kept = PACKAGES / _key(type_name, root, python)
    if not kept.is_dir():
        package = build(type_name, folder, root)
        _keep(package, kept)
        return package
    kept.touch()  # the oldest ones are those that nobody asks for
    folder.mkdir(parents=True, exist_ok=True)
    for path in kept.iterdir():
        write_atomically(folder / path.name, path.read_bytes())
    return folder / next(kept.glob("*.zip")).name


def _key(type_name: str, root: Path, python: Path) -> str:
    """A hash of everything that a package depends on: what is packaged, by which code and tools."""
    patterns = ("tools/cloudformation_cli.py", "tools/packaging/*.py", "project/*.py")
    code = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    parts: list[object] = [
        (type_name, sys.version, zlib.ZLIB_RUNTIME_VERSION, *implementation(python)),
        *((str(path.relative_to(root)), path.read_bytes()) for path in project_copy.parts(root)),
        *((str(path.relative_to(ROOT)), path.read_bytes()) for path in (*code, LOCKS / "dev.txt")),
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _keep(package: Path, kept: Path) -> None:
    """Copy a package and its bill of materials to ``kept``, and remove the oldest ones."""
    PACKAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PACKAGES) as scratch:
        copied = Path(scratch) / "copied"
        copied.mkdir()
        for path in (package, sbom_path(package)):
            shutil.copy(path, copied)
        # If another process was faster, its package is the same.
        with suppress(OSError):
            copied.rename(kept)
    by_age = sorted(
        (path for path in PACKAGES.iterdir() if len(path.name) == len(kept.name)),
        key=lambda path: path.stat().st_mtime,
    )
    for path in by_age[:-_MOST]:
        shutil.rmtree(path, ignore_errors=True)
