"""tags.csv -> what viewers call each movie."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from training.errors import DataError
from training.formats import tags_format
from training.records import Rejects, check_file, read_header, rows_of_movies

# a tag that fewer movies have says nothing about others
LEAST_MOVIES = 5

# movie_id -> its tags, the one most often given first
Tags = Mapping[str, tuple[str, ...]]


def read_tags(path: Path) -> tuple[Tags, Rejects]:
    """Read tags.csv or tags.dat (ml-10m): one line for each tag that a viewer gave a movie.

    Returns:
        The tags of each movie, in small letters with single spaces, equally frequent ones by text; and the rows turned
        away: wrong column count, an empty movie id, or an empty tag.

    Raises:
        DataError: the file cannot be used.
    """
    check_file(path)
    layout = tags_format(path)
    names = read_header(path, layout)
    movie, tag = (names.index(layout.columns[key]) for key in ("movie", "tag"))
    given: dict[str, Counter[str]] = {}
    rejects = Rejects()
    for line, movie_id, fields in rows_of_movies(path, layout, names, movie, rejects):
        if text := " ".join(fields[tag].casefold().split()):
            given.setdefault(movie_id, Counter())[text] += 1
        else:
            rejects.add("empty tag", line, layout.separator.join(fields))
    if not given:
        raise DataError(f"{path}: expected tags, found none in {rejects.total()} rows")
    in_order = {movie_id: sorted(counts, key=lambda text: (-counts[text], text)) for movie_id, counts in given.items()}
    return {movie_id: tuple(texts) for movie_id, texts in in_order.items()}, rejects


def shared(tags: Tags) -> Tags:
    """Only the tags that at least LEAST_MOVIES movies have."""
    movies = Counter(text for texts in tags.values() for text in set(texts))
    return {movie_id: tuple(text for text in texts if movies[text] >= LEAST_MOVIES) for movie_id, texts in tags.items()}
