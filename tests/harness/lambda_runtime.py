"""Lambda's part, with what there is here: its Python, and a folder that was made for it."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from project.environment import python_version
from tools.packaging.lambda_python import compiler, lambda_python

# Imports the handler from the folder and hands it one event after another.
LAMBDA = """
import importlib, json, sys
folder, handler = sys.argv[1:]
sys.path.append(folder)
module, _, name = handler.rpartition(".")
module = importlib.import_module(module)
answers = [getattr(module, name)(event, None) for event in json.load(sys.stdin)]
files = {str(getattr(each, "__file__", None) or "") for each in list(sys.modules.values())}
print(json.dumps({"answers": answers, "files": sorted(files)}))
"""


class Runtime(NamedTuple):
    """The Python that stands for Lambda's, and its version."""

    python: Path
    version: str


class Said(NamedTuple):
    """The answers to events, and the files that were imported."""

    answers: list[Any]
    files: list[str]


def runtime() -> Runtime:
    """Lambda's Python; where there is none here, the one that runs the tests stands in."""
    python = compiler()
    return (
        Runtime(python, lambda_python())
        if python
        else Runtime(Path(sys.executable), python_version())
    )


def invoke(
    folder: Path, handler: str, python: Path, environ: Mapping[str, str], *events: Any
) -> Said:
    """What a handler says to events, run by a Python that has nothing but its folder."""
    answer = subprocess.run(
        [python, "-I", "-S", "-B", "-c", LAMBDA, folder, handler],
        cwd=folder,
        env=environ,
        input=json.dumps(events),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    said = Said(**json.loads(answer.stdout))
    assert not [file for file in said.files if "site-packages" in file]
    return said
