"""A steady load: requests leave at times set beforehand, however long the answers take.

Time counts from when a request was due, not from when there was a connection to send it on: what waits, waits
visibly. The generator never sleeps, for timers are a millisecond apart, so that its own core is all its.
"""

import asyncio
import os
import time
from collections.abc import Sequence

import numpy as np
import uvloop

from bench.load import CONNECTIONS, Connection, Load


def steady(port: int, requests: Sequence[bytes], rate: float, core: int | None = None) -> Load:
    """Send the requests to 127.0.0.1:`port`, `rate` a second, evenly."""
    if core is not None:
        os.sched_setaffinity(0, {core})
    used = time.process_time()
    sending = _Sending(requests, rate)
    uvloop.run(sending.run(port))
    p50, p99 = np.percentile(sending.latencies or [0.0], [50, 99]) * 1e3
    wall = time.perf_counter() - sending.first
    busy = (time.process_time() - used) / wall
    return Load(len(sending.latencies), sending.failures, wall, float(p50), float(p99), busy)


class _Sending:
    def __init__(self, requests: Sequence[bytes], rate: float) -> None:
        self.requests, self.every = requests, 1 / rate
        self.latencies: list[float] = []
        self.failures = self.sent = 0
        self.idle: list[Connection] = []
        self.first = 0.0

    async def run(self, port: int) -> None:
        """Until every request has its answer."""
        loop = asyncio.get_running_loop()
        made = [await loop.create_connection(lambda: Connection(self._answered), "127.0.0.1", port)
                for _ in range(CONNECTIONS)]  # fmt: skip
        self.idle = [connection for _, connection in made]
        self.first = time.perf_counter()
        until = self.first + len(self.requests) * self.every + 60
        while len(self.latencies) + self.failures < len(self.requests) and time.perf_counter() < until:
            self._send_what_is_due()
            await asyncio.sleep(0)
        self.failures = len(self.requests) - len(self.latencies)
        for transport, _ in made:
            transport.close()

    def _send_what_is_due(self) -> None:
        now = time.perf_counter()
        while self.idle and self.sent < len(self.requests):
            due = self.first + self.sent * self.every
            if due > now:
                return
            self.idle.pop().send(self.requests[self.sent], due)
            self.sent += 1

    def _answered(self, connection: Connection, seconds: float | None) -> None:
        if seconds is None:
            self.failures += 1
        else:
            self.latencies.append(seconds)
        self.idle.append(connection)
