"""The frame of every question: contenders take turns, each turn in a process of its own."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.processes import cpu_seconds, forget_peak, in_child, status_mb

Quality = Mapping[str, float]


@dataclass(frozen=True)
class Sample:
    """One turn of one contender.

    Attributes:
        work: how much was done, in the unit of the question (rows, steps, requests).
        wall: seconds on the clock.
        cpu: seconds of all threads.
        peak_mb: megabytes at the highest, beyond what all contenders are handed.
        quality: how good the result is, by the name of the measure.
    """

    work: float
    wall: float
    cpu: float
    peak_mb: float
    quality: Quality = field(default_factory=dict)

    def rate(self, per: str) -> float:
        """Work per second of "cpu" or of "wall"."""
        return self.work / max(self.cpu if per == "cpu" else self.wall, 1e-9)


class Stopwatch:
    """Times what stands in its `with` block; memory counts from where the stopwatch was made.

    Attributes:
        work: set by the contender.
    """

    def __init__(self) -> None:
        """Start to watch memory."""
        self.work = 0.0
        forget_peak()
        self._resident = status_mb("VmRSS")
        self.wall = self.cpu = self.peak_mb = 0.0

    def __enter__(self) -> "Stopwatch":
        self._start = (time.perf_counter(), cpu_seconds())
        return self

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter() - self._start[0]
        self.cpu += cpu_seconds() - self._start[1]
        self.peak_mb = max(0.0, status_mb("VmHWM") - self._resident)


@dataclass(frozen=True)
class Contender:
    """Who is measured.

    Attributes:
        name: as the table shows it.
        turn: takes the number of the round, gives its sample.
    """

    name: str
    turn: Callable[[int], Sample]


def contender(name: str, body: Callable[[Stopwatch, int], Quality]) -> Contender:
    """A contender whose `body` runs in a fresh process.

    Args:
        name: as the table shows it.
        body: makes ready what it needs, works inside `with stopwatch:`, sets `stopwatch.work`, and returns the
            quality of the result. It sees everything that was built before the question was asked.
    """

    def in_process(number: int) -> Sample:
        watch = Stopwatch()
        quality = dict(body(watch, number))
        return Sample(watch.work, watch.wall, watch.cpu, watch.peak_mb, quality)

    return Contender(name, lambda number: in_child(lambda: in_process(number)))


def take_turns(
    contenders: Sequence[Contender], rounds: int, tell: Callable[[str], None] = lambda _: None
) -> dict[str, list[Sample]]:
    """Each contender once per round, every round beginning with another of them."""
    samples: dict[str, list[Sample]] = {one.name: [] for one in contenders}
    for number in range(rounds):
        first = number % len(contenders)
        for one in (*contenders[first:], *contenders[:first]):
            tell(f"round {number + 1} of {rounds}: {one.name}")
            samples[one.name].append(one.turn(number))
    return samples
