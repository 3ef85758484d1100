"""Exact nearest movies of every movie, by blocked matrix products."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from models.model import MAX_NEIGHBOURS, RELATIONS, Model, Relation
from models.scores import ROUGH_TOLERANCE, BoolArray, DoubleArray, FloatArray, best, unit_rows
from training import select

# movies asked at once, and how many they are compared with at once: 8 MB of scores, which stay in the cache
BLOCK = 512
TILE = 4096
_SEED = 592


def with_nearest(model: Model, k: int = MAX_NEIGHBOURS, tell: Callable[[int], None] = lambda _: None) -> Model:
    """The same model with the k nearest of every movie stored, for each relation it knows; `tell` as for `nearest`."""
    rows, scores = nearest(model, "similar", k, tell)
    following = nearest(model, "next", k, tell) if model.relations == RELATIONS else (None, None)
    return replace(
        model, neighbour_rows=rows, neighbour_scores=scores, next_rows=following[0], next_scores=following[1]
    )


def nearest(
    model: Model,
    relation: Relation = "similar",
    k: int = MAX_NEIGHBOURS,
    tell: Callable[[int], None] = lambda _: None,
    asked: slice = slice(None),
) -> tuple[npt.NDArray[np.int32], FloatArray]:
    """The k movies nearest to each movie, of those that may be answers, never the movie itself.

    Scores, order and rounding are those of `models`: highest first, equal published scores by row (and so by id).
    O(n_movies ** 2 * dim) time; memory for another two copies of the vectors at the most, and 20 MB.

    Args:
        model: whose; the links of a movie lead to each other movie once at the most.
        relation: which scores.
        k: how many.
        tell: called after each block, with the number of its movies.
        asked: only of these movies, one after the other.

    Returns:
        rows int32 (n_asked, k), -1 behind the end, and their scores float32 (n_asked, k), 0 behind the end.
    """
    allowed = model.answers(relation)
    count = int(np.count_nonzero(allowed))
    k = min(k, max(0, count - 1) if allowed.all() else count)
    begin, end, _ = asked.indices(len(allowed))
    rows = np.full((end - begin, k), -1, dtype=np.int32)
    scores = np.zeros((end - begin, k), dtype=np.float32)
    if k == 0:
        tell(end - begin)
        return rows, scores
    search = Search(model, relation, allowed)
    for first in range(begin, end, BLOCK):
        part = slice(first - begin, min(first + BLOCK, end) - begin)
        for row in search.block(first, rows[part], scores[part]):
            found, score = search.plainly(row, k)
            place = row - begin
            rows[place], scores[place] = -1, 0
            rows[place, : len(found)], scores[place, : len(found)] = found, score
        tell(part.stop - part.start)
    return rows, scores


class Search:
    """What all blocks share; the movies that may be answers stand in random order, so that any part is a sample.

    Attributes:
        asked, against: float32 (n_movies, dim), whose products the scores are but for what is added.
        lengths: float64 (2, n_movies), what the products are divided by.
        left, right: float32 (n_movies, dim) and (n_answers, dim), whose products are rough scores.
        units: float32 (n_movies,), the largest product there can be; at least one.
        movie_of, place_of: int32 (n_answers,) and (n_movies,), from column to movie and back; -1 for no answer.
        additions: what is added to exact scores, as `select.settle` takes it.
        kinds: int8 (n_movies,), 1 where a movie is inferred.
        bases: for each tile, what is added to rough scores asked from either kind: float32 (2, columns).
    """

    def __init__(self, model: Model, relation: Relation, allowed: BoolArray) -> None:
        """Make two more copies of the vectors at the most."""
        self._model, self._relation = model, relation
        self.movie_of = np.random.default_rng(_SEED).permutation(np.flatnonzero(allowed)).astype(np.int32)
        self.place_of = np.full(len(allowed), -1, dtype=np.int32)
        self.place_of[self.movie_of] = np.arange(len(self.movie_of))
        self.asked = np.ascontiguousarray(model.vectors)
        self.against, self.lengths = self.asked, np.ones((2, len(allowed)))
        self.units = np.ones(len(allowed), dtype=np.float32)
        if relation == "next" and model.output is not None:
            self.against = np.ascontiguousarray(model.output)
            longest = _lengths(self.against).max(initial=0.0)
            self.units = np.maximum(1.0, longest * _lengths(self.asked)).astype(np.float32)
            self.left, self.right = self.asked, self.against[self.movie_of]
        else:
            self.lengths[:] = _lengths(self.asked)
            self.left = unit_rows(self.asked)
            self.right = self.left[self.movie_of]
        self._add(model, RELATIONS.index(relation))

    def _add(self, model: Model, side: int) -> None:
        """Priors, links and lifts, as `Model.added` has them."""
        n_movies = len(model.vectors)
        priors = np.zeros(n_movies) if model.priors is None else model.priors[side].astype(np.float64)
        indptr, indices = np.zeros(n_movies + 1, dtype=np.int64), np.empty(0, dtype=np.int32)
        values = np.empty(0, dtype=np.float32)
        if model.links is not None:
            indptr, indices, values = model.links.indptr, model.links.indices, model.links.values[side]
        listed, lifts = np.zeros(n_movies, dtype=np.bool_), np.zeros(2)
        if model.listed is not None and model.lifts is not None:
            listed, lifts = model.listed, model.lifts.astype(np.float64)
        self.kinds = (~model.learned).astype(np.int8)
        self.additions = (priors, indptr, indices, values, listed, lifts[self.kinds])
        both = (priors + lifts[:, None] * listed)[:, self.movie_of].astype(np.float32)
        self.bases = [np.ascontiguousarray(both[:, first : first + TILE]) for first in self._tiles]

    @property
    def _tiles(self) -> range:
        return range(0, len(self.movie_of), TILE)

    def block(self, first: int, rows: npt.NDArray[np.int32], scores: FloatArray) -> Iterator[int]:
        """Write the k best of the movies from `first` on; gives the rows of those to be worked out plainly."""
        size, k = rows.shape
        part = slice(first, first + size)
        room = select.room(k)
        values, places = np.empty((size, room), dtype=np.float32), np.empty((size, room), dtype=np.int32)
        counts, thresholds = np.zeros(size, dtype=np.int64), np.full(size, -np.inf, dtype=np.float32)
        kinds, units, own = self.kinds[part], self.units[part], self.place_of[part]
        _, indptr, indices, links, _, _ = self.additions
        for start, base in zip(self._tiles, self.bases, strict=True):
            tile = self.left[part] @ self.right[start : start + TILE].T
            if len(indices):
                select.add_links(tile, start, indptr[first : first + size + 1], indices, links, self.place_of)
            if start == 0:
                rank = select.guess_rank(k, tile.shape[1], len(self.movie_of))
                select.guess(tile, base, kinds, rank, thresholds)
            select.scan(tile, start, base, kinds, own, k, ROUGH_TOLERANCE, units, values, places, counts, thresholds)
        kept = (values, places, counts, thresholds)
        plain = select.settle(
            kept, k, ROUGH_TOLERANCE, units, self.movie_of, first, self.asked, self.against, self.lengths,
            self.additions, rows, scores,
        )  # fmt: skip
        yield from (first + np.flatnonzero(plain)).tolist()

    def plainly(self, row: int, k: int) -> tuple[npt.NDArray[np.intp], DoubleArray]:
        """The k best of one movie by NumPy alone."""
        rough = np.full(len(self.asked), -np.inf, dtype=np.float32)
        rough[self.movie_of] = self.right @ self.left[row]
        added = self._model.added(self._relation, ((row, 1.0),))
        total = rough if added is None else rough + added
        total[row] = -np.inf
        return best(total / self.units[row], self._model.scores(self._relation, self.asked[row], added), k)


def _lengths(vectors: FloatArray) -> DoubleArray:
    """As `models.scores.cosines` has them: float64 (n_movies,)."""
    lengths: DoubleArray = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    return lengths
