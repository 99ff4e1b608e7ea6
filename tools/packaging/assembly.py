"""From the project to the zip file that the registry takes, step by step."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from project import ROOT
from project.environment import HOME, PYCACHE_PREFIX, find_python
from project.package_files import INNER, SETTINGS, sbom_path
from project.type_name import hyphenated
from tools.generate import CfnError, cfn
from tools.packaging import archive, contents, project, service_data
from tools.packaging.errors import PackagingError
from tools.packaging.sbom import sbom

# Warnings end up on standard error, unless a command has them go elsewhere.
LOG = logging.getLogger(__name__)

MAX_SIZE = 4 * 1024 * 1024
"""Bytes; see guide/packaging.md on what makes a package grow."""

LICENCES_PAGE = "THIRD_PARTY_LICENSES.txt"

_LAMBDA_ROOT = "/var/task"
_WHEELS = HOME / "wheels"

# pip's options, which the plugin does not let anybody pass: pure Python for Lambda's version of it,
# whatever machine this is. https://pip.pypa.io/en/stable/topics/configuration/#environment-variables
PURE_PYTHON = {
    "PIP_ONLY_BINARY": ":all:",
    "PIP_PLATFORM": "any",
    "PIP_IMPLEMENTATION": "py",
    "PIP_ABI": "none",
    "PIP_COMPILE": "0",  # the building Python's bytecode is no good for Lambda's
    "PIP_USER": "0",
}


def build(type_name: str, folder: Path, root: Path = ROOT) -> Path:
    """Make the package of the type under the name ``type_name`` in ``folder``, and give its path.

    The bill of materials is put beside it, at ``sbom_path``. The same sources give the same bytes,
    wherever and whenever they are built with the same `compiler` and zlib; a warning is logged
    where there is no compiler. Raises TypeNameError and PackagingError, and leaves nothing behind
    then.
    """
    with tempfile.TemporaryDirectory(prefix="package-") as scratch:
        copy = project.write(type_name, Path(scratch) / "project", root)
        python = compiler(root)
        if python is None:
            LOG.warning(without_compiler(root))
        files = archive.unpack(dry_run(copy))
        _make_lean(copy / "build", copy, python)
        files[INNER] = archive.pack(archive.read(copy / "build"))
        package = archive.pack(files)
        if len(package) > MAX_SIZE:
            raise PackagingError(
                f"The package would be {len(package):,} bytes, and {MAX_SIZE:,} is the most it may "
                "be: Lambda fetches it for every cold start. Take out what made it grow."
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
    put(path, package)
    put(sbom_path(path), materials.encode())
    return path


def lambda_python(root: Path = ROOT) -> str:
    """The version (X.Y) of the Python that Lambda runs the handlers with."""
    settings = json.loads((root / SETTINGS).read_text("utf-8"))
    return str(settings["runtime"]).removeprefix("python")


def compiler(root: Path = ROOT) -> Path | None:
    """A Python of Lambda's version on this machine, which alone can make bytecode for it."""
    return find_python(lambda_python(root))


def without_compiler(root: Path = ROOT) -> str:
    """What comes of it that there is no `compiler`, and what to do, for whoever packages."""
    version = lambda_python(root)
    return (
        f"There is no Python {version} here to compile for Lambda. The package works, but every "
        "cold start takes longer, because Lambda compiles it then; and its bytes are others than "
        f"where there is one. Install Python {version}, and run it again."
    )


def implementation(python: Path) -> tuple[str, str]:
    """Which implementation of the language a Python is, and its version: CPython, 3.12.1."""
    ask = "import platform as p; print(p.python_implementation(), p.python_version())"
    answer = subprocess.run(
        [python, "-I", "-S", "-c", ask], capture_output=True, text=True, check=True
    )
    name, version = answer.stdout.split()
    return name, version


def kept_wheels(lock: Path) -> Path:
    """Where the wheels of ``lock`` are kept: all that decides which ones they are names it."""
    asked = [lock.read_text("utf-8"), lambda_python(lock.parent), PURE_PYTHON]
    return _WHEELS / hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def wheels(lock: Path) -> Path:
    """A folder with the wheels that ``lock`` names, each checked against its hash.

    They are fetched once, and kept for the next time. Raises PackagingError where there are none
    of pure Python.
    """
    kept = kept_wheels(lock)
    if not kept.is_dir():
        _WHEELS.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_WHEELS) as scratch:
            fetched = Path(scratch) / "fetched"
            options = ["--quiet", "--no-deps", "--require-hashes", "--disable-pip-version-check"]
            answer = subprocess.run(
                [sys.executable, "-m", "pip", "download", *options, "-r", lock, "-d", fetched],
                env=_environment({**PURE_PYTHON, "PIP_PYTHON_VERSION": lambda_python(lock.parent)}),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if answer.returncode:
                raise PackagingError(
                    "pip could not get all that requirements.txt locks. What ships has to be pure "
                    "Python, in wheels for any machine (py3-none-any), since Lambda runs it on "
                    f"x86_64 and on arm64; and the network is needed once. pip says:\n"
                    f"{answer.stderr.strip()}"
                )
            # Where another process was first, its wheels are the same.
            with suppress(OSError):
                fetched.rename(kept)
    return kept


def dry_run(copy: Path) -> Path:
    """The zip file that `cfn submit --dry-run` makes of a copy of the project, in that copy.

    What goes to Lambda is left in the folder build/ as well. Raises PackagingError.
    """
    environ = {
        **PURE_PYTHON,
        "PIP_PYTHON_VERSION": lambda_python(copy),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": wheels(copy / "requirements.txt").as_uri(),
        # The plugin runs the pip that it finds first.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]),
    }
    try:
        cfn("submit", copy, "--dry-run", environ=_environment(environ))
    except CfnError as error:
        raise PackagingError(str(error)) from error
    [made] = copy.glob("*.zip")
    return made


def _make_lean(folder: Path, copy: Path, python: Path | None) -> None:
    """Leave in ``folder`` what Lambda needs, and nothing else, compiled where ``python`` can."""
    contents.trim(folder)
    contents.refuse_compiled(folder)
    service_data.cut(folder / "botocore" / "data")
    own_licence = shutil.copy(copy / "LICENSE", folder)
    title = "The licences of what is in this folder"
    page = contents.licences_page(folder, title, Path(own_licence))
    (folder / LICENCES_PAGE).write_text(page, "utf-8")
    if python:
        _compile(folder, python)


def _compile(folder: Path, python: Path) -> None:
    """Put bytecode for Lambda's Python beside the sources.

    Lambda could not keep its own, and would compile everything anew in each cold start. It names
    the paths that the files have in Lambda, and is valid whatever their times are (PEP 552).
    """
    options = ["-q", "--invalidation-mode", "unchecked-hash"]
    others = {name: value for name, value in os.environ.items() if name != PYCACHE_PREFIX}
    answer = subprocess.run(
        [python, "-S", "-m", "compileall", *options, "-s", folder, "-p", _LAMBDA_ROOT, folder],
        # Sets are written in the order of their hashes.
        env={**others, "PYTHONHASHSEED": "0", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise PackagingError(
            f"{python} cannot compile what would ship:\n{answer.stdout}{answer.stderr}".strip()
        )


def _environment(changes: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, **changes}


def put(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    written = Path(file.name)
    written.chmod(0o644)
    written.replace(path)
