"""The options of the commands that make's targets run, and what is said of those that are wrong.

A person gives them as variables of make, so a message names the variable, the value and the fix:
"PORT=abc: a port is a number from 0 to 65535." argparse would name its option, after a usage that
make's users cannot follow.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import NoReturn


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
