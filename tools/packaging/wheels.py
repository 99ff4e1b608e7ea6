"""The wheels of what ships: downloaded once, checked against their hashes, and kept."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from project.child import run_program
from project.environment import HOME
from tools.packaging.errors import PackagingError
from tools.packaging.lambda_python import lambda_python

_WHEELS = HOME / "wheels"

# Options for pip, which the plugin has no way to pass: pure Python for Lambda's version, whatever
# machine this is. https://pip.pypa.io/en/stable/topics/configuration/#environment-variables
PURE_PYTHON = {
    "PIP_ONLY_BINARY": ":all:",
    "PIP_PLATFORM": "any",
    "PIP_IMPLEMENTATION": "py",
    "PIP_ABI": "none",
    "PIP_COMPILE": "0",  # Lambda's Python cannot use the bytecode of the Python that builds
    "PIP_USER": "0",
}


def kept_wheels(lock: Path) -> Path:
    """The folder for the wheels of ``lock``, named after everything that decides which they are."""
    asked = [lock.read_text("utf-8"), lambda_python(lock.parent), PURE_PYTHON]
    return _WHEELS / hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def wheels(lock: Path) -> Path:
    """A folder with the wheels that ``lock`` lists, each checked against its hash.

    They are downloaded once, and kept for the next time. Raises PackagingError if some package has
    no wheel of pure Python.
    """
    kept = kept_wheels(lock)
    if not kept.is_dir():
        _WHEELS.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_WHEELS) as scratch:
            fetched = Path(scratch) / "fetched"
            options = ["--quiet", "--no-deps", "--require-hashes", "--disable-pip-version-check"]
            settings = {**PURE_PYTHON, "PIP_PYTHON_VERSION": lambda_python(lock.parent)}
            answer = run_program(
                [sys.executable, "-m", "pip", "download", *options, "-r", lock, "-d", fetched],
                env=environment_with(settings),
                stdin=subprocess.DEVNULL,
            )
            if answer.returncode:
                raise PackagingError(
                    "pip could not download everything that requirements.txt locks. What ships has "
                    "to be pure Python, in wheels for any machine (py3-none-any), because Lambda "
                    "runs it on x86_64 and on arm64. The network is needed once. pip says:\n"
                    f"{answer.stderr.strip()}"
                )
            # If another process was faster, its wheels are the same.
            with suppress(OSError):
                fetched.rename(kept)
    return kept


def environment_with(changes: Mapping[str, str]) -> dict[str, str]:
    """The environment of this process with these changes."""
    return {**os.environ, **changes}
