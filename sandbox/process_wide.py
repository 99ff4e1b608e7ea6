"""The process-wide side of the sandbox's CloudFormation: registered types, patience, and threads.

moto's state is global to the process and its backends are made without arguments, so this is too.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sandbox.cloudformation.errors import Cancelled, Stopped
from sandbox.cloudformation.stacks.deployment import Deployment
from sandbox.hosting.handler_client import Timing
from sandbox.registry.registrations import Package, Run
from sandbox.registry.type_registry import TypeRegistry

LOG = logging.getLogger(__name__)


class Worker(threading.Thread):
    """Runs one stack operation in the background.

    A daemon: a process that ends does not wait for a handler's answer.

    after: another operation on the same stack, to be waited for. done: told when this one is over.
    """

    def __init__(
        self,
        deployment: Deployment,
        work: Callable[[], None],
        after: Worker | None,
        done: Callable[[Worker], None],
    ) -> None:
        super().__init__(name=f"cloudformation:{deployment.stack.name}", daemon=True)
        self.deployment = deployment
        self._work = work
        self._after = after
        self.done = [done]

    def run(self) -> None:
        """Work, and tell those who asked that it is over."""
        stack = self.deployment.stack
        try:
            if self._after:
                self._after.join()
            self._work()
        except (Stopped, Cancelled):
            pass
        except Exception as error:  # a stack must never stay IN_PROGRESS because of our own fault
            LOG.exception("%s: the operation broke off", stack.name)
            stack.enter(
                stack.status.replace("IN_PROGRESS", "FAILED").replace("_CLEANUP", ""),
                f"Internal Failure: {type(error).__name__}: {error}",
            )
        finally:
            for done in self.done:
                done(self)


def no_packages(_package: Path) -> Package:
    """What stands for running a package where nobody said how. Raises ValueError."""
    raise ValueError("this sandbox was started without a way to run packages")


class Engine:
    """The types, the timing and the workers of this process, and how it runs packages."""

    def __init__(self) -> None:
        self.registry = TypeRegistry()
        self.timing = Timing()
        self.run_package: Run = no_packages
        self._workers: set[Worker] = set()
        self._lock = threading.Lock()

    def start(self, worker: Worker) -> Worker:
        """Start a worker, and keep it in mind until it has ended."""
        worker.done.append(self._finished)
        with self._lock:
            self._workers.add(worker)
        worker.start()
        return worker

    def stop(self, timeout: float = 2.0) -> bool:
        """Break off every operation; whether all threads ended within `timeout` seconds."""
        with self._lock:
            workers = list(self._workers)
        return end(workers, timeout)

    def _finished(self, worker: Worker) -> None:
        with self._lock:
            self._workers.discard(worker)


def end(workers: list[Worker], timeout: float) -> bool:
    """Stop workers and wait for them, `timeout` seconds in all; whether they ended."""
    for worker in workers:
        worker.deployment.interruption.stop()
    until = time.monotonic() + timeout
    for worker in workers:
        worker.join(max(0.0, until - time.monotonic()))
    return not any(worker.is_alive() for worker in workers)


ENGINE = Engine()
