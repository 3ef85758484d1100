"""Movies without a learned vector get one inferred from genres and year, and are labelled as inferred."""

import numpy as np
import numpy.typing as npt

from models.catalogue import NO_YEAR, Catalogue
from models.scores import BoolArray, FloatArray, unit_rows
from training.skipgram import Embedding

RIDGE = 10.0


def complete(embedding: Embedding, catalogue: Catalogue) -> tuple[FloatArray, BoolArray]:
    """A vector for every movie of the catalogue.

    The inferred ones are a ridge regression from metadata to the learned space (Hoerl and Kennard 1970):

        W = (X'X + ridge I)^-1 X'Y,   X: metadata and Y: vectors of learned movies, scaled to length one

    They point in a direction, at length one; a movie without metadata gets the direction of all.

    Returns:
        vectors float32 (n_movies, dim) and learned bool (n_movies,), False where inferred.
    """
    features = metadata(catalogue)
    known = features[embedding.rows]
    weights = np.linalg.solve(
        known.T @ known + RIDGE * np.eye(known.shape[1]),
        known.T @ unit_rows(embedding.vectors).astype(np.float64),
    )
    vectors = unit_rows(features @ weights)
    vectors[embedding.rows] = embedding.vectors
    learned = np.zeros(len(catalogue), dtype=np.bool_)
    learned[embedding.rows] = True
    return vectors, learned


def metadata(catalogue: Catalogue) -> npt.NDArray[np.float64]:
    """float64 (n_movies, n_features): 1 for all, 0/1 for each genre and each decade."""
    position = {name: index for index, name in enumerate(catalogue.genre_names)}
    genres = np.zeros((len(catalogue), len(position)))
    for row, names in enumerate(catalogue.genres):
        genres[row, [position[name] for name in names]] = 1.0
    decades = catalogue.years // 10
    one_decade = [decades == decade for decade in np.unique(decades[catalogue.years != NO_YEAR])]
    return np.column_stack([np.ones(len(catalogue)), genres, *one_decade])
