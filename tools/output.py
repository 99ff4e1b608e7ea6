"""What a command prints while it works."""

from __future__ import annotations

import os
import sys


def say(line: str) -> None:
    """Print a line immediately, even if the output is a file or a pipe.

    If the reader of the pipe is gone, as `head` may be, the work continues silently.
    """
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
