"""Exact nearest movies of every movie, by blocked matrix products."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from models.release import MAX_NEIGHBOURS
from models.scores import BoolArray, DoubleArray, FloatArray, RowArray, best, cosines, unit_rows

# rows of a block: 256 x 60,000 float32 scores are 61 MB
BLOCK = 256


def nearest(
    vectors: FloatArray, learned: BoolArray, k: int = MAX_NEIGHBOURS
) -> tuple[npt.NDArray[np.int32], FloatArray]:
    """The k learned movies most similar to each movie, never the movie itself.

    Order and rounding are those of `models.scores`: cosine, highest first, equal scores by row (and so by id).
    O(n_movies * n_learned * dim) time, BLOCK * n_learned * 4 bytes.

    Args:
        vectors: float32 (n_movies, dim).
        learned: bool (n_movies,), which movies may be answered.
        k: how many at the most.

    Returns:
        rows int32 (n_movies, k), -1 behind the end, and their scores float32 (n_movies, k), 0 behind the end.
    """
    units = unit_rows(vectors)
    candidates = np.flatnonzero(learned)
    place = np.cumsum(learned) - 1
    k = min(k, max(0, len(candidates) - 1) if learned.all() else len(candidates))
    rows = np.full((len(vectors), k), -1, dtype=np.int32)
    scores = np.zeros((len(vectors), k), dtype=np.float32)
    pool, pool_vectors = units[candidates].T, vectors[candidates]
    for start in range(0, len(vectors), BLOCK):
        rough = units[start : start + BLOCK] @ pool
        for offset, line in enumerate(rough):
            row = start + offset
            if learned[row]:
                line[place[row]] = -np.inf
            found, score = best(line, _scores_of(vectors[row], pool_vectors), k)
            rows[row, : len(found)] = candidates[found]
            scores[row, : len(found)] = score
    return rows, scores


def _scores_of(query: FloatArray, vectors: FloatArray) -> Callable[[RowArray], DoubleArray]:
    return lambda rows: cosines(query, vectors[rows])
