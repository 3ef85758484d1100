"""What is known of a movie without any viewer, as columns of numbers: genres, time, words of the title, tags."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse

from models.catalogue import NO_YEAR, Catalogue
from models.scores import BoolArray

# a word or tag becomes a column where so many learned movies have it; the most frequent ones, so many of each kind
LEAST_MOVIES = 5
MOST_COLUMNS = 300
YEARS_APART = 3
_WORD = re.compile(r"[^\W_]{2,}")

Features = scipy.sparse.csr_array


def metadata(catalogue: Catalogue, learned: BoolArray) -> Features:
    """float64 (n_movies, n_features), sparse: 1 for all, then genres, time, words of the title, and tags.

    Genres, words and tags are 0 or 1. Time is piecewise linear (degree 1 B-splines, a knot every YEARS_APART years): a
    movie of 1990 is two thirds of 1989 and one third of 1992.

    Args:
        catalogue: the movies.
        learned: bool (n_movies,), whose words and tags are looked at: others would have nothing to learn from.
    """
    words = [sorted(set(_WORD.findall(title.casefold()))) for title in catalogue.titles]
    columns = [
        scipy.sparse.csr_array(np.ones((len(catalogue), 1))),
        has(catalogue.genres, learned, least=1),
        _time(catalogue.years.astype(np.int64)),
        has(words, learned, LEAST_MOVIES, MOST_COLUMNS),
        has(catalogue.tags or [()] * len(catalogue), learned, LEAST_MOVIES, MOST_COLUMNS),
    ]
    return Features(scipy.sparse.hstack(columns, format="csr"))


def has(names: Sequence[Collection[str]], learned: BoolArray, least: int, most: int | None = None) -> Features:
    """float64 (n_movies, n_names), 1 where the movie has the name: names of at least `least` learned movies, the
    `most` most frequent ones, equally frequent ones by text.
    """
    counts = Counter(name for row in np.flatnonzero(learned).tolist() for name in names[row])
    kept = sorted((name for name in counts if counts[name] >= least), key=lambda name: (-counts[name], name))[:most]
    position = {name: column for column, name in enumerate(kept)}
    places = [sorted(position[name] for name in movie if name in position) for movie in names]
    indptr = np.append(0, np.cumsum([len(place) for place in places], dtype=np.int64))
    indices = np.fromiter((column for place in places for column in place), dtype=np.int64, count=int(indptr[-1]))
    return Features((np.ones(len(indices)), indices, indptr), shape=(len(names), len(kept)))


def _time(years: npt.NDArray[np.int64]) -> Features:
    """Each known year as its part of the knot before it and of the knot behind it."""
    known = np.flatnonzero(years != NO_YEAR)
    before, past = np.divmod(years[known], YEARS_APART)
    rows = np.concatenate([known, known])
    knots, columns = np.unique(np.concatenate([before, before + 1]), return_inverse=True)
    parts = np.concatenate([YEARS_APART - past, past]) / YEARS_APART
    return Features(scipy.sparse.coo_array((parts, (rows, columns)), shape=(len(years), len(knots))))
