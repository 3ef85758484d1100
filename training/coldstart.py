"""Movies without a learned vector get one inferred from what is known of them, and are labelled as inferred.

A ridge regression leads from metadata to the learned space (Hoerl and Kennard 1970; the idea of a content map for new
items: Gantner et al. 2010):

    W = (X'DX + ridge I)^-1 X'DY

X: metadata, Y: vectors at length one, D: how far each is to be trusted, all of learned movies. The ridge is the one
whose vectors come nearest to those of movies that it was not fitted on.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.linalg

from models.catalogue import Catalogue
from models.model import Model
from models.scores import BoolArray, DoubleArray, FloatArray, unit_rows
from training.metadata import Features, metadata
from training.places import placed
from training.skipgram import Embedding

RIDGES = (3.0, 10.0, 30.0, 100.0)
USUAL_RIDGE = 10.0
FOLDS = 4
# likes at which a learned vector counts half
TRUST = 10.0
_SEED = 592


@dataclass(frozen=True)
class Fit:
    """How vectors were inferred.

    Attributes:
        inferred: movies with an inferred vector.
        ridge: weight of the penalty, chosen on held-out movies.
        cosine: mean cosine of inferred and learned vectors of held-out movies, by trust; None: too few to hold out.
    """

    inferred: int
    ridge: float
    cosine: float | None

    def to_json(self) -> dict[str, float | None]:
        """All of it, by name."""
        return asdict(self)


def learned_only(embedding: Embedding, catalogue: Catalogue, min_likes: int = 1) -> Model:
    """What was learned, in its places in the catalogue; the rest is empty, and neighbours are not made.

    A movie with fewer than `min_likes` likes has its vector, but does not count as learned: one or two likes say
    little, and such movies lie near all that their few viewers saw (docs/decisions/0013-blend-and-presets.md).
    """
    n_movies = len(catalogue)
    vectors = np.zeros((n_movies, embedding.vectors.shape[1]), dtype=np.float32)
    learned = np.zeros(n_movies, dtype=np.bool_)
    vectors[embedding.rows], learned[embedding.rows] = embedding.vectors, True
    learned &= catalogue.likes >= min_likes
    output = None
    if embedding.output is not None:
        output = np.zeros_like(vectors)
        output[embedding.rows] = embedding.output
        output[~learned] = 0.0
    none = np.empty((n_movies, 0), dtype=np.int32)
    return Model(vectors, learned, none, none.astype(np.float32), output)


def with_inferred(model: Model, catalogue: Catalogue) -> tuple[Model, Fit]:
    """The model with all its vectors, and with its place for inferred movies; neighbours are made afterwards."""
    vectors, listed, fit = infer(model.vectors, model.learned, catalogue)
    return placed(replace(model, vectors=vectors), listed, catalogue.likes), fit


def infer(vectors: FloatArray, learned: BoolArray, catalogue: Catalogue) -> tuple[FloatArray, BoolArray, Fit]:
    """A vector for every movie that has not learned one, at length one; the learned ones stay as they are.

    A movie without metadata gets the direction of all. One with few likes keeps its own vector v by so much as these
    are to be trusted: D v + (1 - D) W'x. O(n_features^3) time, under a second for 10,000 movies.

    Args:
        vectors: float32 (n_movies, dim), learned where `learned`; else that of few likes, or zeros.
        learned: bool (n_movies,).
        catalogue: what is known of each movie, and how many liked it.

    Returns:
        vectors float32 (n_movies, dim); bool (n_movies,), True where inferred from something; how.
    """
    features = metadata(catalogue, learned)
    known = np.flatnonzero(learned)
    # D = likes / (likes + TRUST); one more, so that nobody's count is nothing
    likes = catalogue.likes[known] + 1.0
    sums = Sums(features[known], unit_rows(vectors[known]).astype(np.float64), likes / (likes + TRUST))
    ridge, cosine = sums.best_ridge()
    few = catalogue.likes / (catalogue.likes + TRUST)
    own = few[:, None] * unit_rows(vectors)
    completed = unit_rows(own + (1.0 - few[:, None]) * unit_rows(features @ sums.weights(ridge)))
    completed[known] = vectors[known]
    said = ~learned & ((np.diff(features.indptr) > 1) | vectors.any(axis=1))
    return completed, said, Fit(int(len(learned) - len(known)), ridge, cosine)


class Sums:
    """X'DX and X'DY of learned movies, whole and for each fold: all that a ridge regression needs."""

    def __init__(self, features: Features, units: DoubleArray, trust: DoubleArray) -> None:
        """Sum up: features (n, p), unit vectors (n, dim), trust (n,), 0..1."""
        self.features, self.units, self.trust = features, units, trust
        folds = np.random.default_rng(_SEED).permutation(len(units)) % FOLDS
        self.parts = [np.flatnonzero(folds == fold) for fold in range(FOLDS)]
        both = [self._sum(part) for part in self.parts]
        self.grams, self.products = [gram for gram, _ in both], [product for _, product in both]

    def weights(self, ridge: float, without: int | None = None) -> DoubleArray:
        """W (p, dim), fitted on all movies, or on all but those of one fold."""
        used = [fold for fold in range(FOLDS) if fold != without]
        gram = np.sum([self.grams[fold] for fold in used], axis=0)
        gram[np.diag_indices_from(gram)] += ridge
        product = np.sum([self.products[fold] for fold in used], axis=0)
        solved: DoubleArray = scipy.linalg.solve(gram, product, assume_a="pos")
        return solved

    def best_ridge(self) -> tuple[float, float | None]:
        """The ridge with the highest mean cosine on movies it was not fitted on, and that cosine."""
        if len(self.units) < 2 * FOLDS:
            return USUAL_RIDGE, None
        scores = {ridge: sum(self._held_out(ridge)) / float(self.trust.sum()) for ridge in RIDGES}
        best = max(scores, key=lambda ridge: scores[ridge])
        return best, round(scores[best], 6)

    def _held_out(self, ridge: float) -> Iterator[float]:
        for fold, part in enumerate(self.parts):
            inferred = unit_rows(self.features[part] @ self.weights(ridge, without=fold))
            yield float(self.trust[part] @ np.einsum("ij,ij->i", inferred, self.units[part]))

    def _sum(self, part: npt.NDArray[np.intp]) -> tuple[DoubleArray, DoubleArray]:
        features = self.features[part]
        weighted = features.T.multiply(self.trust[part]).tocsr()
        return (weighted @ features).toarray(), weighted @ self.units[part]
