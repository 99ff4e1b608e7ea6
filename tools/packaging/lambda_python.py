"""The Python that Lambda runs the handlers with, and bytecode for it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from project import ROOT
from project.environment import PYCACHE_PREFIX, find_python
from project.package_files import SETTINGS
from tools.packaging.errors import PackagingError

_LAMBDA_ROOT = "/var/task"


def lambda_python(root: Path = ROOT) -> str:
    """The version (X.Y) of the Python that Lambda runs the handlers with."""
    settings = json.loads((root / SETTINGS).read_text("utf-8"))
    return str(settings["runtime"]).removeprefix("python")


def compiler(root: Path = ROOT) -> Path | None:
    """A Python of Lambda's version on this machine; no other version can compile for it."""
    return find_python(lambda_python(root))


def without_compiler(root: Path = ROOT) -> str:
    """A message that says what it means that there is no `compiler`, and what to do."""
    version = lambda_python(root)
    return (
        f"There is no Python {version} here to compile for Lambda. The package works, but every "
        "cold start takes longer, because Lambda has to compile it. Its bytes also differ from "
        f"those of a compiled package. Install Python {version}, and run it again."
    )


def implementation(python: Path) -> tuple[str, str]:
    """The implementation and the version of a Python, such as CPython and 3.12.1."""
    ask = "import platform as p; print(p.python_implementation(), p.python_version())"
    answer = subprocess.run(
        [python, "-I", "-S", "-c", ask], capture_output=True, text=True, check=True
    )
    name, version = answer.stdout.split()
    return name, version


def compile_for_lambda(folder: Path, python: Path) -> None:
    """Put bytecode for Lambda's Python next to the sources in ``folder``.

    Lambda cannot store bytecode itself, so it would compile everything in each cold start. The
    bytecode has the paths that the files have in Lambda, and is valid whatever the times of the
    files are (PEP 552).

    Raises PackagingError if a file cannot be compiled.
    """
    options = ["-q", "--invalidation-mode", "unchecked-hash"]
    others = {name: value for name, value in os.environ.items() if name != PYCACHE_PREFIX}
    answer = subprocess.run(
        [python, "-S", "-m", "compileall", *options, "-s", folder, "-p", _LAMBDA_ROOT, folder],
        # Bytecode has the items of sets in the order of their hashes.
        env={**others, "PYTHONHASHSEED": "0", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise PackagingError(
            f"{python} cannot compile what would ship:\n{answer.stdout}{answer.stderr}".strip()
        )
