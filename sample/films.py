"""The films of the sample: `movies.csv` as arrays, and what everybody knows about them.

Two words are kept apart, as everywhere: `movie_id` is the string in the file, `row` is a position in these arrays.
"""

import csv
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MOVIES_CSV = Path(__file__).with_name("movies.csv")

# The films most people have seen, the best known first.
FAMOUS = (
    *("318", "296", "356", "593", "2571", "260", "858", "480", "1", "589", "527", "1196", "1198", "2959"),
    *("47", "50", "592", "4993", "58559", "110", "364", "1210", "5952", "7153", "1270", "79132", "1721", "588", "1291"),
    *("1193", "1036", "1240", "541", "4306", "6377", "595", "1580", "1221", "1213", "608", "2028", "1265", "2716"),
    *("1097", "1197", "377", "1258", "1387", "1214", "1200", "912", "5618", "4973", "3578", "4226", "2762", "1377"),
)

# Films that belong one after the other, in the order of their release.
SERIES = (
    ("592", "1377", "153", "1562"),  # Batman
    ("33794", "58559", "91529"),  # The Dark Knight
    ("2640", "2641"),  # Superman
    ("3793", "6333", "111362"),  # X-Men
    ("5349", "8636"),  # Spider-Man
    ("88140", "110102"),  # Captain America
    ("89745", "122912"),  # Avengers
    ("122900", "188301"),  # Ant-Man
    ("122904", "187593"),  # Deadpool
    ("858", "1221", "2023"),  # The Godfather
    ("2951", "3681", "1201"),  # the Dollars trilogy
    ("260", "1196", "1210", "2628", "5378", "33493", "122886", "179819"),  # Star Wars
    ("4993", "5952", "7153"),  # The Lord of the Rings
    ("4896", "5816", "8368", "40815"),  # Harry Potter
    ("1198", "2115", "1291"),  # Indiana Jones
    ("1270", "2011", "2012"),  # Back to the Future
    ("480", "1544", "187031"),  # Jurassic Park
    ("1240", "589"),  # Terminator
    ("1214", "1200"),  # Alien
    ("1036", "1370", "165"),  # Die Hard
    ("2000", "2001"),  # Lethal Weapon
    ("2403", "2402"),  # Rambo
    ("1", "3114", "78499"),  # Toy Story
    ("4306", "8360"),  # Shrek
    ("8961", "187541"),  # The Incredibles
    ("593", "4148", "5630"),  # Hannibal Lecter
    ("215", "8638"),  # Before Sunrise
    ("4963", "8984"),  # Ocean's Eleven
    ("4105", "1261"),  # Evil Dead
    ("1517", "2683"),  # Austin Powers
    ("2124", "410"),  # The Addams Family
    ("541", "176371"),  # Blade Runner
)


@dataclass(frozen=True)
class Films:
    """The catalogue, one row per film, in the order of the file (rising numeric id)."""

    movie_ids: tuple[str, ...]
    """MovieLens ids, as text."""
    titles: tuple[str, ...]
    """Titles as in the file, "Batman (1989)"."""
    years: NDArray[np.int64]
    """(n_films,), the year in the title."""
    tastes: tuple[str, ...]
    """Names of the taste groups, sorted; a column of `belongs` each."""
    belongs: NDArray[np.bool_]
    """(n_films, n_tastes), whether the film of the row is in the group of the column."""
    genres: NDArray[np.float64]
    """(n_films, n_genres), the genres of each film as a vector of length 1."""
    sequel: NDArray[np.int64]
    """(n_films,), row of the film that follows in its series, -1 where none does."""

    def __len__(self) -> int:
        """Number of films."""
        return len(self.movie_ids)


def read_films(path: Path = MOVIES_CSV) -> Films:
    """Read the catalogue of the sample.

    Args:
        path: a file with the columns movieId, title, genres and tastes.

    Returns:
        The films in the order of the file.
    """
    with path.open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    movie_ids = tuple(record["movieId"] for record in records)
    titles = tuple(record["title"] for record in records)
    tastes, belongs = _membership([record["tastes"] for record in records])
    _, genres = _membership([record["genres"] for record in records])
    return Films(
        movie_ids=movie_ids,
        titles=titles,
        years=np.array([int(title[-5:-1]) for title in titles], dtype=np.int64),
        tastes=tastes,
        belongs=belongs,
        genres=genres / np.sqrt(genres.sum(axis=1, keepdims=True)),
        sequel=_sequels(movie_ids),
    )


def _membership(fields: list[str]) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """The names in fields like "a|b", sorted, and for each field which of them it holds."""
    groups = [set(text.split("|")) for text in fields]
    names = tuple(sorted(set().union(*groups)))
    return names, np.array([[name in group for name in names] for group in groups], dtype=np.bool_)


def _sequels(movie_ids: tuple[str, ...]) -> NDArray[np.int64]:
    row_of = {movie_id: row for row, movie_id in enumerate(movie_ids)}
    sequel = np.full(len(movie_ids), -1, dtype=np.int64)
    for series in SERIES:
        for movie_id, following in pairwise(series):
            sequel[row_of[movie_id]] = row_of[following]
    return sequel
