"""What a score is, and in which order answers stand: the same for publishing and for answering.

A score is computed in float64 from the stored float32 vectors and rounded to six significant digits; answers
are ordered by that published number, highest first, and equal numbers by movie id. The rounding makes the
order total and independent of the machine: a block of a matrix product and a single product may differ in the
last bits, the published numbers do not.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]
RowArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

# How far a float32 product may stray from the float64 score, rounding to six digits included, relative to the
# score or to one, whichever is larger. 64 products of unit vectors stray about 1e-6; this leaves a factor of 40.
ROUGH_TOLERANCE = 4e-5
# groups for each score wanted, when looking for the k-th
_GROUPS = 8


def six_digits(values: npt.NDArray[Any]) -> DoubleArray:
    """Round to six significant digits, element by element: the precision of every number on the wire."""
    values = np.asarray(values, dtype=np.float64)
    size = np.abs(values)
    exponent = np.floor(np.log10(size, where=size > 0, out=np.zeros_like(values)))
    shift = np.clip(5 - exponent, -22, 22)
    up, down = 10.0 ** np.maximum(shift, 0), 10.0 ** np.maximum(-shift, 0)
    rounded: DoubleArray = np.asarray(np.rint(values * up / down) / up * down)
    # powers of ten above the 22nd are no float64: beyond them by text, one by one
    far = np.abs(5 - exponent) > 22
    rounded[far] = [float(f"{value:.5e}") for value in values[far]]
    return rounded


def unit_rows(vectors: npt.NDArray[Any]) -> FloatArray:
    """Scale each row of `vectors` (n, dim) to length one; rows of zeros stay zeros."""
    wide = np.asarray(vectors, dtype=np.float64)
    lengths = np.linalg.norm(wide, axis=-1, keepdims=True)
    scaled: FloatArray = np.divide(wide, lengths, out=np.zeros_like(wide), where=lengths > 0).astype(np.float32)
    return scaled


def cosines(query: npt.NDArray[Any], vectors: npt.NDArray[Any]) -> DoubleArray:
    """Cosine of `query` (dim,) with each row of `vectors` (n, dim), in float64; 0 where a length is 0."""
    left, right = np.asarray(query, dtype=np.float64), np.asarray(vectors, dtype=np.float64)
    # einsum sums every row in the same order whatever the number of rows, a BLAS product does not
    product = np.einsum("ij,j->i", right, left)
    lengths = np.sqrt(np.einsum("ij,ij->i", right, right)) * np.sqrt(np.einsum("j,j->", left, left))
    cosine: DoubleArray = np.divide(product, lengths, out=np.zeros_like(product), where=lengths > 0)
    return cosine


def dots(query: npt.NDArray[Any], vectors: npt.NDArray[Any]) -> DoubleArray:
    """Dot product of `query` (dim,) with each row of `vectors` (n, dim), in float64."""
    left, right = np.asarray(query, dtype=np.float64), np.asarray(vectors, dtype=np.float64)
    product: DoubleArray = np.einsum("ij,j->i", right, left)
    return product


def best(rough: npt.NDArray[Any], exact: Callable[[RowArray], DoubleArray], k: int) -> tuple[RowArray, DoubleArray]:
    """The k rows of highest score, in published order.

    Args:
        rough: float (n,), every row's score within ROUGH_TOLERANCE; -inf for rows that may not be answered.
        exact: gives the float64 scores of the rows it is handed.
        k: how many rows at the most.

    Returns:
        rows intp (m,) and their six-digit scores float64 (m,), m = min(k, rows allowed).
    """
    k = min(k, len(rough))
    if k <= 0:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float64)
    # few are left, with all of the best among them; where it is no number, hardly any row may be answered
    lowest = _at_most_kth(rough, k)
    rows = np.flatnonzero(rough >= _straying(lowest) if np.isfinite(lowest) else np.isfinite(rough))
    if len(rows) > k:
        near = rough[rows]
        rows = rows[near >= _straying(float(np.partition(near, len(near) - k)[len(near) - k]))]
    scores = six_digits(exact(rows))
    order = np.lexsort((rows, -scores))[:k]
    return rows[order], scores[order]


def _straying(kth: float) -> float:
    """What a rough score must have for its exact one to be as high. Twice: one may stray up and another one down."""
    return kth - 2 * ROUGH_TOLERANCE * max(1.0, abs(kth))


def _at_most_kth(rough: npt.NDArray[Any], k: int) -> float:
    """A number at most the k-th highest and near it: the k-th of the highest scores of many small groups."""
    size = max(1, len(rough) // (_GROUPS * k))
    groups = len(rough) // size
    # every groups-th score is of one group, so that one pass compares whole lines; a few may be left over
    highest = rough[: size * groups].reshape(size, groups).max(axis=0)
    return float(np.partition(highest, groups - k)[groups - k])


def rank(rough: npt.NDArray[Any], exact: Callable[[RowArray], DoubleArray], row: int) -> tuple[int, float]:
    """The place of one row in the order of `best`, 1 for the first, and its six-digit score.

    Only what the rough scores cannot tell from the row is computed exactly.

    Args:
        rough: float (n,), as for `best`; that of the row itself is finite.
        exact: as for `best`.
        row: which row.
    """
    slack = 2 * ROUGH_TOLERANCE * max(1.0, float(np.abs(rough[np.isfinite(rough)]).max()))
    unsure = np.flatnonzero(np.abs(rough - rough[row]) <= slack)
    scores = six_digits(exact(unsure))
    own = float(scores[np.searchsorted(unsure, row)])
    before = np.count_nonzero((scores > own) | ((scores == own) & (unsure < row)))
    return 1 + int(np.count_nonzero(rough > rough[row] + slack)) + int(before), own
