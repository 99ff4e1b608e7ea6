"""What of the built folder goes to Lambda, and under which licences.

pip makes the folder from requirements.txt, with the handlers beside the packages. The tables at the
top decide everything here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath

from tools.packaging.errors import PackagingError

LEFT_OUT = {
    "setuptools": "the framework requires it, but imports nothing of it",
}
"""Packages that are installed as dependencies, but not used."""

LEFT_OUT_FILES = {
    "bin": "commands for a terminal",
    "boto3/data": "boto3's resources; the handlers use clients",
    "boto3/examples": "documentation of boto3's resources",
    "botocore/cacert.pem": "certificates for use without certifi, which is here",
    "dateutil/zoneinfo/*.tar.gz": "time zones by name; AWS's times are all in UTC",
    "**/*.pyi": "types, for type checkers",
    "**/py.typed": "types, for type checkers",
    "*.dist-info/entry_points.txt": "commands for a terminal",
    "*.dist-info/INSTALLER": "pip's own notes",
    "*.dist-info/RECORD": "pip's own notes, on files as they were",
    "*.dist-info/REQUESTED": "pip's own notes",
    "*.dist-info/top_level.txt": "setuptools' own notes",
    "*.dist-info/WHEEL": "how it was built",
    "*.dist-info/zip-safe": "setuptools' own notes",
}
"""Files that no code of the handlers reads. Of a package's metadata, METADATA stays, because
scanners such as Amazon Inspector look for versions there, and so do the licences."""

LICENCES = {
    "Apache License 2.0": "Apache-2.0",
    # By its LICENSE, older parts have only the BSD licence, and newer parts have both.
    "Dual License": "(Apache-2.0 AND BSD-3-Clause) OR BSD-3-Clause",
}
"""SPDX expressions for the names of licences that are not SPDX expressions themselves:
https://spdx.org/licenses/"""

_LICENCE_FILES = ("licen[cs]e*", "notice*", "copying*", "authors*")
_COMPILED = {".so", ".pyd", ".dylib", ".dll", ".exe"}


def trim(folder: Path) -> None:
    """Remove what `LEFT_OUT` and `LEFT_OUT_FILES` name."""
    for package in distributions(path=[str(folder)]):
        if package.name in LEFT_OUT:
            # The path of a command begins with "..": it is in bin/, which is removed as a whole.
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
    """Raise PackagingError for compiled code: the same package runs on x86_64 and on arm64."""
    compiled = [path for path in _files(folder) if path.suffix in _COMPILED]
    if compiled:
        shown = ", ".join(str(path.relative_to(folder)) for path in compiled)
        raise PackagingError(
            "The package would contain compiled code, which runs on one kind of machine only: "
            f"{shown}. What ships has to be pure Python. Remove the package from "
            "requirements/lambda.in, or lock a version of it that has a wheel `py3-none-any`."
        )


def packages(folder: Path) -> list[Distribution]:
    """The third-party packages in the folder, sorted by name."""
    return sorted(distributions(path=[str(folder)]), key=lambda package: package.name.lower())


def licence(package: Distribution) -> str:
    """The package's licence as an SPDX expression, from its metadata or from `LICENCES`."""
    said = field(package, "License-Expression") or field(package, "License")
    return LICENCES.get(said, said)


def field(package: Distribution, name: str) -> str:
    """A field of the package's metadata; empty if it is missing."""
    return next(iter(package.metadata.get_all(name) or ()), "")


def licence_files(package: Distribution, folder: Path) -> list[Path]:
    """The files with the text of the package's licence, and its notices."""
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
    """A summary of the licences of what is in the folder, starting with the type itself.

    own: the file with the type's licence. Raises PackagingError for a package that has no file with
    its licence.
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
                f"{package.name} {package.version} has no file with its licence, and must not be "
                "distributed without one. Lock a version that has it."
            )
        shown = ", ".join(path.relative_to(folder).as_posix() for path in files)
        lines.append(f"{package.name} {package.version}: {licence(package)} ({shown})")
    return "\n".join([*lines, ""])


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
