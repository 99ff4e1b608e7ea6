"""A sandbox as a process of its own, for tools and tests; imports nothing of the sandbox itself."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from project import ROOT

REGION = "us-east-1"
ACCOUNT = "123456789012"
HOST = "127.0.0.1"
UNTIL_STDIN_ENDS = "--until-stdin-ends"


def settings(url: str) -> dict[str, str]:
    """The environment variables that make the AWS CLI and SDKs talk to the sandbox at ``url``."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": REGION,
        # Whoever has a proxy does not reach this machine through it. Where both spellings are
        # set, the lower-case one counts.
        "NO_PROXY": HOST,
        "no_proxy": HOST,
    }


def environment(url: str, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """``base`` less all of its AWS settings, plus those of the sandbox at ``url``."""
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
    """Have this process talk to the sandbox at ``url``, whatever its own settings were."""
    wanted = environment(url)
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update(wanted)


class SandboxFailed(RuntimeError):
    """The sandbox ended before it was ready; the text is what it printed."""


@contextmanager
def running_sandbox(
    package: Path | None = None, variables: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Start a sandbox on a free port; give its URL; stop it at the end, whatever happens.

    package: the zip whose handlers it is to run, as Lambda does; without, those of the project.
    variables: of its environment, beside those of this process.

    Raises SandboxFailed where it ends before it is ready.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", *arguments(package)],
        cwd=ROOT,
        env={
            **os.environ,
            **(variables or {}),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C is for the command that started it.
        start_new_session=True,
    )
    with until_stopped(process) as url:
        yield url


def arguments(package: Path | None) -> list[str]:
    """The arguments of a sandbox on a free port that runs ``package``, and ends with its stdin.

    With it the sandbox ends whenever its starter does, even if a signal comes at this very moment.
    """
    return [
        "--port",
        "0",
        UNTIL_STDIN_ENDS,
        *(["--package", str(package.resolve())] if package else []),
    ]


@contextmanager
def until_stopped(process: "subprocess.Popen[str]") -> Iterator[str]:
    """Wait until the sandbox of ``process`` is ready; give its URL; stop it at the end.

    Raises SandboxFailed where it ends before it is ready.
    """
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - pipes
    try:
        ready = process.stdout.readline()
        if not ready.startswith("Sandbox ready at "):
            # Why not, it has said on standard error, which is this process's own.
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
