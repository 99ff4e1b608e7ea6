"""What of the built folder goes to Lambda, and whose it is.

The folder is what pip made of requirements.txt, with the handlers beside it. Everything here is
decided by the tables at the top.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath

from tools.packaging.errors import PackagingError

LEFT_OUT = {
    "setuptools": "the framework names it among its requirements, and imports nothing of it",
}
"""Packages that come along and are not used."""

LEFT_OUT_FILES = {
    "bin": "commands for a terminal",
    "boto3/data": "boto3's resources; the handlers use clients",
    "boto3/examples": "documentation of boto3's resources",
    "botocore/cacert.pem": "certificates for where there is no certifi; there is one",
    "dateutil/zoneinfo/*.tar.gz": "time zones by name; AWS's times are all in UTC",
    "**/*.pyi": "types, for who checks them",
    "**/py.typed": "types, for who checks them",
    "*.dist-info/entry_points.txt": "commands for a terminal",
    "*.dist-info/INSTALLER": "notes of pip to itself",
    "*.dist-info/RECORD": "notes of pip to itself, of files as they were",
    "*.dist-info/REQUESTED": "notes of pip to itself",
    "*.dist-info/top_level.txt": "notes of setuptools",
    "*.dist-info/WHEEL": "how it was built",
    "*.dist-info/zip-safe": "notes of setuptools",
}
"""Files that no code of the handlers reads. What stays of a package's metadata are its METADATA,
which is where scanners (Amazon Inspector among them) look for versions, and its licences."""

LICENCES = {
    "Apache License 2.0": "Apache-2.0",
    # Its LICENSE: older parts are under the BSD licence alone, newer ones under either.
    "Dual License": "(Apache-2.0 AND BSD-3-Clause) OR BSD-3-Clause",
}
"""SPDX expressions for what packages call their licences, where that is none:
https://spdx.org/licenses/"""

_LICENCE_FILES = ("licen[cs]e*", "notice*", "copying*", "authors*")
_COMPILED = {".so", ".pyd", ".dylib", ".dll", ".exe"}


def trim(folder: Path) -> None:
    """Remove what `LEFT_OUT` and `LEFT_OUT_FILES` name."""
    for package in distributions(path=[str(folder)]):
        if package.name in LEFT_OUT:
            # A command's path begins with "..": it stands in bin/, which goes altogether.
            for name in {file.parts[0] for file in package.files or ()} - {".."}:
                _remove(folder / name)
    for pattern in LEFT_OUT_FILES:
        for path in list(folder.glob(pattern)):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def refuse_compiled(folder: Path) -> None:
    """Raise PackagingError for compiled code: Lambda's x86_64 and arm64 run the same package."""
    compiled = [path for path in _files(folder) if path.suffix in _COMPILED]
    if compiled:
        shown = ", ".join(str(path.relative_to(folder)) for path in compiled)
        raise PackagingError(
            f"The package would hold compiled code, which runs on one kind of machine alone: "
            f"{shown}. What ships has to be pure Python; take such a package out of "
            "requirements/lambda.in, or lock a version of it that has a wheel `py3-none-any`."
        )


def packages(folder: Path) -> list[Distribution]:
    """The packages of other people in the folder, by name."""
    return sorted(distributions(path=[str(folder)]), key=lambda package: package.name.lower())


def licence(package: Distribution) -> str:
    """The package's licence as an SPDX expression, as its metadata or `LICENCES` has it."""
    said = field(package, "License-Expression") or field(package, "License")
    return LICENCES.get(said, said)


def field(package: Distribution, name: str) -> str:
    """A field of the package's metadata; empty where it has none."""
    return next(iter(package.metadata.get_all(name) or ()), "")


def licence_files(package: Distribution, folder: Path) -> list[Path]:
    """The files with the words of the package's licence, and its notices."""
    home = _metadata_folder(package, folder)
    found = {
        path
        for path in _files(home)
        for pattern in _LICENCE_FILES
        if PurePosixPath(path.name.lower()).match(pattern)
    }
    return sorted(found)


def _metadata_folder(package: Distribution, folder: Path) -> Path:
    [home] = folder.glob(f"{package.name.replace('-', '_')}-{package.version}.dist-info")
    return home


def licences_page(folder: Path, title: str, own: Path) -> str:
    """A summary of the licences of what is in the folder: that of the type itself first.

    Raises PackagingError for a package without the words of its licence.
    """
    lines = [
        title,
        "",
        f"The resource type itself: see {own.name} beside this file.",
        "",
        "With it come these packages, each under its own licence:",
        "",
    ]
    for package in packages(folder):
        files = licence_files(package, folder)
        if not files:
            raise PackagingError(
                f"{package.name} {package.version} brings no file with its licence, and must not "
                "be passed on without one. Lock a version that does."
            )
        shown = ", ".join(path.relative_to(folder).as_posix() for path in files)
        lines.append(f"{package.name} {package.version}: {licence(package)} ({shown})")
    return "\n".join([*lines, ""])


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
