"""Builds the zip file that the registry takes from the project, step by step."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

from project import ROOT
from project.package_files import INNER, sbom_path
from project.type_name import hyphenated
from tools.cloudformation_cli import CfnError, cfn
from tools.packaging import archive, contents, files, project_copy, service_data
from tools.packaging.errors import PackagingError
from tools.packaging.lambda_python import (
    compile_for_lambda,
    compiler,
    implementation,
    lambda_python,
    without_compiler,
)
from tools.packaging.sbom import sbom
from tools.packaging.wheels import PURE_PYTHON, environment_with, wheels

# Warnings go to standard error, unless a command redirects them.
LOG = logging.getLogger(__name__)

MAX_SIZE = 4 * 1024 * 1024
"""Bytes; see guide/packaging.md on what makes a package grow."""

LICENCES_PAGE = "THIRD_PARTY_LICENSES.txt"


def build(type_name: str, folder: Path, root: Path = ROOT) -> Path:
    """Build the package of the type under the name ``type_name`` in ``folder``; returns its path.

    The bill of materials goes beside it, to ``sbom_path``. The same sources give the same bytes,
    wherever and whenever they are built with the same `compiler` and zlib. A warning is logged if
    there is no compiler. Raises TypeNameError and PackagingError, and then leaves nothing behind.
    """
    with tempfile.TemporaryDirectory(prefix="package-") as scratch:
        copy = project_copy.write(type_name, Path(scratch) / "project", root)
        python = compiler(root)
        if python is None:
            LOG.warning(without_compiler(root))
        content = archive.unpack(dry_run(copy))
        _make_lean(copy / "build", copy, python)
        content[INNER] = archive.pack(files.read(copy / "build"))
        package = archive.pack(content)
        if len(package) > MAX_SIZE:
            raise PackagingError(
                f"The package would have {len(package):,} bytes, but the limit is {MAX_SIZE:,}, "
                "because Lambda fetches it for every cold start. Remove what made it grow."
            )
        materials = sbom(
            copy / "build",
            type_name,
            (copy / "VERSION").read_text("utf-8").strip(),
            hashlib.sha256(package).hexdigest(),
            implementation(python) if python else None,
        )
    path = folder / f"{hyphenated(type_name)}.zip"
    folder.mkdir(parents=True, exist_ok=True)
    files.write_atomically(path, package)
    files.write_atomically(sbom_path(path), materials.encode())
    return path


def dry_run(copy: Path) -> Path:
    """Run `cfn submit --dry-run` in a copy of the project; returns the zip file that it makes.

    The folder build/ of the copy then has what goes to Lambda.

    Raises PackagingError if the command fails.
    """
    environ = {
        **PURE_PYTHON,
        "PIP_PYTHON_VERSION": lambda_python(copy),
        "PIP_NO_INDEX": "1",
        # What pip leaves if it is killed goes with the copy.
        "TMPDIR": str(copy.parent),
        "PIP_FIND_LINKS": wheels(copy / "requirements.txt").as_uri(),
        # The plugin runs the first pip on the PATH.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]),
    }
    try:
        cfn("submit", copy, "--dry-run", environ=environment_with(environ))
    except CfnError as error:
        raise PackagingError(str(error)) from error
    [made] = copy.glob("*.zip")
    return made


def _make_lean(folder: Path, copy: Path, python: Path | None) -> None:
    """Leave only what Lambda needs in ``folder``; compile it if there is a ``python`` for that."""
    contents.trim(folder)
    contents.refuse_compiled(folder)
    service_data.cut(folder / "botocore" / "data")
    own_licence = shutil.copy(copy / "LICENSE", folder)
    title = "The licences of what is in this folder"
    page = contents.licences_page(folder, title, Path(own_licence))
    (folder / LICENCES_PAGE).write_text(page, "utf-8")
    if python:
        compile_for_lambda(folder, python)
