"""links.csv -> what movies are called at IMDb and TMDb."""

from collections.abc import Mapping
from pathlib import Path

from training.errors import DataError
from training.formats import links_format
from training.records import Rejects, check_file, read_header, records

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
    rows = 0
    for line, fields in records(path, layout):
        rows += 1
        if len(fields) != len(names):
            rejects.add(f"wrong column count (expected {len(names)})", line, layout.separator.join(fields))
        elif not (movie_id := fields[movie].strip()):
            rejects.add("empty movie id", line, layout.separator.join(fields))
        elif movie_id in found:
            rejects.add("movie id seen before", line, movie_id)
        else:
            found[movie_id] = fields[imdb].strip(), fields[tmdb].strip()
    if not found:
        raise DataError(f"{path}: expected links, found none in {rows} rows")
    return found, rejects
