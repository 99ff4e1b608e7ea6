"""A process that has imported what a sandbox needs, and forks into one whenever it is asked to.

A sandbox takes seconds of CPU to start, nearly all of them for imports. A run of tests starts many,
and has the imports done once: ``python -m tests.harness.sandbox_template 3`` takes requests on the
listening socket that it inherits as file 3, until its stdin ends. The imports are done when the
first request comes. tests.harness.sandboxes makes the requests.

A request is one byte with three files, which become the sandbox's standard ones, and a line of JSON
with its ``arguments`` and its ``environment``. The answer is a line with the process's id; the
connection ends with the process.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import threading
from importlib import import_module
from typing import Any, NoReturn, cast


def main() -> None:
    """Fork a sandbox for each request until stdin ends."""
    # Nobody waits for the sandboxes here.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            _get_ready()
            with connection:
                _fork(connection)


def _fork(connection: socket.socket) -> None:
    _, files, _, _ = socket.recv_fds(connection, 1, 3)
    with connection.makefile("rw", encoding="utf-8") as stream:
        asked = json.loads(stream.readline())
        # A thread would not be there in the child, with the locks that it holds never released.
        assert threading.active_count() == 1
        child = os.fork()
        if child == 0:
            _become_sandbox(files, **asked)
        stream.write(f"{child}\n")
    for file in files:
        os.close(file)


def _become_sandbox(
    files: list[int], arguments: list[str], environment: dict[str, str]
) -> NoReturn:
    """Do what ``python -m sandbox`` does."""
    from moto.moto_api._internal import mock_random

    from sandbox.__main__ import main as run

    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    # Python gives its own generator a new state in a child, and moto has another one.
    mock_random.seed()
    sys.argv[1:] = arguments
    code = run()
    sys.stdout.flush()
    os._exit(code)


def _get_ready() -> None:
    """Import all that a sandbox does before it is ready, and its handlers and their models."""
    if "sandbox.server" in sys.modules:
        return
    from sandbox.process import HOST, use

    # While the imports look at the settings of the SDK; each sandbox then has its own.
    use(f"http://{HOST}:1")
    from sandbox import aws_models

    aws_models.share()
    import botocore.session
    from moto.backends import get_backend

    from sandbox import server  # noqa: F401 - which imports the rest
    from sandbox.services import OF_MOTO, SERVICES

    for name in ("sandbox.runtime.packaged", "aws_sagemaker_modelqualityjobdefinition.handlers"):
        import_module(name)
    for service in OF_MOTO:
        get_backend(cast("Any", service))
    for service in SERVICES:
        # The sessions of the sandbox share what this one reads.
        botocore.session.get_session().get_service_model(service)
    # What there is now is shared with the children, and is not to be copied by looking for garbage.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
