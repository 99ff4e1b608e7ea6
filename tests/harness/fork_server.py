"""A process that has imported what a command needs, and forks into the command when asked to.

The imports of a sandbox take a second of CPU, and those of the AWS CLI half a second. A run of
tests starts many of both, and has the imports done once. ``python -m tests.harness.fork_server
MODULE 3`` takes requests on the listening socket that it inherits as file 3, until its stdin ends.
MODULE has two functions: ``get_ready`` does the imports when the first request comes, and ``run``
is then called in each child, and returns the exit code. tests.harness.fork_client makes the
requests.

A request is one byte with three files, which become the command's standard ones, and a line of JSON
with its ``arguments``, ``environment`` and ``folder``. The answer is a line with the id of the
command's process and, when it has ended by itself, a line with its exit code. The connection ends
with the process.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import NoReturn


def main(module: str, file: int) -> None:
    """Fork a command for each request until stdin ends."""
    command = import_module(module)
    # Nobody waits for the commands here.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    ready = False
    with socket.socket(fileno=file) as listener:
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if not ready:
                command.get_ready()
                # What there is now is shared with the children, and is not to be copied by looking
                # for garbage.
                gc.collect()
                gc.freeze()
                ready = True
            with connection:
                _fork(connection, command.run)


def _fork(connection: socket.socket, run: Callable[[], int]) -> None:
    _, files, _, _ = socket.recv_fds(connection, 1, 3)
    with connection.makefile("rw", encoding="utf-8") as stream:
        asked = json.loads(stream.readline())
        # A thread would not be there in the child, with the locks that it holds never released.
        assert threading.active_count() == 1
        child = os.fork()
        if child == 0:
            _become(run, connection, files, **asked)
        stream.write(f"{child}\n")
    for file in files:
        os.close(file)


def _become(
    run: Callable[[], int],
    connection: socket.socket,
    files: list[int],
    arguments: list[str],
    environment: dict[str, str],
    folder: str,
) -> NoReturn:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = arguments
    code = run()
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(f"{code}\n".encode())
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
