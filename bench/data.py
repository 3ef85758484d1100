"""Synthetic ratings in the shape of MovieLens: Zipf popularity, tastes, log-normal histories. All of it seeded.

A viewer has two of the tastes, watches in sessions of one taste each, and strays now and then. What is watched is
drawn by popularity within the taste. Everything is vectorised: 1M ratings in a second.
"""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

BUILD = Path(__file__).parents[1] / "build" / "bench"
SEED = 592
TASTES = 20
STRAY, NEW_SESSION = 0.15, 0.12  # chances, at each rating
MEDIAN_LENGTH, SPREAD, SHORTEST = 110.0, 1.1, 25  # of histories, before a movie watched again is left out
FAME, FALL = 60.0, 1.3  # popularity is 1 / (rank + FAME) ** FALL

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ratings:
    """Ratings in the order of a MovieLens file: by user, then by movie. All int64 (n,)."""

    users: Ints
    movies: Ints
    """Numbers of the movies, with gaps, as MovieLens has them."""
    half_stars: Ints
    """1 to 10, twice the rating."""
    times: Ints
    """Seconds since 1970; some of a viewer's are equal."""

    def liked(self) -> "Ratings":
        """Those of 3.5 stars or more."""
        rows = np.flatnonzero(self.half_stars >= 7)
        return Ratings(self.users[rows], self.movies[rows], self.half_stars[rows], self.times[rows])


@dataclass(frozen=True, eq=False)
class Histories:
    """Who watched what, in the order of time; the same movie may come twice. All (n,).

    Attributes:
        users: int64, ascending.
        rows: int64, movies.
        opens: bool, where a session begins.
        strays: bool, where the movie is of any taste.
    """

    users: Ints
    rows: Ints
    opens: npt.NDArray[np.bool_]
    strays: npt.NDArray[np.bool_]


def movies_for(n_ratings: int) -> int:
    """How many movies a data set of this size has: 59,000 for 25M ratings."""
    return max(2_000, round(59_000 * math.sqrt(n_ratings / 25e6)))


def histories(n: int, n_movies: int, rng: np.random.Generator) -> Histories:
    """Exactly n places in histories; the last viewer's may be cut short."""
    lengths = rng.lognormal(np.log(MEDIAN_LENGTH), SPREAD, n // SHORTEST + 1)
    ends = np.cumsum(np.clip(lengths, SHORTEST, n_movies // 4).astype(np.int64))
    users = np.searchsorted(ends, np.arange(n), side="right")
    opens = rng.random(n) < NEW_SESSION
    opens[0] = True
    opens[1:] |= users[1:] != users[:-1]
    session = np.cumsum(opens) - 1
    tastes = rng.integers(TASTES, size=(users[-1] + 1, 2))
    first = np.flatnonzero(opens)
    taste = tastes[users[first], rng.integers(2, size=len(first))][session]
    strays = rng.random(n) < STRAY
    return Histories(users, _watched(taste, strays, n_movies, rng), opens, strays)


def ratings(n: int, seed: int = SEED) -> Ratings:
    """Exactly n ratings, no movie twice by the same user."""
    n_movies = movies_for(n)
    rng = np.random.default_rng([seed, n])
    drawn = histories(round(n * 2.5) + 1_000, n_movies, rng)
    # of a movie watched twice the first counts; the keys come sorted, which is the order of the file
    keys, places = np.unique(drawn.users * n_movies + drawn.rows, return_index=True)
    if len(keys) < n:
        raise ValueError(f"expected {n} different ratings, found {len(keys)}")
    users, rows, places = keys[:n] // n_movies, keys[:n] % n_movies, places[:n]
    numbers = np.cumsum(rng.integers(1, 7, n_movies))
    return Ratings(users + 1, numbers[rows], _half_stars(drawn, users, places, rng), _times(drawn, rng)[places])


def ratings_csv(n: int, seed: int = SEED, folder: Path = BUILD) -> Path:
    """The same as a file, written once for each version of this generator."""
    source = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    path = folder / f"ratings-{n}-{seed}-{source}.csv"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        write_csv(part, ratings(n, seed))
        part.replace(path)
    return path


def write_csv(path: Path, made: Ratings) -> None:
    """`userId,movieId,rating,timestamp` in the MovieLens manner."""
    import pyarrow as pa
    from pyarrow import csv

    stars = pa.array([f"{half / 2:.1f}" for half in range(11)])
    rating = pa.DictionaryArray.from_arrays(pa.array(made.half_stars, pa.int32()), stars).cast(pa.string())
    columns = {"userId": made.users, "movieId": made.movies, "rating": rating, "timestamp": made.times}
    with path.open("wb") as file:
        file.write(b"userId,movieId,rating,timestamp\n")
        csv.write_csv(pa.table(columns), file, csv.WriteOptions(include_header=False, quoting_style="none"))


def _watched(taste: Ints, strays: npt.NDArray[np.bool_], n_movies: int, rng: np.random.Generator) -> Ints:
    """A movie for each place, by popularity within its taste, or among all for a stray."""
    of_movie = rng.integers(TASTES, size=n_movies)
    order = np.argsort(of_movie, kind="stable")
    popularity = (rng.permutation(n_movies) + FAME) ** -FALL
    # in order of tastes each taste is a stretch of the sums: one uniform number in it is one movie
    sums = np.append(0.0, np.cumsum(popularity[order]))
    bounds = sums[np.searchsorted(of_movie[order], np.arange(TASTES + 1))]
    low = np.where(strays, 0.0, bounds[taste])
    high = np.where(strays, sums[-1], bounds[taste + 1])
    place = np.searchsorted(sums, low + rng.random(len(taste)) * (high - low), side="right") - 1
    watched: Ints = order[np.minimum(place, n_movies - 1)]
    return watched


def _half_stars(drawn: Histories, users: Ints, places: Ints, rng: np.random.Generator) -> Ints:
    kindness = rng.normal(0.0, 0.8, drawn.users[-1] + 1)[users]
    stars = np.where(drawn.strays[places], 6.0, 7.4) + kindness + rng.normal(0.0, 1.5, len(places))
    half_stars: Ints = np.clip(np.rint(stars), 1, 10).astype(np.int64)
    return half_stars


def _times(drawn: Histories, rng: np.random.Generator) -> Ints:
    """Seconds within a session, days between sessions, years between viewers."""
    n = len(drawn.users)
    gaps = np.where(drawn.opens, rng.integers(3_600, 20 * 86_400, n), rng.integers(0, 30, n))
    clock = np.cumsum(gaps)
    first = np.flatnonzero(np.append(True, drawn.users[1:] != drawn.users[:-1]))
    joined = rng.integers(820_454_400, 1_546_300_800, len(first))  # 1996 to 2018
    times: Ints = clock + (joined - clock[first])[drawn.users]
    return times
