"""Which files can be read, and how their lines are laid out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from training.errors import DataError, SettingsError

REJECT_LIMIT = 0.01


@dataclass(frozen=True)
class Format:
    """How one kind of file is laid out.

    Attributes:
        separator: between the columns of a line; "" for Parquet.
        encoding: of the text.
        header: names of the columns where the file has no header line, else None.
        columns: from our name of a column (user, item, rating, time; movie, title, genres, tag) to the file's.
        optional: our names of the columns that may be missing.
        guests: rows without a user are ordinary (a shop's log) and do not count towards the reject limit.
    """

    separator: str
    columns: Mapping[str, str]
    encoding: str = "utf-8-sig"
    header: tuple[str, ...] | None = None
    optional: frozenset[str] = frozenset()
    guests: bool = False


_MOVIELENS = {"user": "userId", "item": "movieId", "rating": "rating", "time": "timestamp"}
_IN_ORDER = ("userId", "movieId", "rating", "timestamp")
_FILMS = {"movie": "movieId", "title": "title", "genres": "genres"}
_ML100K_GENRES = (
    "unknown|Action|Adventure|Animation|Children's|Comedy|Crime|Documentary|Drama|Fantasy|Film-Noir|Horror|"
    "Musical|Mystery|Romance|Sci-Fi|Thriller|War|Western"
)
ML100K_GENRES = tuple(_ML100K_GENRES.split("|"))
_ML100K_HEADER = ("movieId", "title", "releaseDate", "videoDate", "url", *ML100K_GENRES)

_RATINGS = {
    ".csv": Format(",", _MOVIELENS, optional=frozenset({"rating"})),
    ".parquet": Format("", _MOVIELENS, optional=frozenset({"rating"})),
    ".dat": Format("::", _MOVIELENS, header=_IN_ORDER),
    ".data": Format("\t", _MOVIELENS, header=_IN_ORDER),
}
_MOVIES = {
    ".csv": Format(",", _FILMS, optional=frozenset({"genres"})),
    ".dat": Format("::", _FILMS, encoding="latin-1", header=("movieId", "title", "genres")),
    ".item": Format("|", _FILMS, encoding="latin-1", header=_ML100K_HEADER, optional=frozenset({"genres"})),
}

_TAGS = {
    ".csv": Format(",", {"movie": "movieId", "tag": "tag"}),
    ".dat": Format("::", {"movie": "movieId", "tag": "tag"}, header=("userId", "movieId", "tag", "timestamp")),
}
_LINKS = {".csv": Format(",", {"movie": "movieId", "imdb": "imdbId", "tmdb": "tmdbId"})}


def ratings_format(path: Path, columns: Mapping[str, str] | None = None) -> Format:
    """The format of a ratings file, told by its name, or a CSV or Parquet file with the columns named.

    Raises:
        DataError: no known name.
        SettingsError: columns were named for a file that has no column names.
    """
    plain = _by_name(path, _RATINGS)
    if columns is None:
        return plain
    if plain.header is not None:
        raise SettingsError(f"--columns is for CSV and Parquet files, found {path.name}, whose columns are known")
    return Format(plain.separator, columns, guests=True)


def movies_format(path: Path) -> Format:
    """The format of a movies file, told by its name.

    Raises:
        DataError: no known name.
    """
    return _by_name(path, _MOVIES)


def tags_format(path: Path) -> Format:
    """The format of a tags file, told by its name.

    Raises:
        DataError: no known name.
    """
    return _by_name(path, _TAGS)


def links_format(path: Path) -> Format:
    """The format of a links file, told by its name.

    Raises:
        DataError: no known name.
    """
    return _by_name(path, _LINKS)


def parse_columns(text: str) -> dict[str, str]:
    """Read `user=..,item=..,time=..[,rating=..][,quantity=..]`.

    Raises:
        SettingsError: an unknown or missing key, or one without a name.
    """
    allowed, needed = ("user", "item", "rating", "time", "quantity"), ("user", "item", "time")
    columns: dict[str, str] = {}
    for part in text.split(","):
        key, _, name = (piece.strip() for piece in part.partition("="))
        if key not in allowed or not name or key in columns:
            raise SettingsError(f"--columns: expected {', '.join(allowed)} once each as key=NAME, found {part!r}")
        columns[key] = name
    missing = [key for key in needed if key not in columns]
    if missing:
        raise SettingsError(f"--columns: expected {', '.join(needed)}, missing {', '.join(missing)}")
    return columns


def _by_name(path: Path, formats: Mapping[str, Format]) -> Format:
    name = path.name.lower().removesuffix(".gz")
    for ending, layout in formats.items():
        if name.endswith(ending):
            return layout
    raise DataError(f"{path}: expected a name ending in {', '.join(formats)} (or .gz of these), found {path.name}")
