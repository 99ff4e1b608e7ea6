"""The packages that tests run: built once, whatever the number of pytest's processes."""

import fcntl
import os
import zipfile
from pathlib import Path

import pytest

from tools.packaging import build
from tools.type_name import hyphenated

ANOTHER_NAME = "Acme::SageMaker::ModelQualityJobDefinition"


def built_package(type_name: str, folders: pytest.TempPathFactory) -> Path:
    """The package of the type under that name; nobody may change it."""
    shared = folders.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    path = shared / "packages" / f"{hyphenated(type_name)}.zip"
    with (shared / "packages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return path if path.exists() else build(type_name, path.parent)


def with_one_input_set(package: Path, folder: Path) -> Path:
    """The package as it were with the first of its input sets alone."""
    path = folder / package.name
    with zipfile.ZipFile(package) as whole, zipfile.ZipFile(path, "w") as part:
        for name in whole.namelist():
            if not name.startswith("inputs/") or name.startswith("inputs/inputs_1_"):
                part.writestr(whole.getinfo(name), whole.read(name))
    return path
