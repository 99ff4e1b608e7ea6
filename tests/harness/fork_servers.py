"""The fork servers of a run of tests, which spare sandboxes and the AWS CLI their imports.

Tests of how a command starts, and of commands that start one, do without them.
"""

import os
import shlex
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from project import ROOT

_FOLDER = "fork_servers"
_SANDBOX, _AWS_CLI = "forked_sandbox", "forked_aws_cli"


class ForkServers:
    """Plugin of pytest that has the servers run while the tests do.

    pytest-xdist's processes use those of the process that started them. Nothing is imported before
    the first request.
    """

    folder = Path()

    def pytest_configure(self, config: pytest.Config) -> None:
        """Start them, or learn where they are."""
        if inherited := getattr(config, "workerinput", {}).get(_FOLDER):
            ForkServers.folder = Path(inherited)
            return
        # Not pytest's own folder: the name of a socket may have some hundred characters only.
        folder = tempfile.TemporaryDirectory()
        ForkServers.folder = Path(folder.name)
        servers = [_start(name) for name in (_SANDBOX, _AWS_CLI)]
        client = [sys.executable, "-ISB", ROOT / "tests/harness/fork_client.py", _socket(_AWS_CLI)]
        aws = programs() / "aws"
        aws.parent.mkdir()
        aws.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, client))} "$@"\n', "utf-8")
        aws.chmod(0o755)

        def stop() -> None:
            for server in servers:
                server.communicate()
            folder.cleanup()

        config.add_cleanup(stop)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a process of pytest-xdist where they are."""
        node.workerinput[_FOLDER] = str(ForkServers.folder)


def sandbox_server() -> str:
    """The address of the server that forks into sandboxes."""
    return str(_socket(_SANDBOX))


def programs() -> Path:
    """The folder of `aws`, which is the AWS CLI without the time that its imports take."""
    return ForkServers.folder / "bin"


def _socket(name: str) -> Path:
    return ForkServers.folder / name


def _start(name: str) -> "subprocess.Popen[bytes]":
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(_socket(name)))
        listener.listen(64)
        module, file = f"tests.harness.{name}", listener.fileno()
        return subprocess.Popen(
            [sys.executable, "-m", "tests.harness.fork_server", module, str(file)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
            stdin=subprocess.PIPE,
            pass_fds=[file],
            # It ends with its stdin; Ctrl-C is for the tests.
            start_new_session=True,
        )
