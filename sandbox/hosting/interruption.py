"""How a running operation learns that it has to end."""

from __future__ import annotations

import threading
import time


class OutOfTime(Exception):
    """The time that the operation was given is over."""


class Cancelled(Exception):
    """The user has asked for the running operation to end."""


class Stopped(BaseException):
    """The sandbox is shutting down or being reset: unwind, and write nothing more."""


class Interruption:
    """Shared by an operation and those that it runs.

    deadline: a point of `time.monotonic()` after which the operation has failed.
    """

    def __init__(self) -> None:
        self.deadline = float("inf")
        self._cancelled = False
        self._stopped = False
        self._wake = threading.Event()

    def cancel(self) -> None:
        """End the operation because the user asks for it: at its next wait or check."""
        self._cancelled = True
        self._wake.set()

    def stop(self) -> None:
        """End the operation wherever it is; everything stays as it is at that moment."""
        self._stopped = True
        self._wake.set()

    def absorb(self) -> None:
        """Go on, for a rollback: what interrupted the operation is dealt with."""
        self.deadline = float("inf")
        self._cancelled = False
        self._wake.clear()

    def check(self) -> None:
        """Raise Stopped, Cancelled or OutOfTime where the operation should end here."""
        if self._stopped:
            raise Stopped
        if self._cancelled:
            raise Cancelled
        if time.monotonic() > self.deadline:
            raise OutOfTime

    def wait(self, seconds: float) -> None:
        """Sleep; ends early, and raises as `check` does, where the operation is to end."""
        end = time.monotonic() + seconds
        while True:
            self.check()
            left = end - time.monotonic()
            if left <= 0:
                return
            self._wake.wait(min(left, max(0.0, self.deadline - time.monotonic() + 0.001)))
