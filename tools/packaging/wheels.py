"""The wheels of what ships: fetched once, checked against their hashes, and kept."""

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

from project.environment import HOME
from tools.packaging.errors import PackagingError
from tools.packaging.lambda_python import lambda_python

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
            settings = {**PURE_PYTHON, "PIP_PYTHON_VERSION": lambda_python(lock.parent)}
            answer = subprocess.run(
                [sys.executable, "-m", "pip", "download", *options, "-r", lock, "-d", fetched],
                env=environment_with(settings),
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


def environment_with(changes: Mapping[str, str]) -> dict[str, str]:
    """The environment of this process with these changes."""
    return {**os.environ, **changes}
