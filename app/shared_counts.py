"""Numbers that several processes count in, and that each of them can add up.

Anonymous memory made before the processes fork, so that nothing is written to a disk (docs/decisions/0023-metrics.md).
It is cut into blocks. Block 0 is the parent's, or the only process's; each worker has one of the others to itself and
is the only one to write there, so that nobody waits for anybody. A block's counts stay when its process has ended: the
next one in its place counts on, and sums never fall.

A block, in units of 8 bytes: gauges (float64) | two texts of 64 bytes | rows of a key (128 bytes) and `WIDTH` float64.
"""

import mmap
import os
import threading
from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass

# A row's numbers: enough for the buckets of a histogram and its sum; a counter takes the first.
WIDTH = 15
ROWS = 1000
# What finds no row any more is counted in the last one.
OVERFLOW = ("requests", "other", "overflow", "0")

USED, PID, IN_FLIGHT, CACHE_BYTES, CACHE_ANSWERS, TEXT, CREATED, LOADED, MOVIES = range(9)
_GAUGES, _TEXT_CELLS, _KEY_CELLS = 16, 8, 16
_TEXTS, _TABLE = _GAUGES, _GAUGES + 2 * _TEXT_CELLS
_ROW = _KEY_CELLS + WIDTH
_BLOCK = _TABLE + ROWS * _ROW
# So many generations of workers may be there at once: one works, one leaves, one comes.
_GENERATIONS = 3

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Worker:
    """A process that answers, as it tells of itself.

    Attributes:
        place: number of its block.
        pid: of the process.
        gauges: its numbers, by the constants of this file.
        release: what it answers from; empty: nothing yet.
    """

    place: int
    pid: int
    gauges: list[float]
    release: str


class SharedCounts:
    """Counts of one service.

    Attributes:
        numbers: all the memory, as float64.
        rows: key -> where in `numbers` this process counts it; grows by `row`.
        here: where in `numbers` this process's gauges begin.
    """

    def __init__(self, workers: int = 0) -> None:
        """Reserve memory; it is taken as it is written to.

        Args:
            workers: how many are going to be forked; 0: this process answers itself.
        """
        self._blocks = 1 + _GENERATIONS * workers
        memory = memoryview(mmap.mmap(-1, 8 * _BLOCK * self._blocks))
        self._bytes, self.numbers = memory, memory.cast("d")
        self._free = list(range(1, self._blocks))
        self._adding = threading.Lock()
        self._shown = ("", 0.0, 0.0, 0)
        self.rows: dict[Key, int] = {}
        self.here = 0
        if not workers:
            self.numbers[PID] = os.getpid()

    def take(self) -> int:
        """A place for a process about to be forked; the parent's business, like `leave`."""
        return self._free.pop(0)

    def leave(self, place: int) -> None:
        """Its process is gone: what it counted stays, what it was doing does not."""
        for gauge in range(USED + 1, _GAUGES):
            self.numbers[place * _BLOCK + gauge] = 0
        insort(self._free, place)

    def sit(self, place: int) -> None:
        """Count here from now on: the first thing a forked process does."""
        self._adding = threading.Lock()
        self.rows.clear()
        self.here = place * _BLOCK
        self.numbers[self.here + PID] = os.getpid()
        self.show(*self._shown)

    def row(self, key: Key) -> int:
        """Where this process counts a key."""
        with self._adding:
            if key not in self.rows:
                self.rows[key] = self._find("\0".join(map(str, key)).encode())
            return self.rows[key]

    def add(self, key: Key, amount: float = 1.0) -> None:
        """Count."""
        at = self.rows.get(key)
        self.numbers[self.row(key) if at is None else at] += amount

    def set(self, gauge: int, value: float) -> None:
        """Tell one number of this process."""
        self.numbers[self.here + gauge] = value

    def show(self, release: str, created: float, loaded: float, movies: int) -> None:
        """Tell which release this process answers from; times in seconds since 1970."""
        self._shown = (release, created, loaded, movies)
        other = 1 - int(self.numbers[self.here + TEXT])  # nobody reads this one now
        at = 8 * (self.here + _TEXTS + other * _TEXT_CELLS)
        self._bytes[at : at + 8 * _TEXT_CELLS] = release.encode()[: 8 * _TEXT_CELLS].ljust(8 * _TEXT_CELLS, b"\0")
        self.numbers[self.here + TEXT] = other
        for gauge, value in ((CREATED, created), (LOADED, loaded), (MOVIES, movies)):
            self.set(gauge, value)

    def sums(self) -> dict[tuple[str, ...], list[float]]:
        """The counts of all processes that there are and were, by their keys."""
        found: dict[tuple[str, ...], list[float]] = {}
        for place in range(self._blocks):
            for key, at in self._keys(place * _BLOCK):
                mine = list(self.numbers[at : at + WIDTH])
                before = found.get(key)
                found[key] = mine if before is None else [a + b for a, b in zip(before, mine, strict=True)]
        return found

    def workers(self) -> list[Worker]:
        """The processes that answer now."""
        found = []
        for place in range(self._blocks):
            gauges = list(self.numbers[place * _BLOCK : place * _BLOCK + _GAUGES])
            if gauges[PID]:
                at = place * _BLOCK + _TEXTS + int(gauges[TEXT]) * _TEXT_CELLS
                release = self._text(at, _TEXT_CELLS).decode("utf-8", "replace")
                found.append(Worker(place, int(gauges[PID]), gauges, release))
        return found

    def _find(self, text: bytes) -> int:
        """Where the row of a key is, new if need be; the last row where there is no more room."""
        used = int(self.numbers[self.here + USED])
        for number in range(used):
            at = self.here + _TABLE + number * _ROW
            if self._text(at, _KEY_CELLS) == text:
                return at + _KEY_CELLS
        if used >= ROWS - 1 or len(text) > 8 * _KEY_CELLS:
            text, used = "\0".join(OVERFLOW).encode(), ROWS - 1
        at = self.here + _TABLE + used * _ROW
        self._bytes[8 * at : 8 * at + len(text)] = text
        if used < ROWS - 1:
            self.numbers[self.here + USED] = used + 1  # last, so that nobody reads half a key
        return at + _KEY_CELLS

    def _keys(self, block: int) -> Iterator[tuple[tuple[str, ...], int]]:
        for number in (*range(int(self.numbers[block + USED])), ROWS - 1):
            at = block + _TABLE + number * _ROW
            text = self._text(at, _KEY_CELLS)
            if text:
                yield tuple(text.decode().split("\0")), at + _KEY_CELLS

    def _text(self, cell: int, cells: int) -> bytes:
        return bytes(self._bytes[8 * cell : 8 * (cell + cells)]).rstrip(b"\0")
