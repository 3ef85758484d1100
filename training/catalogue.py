"""movies.csv -> id, title, year, genres; every movie of it and of the ratings gets a row of the catalogue."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.catalogue import NO_YEAR, Catalogue
from training.errors import DataError
from training.formats import ML100K_GENRES, Format, movies_format
from training.records import Rejects, check_file, read_header, rows_of_movies

_YEAR = re.compile(r"^(?P<title>.+?)\s*\((?P<year>\d{4})(?:\s*[-–]\s*(?:\d{4})?)?\)$")
_NO_GENRES = "(no genres listed)"


@dataclass(frozen=True)
class Film:
    """One line of a movies file; year NO_YEAR where none is told."""

    movie_id: str
    title: str
    year: int
    genres: tuple[str, ...]


def tidy_title(text: str) -> tuple[str, int]:
    """Split a MovieLens title: `"Batman (1989)"` -> `("Batman", 1989)`; without a year, `NO_YEAR`."""
    text = " ".join(text.split())
    found = _YEAR.match(text)
    return (found["title"], int(found["year"])) if found else (text, NO_YEAR)


def read_movies(path: Path) -> tuple[list[Film], Rejects]:
    """Read movies.csv, movies.dat (ml-1m) or u.item (ml-100k).

    Returns:
        The films in the order of the file, and the rows turned away: wrong column count, an empty id, or an id
        that an earlier row has.

    Raises:
        DataError: the file cannot be used.
    """
    check_file(path)
    layout = movies_format(path)
    names = read_header(path, layout)
    films: dict[str, Film] = {}
    rejects = Rejects()
    for line, movie_id, fields in rows_of_movies(path, layout, names, names.index("movieId"), rejects):
        if movie_id in films:
            rejects.add("movie id seen before", line, movie_id)
        else:
            films[movie_id] = _film(movie_id, dict(zip(names, fields, strict=True)), layout)
    if not films:
        raise DataError(f"{path}: no movies in it")
    return list(films.values()), rejects


def build_catalogue(
    films: Iterable[Film],
    liked_ids: list[str],
    likes: npt.NDArray[np.int64],
    tags: Mapping[str, tuple[str, ...]] | None = None,
) -> Catalogue:
    """Catalogue of every film of the movies file and every movie of the ratings.

    Args:
        films: of the movies file; may be empty.
        liked_ids: ids of the movies in the ratings.
        likes: int (len(liked_ids),), viewers who liked each.
        tags: by movie id, where there are any; those of movies in neither file are left out.

    Returns:
        Rows sorted by id as text; a movie without metadata has its id for a title.
    """
    by_id = {film.movie_id: film for film in films}
    counts = dict(zip(liked_ids, likes.tolist(), strict=True))
    ids = sorted(by_id.keys() | counts.keys())
    rows = [by_id.get(movie_id) or Film(movie_id, movie_id, NO_YEAR, ()) for movie_id in ids]
    return Catalogue(
        ids=tuple(ids),
        titles=tuple(film.title or film.movie_id for film in rows),
        years=np.array([film.year for film in rows], dtype=np.int16),
        genres=tuple(film.genres for film in rows),
        likes=np.array([counts.get(movie_id, 0) for movie_id in ids], dtype=np.int32),
        tags=tuple(tags.get(movie_id, ()) for movie_id in ids) if tags else (),
    )


def _film(movie_id: str, row: dict[str, str], layout: Format) -> Film:
    title, year = tidy_title(row["title"])
    if layout.separator == "|":
        genres = [name for name in ML100K_GENRES[1:] if row[name] == "1"]
        released = row["releaseDate"][-4:]
        year = year or (int(released) if released.isdecimal() else NO_YEAR)
    else:
        genres = [part.strip() for part in row.get("genres", "").split("|")]
    known = tuple(dict.fromkeys(genre for genre in genres if genre and genre != _NO_GENRES))
    return Film(movie_id, title, year, known)
