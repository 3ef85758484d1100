"""Traffic at a set pace, every answer looked at: whose it is, and how long it took from when it was due."""

import asyncio
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from ctypes import c_double, c_int
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import RawArray, RawValue
from typing import Any

import numpy as np
import uvloop

from bench.load import content_length
from bench.soak_asks import ANY, FAILED, MIXED, Ask

CONNECTIONS = 24
SHOWN = 20
TIMEOUT_SECONDS = 30.0


class Stage:
    """What the process that switches tells the one that asks, and hears from it; in memory that both see.

    Attributes:
        now: number of the switch that was last.
        target: place of the release that it made live.
        late: for each switch, when its last answer of another release came (`time.monotonic`); 0: none did.
    """

    def __init__(self, most: int) -> None:
        """Make room for so many switches."""
        self.now: Any = RawValue(c_int, 0)
        self.target: Any = RawValue(c_int, 0)
        self.late: Any = RawArray(c_double, most + 1)

    def saw(self, release: int) -> None:
        """Note an answer of this release."""
        if release != self.target.value:
            self.late[self.now.value] = time.monotonic()


@dataclass
class Heard:
    """What came of it.

    Attributes:
        requests: answered as expected.
        failed: of another status than expected, or never answered.
        mixed: whose body is that of no release.
        seconds: from the first request to the last answer.
        by_release: answers that tell whose they are, by release.
        shown: the first few that went wrong.
        milliseconds: percentiles of the times.
        course: medians of the times, of thirty parts of the answers in the order in which they came.
    """

    requests: int = 0
    failed: int = 0
    mixed: int = 0
    seconds: float = 0.0
    by_release: Counter[int] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)
    milliseconds: dict[str, float] = field(default_factory=dict)
    course: list[float] = field(default_factory=list)


def ask_all(
    port: int, asks: Sequence[Ask], order: Sequence[int], seconds: float, rate: float, stage: Stage | None = None
) -> Heard:
    """Ask for so many seconds.

    Args:
        port: on 127.0.0.1.
        asks: what can be asked.
        order: places of asks, again and again.
        seconds: no request is due after these.
        rate: requests due per second, whether those before are answered or not; 0: the next as soon as one is.
        stage: whom to tell of releases.
    """
    return uvloop.run(_Crowd(port, asks, order, seconds, rate, stage).run())


class _Crowd:
    def __init__(self, port: int, asks: Sequence[Ask], order: Sequence[int], seconds: float, rate: float,
                 stage: Stage | None) -> None:  # fmt: skip
        self._port, self._asks, self._order, self._stage = port, asks, order, stage
        self._seconds, self._rate = seconds, rate
        self._next = 0
        self._times = array("f")
        self._heard = Heard()

    async def run(self) -> Heard:
        self._began = time.perf_counter()
        await asyncio.gather(*(self._keep_asking() for _ in range(CONNECTIONS)))
        heard = self._heard
        heard.seconds = time.perf_counter() - self._began
        times = np.frombuffer(self._times or array("f", [0.0]), dtype=np.float32)
        numbers = np.percentile(times, [50, 99, 99.9, 100])
        heard.course = [round(float(np.median(part)) * 1e3, 1) for part in np.array_split(times, 30) if len(part)]
        heard.milliseconds = dict(zip(("p50", "p99", "p99.9", "max"), (numbers * 1e3).tolist(), strict=True))
        return heard

    async def _keep_asking(self) -> None:
        connection = None
        while (due := self._due()) is not None:
            number, at = due
            if at > (now := time.perf_counter()):
                await asyncio.sleep(at - now)
            ask = self._asks[self._order[number % len(self._order)]]
            try:
                if connection is None or connection[0].at_eof():  # closed while nothing was asked
                    connection = await asyncio.open_connection("127.0.0.1", self._port)
                status, body = await asyncio.wait_for(_answer(*connection, ask.wire), TIMEOUT_SECONDS)
            except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
                self._wrong(ask, FAILED, repr(error))
                if connection is not None:
                    connection[1].close()
                connection = None
                continue
            self._times.append(time.perf_counter() - (at if self._rate else now))
            self._note(ask, status, body)
        if connection is not None:
            connection[1].close()

    def _due(self) -> tuple[int, float] | None:
        number, self._next = self._next, self._next + 1
        at = self._began + (number / self._rate if self._rate else 0.0)
        late = max(at, time.perf_counter()) if not self._rate else at
        return None if late >= self._began + self._seconds else (number, at)

    def _note(self, ask: Ask, status: int, body: bytes) -> None:
        release = ask.release_of(status, body)
        if release in (FAILED, MIXED):
            self._wrong(ask, release, f"{status} {body[:300]!r}")
            return
        self._heard.requests += 1
        if release != ANY:
            self._heard.by_release[release] += 1
            if self._stage is not None:
                self._stage.saw(release)

    def _wrong(self, ask: Ask, how: int, found: str) -> None:
        self._heard.failed += how == FAILED
        self._heard.mixed += how == MIXED
        if len(self._heard.shown) < SHOWN:
            self._heard.shown.append(f"{ask.what}: expected {[status for status, _ in ask.answers]}, found {found}")


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wire: bytes) -> tuple[int, bytes]:
    writer.write(wire)
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    return status, b"" if status == 304 else await reader.readexactly(content_length(head))
