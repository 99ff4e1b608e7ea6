"""One query's calls, and what failed.

Whatever a query reads twice is called once, so its tables agree with each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple, TypeVar

from cloudformation_cli_python_lib.interface import HandlerErrorCode

from aws_sagemaker_modelqualityjobdefinition.service_errors import (
    Cause,
    SageMakerError,
    unexpected_response,
)
from inventory.reading.kinds import Item, Kind, Part, Values
from inventory.reading.listing import Items, Listing
from inventory.reading.service import Service
from inventory.reading.threads import Threads

T = TypeVar("T")

PAUSES = (1, 2, 4, 8, 15, 30, 30, 30, 30, 30)
"""Seconds before a call that is throttled is repeated, beyond the SDK's own retries."""


class Failure(NamedTuple):
    """What could not be read: a row of aws.sagemaker.errors.

    account: its id, or the name of a profile whose account is not known; it has no region then.
    code: the handler error code. message: SageMaker's own, with the operation and the request id.
    """

    account: str
    region: str
    operation: str
    code: str
    message: str

    @property
    def told(self) -> str:
        """The failure in one line, for people."""
        where = " of ".join(filter(None, [self.region, self.account]))
        return f"{where}: {self.code}: {self.message}"


@dataclass(frozen=True)
class Source:
    """Where items are read: SageMaker in one account and region."""

    account: str
    region: str
    service: Service


class Reading:
    """What one query reads.

    asked: whether a source is read at all.
    on_calls: called before each call, from several threads.
    ahead: whether everything will be needed, so that calls are made before their results are.
    enough: how many rows answer the query, if that is known.
    rows: how many have been read. places: the accounts and regions that have been called.
    bug: what ended the query, if it was no failure of a call.
    """

    def __init__(
        self,
        asked: Callable[[Source], bool] = lambda _: True,
        on_calls: Callable[[Reading], None] = lambda _: None,
    ) -> None:
        self.asked = asked
        self.ahead = True
        self.enough: int | None = None
        self.rows = 0
        self.places: set[tuple[str, str]] = set()
        self.bug: BaseException | None = None
        self.failures: dict[Failure, None] = {}
        self.calls: Counter[tuple[str, str, str]] = Counter()
        self.threads = Threads()
        self._on_calls = on_calls
        self._lock = Lock()
        self._listings: dict[tuple[Source, str], Listing] = {}
        self._found: dict[tuple[Source, str, str], Future[Item | None]] = {}

    def listing(self, source: Source, kind: Kind) -> Listing:
        """All items of a kind in one place."""
        key = (source, kind.name)
        if key not in self._listings:
            seen: set[str] = set()

            def page(token: str | None) -> Items:
                found = self._page(source, kind, token)
                if found.next_token in seen:
                    problem = "NextToken is one that was sent before"
                    raise unexpected_response(kind.operations[Part.LIST], problem, {})
                if found.next_token:
                    seen.add(found.next_token)
                return found

            self._listings[key] = Listing(self.threads, page, self.ahead)
        return self._listings[key]

    def lookup(self, source: Source, kind: Kind, name: str) -> Future[Item | None]:
        """The item that SageMaker finds for a name, or None if there is none."""
        key = (source, kind.name, name)
        if key not in self._found:
            self._found[key] = self.threads.submit(self._look_up, source, kind, name)
        return self._found[key]

    def part(self, source: Source, kind: Kind, item: Item, part: Part) -> Future[Values | None]:
        """Read a part of an item. The result is None if the item no longer exists."""
        if part not in item.parts:
            read = self._describe if part is Part.DESCRIPTION else self._tags
            item.parts[part] = self.threads.submit(read, source, kind, item)
        return item.parts[part]

    def failed(self, source: Source, operation: str, error: SageMakerError) -> None:
        """Note what could not be read."""
        failure = Failure(source.account, source.region, operation, error.code.name, error.message)
        self.failures[failure] = None

    def _page(self, source: Source, kind: Kind, token: str | None) -> Items:
        operation = kind.operations[Part.LIST]
        page = self._call(source, operation, lambda: kind.page(source.service, token))
        with _complete(operation):
            return Items([kind.item(summary) for summary in page.summaries], page.next_token)

    def _look_up(self, source: Source, kind: Kind, name: str) -> Item | None:
        operation = kind.operations[Part.DESCRIPTION]
        try:
            with _complete(operation):
                item = self._call(source, operation, lambda: kind.describe(source.service, name))
        except SageMakerError as error:
            if error.code is HandlerErrorCode.NotFound:
                return None
            raise
        known: Future[Values | None] = Future()
        known.set_result(item.values)
        item.parts[Part.DESCRIPTION] = known
        return item

    def _describe(self, source: Source, kind: Kind, item: Item) -> Values | None:
        found = self._look_up(source, kind, item.name)
        return None if found is None else found.values

    def _tags(self, source: Source, kind: Kind, item: Item) -> Values | None:
        try:
            return self._tags_of(source, kind, item.arn)
        except SageMakerError as error:
            if error.cause is not Cause.UNKNOWN_TO_TAGGING:
                raise
            # Somebody may have deleted it since it was listed. Or the list spells ARNs in another
            # case than tag operations need them: https://github.com/boto/boto3/issues/4606
            found = self._look_up(source, kind, item.name)
            if found is None:
                return None
            if found.arn == item.arn:
                raise
            return self._tags_of(source, kind, found.arn)

    def _tags_of(self, source: Source, kind: Kind, arn: str) -> Values:
        operation = kind.operations[Part.TAGS]
        return {"tags": self._call(source, operation, lambda: source.service.tags(arn))}

    def _call(self, source: Source, operation: str, call: Callable[[], T]) -> T:
        """Make a call. One that is throttled is repeated, for three minutes."""
        for pause in PAUSES:
            try:
                return self._once(source, operation, call)
            except SageMakerError as error:
                if error.code is not HandlerErrorCode.Throttling:
                    raise
            self.threads.pause(pause)
        return self._once(source, operation, call)

    def _once(self, source: Source, operation: str, call: Callable[[], T]) -> T:
        self.threads.check()
        with self._lock:
            self.calls[source.account, source.region, operation] += 1
            self.places.add((source.account, source.region))
        self._on_calls(self)
        return call()


@contextmanager
def _complete(operation: str) -> Iterator[None]:
    """Make a failure of an answer that lacks a member, so that it loses no other region's rows."""
    try:
        yield
    except KeyError as error:
        raise unexpected_response(operation, f"{error.args[0]} is missing", {}) from error
