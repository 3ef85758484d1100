"""The transition table in parts, each small enough for one task, and which part a walk has to go to.

Rows are cut into contiguous ranges of about equal load. A movie that is busier than a part should be has a range of
several parts, which all hold the same rows, and walks are dealt out among them by their number:

    range     0        1          2                 movie 57 is a hub
    rows      0..40    41..56     57
    parts     0        1          2, 3, 4           walk 11 at movie 57 goes to part 2 + 11 % 3

So a few numbers for each part say where any walk goes, whatever the number of movies, edges and walks.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
EDGE = np.dtype([("movie", "<i4"), ("target", "<i4"), ("weight", "<i8")])


@dataclass(frozen=True, eq=False)
class Ranges:
    """How rows are spread over parts.

    Attributes:
        rows: int64 (n_ranges + 1,), range r holds rows[r]:rows[r + 1].
        transitions: int64 (n_ranges + 1,), numbers of the transitions that leave the rows of range r, as `rows`.
        parts: int64 (n_ranges + 1,), range r is held by each of the parts parts[r]:parts[r + 1].
    """

    rows: Ints
    transitions: Ints
    parts: Ints

    @classmethod
    def cut(cls, leaving: Ints, n_parts: int) -> Self:
        """Ranges of about equal load: half of it the walks that a row sees, half the edges that it may have.

        No part is loaded with more than two shares: row by row the load fills one part after the other, and rows that
        begin in the same part are a range, which has all parts up to the next range's first.

        Args:
            leaving: int64 (n_movies,), transitions that leave each movie; not all zero.
            n_parts: how many parts there are.
        """
        load = leaving / leaving.sum() + most_edges(leaving) / most_edges(leaving).sum()
        before = np.append(0.0, np.cumsum(load)[:-1])
        cells = np.minimum((before / load.sum() * n_parts).astype(np.int64), n_parts - 1)
        parts, rows = np.unique(cells, return_index=True)
        numbers = np.append(0, np.cumsum(leaving))
        ends = np.append(rows, len(leaving))
        return cls(ends, numbers[ends], np.append(parts, n_parts))

    @classmethod
    def whole(cls, leaving: Ints, n_parts: int) -> Self:
        """One range, which every part holds: of a small table, where no walk ever has to go to another part."""
        return cls(np.array([0, len(leaving)]), np.array([0, leaving.sum()]), np.array([0, n_parts]))

    @property
    def is_whole(self) -> bool:
        """Whether every part holds all rows."""
        return len(self.parts) == 2

    def part_of(self, rows: npt.NDArray[np.integer], walks: Ints) -> Ints:
        """The part that each walk goes to, int64 (n,), for the rows where they are and their numbers."""
        return self._dealt(np.searchsorted(self.rows, rows, side="right") - 1, walks)

    def part_of_start(self, transitions: Ints, walks: Ints) -> Ints:
        """As `part_of`, for walks of which only the number of the transition that they begin with is known."""
        return self._dealt(np.searchsorted(self.transitions, transitions, side="right") - 1, walks)

    def parts_of(self, rows: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
        """The first part that holds each row, and the one behind the last, int64 (n,)."""
        ranges = np.searchsorted(self.rows, rows, side="right") - 1
        return self.parts[ranges], self.parts[ranges + 1]

    def range_of(self, part: int) -> int:
        """The range that a part holds."""
        return int(np.searchsorted(self.parts, part, side="right")) - 1

    def rows_of(self, part: int) -> tuple[int, int]:
        """The first row that a part holds, and the one behind its last."""
        at = self.range_of(part)
        return int(self.rows[at]), int(self.rows[at + 1])

    def _dealt(self, ranges: npt.NDArray[np.intp], walks: Ints) -> Ints:
        firsts = self.parts[ranges]
        return firsts + walks % (self.parts[ranges + 1] - firsts)


def most_edges(leaving: Ints) -> Ints:
    """How many edges a row can have at the most, int64 (n_movies,): each has a transition, and each a movie."""
    return np.minimum(leaving, len(leaving))


@dataclass(frozen=True, eq=False)
class Block:
    """The edges that leave the rows of one range (CSR).

    Attributes:
        low: the first row.
        indptr: int64 (n_rows + 1,), the edges of row low + i stand at indptr[i]:indptr[i + 1].
        targets: int32 (n_edges,), ascending within a row.
        sums: int64 (n_edges + 1,), weights of the edges before each, from 0: never reset, so that one search does for
            the whole block.
    """

    low: int
    indptr: Ints
    targets: npt.NDArray[np.int32]
    sums: Ints

    @classmethod
    def of(cls, low: int, high: int, sources: Ints, targets: Ints, weights: Ints) -> Self:
        """The block of rows low..high - 1 from its edges, in any order."""
        order = np.lexsort((targets, sources))
        indptr = np.append(0, np.cumsum(np.bincount(sources - low, minlength=high - low)))
        sums = np.append(0, np.cumsum(weights[order]))
        return cls(low, indptr, targets[order].astype(np.int32), sums)

    @cached_property
    def _edges(self) -> Ints:
        """Every edge as one number, ascending."""
        sources = np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))
        return sources << 32 | self.targets

    def leaving(self, movies: npt.NDArray[np.int32]) -> Ints:
        """Transitions that leave each of the movies, int64 (n,)."""
        at = movies - self.low
        return self.sums[self.indptr[at + 1]] - self.sums[self.indptr[at]]

    def successor(self, movies: npt.NDArray[np.int32], numbers: Ints) -> npt.NDArray[np.int32]:
        """The movie that transition number `numbers` of each movie leads to, int32 (n,)."""
        wanted = self.sums[self.indptr[movies - self.low]] + numbers
        return self.targets[np.searchsorted(self.sums, wanted, side="right") - 1]

    def source(self, numbers: Ints) -> Ints:
        """The movie that each transition, counted from the first of the block, leaves, int64 (n,)."""
        return self.low + np.searchsorted(self.sums[self.indptr[:-1]], numbers, side="right") - 1

    def has_edge(self, sources: npt.NDArray[np.int32], targets: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """Whether each source has an edge to its target, bool (n,)."""
        wanted = (sources.astype(np.int64) - self.low) << 32 | targets
        found: npt.NDArray[np.bool_] = self._edges.take(np.searchsorted(self._edges, wanted), mode="clip") == wanted
        return found

    def rows(self, movies: npt.NDArray[np.int32]) -> npt.NDArray[np.void]:
        """All edges of some movies, EDGE (n,), by movie and then by target."""
        at = np.unique(movies) - self.low
        counts = self.indptr[at + 1] - self.indptr[at]
        edges = np.repeat(self.indptr[at] - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
        found = np.empty(len(edges), EDGE)
        found["movie"] = np.repeat(at + self.low, counts)
        found["target"] = self.targets[edges]
        found["weight"] = self.sums[edges + 1] - self.sums[edges]
        return found
