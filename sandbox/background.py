"""Background work that continues after the response to a request."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

from sandbox.hosting.interruption import Cancelled, Interruption, Stopped

LOG = logging.getLogger(__name__)

LONGEST_HOLD = 5.0
"""How many seconds a response that tells of background work may be held while the work continues.

Clients that wait for work poll every 5 to 30 seconds, but it takes much less here. AWS responds at
once.
"""
SECONDS_TO_END = 2.0
"""How many seconds a reset or a shutdown waits for background work to end."""


class Worker(threading.Thread):
    """Runs one operation in the background.

    The thread is a daemon, so that the process can exit without waiting for a handler.

    interruption: ends the work early.
    failed: called with any exception that the work raises, which is a bug of the sandbox, to record
        that the work has ended. The exception is logged.
    after: another worker; this one starts its work when that one has ended.
    done: callbacks that are called with the worker when it ends.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], None],
        interruption: Interruption,
        failed: Callable[[Exception], None],
        after: Worker | None = None,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.interruption = interruption
        self.done: list[Callable[[Worker], None]] = []
        self._work = work
        self._failed = failed
        self._after = after

    def run(self) -> None:
        """Do the work, then call the `done` callbacks."""
        try:
            if self._after:
                self._after.join()
            self._work()
        except (Stopped, Cancelled):
            pass
        except Exception as error:
            LOG.exception("%s: internal error", self.name)
            self._failed(error)
        finally:
            for done in self.done:
                done(self)


class Workers:
    """Running workers, to be stopped together.

    within: further workers that these belong to, so that stopping those stops these, too.
    """

    def __init__(self, within: Workers | None = None) -> None:
        self._within = within
        self._running: set[Worker] = set()
        self._lock = threading.Lock()

    def start(self, worker: Worker) -> Worker:
        """Start a worker and keep track of it until it ends. Returns the worker."""
        worker.done.append(self._finished)
        with self._lock:
            self._running.add(worker)
        if self._within:
            self._within.start(worker)
        else:
            worker.start()
        return worker

    def stop(self, timeout: float = SECONDS_TO_END) -> bool:
        """Stop all workers. Returns whether all of them ended within `timeout` seconds."""
        with self._lock:
            running = list(self._running)
        return end(running, timeout)

    def _finished(self, worker: Worker) -> None:
        with self._lock:
            self._running.discard(worker)


def end(workers: Iterable[Worker], timeout: float = SECONDS_TO_END) -> bool:
    """Stop workers and wait up to `timeout` seconds in total. Returns whether all of them ended."""
    workers = list(workers)
    for worker in workers:
        worker.interruption.stop()
    until = time.monotonic() + timeout
    for worker in workers:
        worker.join(max(0.0, until - time.monotonic()))
    return not any(worker.is_alive() for worker in workers)
