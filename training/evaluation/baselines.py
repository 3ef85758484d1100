"""What every embedding has to beat, trained on the same split: six scorers that need no training to speak of."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import scipy.linalg
import scipy.sparse

from models.catalogue import Catalogue
from training.cooccurrence import Matrix, likes_matrix, near
from training.evaluation.scorers import History, Scorer
from training.metadata import has
from training.sequences import Sequences

SHRINKAGE = 20.0
EASE_RIDGE = 500.0
EASE_MOST = 20_000
# pairs of likes of one viewer, summed over viewers, beyond which a full co-occurrence matrix is not built
MOST_PAIRS = 3_000_000_000

Dense = npt.NDArray[np.float32]


def popularity(sequences: Sequences, n_movies: int) -> Scorer:
    """The most liked, whatever was asked."""
    return most_liked(np.bincount(sequences.rows, minlength=n_movies))


def most_liked(likes: npt.NDArray[np.integer]) -> Scorer:
    """The same from int (n_movies,) likes of each movie."""
    scores = likes.astype(np.float32)
    return lambda histories: np.broadcast_to(scores, histories.shape)


def cooccurrence(sequences: Sequences, n_movies: int) -> Scorer:
    """P(b | a) = viewers who liked both / viewers who liked a."""
    both, likes = _both(sequences, n_movies)
    return _linear(_scaled(both, 1.0 / np.maximum(likes, 1), np.ones(n_movies)))


def windowed(sequences: Sequences, n_movies: int) -> Scorer:
    """Co-occurrence within 10 likes, 1/distance, as a cosine with shrinkage.

    w(a, b) / (sqrt(w(a) w(b)) + SHRINKAGE), w(a) the sum over all b.
    """
    one_way = near(sequences, n_movies)
    weights = (one_way + one_way.T).tocoo()
    total = np.asarray(weights.sum(axis=1)).ravel()
    values = weights.data / (np.sqrt(total[weights.row] * total[weights.col]) + SHRINKAGE)
    return _linear(Matrix((values.astype(np.float32), (weights.row, weights.col)), shape=weights.shape))


def markov(sequences: Sequences, n_movies: int) -> Scorer:
    """First-order Markov chain with back-off: by transitions from the last like, then by likes."""
    transitions = near(sequences, n_movies, window=1)
    likes = np.bincount(sequences.rows, minlength=n_movies).astype(np.float32)
    share = likes / likes.sum()

    def score(histories: History) -> Dense:
        last = histories.indices[histories.indptr[1:] - 1]
        counts: Dense = transitions[last].toarray() + share
        return counts

    return score


def item_knn(sequences: Sequences, n_movies: int) -> Scorer:
    """Item-kNN: cosine of the columns of the likes matrix (Sarwar et al. 2001), all neighbours."""
    both, likes = _both(sequences, n_movies)
    lengths = 1.0 / np.sqrt(np.maximum(likes, 1))
    return _linear(_scaled(both, lengths, lengths))


def ease(sequences: Sequences, n_movies: int) -> Scorer:
    """EASE^R (Steck 2019, equation 8): B = I - P diag(1 / diag P), P = (X'X + ridge I)^-1. O(n^3) time, 8 n^2 bytes."""
    liked = np.flatnonzero(np.bincount(sequences.rows, minlength=n_movies))
    likes = likes_matrix(sequences, n_movies)[:, liked]
    gram = (likes.T @ likes).toarray()
    gram[np.diag_indices_from(gram)] += EASE_RIDGE
    inverse = scipy.linalg.inv(gram, overwrite_a=True, check_finite=False, assume_a="pos")
    weights: Dense = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)

    def score(histories: History) -> Dense:
        scores = np.full(histories.shape, -np.inf, dtype=np.float32)
        scores[:, liked] = histories[:, liked] @ weights
        return scores

    return score


BASELINES: dict[str, Callable[[Sequences, int], Scorer]] = {
    "popularity": popularity,
    "cooccurrence": cooccurrence,
    "windowed": windowed,
    "markov": markov,
    "item-knn": item_knn,
    "ease": ease,
}


def same_genres(catalogue: Catalogue) -> Scorer:
    """For films nobody has rated: Jaccard similarity of genres, of equally similar films the most liked."""
    genres = has(catalogue.genres, np.ones(len(catalogue), dtype=np.bool_), least=1).astype(np.float32)
    sizes = np.asarray(genres.sum(axis=1)).ravel()
    likes = catalogue.likes / (1.0 + catalogue.likes.max(initial=0))

    def score(histories: History) -> npt.NDArray[np.float32]:
        first = histories.indices[histories.indptr[:-1]]
        shared = (genres[first] @ genres.T).toarray()
        either = sizes[first][:, None] + sizes - shared
        # similarities differ by more than 1e-3, so that likes decide only between equal ones
        alike = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)
        scores: npt.NDArray[np.float32] = (alike + 1e-3 * likes).astype(np.float32)
        return scores

    return score


def baselines(sequences: Sequences, n_movies: int) -> Iterator[tuple[str, Scorer | str]]:
    """Each baseline with its scorer, one after the other; or with a word why it is left out."""
    lengths = np.diff(sequences.offsets).astype(np.float64)
    pairs = float((lengths**2).sum())
    liked = len(np.unique(sequences.rows))
    for name, build in BASELINES.items():
        if name == "ease" and liked > EASE_MOST:
            yield name, f"skipped: {liked:,} liked movies, more than {EASE_MOST:,}"
        elif name in ("cooccurrence", "item-knn", "ease") and pairs > MOST_PAIRS:
            yield name, f"skipped: {pairs:.1g} pairs of likes, more than {MOST_PAIRS:.1g}"
        else:
            yield name, build(sequences, n_movies)


def _both(sequences: Sequences, n_movies: int) -> tuple[Matrix, npt.NDArray[np.float64]]:
    likes = likes_matrix(sequences, n_movies)
    both = Matrix(likes.T @ likes)
    counts = np.asarray(both.diagonal(), dtype=np.float64)
    return both, counts


def _scaled(matrix: Matrix, left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> Matrix:
    pairs = matrix.tocoo()
    values = (pairs.data * left[pairs.row] * right[pairs.col]).astype(np.float32)
    return Matrix((values, (pairs.row, pairs.col)), shape=matrix.shape)


def _linear(weights: Matrix) -> Scorer:
    return lambda histories: (histories @ weights).toarray()
