"""The making of virtual environments, in a project of its own."""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from project import ROOT
from project.environment import INSTALLER, STAMP


def test_who_waits_for_another_that_makes_an_environment_says_so(tmp_path: Path) -> None:
    for name in ("project/__init__.py", "project/environment.py", f"requirements/{INSTALLER}.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    tool = tmp_path / "project/environment.py"
    folder = tmp_path / ".venv" / INSTALLER
    folder.mkdir(parents=True)
    with folder.with_name(f"{INSTALLER}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with subprocess.Popen(
            [sys.executable, "-m", "project.environment", "make", INSTALLER],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            stderr=subprocess.PIPE,
            text=True,
        ) as waiting:
            assert waiting.stderr is not None
            said = waiting.stderr.readline()
            # What the other one does last.
            (folder / STAMP).write_text(_key_of(tool, folder))
            fcntl.flock(lock, fcntl.LOCK_UN)
            # Nothing is made twice.
            assert waiting.stderr.read() == ""
            assert waiting.wait(10) == 0
    assert said == f"Another process is making .venv/{INSTALLER}; waiting for it ...\n"


def _key_of(tool: Path, folder: Path) -> str:
    """What a copy of the tool stamps the environment of that folder with."""
    spec = importlib.util.spec_from_file_location("environment_elsewhere", tool)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module._key(INSTALLER, folder, Path(sys.executable)))
