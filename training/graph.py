"""Sequences -> the graph of "watched next": how often one movie directly followed another."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from training.bag import Bag, fill_bag
from training.errors import DataError
from training.sequences import Sequences


@dataclass(frozen=True, eq=False)
class TransitionGraph:
    """Weighted directed graph over catalogue rows, compressed by row (CSR).

    Attributes:
        indptr: int64 (n_movies + 1,), the successors of row v stand at indptr[v]:indptr[v + 1].
        indices: int32 (n_edges,), successors, ascending within a row.
        weights: int32 (n_edges,), how often `indices[j]` was watched directly after v, not the reverse.
    """

    indptr: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int32]
    weights: npt.NDArray[np.int32]

    @cached_property
    def packed(self) -> Bag:
        """What walks read (`training.bag`); made when it is first asked for, and kept."""
        return fill_bag(self.indptr, self.indices, self.weights)

    @property
    def bag(self) -> npt.NDArray[np.int32]:
        """int32 (n_transitions,): each successor as often as its weight, grouped by movie.

        One uniform draw from a movie's part of the bag is one exact step: P(v -> x) = w(v, x) / sum w(v, .).
        Costs 4 bytes for each transition seen, and needs no table of probabilities.
        """
        return self.packed.successors

    @property
    def bag_indptr(self) -> npt.NDArray[np.uint32]:
        """uint32 (n_movies + 1,): the part of movie v is bag[bag_indptr[v]:bag_indptr[v + 1]]."""
        return self.packed.places[:-1]

    @property
    def start(self) -> npt.NDArray[np.float64]:
        """float64 (n_movies,): P(a walk starts here), the share of transitions that leave it, as in the lesson."""
        leaving = np.diff(self.bag_indptr)
        share: npt.NDArray[np.float64] = leaving / leaving.sum()
        return share

    def row(self, movie: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
        """Successors of one movie and the probability of each."""
        part = slice(self.indptr[movie], self.indptr[movie + 1])
        return self.indices[part], self.weights[part] / self.weights[part].sum()


def build_graph(sequences: Sequences, n_movies: int) -> TransitionGraph:
    """Count adjacent pairs of each sequence. O(t log t) for t tokens; pairs never span two viewers.

    Raises:
        DataError: no viewer has two likes, so that there is no transition.
    """
    # in place where it can be: memory that is new has to be given by the system first, which takes longer than the work
    pairs = sequences.rows[:-1].astype(np.int64)
    pairs *= n_movies
    pairs += sequences.rows[1:]
    begins = sequences.offsets[(sequences.offsets > 0) & (sequences.offsets < len(sequences.rows))]
    pairs[begins - 1] = -1
    pairs.sort()
    pairs = pairs[np.searchsorted(pairs, 0) :]
    if not len(pairs):
        raise DataError("no transitions: expected at least one viewer with two likes, found none")
    begins = np.append(0, np.flatnonzero(pairs[1:] != pairs[:-1]) + 1)
    weights = np.diff(begins, append=len(pairs)).astype(np.int32)
    edges = pairs[begins]
    indptr = np.searchsorted(edges, np.arange(n_movies + 1) * n_movies)
    return TransitionGraph(indptr, (edges % n_movies).astype(np.int32), weights)
