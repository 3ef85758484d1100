"""Who was liked together: by the same viewers, near each other in time, one right after the other."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy.sparse

from models import Evidence, Pairs
from training.pair_counts import count_behind
from training.sequences import Sequences

WINDOW = 10
# Pairs of movies that a release keeps counts of, 8 bytes each, and that are counted at a time.
MOST_PAIRS = 10_000_000
BLOCK_PAIRS = 4_000_000
Matrix = scipy.sparse.csr_array


@dataclass(frozen=True, eq=False)
class Nearby:
    """Movies that were liked near each other, for each the strongest partners.

    Attributes:
        both: float32 (n_movies, n_movies), how much either followed the other, columns ascending within a row.
        after: float32 (both.nnz,), how much of it is that the column followed the row.
    """

    both: Matrix
    after: npt.NDArray[np.float32]


def likes_matrix(sequences: Sequences, n_movies: int) -> Matrix:
    """float32 (n_viewers, n_movies), 1 where the viewer liked the movie."""
    ones = np.ones(len(sequences.rows), dtype=np.float32)
    matrix = Matrix((ones, sequences.rows, sequences.offsets), shape=(len(sequences), n_movies))
    matrix.sort_indices()
    return matrix


def near(sequences: Sequences, n_movies: int, window: int = WINDOW) -> Matrix:
    """float32 (n_movies, n_movies): how much b followed a, 1/distance for each time within `window` likes.

    Entry [a, b] counts b after a, not the reverse; window 1 is the transition matrix. O(window * n_tokens).
    """
    viewer = np.repeat(np.arange(len(sequences)), np.diff(sequences.offsets))
    total = scipy.sparse.csr_array((n_movies, n_movies), dtype=np.float32)
    for distance in range(1, window + 1):
        inside = viewer[distance:] == viewer[:-distance]
        first, second = sequences.rows[:-distance][inside], sequences.rows[distance:][inside]
        weights = np.full(len(first), 1.0 / distance, dtype=np.float32)
        total = total + Matrix((weights, (first, second)), shape=(n_movies, n_movies))
    return Matrix(total)


def nearby(sequences: Sequences, n_movies: int, window: int, most: int) -> Nearby:
    """What was liked within `window` likes, 1/distance each, the strongest `most` partners of each movie."""
    followed = near(sequences, n_movies, window)
    both = _strongest(Matrix(followed + followed.T), most)
    rows = np.repeat(np.arange(n_movies), np.diff(both.indptr))
    return Nearby(both, np.asarray(followed[rows, both.indices]).ravel())


def evidence(sequences: Sequences, n_movies: int) -> Evidence:
    """What a release keeps of what its viewers liked together and one after the other.

    Args:
        sequences: of likes, one for each viewer, no movie twice in one.
        n_movies: of the catalogue.
    """
    together, floor = liked_together(sequences, n_movies)
    return Evidence(len(sequences), together, floor, _pairs(near(sequences, n_movies, window=1)))


def liked_together(sequences: Sequences, n_movies: int, most: int = MOST_PAIRS) -> tuple[Pairs, int]:
    """How many viewers liked both of two movies, in pairs (a, b) with b > a, and the fewest viewers kept.

    Where there are more than `most` pairs, those with the fewest viewers are left out, all with the same count alike.
    Memory: 20 bytes a pair kept, 8 for each of BLOCK_PAIRS and 32 a like; O(sum of squared lengths of the sequences).
    """
    likes = likes_matrix(sequences, n_movies)
    rows, offsets = likes.indices.astype(np.int32), likes.indptr.astype(np.int64)
    by_movie = Matrix((np.arange(len(rows)), likes.indices, likes.indptr), shape=likes.shape).T.tocsr()
    del likes
    most_partners = _most_partners(by_movie, offsets, n_movies)
    cuts = np.flatnonzero(np.diff(np.cumsum(most_partners) // BLOCK_PAIRS)) + 1
    parts: list[Matrix] = []
    floor = 1
    for first, behind in pairwise([0, *cuts.tolist(), n_movies]):
        parts.append(pairs_behind(by_movie[first:behind], rows, offsets, n_movies, floor))
        while sum(part.nnz for part in parts) > most:
            floor += 1
            parts = [_at_least(part, floor) for part in parts]
    return _pairs(Matrix(scipy.sparse.vstack(parts, format="csr"))), floor


def pairs_behind(
    block: Matrix, rows: npt.NDArray[np.int32], offsets: npt.NDArray[np.int64], n_movies: int, floor: int = 1
) -> Matrix:
    """int32 (a block's movies, n_movies): viewers of both movies, where the second stands behind the first in a row.

    Args:
        block: int64 (a block's movies, n_viewers), where in `rows` the like of each viewer stands.
        rows: int32 (n_likes,), movies of all histories, ascending within each.
        offsets: int64 (n_viewers + 1,), history v is rows[offsets[v]:offsets[v + 1]].
        n_movies: of the catalogue.
        floor: the fewest viewers kept.
    """
    room = int(_most_partners(block, offsets, n_movies).sum())
    partners, viewers = np.empty(room, np.int32), np.empty(room, np.int32)
    counts = np.zeros(n_movies, np.int32)
    indptr, of_viewer = block.indptr.astype(np.int64), block.indices.astype(np.int32)
    ends = count_behind(indptr, of_viewer, block.data, rows, offsets, floor, counts, partners, viewers)
    kept = slice(ends[-1])
    return Matrix((viewers[kept].copy(), partners[kept].copy(), ends), shape=(block.shape[0], n_movies))


def _most_partners(block: Matrix, offsets: npt.NDArray[np.int64], n_movies: int) -> npt.NDArray[np.int64]:
    """No more movies stand behind one than its viewers have likes behind it, or than there are."""
    behind = offsets[block.indices + 1] - 1 - block.data
    return np.minimum(np.diff(np.append(0, np.cumsum(behind))[block.indptr]), n_movies)


def _strongest(matrix: Matrix, most: int) -> Matrix:
    """Only the `most` largest entries of each row; of equal ones the first columns."""
    matrix.sort_indices()
    kept = np.ones(matrix.nnz, dtype=np.bool_)
    for row in np.flatnonzero(np.diff(matrix.indptr) > most):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        order = np.argsort(-matrix.data[part], kind="stable")
        kept[part][order[most:]] = False
    counts = np.add.reduceat(np.append(kept, False), matrix.indptr[:-1]) * (np.diff(matrix.indptr) > 0)
    indptr = np.append(0, np.cumsum(counts))
    return Matrix((matrix.data[kept], matrix.indices[kept], indptr), shape=matrix.shape)


def _at_least(matrix: Matrix, floor: int) -> Matrix:
    if floor > 1:
        matrix.data[matrix.data < floor] = 0
        matrix.eliminate_zeros()
    return matrix


def _pairs(matrix: Matrix) -> Pairs:
    matrix.sort_indices()
    indices = matrix.indices.astype(np.int32, copy=False)
    return Pairs(matrix.indptr.astype(np.int64), indices, matrix.data.astype(np.int32))
