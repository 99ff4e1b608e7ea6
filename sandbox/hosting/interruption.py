"""End a running operation early: time limits, cancellation and shutdown."""

from __future__ import annotations

import threading
import time


class OutOfTime(Exception):
    """The operation exceeded its time limit."""


class Cancelled(Exception):
    """The user cancelled the operation."""


class Stopped(BaseException):
    """The sandbox is shutting down or being reset. The operation must not write anything more."""


class Interruption:
    """Shared by an operation and the operations that it runs.

    deadline: the value of `time.monotonic()` at which the operation times out.
    """

    def __init__(self) -> None:
        self.deadline = float("inf")
        self._cancelled = False
        self._stopped = False
        self._wake = threading.Event()

    def cancel(self) -> None:
        """Cancel the operation for the user. It ends at its next `wait` or `check`."""
        self._cancelled = True
        self._wake.set()

    def stop(self) -> None:
        """Stop the operation at its next `wait` or `check`. It must undo nothing."""
        self._stopped = True
        self._wake.set()

    def absorb(self) -> None:
        """Clear the cancellation and the deadline, so that what undoes the operation can run."""
        self.deadline = float("inf")
        self._cancelled = False
        self._wake.clear()

    def check(self) -> None:
        """Raise Stopped, Cancelled or OutOfTime if the operation should end."""
        if self._stopped:
            raise Stopped
        if self._cancelled:
            raise Cancelled
        if time.monotonic() > self.deadline:
            raise OutOfTime

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds`. Wakes up early and raises as `check` does."""
        end = time.monotonic() + seconds
        while True:
            self.check()
            left = end - time.monotonic()
            if left <= 0:
                return
            self._wake.wait(min(left, max(0.0, self.deadline - time.monotonic() + 0.001)))
