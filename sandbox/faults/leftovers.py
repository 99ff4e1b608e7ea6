"""What some of the next calls on a definition are answered, because of an earlier call on it."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from werkzeug.wrappers import Response


class Definition(NamedTuple):
    """A definition, which need not exist: its account, its region, and its name in lower case."""

    account: str
    region: str
    name: str


@dataclass
class _Leftover:
    """An answer, and for how many calls it is left."""

    answer: Response
    calls: float


class Leftovers:
    """The answers that are left for each operation on each definition."""

    def __init__(self) -> None:
        self._left: dict[tuple[Definition, str], list[_Leftover]] = {}

    def add(self, of: Definition, operation: str, answer: Response, calls: int | None) -> None:
        """Leave an answer for the next ``calls`` (None: all) of an operation on a definition."""
        left = self._left.setdefault((of, operation), [])
        left.append(_Leftover(answer, math.inf if calls is None else calls))

    def next(self, of: Definition, operation: str) -> Response | None:
        """The oldest answer that is left, or None. The call counts for all that are left."""
        left = [each for each in self._left.pop((of, operation), ()) if each.calls > 0]
        if not left:
            return None
        for each in left:
            each.calls -= 1
        self._left[of, operation] = left
        return left[0].answer

    def forget(self, of: Definition, operation: str) -> None:
        """Leave an operation on a definition to the application again."""
        self._left.pop((of, operation), None)
