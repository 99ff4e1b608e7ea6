"""Work that goes on after a request has been answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from sandbox.hosting.interruption import Cancelled, Interruption, Stopped


class Worker(threading.Thread):
    """Runs one operation in the background.

    A daemon: a process that ends does not wait for a handler's answer.

    interruption: what ends the work early. failed: told of an exception that the work let out.
    after: another worker, to be waited for.
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
        """Work, and tell those who asked that it is over."""
        try:
            if self._after:
                self._after.join()
            self._work()
        except (Stopped, Cancelled):
            pass
        except Exception as error:  # noqa: BLE001 - who asked for the work is told
            self._failed(error)
        finally:
            for done in self.done:
                done(self)


class Workers:
    """The workers of this process that have not ended."""

    def __init__(self) -> None:
        self._running: set[Worker] = set()
        self._lock = threading.Lock()

    def start(self, worker: Worker) -> Worker:
        """Start a worker, and keep it in mind until it has ended."""
        worker.done.append(self._finished)
        with self._lock:
            self._running.add(worker)
        worker.start()
        return worker

    def stop(self, timeout: float) -> bool:
        """Stop all of them; whether they ended within `timeout` seconds."""
        with self._lock:
            running = list(self._running)
        return end(running, timeout)

    def _finished(self, worker: Worker) -> None:
        with self._lock:
            self._running.discard(worker)


def end(workers: Iterable[Worker], timeout: float) -> bool:
    """Stop workers and wait for them, `timeout` seconds in all; whether they ended."""
    workers = list(workers)
    for worker in workers:
        worker.interruption.stop()
    until = time.monotonic() + timeout
    for worker in workers:
        worker.join(max(0.0, until - time.monotonic()))
    return not any(worker.is_alive() for worker in workers)
