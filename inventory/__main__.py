"""`make sql`: SQL over the definitions of accounts and regions."""

from __future__ import annotations

import os
import signal
import sys


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit code."""
    try:
        # Imported here, because this takes half a second and Ctrl-C meanwhile must not end in a
        # traceback.
        from inventory.command import run

        return run(arguments)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    # make and CI stop a process this way. It cleans up as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = main(sys.argv[1:])
    except SystemExit as exit_of_argparse:
        code = int(exit_of_argparse.code or 0)
    sys.stdout.flush()
    sys.stderr.flush()
    # Python would wait for threads whose calls nobody needs any more.
    os._exit(code)
