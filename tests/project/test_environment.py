"""Virtual environments: how they are made, and where what runs in them keeps its bytecode."""

import compileall
import fcntl
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from project import ROOT, environment
from project.environment import (
    BYTECODE,
    INSTALLER,
    PYCACHE_PREFIX,
    STAMP,
    EnvironmentFailure,
    _share_bytecode,
    mirrored,
    python_version,
)
from tests.harness.documents import readers_environment, working_copy


def copy_tool(folder: Path) -> None:
    """Copy to a folder what makes its environments."""
    (folder / "project").mkdir()
    for name in ("__init__", "child", "command_line", "environment"):
        shutil.copy(ROOT / f"project/{name}.py", folder / "project")


def test_a_process_says_that_it_waits_for_another_one_that_makes_the_environment(
    tmp_path: Path,
) -> None:
    copy_tool(tmp_path)
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / f"requirements/{INSTALLER}.txt", tmp_path / "requirements")
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


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Without settings of pip but those that the test makes, and with time on a busy machine."""
    for name in os.environ:
        if name.upper().startswith(("PIP_", "UV_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(environment, "SECONDS_TO_ANSWER", 60)
    environment._check_index.cache_clear()
    return monkeypatch


def not_reached(index: str) -> str:
    """What is said of an index that is not reached."""
    with pytest.raises(EnvironmentFailure) as failure:
        environment._check_index(Path(sys.executable))
    [message] = str(failure.value).splitlines()
    assert message.startswith(f"Could not reach the package index{index}. Connect to the network,")
    return message


def test_an_index_that_refuses_connections_is_told_without_the_password_in_its_address(
    pip: pytest.MonkeyPatch,
) -> None:
    pip.setenv("PIP_INDEX_URL", "http://me:secret@127.0.0.1:1/simple?token=secret")
    assert "secret" not in not_reached(" http://127.0.0.1:1/simple")


def test_an_index_that_is_down_is_told_although_another_one_has_some_packages(
    pip: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = f"{environment.PROBED}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(tmp_path / name, "w"):
        pip.setenv("PIP_FIND_LINKS", str(tmp_path))
    pip.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    not_reached(" http://127.0.0.1:1/simple")
    (tmp_path / name).rename(tmp_path / f"{INSTALLER}-1.0-py3-none-any.whl")
    pip.setattr(environment, "PROBED", INSTALLER)
    environment._check_index(Path(sys.executable))


def test_a_proxy_that_refuses_connections_is_as_good_as_no_network(pip: pytest.MonkeyPatch) -> None:
    pip.setenv("HTTPS_PROXY", "http://me:secret@127.0.0.1:1")
    assert "secret" not in not_reached("")


def test_an_index_whose_name_does_not_resolve_is_told(pip: pytest.MonkeyPatch) -> None:
    pip.setenv("PIP_INDEX_URL", "https://index.invalid/simple")
    not_reached(" https://index.invalid/simple")


def test_an_index_that_never_answers_is_told_in_time_unless_pip_is_to_wait(
    pip: pytest.MonkeyPatch,
) -> None:
    pip.setattr(environment, "SECONDS_TO_ANSWER", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        pip.setenv("PIP_INDEX_URL", index)
        assert "It had 1 s to answer; with PIP_TIMEOUT=10 it has more." in not_reached(f" {index}")
        pip.setenv("PIP_DEFAULT_TIMEOUT", "2")
        assert "It had 2 s to answer;" in not_reached(f" {index}")


def test_an_index_that_answers_is_reached_whatever_it_says(pip: pytest.MonkeyPatch) -> None:
    class Refusal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(403)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refusal) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        pip.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
        environment._check_index(Path(sys.executable))
        server.shutdown()


def test_without_a_network_the_first_environment_fails_with_one_message(
    pip: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pip.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    copy_tool(tmp_path)
    (tmp_path / "requirements").mkdir()
    for name in (INSTALLER, "sandbox"):
        shutil.copy(ROOT / f"requirements/{name}.txt", tmp_path / "requirements")
    answer = subprocess.run(
        [Path(sys.executable).resolve(), "-B", "-m", "project.environment", "make", "sandbox"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stdout) == (1, "")
    [message] = answer.stderr.splitlines()
    assert message.startswith("Could not reach the package index http://127.0.0.1:1/simple. ")


def test_uv_trusts_what_the_system_trusts_if_it_does_not_know_a_certificate(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # What uv says behind a proxy that opens connections. Its own list cannot be changed.
    uv = tmp_path / "uv"
    uv.write_text(
        '#!/bin/sh\ncase "$*" in *--system-certs) ;; '
        '*) echo "  cause: invalid peer certificate: UnknownIssuer"; exit 2;; esac\n'
    )
    uv.chmod(0o755)
    folder = tmp_path / "environment"
    assert environment._install_with_uv(uv, "sandbox", folder, Path(sys.executable))
    assert capfd.readouterr().err == ""


def test_a_signal_ends_what_installs_packages_before_another_process_can_start(
    tmp_path: Path,
) -> None:
    copy_tool(tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    installer = tmp_path / ".venv" / INSTALLER
    uv = installer / "bin/uv"
    uv.parent.mkdir(parents=True)
    (installer / STAMP).write_text(_key_of(tmp_path / "project/environment.py", installer))
    # As long as a process has the pipe open, it has not ended.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    uv.write_text(f"#!/bin/sh\nexec 9>{pipe}\nsleep 600 &\nsleep 600\n")
    uv.chmod(0o755)
    with (
        subprocess.Popen(
            [sys.executable, "-B", "-m", "project.environment", "make", "sandbox"],
            cwd=tmp_path,
            # uv has an index of its own, so pip is not asked for one.
            env={**os.environ, "PYTHONPATH": str(tmp_path), "UV_OFFLINE": "1"},
            stderr=subprocess.PIPE,
            text=True,
        ) as making,
        pipe.open("rb") as left,
    ):
        making.terminate()
        _, said = making.communicate(timeout=10)
        os.set_blocking(left.fileno(), False)
        assert left.read() == b"", "a process is left"
    assert making.returncode == 143
    assert "Traceback" not in said


@pytest.mark.parametrize("on_terminal", [True, False])
def test_on_a_terminal_the_first_start_says_once_that_it_takes_longer(
    on_terminal: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(environment, "prepare", lambda _name: tmp_path / "bin")
    monkeypatch.setattr(os, "execve", lambda *_: None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: on_terminal)
    environment._become("sandbox", [])
    said = capsys.readouterr().err
    assert ("The first start compiles what it imports" in said) == on_terminal
    (tmp_path / BYTECODE).mkdir()
    environment._become("sandbox", [])
    assert capsys.readouterr().err == ""


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
