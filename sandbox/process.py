"""A sandbox as a process of its own, for tools and tests; imports nothing of the sandbox itself."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
REGION = "us-east-1"


def settings(url: str) -> dict[str, str]:
    """The environment variables that make the AWS CLI and SDKs talk to the sandbox at ``url``."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": REGION,
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
        "NO_PROXY": "127.0.0.1",
    }


class SandboxFailed(RuntimeError):
    """The sandbox ended before it was ready; the text is what it printed."""


@contextmanager
def running_sandbox() -> Iterator[str]:
    """Start a sandbox on a free port; give its URL; stop it at the end, whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0"],
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": f"{_ROOT / 'src'}{os.pathsep}{_ROOT}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    try:
        ready = process.stdout.readline()
        if not ready.startswith("Sandbox ready at "):
            raise SandboxFailed(f"The sandbox did not start: {ready}{process.stdout.read()}")
        yield ready.split()[-1]
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
