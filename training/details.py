"""Ratings and links -> what the course's pages show of a movie; only where it is asked for (`--compat sparrow`)."""

import numpy as np
import numpy.typing as npt

from models.catalogue import Catalogue
from models.details import MOST, Details, Top
from models.viewers import Viewers
from training.links import Links
from training.readers import Columns


def details_of(
    ratings: Columns, row_of: npt.NDArray[np.int32], catalogue: Catalogue, links: Links, viewers: Viewers | None
) -> Details:
    """The number of ratings and their mean, the ids elsewhere and, with viewers, who gave the highest ratings.

    Args:
        ratings: one for each viewer and movie.
        row_of: int32 (n_movie_codes,), catalogue row of each movie code of the ratings.
        catalogue: of the release.
        links: by movie id; may be empty.
        viewers: that the release holds; None: nobody is named.
    """
    rows = row_of[ratings.movies]
    counts = np.bincount(rows, minlength=len(catalogue))
    means = np.zeros(len(catalogue), dtype=np.float64)
    if ratings.ratings is not None:
        np.divide(np.bincount(rows, ratings.ratings, len(catalogue)), counts, out=means, where=counts > 0)
    ids = [links.get(movie_id, ("", "")) for movie_id in catalogue.ids]
    return Details(
        counts.astype(np.int32),
        means.astype(np.float32),
        tuple(imdb for imdb, _ in ids),
        tuple(tmdb for _, tmdb in ids),
        None if viewers is None else _top(ratings, rows, len(catalogue), viewers),
    )


def _top(ratings: Columns, rows: npt.NDArray[np.int32], n_movies: int, viewers: Viewers) -> Top:
    """The highest ratings of each movie; of equal ones the earliest, of one time by the viewer's id."""
    place_of = {viewers.id_at(place): place for place in range(len(viewers))}
    places = np.array([place_of.get(user_id, -1) for user_id in ratings.user_ids], dtype=np.int32)[ratings.users]
    scores = np.ones(len(rows), np.float32) if ratings.ratings is None else ratings.ratings
    order = np.lexsort((places, ratings.times, -scores, rows))
    # who liked nothing at all is not among the viewers
    order = order[places[order] >= 0]
    sorted_rows = rows[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_rows, sorted_rows)
    order, at = order[rank < MOST], (sorted_rows[rank < MOST], rank[rank < MOST])
    top = Top(
        np.full((n_movies, MOST), -1, dtype=np.int32),
        np.zeros((n_movies, MOST), dtype=np.float32),
        np.zeros((n_movies, MOST), dtype=np.float64),
    )
    top.users[at], top.scores[at], top.times[at] = places[order], scores[order], ratings.times[order]
    return top
