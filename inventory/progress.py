"""How far a query is, on standard error while it runs."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import rich.progress

BEFORE_SHOWN = 0.5
"""So many seconds pass before it is shown, because it would only flicker for a short query."""


class Progress:
    """A bar on standard error; nothing if that is no terminal.

    It may be used from any thread. It is removed at the end.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bar: rich.progress.Progress | None = None
        self._shown_from = time.monotonic() + BEFORE_SHOWN
        self._stopped = not sys.stderr.isatty()

    def update(self, done: str) -> None:
        """Show what has been done by now, in a few words. How much there is, nobody knows."""
        with self._lock:
            if self._stopped or time.monotonic() < self._shown_from:
                return
            if self._bar is None:
                self._bar = _started(done)
            self._bar.update(self._bar.task_ids[0], description=done)

    def stop(self) -> None:
        """Remove the bar for good, before something else is written to the terminal."""
        with self._lock:
            self._stopped = True
            if self._bar:
                self._bar.stop()
                self._bar = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def _started(done: str) -> rich.progress.Progress:
    # Imported here, because most queries end before there is something to show.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    # Rows go to standard output themselves, and not through rich to standard error.
    bar = Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    bar.add_task(done, total=None)
    bar.start()
    return bar
