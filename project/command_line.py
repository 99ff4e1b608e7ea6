"""The commands that make's targets run: their options, and how they begin and end.

A person gives them as variables of make, so a message names the variable, the value and the fix:
"PORT=abc: a port is a number from 0 to 65535." argparse would name its option, after a usage that
make's users cannot follow.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO


def _exit(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def run(
    main: Callable[..., int],
    *arguments: object,
    interrupted: str = "Interrupted.",
    at_sigterm: Callable[[int, FrameType | None], object] = _exit,
) -> int:
    """Run ``main(*arguments)`` as the command that this process is; returns the exit code.

    SIGTERM, with which make and CI stop a process, is an orderly exit with 143, so that temporary
    folders are removed. After Ctrl-C the code is 130. If what is printed has no reader any more, or
    cannot be written, it is 1.

    interrupted: what to say after Ctrl-C. at_sigterm: another handler of SIGTERM.
    """
    _open_streams()
    _settle_variables()
    signal.signal(signal.SIGTERM, at_sigterm)
    code: object = 1
    try:
        try:
            code = main(*arguments)
        except KeyboardInterrupt:
            print(f"\n{interrupted}", file=sys.stderr)
            code = 130
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError as error:
        if not _drop(sys.stdout):
            raise
        code = code or 1
        if not isinstance(error, BrokenPipeError):
            print(f"Could not write to standard output: {error.strerror}.", file=sys.stderr)
    if isinstance(code, int):
        return code
    if code is not None:
        print(code, file=sys.stderr)
    return int(code is not None)


def _open_streams() -> None:
    """Have all standard streams, in UTF-8, also where the caller has closed them.

    Python has None for a closed one, and what is opened next would get its number.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            # Programs that this process becomes or starts need it as well.
            os.set_inheritable(number, True)
            mode = "r" if name == "stdin" else "w"
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
        elif (
            name != "stdin"
            and isinstance(stream, io.TextIOWrapper)
            and stream.encoding.lower() != "utf-8"
        ):
            stream.reconfigure(encoding="utf-8", errors=stream.errors)


def _settle_variables() -> None:
    """Give variables of the environment the meaning that libraries do not give them."""
    # rich takes any value for a yes.
    if os.environ.get("FORCE_COLOR") == "0":
        del os.environ["FORCE_COLOR"]
    try:
        Path.home()
    except RuntimeError:
        # A container may run as a user whom its system does not know. Docker has this for a home.
        os.environ["HOME"] = "/"


def _drop(stream: TextIO) -> bool:
    """Write nothing more to a stream if it cannot be written. Returns whether that is so."""
    try:
        # With PYTHONUNBUFFERED nothing is left of what could not be written.
        if isinstance(stream, io.TextIOWrapper) and stream.write_through:
            stream.write("\n")
        stream.flush()
    except OSError:
        # Python writes what is left when it ends, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return True
    return False


class ArgumentParser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong, and exits with 2, as argparse's own does."""

    def error(self, message: str) -> NoReturn:
        """Exit with a message of argparse. What a type of this module says is left as it is."""
        of_ours = re.fullmatch(r"argument \S+: ([A-Z_]+=.*)", message, re.DOTALL)
        self.exit(2, f"{of_ours[1] if of_ours else f'{self.prog}: {message}'}\n")


def whole_number(
    variable: str, what: str, low: int = 0, high: int | None = None
) -> Callable[[str], int]:
    """Return a type of options: a whole number from ``low`` to ``high``.

    variable: the variable of make that has the value. what: what the number is, such as "a port".
    """

    def read(text: str) -> int:
        # int() also takes blanks, underscores and the digits of other scripts.
        value = int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None
        if value is None or value < low or (high is not None and value > high):
            limits = f"from {low} to {high}" if high is not None else f"that is {low} or more"
            raise argparse.ArgumentTypeError(f"{variable}={text}: {what} is a number {limits}.")
        return value

    return read


PORT = whole_number("PORT", "a port", 0, 65535)
"""The type of an option for a port of this machine; 0 is a free one."""
