"""The successors of every movie, each as often as its weight: one uniform draw is one exact step."""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from training.errors import DataError

MOST = 2**32 - 1
# guide entries for each movie, at the most
_ENTRIES = 2


@dataclass(frozen=True, eq=False)
class Bag:
    """What walks read; unsigned numbers of 32 bits, so that all but `successors` stays in the cache.

    Attributes:
        successors: int32 (n_transitions,), grouped by the movie they follow.
        places: uint32 (n_movies + 2,), those of movie v are successors[places[v]:places[v + 1]]; the last entry makes
            row n_movies one that nothing follows.
        guide: uint32 (n,), entry i is the movie that transition number i << shift leaves: a draw among all transitions
            is searched between two entries only (Chen and Asau 1974).
        shift: see `guide`.
    """

    successors: npt.NDArray[np.int32]
    places: npt.NDArray[np.uint32]
    guide: npt.NDArray[np.uint32]
    shift: np.uint64


def fill_bag(indptr: npt.NDArray[np.int64], indices: npt.NDArray[np.int32], weights: npt.NDArray[np.int32]) -> Bag:
    """The bag of a graph in CSR, `training.graph`. Costs 4 bytes for each transition and 12 for each movie.

    Raises:
        DataError: more than MOST transitions.
    """
    n_transitions, n_movies = int(weights.sum(dtype=np.int64)), len(indptr) - 1
    if n_transitions > MOST:
        raise DataError(f"expected at most {MOST:,} transitions for walks, found {n_transitions:,}")
    successors, places = np.empty(n_transitions, np.int32), np.empty(n_movies + 2, np.uint32)
    _fill(indptr, indices, weights, successors, places)
    shift = max(0, (n_transitions // (_ENTRIES * n_movies)).bit_length())
    marks = np.arange((n_transitions >> shift) + 2, dtype=np.uint64) << np.uint64(shift)
    guide = np.searchsorted(places[:-1].astype(np.uint64), marks, side="right") - 1
    return Bag(successors, places, np.minimum(guide, n_movies - 1).astype(np.uint32), np.uint64(shift))


@numba.njit(cache=True, nogil=True)
def _fill(indptr, indices, weights, successors, places):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """As numpy.repeat of `indices` by `weights`, five times as fast."""
    place = 0
    for row in range(len(indptr) - 1):
        places[row] = place
        for edge in range(indptr[row], indptr[row + 1]):
            for _ in range(weights[edge]):
                successors[place] = indices[edge]
                place += 1
    places[-2] = places[-1] = place
