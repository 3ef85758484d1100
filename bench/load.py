"""A load generator on raw sockets: keep-alive, one request in flight for each connection, bounded in count and time."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import cast

import numpy as np
import uvloop

CONNECTIONS = 32


@dataclass(frozen=True)
class Load:
    """What came of it.

    Attributes:
        requests: answered with 200, or 304.
        failures: answered with anything else, or connections lost.
        seconds: from the first request to the last answer.
        p50_ms, p99_ms: time from request to whole answer.
        busy: share of the time that the generator's own core was at work; near 1 it is the generator that is measured.
    """

    requests: int
    failures: int
    seconds: float
    p50_ms: float
    p99_ms: float
    busy: float


def request(path: str, *headers: str) -> bytes:
    """A GET as it goes over the wire."""
    return "".join(f"{line}\r\n" for line in (f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "")).encode()


def drive(port: int, requests: Sequence[bytes], seconds: float, *, repeat: bool, core: int | None = None) -> Load:
    """Send requests to 127.0.0.1:`port`, as fast as they are answered, until they or the seconds are over.

    Args:
        port: of the service.
        requests: each is sent once, or again and again.
        seconds: no request is sent after so many.
        repeat: start over at the end of the requests.
        core: the only core to run on.
    """
    if core is not None:
        os.sched_setaffinity(0, {core})
    asking = _Asking(cycle(requests) if repeat else iter(requests), seconds)
    used = time.process_time()
    uvloop.run(asking.run(port))
    wall = asking.last - asking.first
    p50, p99 = np.percentile(asking.latencies or [0.0], [50, 99]) * 1e3
    busy = (time.process_time() - used) / wall
    return Load(len(asking.latencies), asking.failures, wall, float(p50), float(p99), busy)


class Connection(asyncio.Protocol):
    """Sends a request, waits for the whole answer, tells of it: seconds, or None where it is neither 200 nor 304."""

    def __init__(self, answered: Callable[["Connection", float | None], None]) -> None:
        """Take whom to tell."""
        self.answered = answered
        self.received = b""
        self.expected = 0
        self.since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self.transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes, since: float) -> None:
        """Send; the time counts from `since`."""
        self.since = since
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        self.received = self.received + data if self.received else data
        if not self.expected:
            head = self.received.find(b"\r\n\r\n")
            if head < 0:
                return
            bare = self.received.startswith(b"HTTP/1.1 304")
            self.expected = head + 4 + (0 if bare else content_length(self.received[:head]))
        if len(self.received) >= self.expected:
            self._done(self.received.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304")))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Called by the event loop."""
        if self.since is not None:
            self._done(False)

    def _done(self, well: bool) -> None:
        seconds = time.perf_counter() - (self.since or 0.0) if well else None
        self.received, self.expected, self.since = b"", 0, None
        self.answered(self, seconds)


class _Asking:
    """What all connections share: each asks again as soon as it has its answer."""

    def __init__(self, requests: Iterator[bytes], seconds: float) -> None:
        self.requests, self.seconds = requests, seconds
        self.latencies: list[float] = []
        self.failures = 0
        self.first = self.last = 0.0

    async def run(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        made = [await loop.create_connection(lambda: Connection(self._answered), "127.0.0.1", port)
                for _ in range(CONNECTIONS)]  # fmt: skip
        self.open = len(made)
        self.over: asyncio.Future[None] = loop.create_future()
        self.first = self.last = time.perf_counter()
        for _, connection in made:
            self._ask(connection)
        await asyncio.wait_for(self.over, timeout=120)

    def _ask(self, connection: Connection) -> None:
        now = time.perf_counter()
        request = next(self.requests, None) if now < self.first + self.seconds else None
        if request is not None and not connection.transport.is_closing():
            connection.send(request, now)
            return
        connection.transport.close()
        self.open -= 1
        if not self.open:
            self.over.set_result(None)

    def _answered(self, connection: Connection, seconds: float | None) -> None:
        self.last = time.perf_counter()
        if seconds is None:
            self.failures += 1
        else:
            self.latencies.append(seconds)
        self._ask(connection)


def content_length(head: bytes) -> int:
    """Of a response's head.

    Raises:
        ValueError: it has none.
    """
    lower = head.lower()
    at = lower.find(b"\r\ncontent-length:")
    if at < 0:
        raise ValueError(f"expected content-length, found {head[:200]!r}")
    return int(lower[at + 17 :].split(b"\r\n", 1)[0])
