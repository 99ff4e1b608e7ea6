"""All items of a kind in one place, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import NamedTuple

from inventory.reading.kinds import Item
from inventory.reading.threads import Threads


class Items(NamedTuple):
    """One page. next_token: asks for the next one; None on the last one."""

    items: list[Item]
    next_token: str | None


class Listing:
    """What is listed stays in memory for the rest of the query.

    page: asks for the page of a token.
    ahead: whether pages are asked for before somebody wants their items.
    """

    def __init__(self, threads: Threads, page: Callable[[str | None], Items], ahead: bool) -> None:
        self._threads = threads
        self._page = page
        self._ahead = ahead
        self._pages: list[Future[Items]] = []

    def start(self) -> None:
        """Ask for the first page, if nobody has."""
        if not self._pages:
            self._ask(None)

    def __iter__(self) -> Iterator[Item]:
        """The items, in SageMaker's order.

        Raises SageMakerError if a page could not be read, or Stopped.
        """
        self.start()
        number = 0
        while number < len(self._pages):
            page = self._threads.result(self._pages[number])
            yield from page.items
            number += 1
            if page.next_token and number == len(self._pages):
                self._ask(page.next_token)

    def _ask(self, token: str | None) -> None:
        self._pages.append(self._threads.submit(self._read, token))

    def _read(self, token: str | None) -> Items:
        page = self._page(token)
        if page.next_token and self._ahead:
            self._ask(page.next_token)
        return page
