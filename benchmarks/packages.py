"""Builds the two packages that are compared: ours, and the textbook provider's."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from project import ROOT
from project.package_files import INNER
from project.settings import type_name
from project.type_name import module
from tools.packaging import assembly, project_copy

TEXTBOOK = ROOT / "benchmarks" / "textbook"


@dataclass(frozen=True)
class MeasuredPackage:
    """A package, unpacked as Lambda would unpack it.

    name: which one it is. size: its bytes, as they go to the registry. task_root: the folder that
    Lambda would run. entry_point: the handler in it.
    """

    name: str
    size: int
    task_root: Path
    entry_point: str


def ours(folder: Path) -> MeasuredPackage:
    """Build our package in ``folder``."""
    return _unpacked("this one", assembly.build(type_name(), folder / "ours"))


def textbook(folder: Path) -> MeasuredPackage:
    """Build the textbook provider's package in ``folder``, with `cfn submit --dry-run` alone.

    It has our schema, models and locked requirements, so that only the handlers differ.
    """
    copy = project_copy.write(type_name(), folder / "textbook", ROOT)
    source = copy / "src" / module(type_name())
    for path in source.glob("*.py"):
        if path.name not in ("__init__.py", "models.py"):
            path.unlink()
    shutil.copy(TEXTBOOK / "handlers.py", source)
    return _unpacked("textbook", assembly.dry_run(copy))


def _unpacked(name: str, path: Path) -> MeasuredPackage:
    task_root = path.parent / f"{path.stem}-task-root"
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(package.open(INNER)) as inner:
        inner.extractall(task_root)
    return MeasuredPackage(
        name, path.stat().st_size, task_root, f"{module(type_name())}.handlers.resource"
    )
