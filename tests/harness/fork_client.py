"""Asks tests.harness.fork_server for commands.

``python fork_client.py SOCKET ARGUMENT...`` does so as if it were the command itself. It imports
little, because it takes the place of a program that is to start fast.
"""

import json
import os
import select
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path


class ForkedCommand:
    """A command that a fork server became.

    stdin, stdout, stderr: the files that it gets. The caller closes them.
    """

    def __init__(
        self,
        address: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: str,
        files: tuple[int, int, int] = (0, 1, 2),
    ) -> None:
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(address)
        self._said = self._connection.makefile("r", encoding="utf-8")
        socket.send_fds(self._connection, [b"f"], files)
        asked = {"arguments": arguments, "environment": {**environment}, "folder": folder}
        self._connection.sendall(f"{json.dumps(asked)}\n".encode())
        self.pid = int(self._said.readline())

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return its exit code, or -1 if a signal ended it.

        Raises TimeoutError.
        """
        if not select.select([self._connection], [], [], timeout)[0]:
            raise TimeoutError
        code = self._said.readline()
        self._said.close()
        self._connection.close()
        return int(code) if code else -1


def main(address: str, *arguments: str) -> int:
    """Have the command use this process's files and folder, and pass signals on to it."""
    command = ForkedCommand(address, arguments, os.environ, str(Path.cwd()))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: command.send_signal(number))
    return command.wait() & 0xFF


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
