"""Simulated viewers of real films. No rating made here was ever given by a person.

A viewer is simulated in four steps.

1. Who they are. One to three of the taste groups of `movies.csv`, with Dirichlet weights; a favourite year, since
   people lean to the films of an age; how kindly they rate; the day they join; how many films they get through. That
   last number is log-normal: most histories are short, a few are very long.
2. What they watch. They watch in sessions: one of their tastes is drawn, then a streak of films of that taste.
   Well-known films are drawn more often (weight 1 / (rank + 12)); so are films near the favourite year, films that have
   just come out, and films that share genres and age with the one before. Now and then, and whenever the taste has
   nothing left for them, it is any film. Nobody sees a film twice. Who draws a film of a series mostly goes back to the
   first part not yet seen, and mostly goes on with the next.
3. When. A film can be seen from 1 January of the year after the one in its title, and the simulation ends with 2018.
   It follows that films of 2018 and later have no rating at all: they are the sample's cold films.
4. How they rate it. A film of one of their tastes gets a high rating, any other a low one, plus its nearness to the
   favourite year, the quality of the film, the kindness of the viewer and noise, rounded to half a star.

Every viewer has a random stream of their own, made of the seed and the user id: viewer 7 is the same among 10 viewers
as among 10,000. Step 4 is in this file, the others in `sample.viewers`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sample.films import Films, read_films
from sample.viewers import History, World, draw_viewer, make_world, viewer_rng

SEED = 592
VIEWERS = 2_000

IN_TASTE, OUT_OF_TASTE, NEAR, NOISE = 3.7, 2.3, 0.7, 0.5  # stars


@dataclass(frozen=True)
class Ratings:
    """Ratings by user, then by row, as MovieLens files are ordered. All arrays are int64 (n_ratings,)."""

    users: NDArray[np.int64]
    """User ids, from 1."""
    rows: NDArray[np.int64]
    """Rows of the films."""
    half_stars: NDArray[np.int64]
    """1 to 10, twice the rating."""
    timestamps: NDArray[np.int64]
    """Epoch seconds."""

    def __len__(self) -> int:
        """Number of ratings."""
        return len(self.users)


def simulate(viewers: int = VIEWERS, seed: int = SEED) -> Ratings:
    """Simulate viewers and their ratings. A few seconds and a few MB for 2,000 viewers.

    Args:
        viewers: how many, at least 1; their ids are 1 to `viewers`.
        seed: of everything random, at least 0. The same seed gives the same ratings.

    Returns:
        The ratings. Their order is not that of time: restoring it is for the reader, as with MovieLens.
    """
    world = make_world(seed)
    parts = [_ratings_of(world, user, seed) for user in range(1, viewers + 1)]
    users, rows, half_stars, timestamps = np.concatenate(parts, axis=1)
    return Ratings(users=users, rows=rows, half_stars=half_stars, timestamps=timestamps)


def write_ratings(path: Path, ratings: Ratings, films: Films | None = None) -> None:
    """Write `userId,movieId,rating,timestamp` in the MovieLens manner, UTF-8 with LF line ends.

    Args:
        path: the file, replaced if it exists.
        ratings: what to write, one line each.
        films: the catalogue the rows point into; the built-in one by default.
    """
    movie_ids = (films or read_films()).movie_ids
    columns = (ratings.users, ratings.rows, ratings.half_stars, ratings.timestamps)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("userId,movieId,rating,timestamp\n")
        for user, row, half_stars, time in zip(*(column.tolist() for column in columns), strict=True):
            file.write(f"{user},{movie_ids[row]},{half_stars / 2:.1f},{time}\n")


def _ratings_of(world: World, user: int, seed: int) -> NDArray[np.int64]:
    """All ratings of one viewer: int64 (4, n), its lines being user, row, half stars and time."""
    rng = viewer_rng(seed, user)
    viewer = draw_viewer(rng, len(world.films.tastes))
    history = History(world, viewer, rng)
    history.fill()
    rows = np.array(history.rows, dtype=np.int64)
    in_taste = (world.films.belongs[rows] & (viewer.tastes > 0)).any(axis=1)
    # stars = level of the taste + nearness to the favourite year + quality of the film + kindness of the viewer + noise
    stars = np.where(in_taste, IN_TASTE, OUT_OF_TASTE) + NEAR * viewer.nearness(world.films.years[rows])
    stars += world.quality[rows] + viewer.kindness + rng.normal(0.0, NOISE, len(rows))
    half_stars = np.clip(np.rint(stars * 2), 1, 10).astype(np.int64)
    times = np.array(history.times, dtype=np.int64)
    columns = np.stack([np.full(len(rows), user), rows, half_stars, times])
    return columns[:, np.argsort(rows)]
