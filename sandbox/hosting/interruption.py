"""How a running stack operation learns that it is to end."""

from __future__ import annotations

import threading
import time

from sandbox.cloudformation.errors import Cancelled, OutOfTime, Stopped


class Interruption:
    """Shared by a deployment and those nested in it.

    deadline: a point of `time.monotonic()` after which the operation has failed.
    """

    def __init__(self) -> None:
        self.deadline = float("inf")
        self._cancelled = False
        self._stopped = False
        self._wake = threading.Event()

    def cancel(self) -> None:
        """End the operation as the user asks: at its next wait or next resource."""
        self._cancelled = True
        self._wake.set()

    def stop(self) -> None:
        """End the operation wherever it is, leaving the stack as it stands."""
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
