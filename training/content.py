"""What movies are about, as vectors: genres, time, words and tags, in few dimensions.

Each column of the metadata counts by how rare it is (inverse document frequency, Sparck Jones 1972), each movie has
length one, and the columns are brought down to their first principal directions (latent semantic indexing, Deerwester
et al. 1990): what cosines are left with is what movies share, without the noise of single words.
"""

import numpy as np

from models.catalogue import Catalogue
from models.scores import BoolArray, DoubleArray, FloatArray, unit_rows
from training.metadata import Features, metadata

MOST_DIMENSIONS = 32
# part of the largest direction below which there is nothing but rounding
_NOTHING = 1e-9


def content(catalogue: Catalogue, learned: BoolArray, most: int = MOST_DIMENSIONS) -> FloatArray | None:
    """float32 (n_movies, at most `most`), at length one; None where metadata tell no two learned movies apart.

    A movie of which nothing is known gets the direction of all. O(n_movies * n_features^2) time at the worst.

    Args:
        catalogue: what is known of each movie.
        learned: bool (n_movies,), the movies whose metadata decide what is rare and which directions there are.
        most: dimensions.
    """
    features = metadata(catalogue, learned)
    known = np.flatnonzero(learned)
    seen = features[known]
    frequency = np.bincount(seen.indices[seen.data != 0], minlength=features.shape[1])
    rare = np.log(max(1, len(known)) / np.maximum(1, frequency)) * (frequency > 0)
    if not rare.any():
        return None
    weighted = _at_length_one(Features(features * rare[None, :]))
    found = weighted @ _directions(weighted[known], most)
    vectors = unit_rows(found.astype(np.float32))
    unknown = ~vectors.any(axis=1)
    vectors[unknown] = unit_rows(vectors[known].mean(axis=0, keepdims=True))
    return vectors


def _at_length_one(features: Features) -> Features:
    lengths = np.sqrt(np.asarray((features * features).sum(axis=1)).ravel())
    return Features(features / np.where(lengths > 0, lengths, 1.0)[:, None])


def _directions(features: Features, most: int) -> DoubleArray:
    """float64 (n_features, at most `most`), the directions in which the movies lie, the strongest first.

    The sign of a direction is arbitrary: its largest part is made positive, so that it is the same every time.
    """
    strengths, directions = np.linalg.eigh((features.T @ features).toarray())
    kept = np.argsort(-strengths)[:most]
    kept = kept[strengths[kept] > _NOTHING * strengths.max()]
    directions = directions[:, kept]
    largest = np.abs(directions).argmax(axis=0)
    signed: DoubleArray = directions * np.where(directions[largest, np.arange(len(kept))] < 0, -1.0, 1.0)
    return signed
