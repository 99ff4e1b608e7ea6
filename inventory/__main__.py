"""`make sql`: SQL over the definitions of accounts and regions."""

from __future__ import annotations

import os
import signal
import sys

from project.command_line import run


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit code."""
    # Imported here, because this takes half a second and Ctrl-C meanwhile must not end in a
    # traceback.
    from inventory.command import run as run_command

    return run_command(arguments)


if __name__ == "__main__":
    # What a query and writes do at Ctrl-C, they do at SIGTERM as well.
    code = run(main, sys.argv[1:], at_sigterm=signal.default_int_handler)
    # Python would wait for threads whose calls nobody needs any more.
    os._exit(code)
