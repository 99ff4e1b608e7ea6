"""The threads that make a query's calls."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Any, TypeVar

T = TypeVar("T")

THREADS = 32
"""How many calls are under way at most. With answers after 40 ms, 32 were twice as fast as 16; then
this machine's own work is the limit (2 ms a call)."""

LOOK_UP = 0.1
"""How often who waits for a thread looks whether the query was interrupted, in seconds."""


class Stopped(Exception):
    """The query was interrupted."""


class Threads:
    """Threads that start when they are needed, and make no further call once they are stopped."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="inventory")
        self._stopped = Event()

    def submit(self, work: Callable[..., T], *arguments: Any) -> Future[T]:
        """Have a thread do some work. Raises Stopped once the threads are stopped."""
        try:
            return self._pool.submit(work, *arguments)
        except RuntimeError:
            raise Stopped from None

    def result(self, future: Future[T]) -> T:
        """What a thread returns or raises. Raises Stopped as soon as the threads are stopped."""
        while not future.done():
            wait([future], timeout=LOOK_UP)
            self.check()
        self.check()
        return future.result()

    def pause(self, seconds: float) -> None:
        """Wait. Raises Stopped as soon as the threads are stopped."""
        self._stopped.wait(seconds)
        self.check()

    def check(self) -> None:
        """Raise Stopped if the threads are stopped."""
        if self._stopped.is_set():
            raise Stopped

    def stop(self) -> None:
        """Let calls that are under way come to their end, and make no further one."""
        self._stopped.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
