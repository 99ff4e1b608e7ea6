"""What a command prints while it works."""

from __future__ import annotations

import os
import sys
import textwrap
from contextlib import suppress


class OutputError(Exception):
    """What a command prints cannot be written; the message says why."""


class ReaderGone(Exception):
    """Nobody reads any more what a command prints, as after `| head`."""


WIDTH = 80
"""The columns that prose is wrapped at."""


def wrapped(text: str) -> str:
    """One paragraph in lines of at most WIDTH columns. No word is cut, so that it can be copied."""
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def say(line: str) -> None:
    """Print a line immediately, even if the output is a file or a pipe.

    If the reader of the pipe is gone, as `head` may be, the work continues silently.

    Raises OutputError if the line cannot be written for another reason, such as a full disk.
    """
    with suppress(ReaderGone):
        write(f"{line}\n")


def write(text: str) -> None:
    """Print text immediately.

    Raises ReaderGone if the reader of the pipe is gone; OutputError if the text cannot be written
    for another reason, such as a full disk.
    """
    try:
        print(text, end="", flush=True)
    except OSError as error:
        # Python writes what is left when it ends, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise ReaderGone from None
        raise OutputError(f"Could not write to standard output: {error.strerror}.") from None
