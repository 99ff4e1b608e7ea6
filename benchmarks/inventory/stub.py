"""A server that answers an inventory as scripted, after the delay of a network and a service.

In a process of its own, so that it shares no interpreter with its client:

    python -m benchmarks.inventory.stub REGIONS [--delay=SECONDS]

REGIONS is a JSON object with the members of ``Region`` by the name of a region. The server prints
its address, and serves until its standard input ends. ``GET /calls`` returns how often each
operation was called in each region since the previous ``GET /calls``.

In this process, for tests: ``with serving({"us-east-1": Region(definitions=3)}) as stub``.

A request's region is the one that it is signed for, so that one address serves all regions. Delays
occupy no thread, and thousands of requests can wait at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import socket
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from benchmarks.inventory.answers import (
    IDENTITY,
    REGIONS,
    Answer,
    Region,
    SageMaker,
    identity,
    regions_enabled,
)
from sandbox.process import HOST

CALLS = "/calls"
DELAY = 0.04
_LINE = re.compile(rb"(\S+) (\S+) ")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TARGET = re.compile(rb"\r\nx-amz-target: *[^.\r]+\.(\w+)", re.IGNORECASE)
# .../Credential=KEY/DATE/REGION/SERVICE/aws4_request
_REGION = re.compile(rb"Credential=[^/]+/[^/]+/([^/]+)/")


class Call(NamedTuple):
    """An operation, and the region that it was called in."""

    operation: str
    region: str


class Stub:
    """The regions, and what was called in them.

    regions: how each answers; the others are empty, and not enabled for the account. delay: the
    seconds before an answer.
    """

    def __init__(self, regions: Mapping[str, Region], delay: float = DELAY) -> None:
        self.url = ""
        self._regions = regions
        self._delay = delay
        self._sagemaker = {name: SageMaker(name, script) for name, script in regions.items()}
        self._calls: Counter[Call] = Counter()

    def calls(self) -> Counter[Call]:
        """How often each operation was called in each region since the previous call of this."""
        calls, self._calls = self._calls, Counter()
        return calls

    def answer(self, head: bytes, body: bytes) -> tuple[Answer, float | None]:
        """The answer to a request, and after how many seconds; None is never."""
        line = _LINE.match(head)
        path = line[2].decode() if line else ""
        if path == CALLS:
            return self._counted(), 0
        signed = _REGION.search(head)
        region = signed[1].decode() if signed else ""
        target = _TARGET.search(head)
        if target:
            operation = target[1].decode()
            self._calls[Call(operation, region)] += 1
            script = self._regions.get(region, Region())
            delay = None if script.hangs else script.delay
            if region not in self._sagemaker:
                self._sagemaker[region] = SageMaker(region, script)
            answer = self._sagemaker[region].answer(operation, body)
            if script.hangs:
                return answer, None
            return answer, self._delay if delay is None else delay
        if path == "/listRegions":
            self._calls[Call(REGIONS, region)] += 1
            return regions_enabled(sorted(self._regions)), self._delay
        if b"Action=GetCallerIdentity" in body:
            self._calls[Call(IDENTITY, region)] += 1
            return identity(), self._delay
        return Answer(404, "text/plain", b"Not scripted."), 0

    def _counted(self) -> Answer:
        by_region: dict[str, dict[str, int]] = defaultdict(dict)
        for (operation, region), times in self.calls().items():
            by_region[region][operation] = times
        return Answer(200, "application/json", json.dumps(by_region).encode())


class _Connection(asyncio.Protocol):
    """A connection, which stays open, with one request at a time."""

    def __init__(self, stub: Stub, connections: set[_Connection]) -> None:
        self._stub = stub
        self._connections = connections
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - it is a TCP server's
        self.transport = transport
        self._connections.add(self)

    def connection_lost(self, _reason: Exception | None) -> None:
        self._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        wanted = int(length[1]) if length else 0
        if not end or len(rest) < wanted:
            return
        self._received = b""
        answer, delay = self._stub.answer(head, rest)
        if delay is not None:
            asyncio.get_running_loop().call_later(delay, self._send, answer)

    def _send(self, answer: Answer) -> None:
        if not self.transport.is_closing():
            head = (
                f"HTTP/1.1 {answer.status} Scripted\r\nContent-Type: {answer.content_type}\r\n"
                f"Content-Length: {len(answer.body)}\r\nx-amzn-RequestId: scripted\r\n\r\n"
            )
            self.transport.write(head.encode() + answer.body)


async def _serve(stub: Stub, listening: socket.socket, stopped: asyncio.Event) -> None:
    connections: set[_Connection] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(stub, connections), sock=listening)
    await stopped.wait()
    server.close()
    for connection in list(connections):
        connection.transport.abort()
    await server.wait_closed()


@contextmanager
def serving(regions: Mapping[str, Region], delay: float = DELAY) -> Iterator[Stub]:
    """A stub that serves in a thread of this process until the block ends."""
    stub, loop, stopped = Stub(regions, delay), asyncio.new_event_loop(), asyncio.Event()
    # Connections wait in its queue until the thread accepts them.
    listening = socket.create_server((HOST, 0), backlog=1024)
    stub.url = f"http://{HOST}:{listening.getsockname()[1]}"
    serve = _serve(stub, listening, stopped)
    thread = threading.Thread(target=loop.run_until_complete, args=[serve], name="stub")
    thread.start()
    try:
        yield stub
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()


def main() -> None:
    """Serve on a free port, and print its address, until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("regions", type=json.loads)
    parser.add_argument("--delay", type=float, default=DELAY)
    asked = parser.parse_args()
    regions = {name: Region(**script) for name, script in asked.regions.items()}
    with serving(regions, asked.delay) as stub:
        print(stub.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
