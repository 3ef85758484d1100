"""A load generator on raw sockets: keep-alive, one request in flight for each connection, bounded in count and time."""

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
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
        requests: answered with 200.
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


def drive(port: int, paths: Sequence[str], seconds: float, *, repeat: bool, core: int | None = None) -> Load:
    """Ask 127.0.0.1:`port` for the paths, until they or the seconds are over.

    Args:
        port: of the service.
        paths: each is asked for once, or again and again.
        seconds: no request is sent after so many.
        repeat: start over at the end of the paths.
        core: the only core to run on.
    """
    if core is not None:
        os.sched_setaffinity(0, {core})
    requests = [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode() for path in paths]
    asking = _Asking(cycle(requests) if repeat else iter(requests), seconds)
    used = time.process_time()
    uvloop.run(_all(port, asking))
    wall = asking.last - asking.first
    p50, p99 = np.percentile(asking.latencies or [0.0], [50, 99]) * 1e3
    requests_done = len(asking.latencies)
    return Load(requests_done, asking.failures, wall, float(p50), float(p99), (time.process_time() - used) / wall)


class _Asking:
    """What all connections share."""

    def __init__(self, requests: Iterator[bytes], seconds: float) -> None:
        self.requests = requests
        self.latencies: list[float] = []
        self.failures = 0
        self.first = self.last = time.perf_counter()
        self.until = self.first + seconds


async def _all(port: int, asking: _Asking) -> None:
    loop = asyncio.get_running_loop()
    connections = [
        await loop.create_connection(lambda: _Connection(asking), "127.0.0.1", port) for _ in range(CONNECTIONS)
    ]
    now = time.perf_counter()
    asking.until += now - asking.first
    asking.first = now
    for _, connection in connections:
        connection.ask()
    await asyncio.wait_for(asyncio.gather(*(connection.done for _, connection in connections)), timeout=120)


class _Connection(asyncio.Protocol):
    """Asks, waits for the whole answer, asks again."""

    def __init__(self, asking: _Asking) -> None:
        self.asking = asking
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received = b""
        self.expected = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def ask(self) -> None:
        self.sent = time.perf_counter()
        request = next(self.asking.requests, None) if self.sent < self.asking.until else None
        if request is None:
            self.transport.close()
        else:
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received = self.received + data if self.received else data
        if not self.expected:
            head = self.received.find(b"\r\n\r\n")
            if head < 0:
                return
            self.expected = head + 4 + content_length(self.received[:head])
        if len(self.received) >= self.expected:
            self._answered()

    def _answered(self) -> None:
        self.asking.last = time.perf_counter()
        if self.received.startswith(b"HTTP/1.1 200"):
            self.asking.latencies.append(self.asking.last - self.sent)
        else:
            self.asking.failures += 1
        self.received, self.expected = b"", 0
        self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None or self.expected:
            self.asking.failures += 1
        if not self.done.done():
            self.done.set_result(None)


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
