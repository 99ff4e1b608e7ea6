"""The responses that later calls on a definition get because of an earlier call on it."""

import math
import uuid
from dataclasses import dataclass
from typing import NamedTuple

from werkzeug.wrappers import Response


class Definition(NamedTuple):
    """The account, the region and the name in lower case of a definition, which need not exist."""

    account: str
    region: str
    name: str


@dataclass
class _Leftover:
    """A response, and how many more calls get it."""

    answer: Response
    calls: float


class Leftovers:
    """The responses that are left for each operation on each definition."""

    def __init__(self) -> None:
        self._left: dict[tuple[Definition, str], list[_Leftover]] = {}

    def add(self, of: Definition, operation: str, answer: Response, calls: int | None) -> None:
        """Leave a response for the next ``calls`` (None: all) of an operation on a definition."""
        left = self._left.setdefault((of, operation), [])
        left.append(_Leftover(answer, math.inf if calls is None else calls))

    def next(self, of: Definition, operation: str) -> Response | None:
        """Return the oldest response that is left, or None.

        The call counts for every response that is left.
        """
        left = [each for each in self._left.pop((of, operation), ()) if each.calls > 0]
        if not left:
            return None
        for each in left:
            each.calls -= 1
        self._left[of, operation] = left
        return _again(left[0].answer)

    def forget(self, of: Definition, operation: str) -> None:
        """Remove what is left for an operation on a definition."""
        self._left.pop((of, operation), None)


def _again(answer: Response) -> Response:
    """Return what a request was answered with, as the answer to another one."""
    again = Response(answer.get_data(), answer.status, answer.headers.copy())
    if "x-amzn-RequestId" in again.headers:
        again.headers["x-amzn-RequestId"] = str(uuid.uuid4())
    return again
