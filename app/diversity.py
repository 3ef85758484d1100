"""Maximal marginal relevance: answers that are relevant and unlike each other."""

import numpy as np
import numpy.typing as npt

from models.scores import DoubleArray, FloatArray, RowArray

# How many of the best by score are reordered; those behind follow by score.
POOL = 1000
# Below any real difference and above the last bits in which machines differ.
_DECIMALS = 9


def diverse(
    rows: npt.NDArray[np.integer], scores: DoubleArray, vectors: FloatArray, diversity: float, steps: int
) -> RowArray:
    """The order in which to answer, as positions in `rows`; its beginning does not depend on `steps`.

    Each step picks argmax (1 - diversity) * score(i) - diversity * max over picked j of cosine(i, j)
    (Carbonell and Goldstein 1998), of equal ones the first row. O(steps * n * dim): a step compares only with
    the movie picked last.

    Args:
        rows: int (n,), the pool.
        scores: float64 (n,), their relevance.
        vectors: float32 (n, dim).
        diversity: 0..1.
        steps: how many to pick, at most n.
    """
    by_row = np.argsort(rows)
    relevance, ordered = (1 - diversity) * scores[by_row], _units(vectors[by_row])
    likeness = np.full(len(rows), -np.inf)
    value, picked = relevance.copy(), []
    for _ in range(min(steps, len(rows))):
        # np.argmax answers the first of equal values, which is the first row
        last = int(np.argmax(np.round(value, _DECIMALS)))
        picked.append(last)
        np.maximum(likeness, np.vecdot(ordered, ordered[last]), out=likeness)
        relevance[last] = -np.inf
        value = relevance - diversity * likeness
    return by_row[np.array(picked, dtype=np.intp)]


def _units(vectors: FloatArray) -> DoubleArray:
    """Float64, at length one; zeros stay zeros."""
    wide = vectors.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    units: DoubleArray = np.divide(wide, lengths, out=np.zeros_like(wide), where=lengths > 0)
    return units
