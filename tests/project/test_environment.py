"""Virtual environments: how they are made, and where what runs in them keeps its bytecode."""

import compileall
import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from project import ROOT
from project.environment import (
    BYTECODE,
    INSTALLER,
    PYCACHE_PREFIX,
    STAMP,
    _share_bytecode,
    mirrored,
    python_version,
)
from tests.harness.documents import readers_environment, working_copy


def test_a_process_says_that_it_waits_for_another_one_that_makes_the_environment(
    tmp_path: Path,
) -> None:
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
    assert said == f"Waiting for another process that is making .venv/{INSTALLER} ...\n"


def test_bytecode_of_what_make_starts_is_kept_in_the_environment_and_never_beside_the_sources(
    tmp_path: Path,
) -> None:
    clone = working_copy(tmp_path / "clone")
    # Python takes an empty variable for one that is not set.
    for setting in ("1", ""):
        subprocess.run(
            ["make", "generate", "CHECK=1"],
            cwd=clone,
            env=readers_environment(PYTHONDONTWRITEBYTECODE=setting),
            capture_output=True,
            check=True,
        )
    # Environments that were lent to the clone are links, which this does not follow.
    assert list(clone.rglob("__pycache__")) == []
    kept = mirrored(clone / "tools", clone / ".venv" / f"dev-{python_version()}" / BYTECODE)
    tag = sys.implementation.cache_tag
    assert (kept / f"generate.{tag}.pyc").is_file()


def test_bytecode_of_compiled_packages_is_used_with_and_without_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / f"lib/python{python_version()}/site-packages"
    (packages / "package").mkdir(parents=True)
    (packages / "package/__init__.py").touch()
    monkeypatch.setattr(sys, "pycache_prefix", None)
    assert compileall.compile_dir(packages, quiet=1)
    _share_bytecode(tmp_path)

    def cached(**variables: str) -> Path:
        said = subprocess.run(
            [sys.executable, "-c", "import package; print(package.__cached__)"],
            env={
                "PYTHONPATH": str(packages),
                "PYTHONDONTWRITEBYTECODE": "1",
                **variables,
            },
            capture_output=True,
            text=True,
            check=True,
        )
        return Path(said.stdout.strip())

    beside, shared = cached(), cached(**{PYCACHE_PREFIX: str(tmp_path / BYTECODE)})
    assert beside != shared
    assert beside.samefile(shared)


def _key_of(tool: Path, folder: Path) -> str:
    """What a copy of the tool stamps the environment of that folder with."""
    spec = importlib.util.spec_from_file_location("environment_elsewhere", tool)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module._key(INSTALLER, folder, Path(sys.executable)))
