"""Run a sandbox as a separate process, for tools and tests.

Imports no other module of the sandbox.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from project import ROOT

REGION = "us-east-1"
ACCOUNT = "123456789012"
HOST = "127.0.0.1"
DEFAULT_PORT = 4566
UNTIL_STDIN_ENDS = "--until-stdin-ends"


def settings(url: str) -> dict[str, str]:
    """The environment variables that point the AWS CLI and SDKs at the sandbox at ``url``."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": REGION,
        # Requests to this machine must not go through a proxy. If both spellings are set, the
        # lower-case one takes effect.
        "NO_PROXY": HOST,
        "no_proxy": HOST,
    }


def exports(url: str) -> list[str]:
    """The lines for a shell that point the AWS CLI and SDKs in it at the sandbox at ``url``.

    They extend the user's own list of proxy exceptions.
    """
    return [
        f'export {name}="{value}${{{name}:+,${name}}}"'
        if name.lower() == "no_proxy"
        else f"export {name}={value}"
        for name, value in settings(url).items()
    ]


def environment(url: str, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """``base`` with its AWS settings replaced by those of the sandbox at ``url``."""
    others = {name: value for name, value in base.items() if not name.startswith("AWS_")}
    return {
        **others,
        **settings(url),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }


def use(url: str) -> None:
    """Point this process at the sandbox at ``url``; replaces its own AWS settings."""
    wanted = environment(url)
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update(wanted)


class SandboxFailed(RuntimeError):
    """The sandbox exited before it was ready. The message contains its output."""


@contextmanager
def running_sandbox(
    package: Path | None = None,
    variables: Mapping[str, str] | None = None,
    stderr: IO[str] | None = None,
    type_names: Iterable[str] = (),
) -> Iterator[str]:
    """Start a sandbox on a free port, yield its URL, and always stop it at the end.

    package: the zip whose handlers the sandbox runs as Lambda does; by default it runs those of
        the project.
    variables: environment variables to set in addition to those of this process.
    stderr: where the sandbox writes its errors; by default, where this process does.
    type_names: further names under which stacks can use the type.

    Raises SandboxFailed if the sandbox exits before it is ready.
    """
    process = sandbox_process(package, variables, stderr, type_names=type_names)
    with until_stopped(process) as url:
        yield url


def sandbox_process(
    package: Path | None = None,
    variables: Mapping[str, str] | None = None,
    stderr: IO[str] | None = None,
    port: int = 0,
    type_names: Iterable[str] = (),
) -> "subprocess.Popen[str]":
    """Start a sandbox for `until_stopped`. The parameters are those of `running_sandbox`.

    port: 0 is a free one.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox", *arguments(package, port, type_names)],
        cwd=ROOT,
        env={
            **os.environ,
            **(variables or {}),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        # Ctrl-C must reach only the command that started the sandbox.
        start_new_session=True,
    )


def arguments(package: Path | None, port: int = 0, type_names: Iterable[str] = ()) -> list[str]:
    """Return the arguments of a sandbox that runs ``package``, also under ``type_names``.

    The sandbox exits when its stdin closes. That way it ends with the process that started it,
    however that process ends.
    """
    return [
        f"--port={port}",
        UNTIL_STDIN_ENDS,
        *(["--package", str(package.resolve())] if package else []),
        *(f"--type-name={name}" for name in type_names),
    ]


@contextmanager
def until_stopped(process: "subprocess.Popen[str]") -> Iterator[str]:
    """Wait until the sandbox of ``process`` is ready, yield its URL, and stop it at the end.

    Raises SandboxFailed if the sandbox exits before it is ready.
    """
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - pipes
    try:
        ready = process.stdout.readline()
        if not ready.startswith("Sandbox ready at "):
            # The sandbox shares this process's stderr, so its error message is already visible.
            said = f"{ready}{process.stdout.read()}".strip() or "see the lines above"
            raise SandboxFailed(f"The sandbox did not start: {said}")
        yield ready.split()[-1]
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdin.close()
        process.stdout.close()
