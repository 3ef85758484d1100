"""links.csv -> what movies are called at IMDb and TMDb."""

from collections.abc import Mapping
from pathlib import Path

from training.errors import DataError
from training.formats import links_format
from training.records import Rejects, check_file, read_header, rows_of_movies

# movie_id -> its ids there, "" where one is unknown
Links = Mapping[str, tuple[str, str]]


def read_links(path: Path) -> tuple[Links, Rejects]:
    """Read links.csv: movieId, imdbId, tmdbId; leading zeros stay.

    Returns:
        The ids of each movie, and the rows turned away: wrong column count, an empty movie id, or one seen before.

    Raises:
        DataError: the file cannot be used.
    """
    check_file(path)
    layout = links_format(path)
    names = read_header(path, layout)
    movie, imdb, tmdb = (names.index(layout.columns[key]) for key in ("movie", "imdb", "tmdb"))
    found: dict[str, tuple[str, str]] = {}
    rejects = Rejects()
    for line, movie_id, fields in rows_of_movies(path, layout, names, movie, rejects):
        if movie_id in found:
            rejects.add("movie id seen before", line, movie_id)
        else:
            found[movie_id] = fields[imdb].strip(), fields[tmdb].strip()
    if not found:
        raise DataError(f"{path}: expected links, found none in {rejects.total()} rows")
    return found, rejects
