"""Files -> what training starts from: the catalogue, the likes, and what became of every row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from models import files
from models.catalogue import Catalogue
from training.catalogue import Film, build_catalogue, read_movies
from training.engine import Engine
from training.here import Here
from training.ratings import ReadReport, read_ratings
from training.records import Rejects
from training.sequences import build_sequences, liked
from training.tags import read_tags, shared

E = TypeVar("E", bound=Engine)


@dataclass(frozen=True, eq=False)
class Prepared(Generic[E]):
    """What training starts from.

    Attributes:
        catalogue: every movie of the movies file and of the ratings.
        engine: the likes, and who does the long steps over them.
        report: what became of the rows of the ratings file.
        movie_rejects: rows of the movies file turned away.
        facts: fingerprint and counts, as the manifest holds them.
        tag_rejects: rows of the tags file turned away.
    """

    catalogue: Catalogue
    engine: E
    report: ReadReport
    movie_rejects: Rejects
    facts: dict[str, Any]
    tag_rejects: Rejects = field(default_factory=Rejects)

    def summary(self) -> str:
        """One line for each kind of row that does not count, and one for what is left."""
        lines = [
            f"{name}: {rejected.count:,} rows left out: {reason} ({rejected.first()})"
            for name, rejects in (
                ("ratings", self.report.rejects),
                ("movies", self.movie_rejects),
                ("tags", self.tag_rejects),
            )
            for reason, rejected in rejects.by_reason.items()
        ]
        for name, count in (("duplicates", self.report.duplicates), ("returns", self.report.returns)):
            if count:
                lines.append(f"ratings: {count:,} rows left out: {name}")
        facts = self.facts
        lines.append(f"{facts['likes']:,} likes of {facts['users']:,} viewers, {facts['movies']:,} movies")
        return "\n".join(lines)


@dataclass(frozen=True)
class About:
    """What is known of movies, apart from ratings.

    Attributes:
        films: of the movies file.
        movie_rejects: its rows turned away.
        tags: what viewers call movies, by movie id.
        tag_rejects: rows of the tags file turned away.
        facts: of both files, as the manifest holds them.
    """

    films: list[Film]
    movie_rejects: Rejects
    tags: Mapping[str, tuple[str, ...]]
    tag_rejects: Rejects
    facts: dict[str, Any]

    @classmethod
    def read(cls, movies_path: Path | None, tags_path: Path | None) -> "About":
        """Read the files that there are.

        Raises:
            DataError: one cannot be used.
        """
        films, movie_rejects = read_movies(movies_path) if movies_path else ([], Rejects())
        tags, tag_rejects = read_tags(tags_path) if tags_path else ({}, Rejects())
        facts: dict[str, Any] = {"movies_file": fingerprint(movies_path) if movies_path else None}
        facts["movies_rejected"] = movie_rejects.to_json()
        if tags_path is not None:
            facts |= {"tags_file": fingerprint(tags_path), "tags_rejected": tag_rejects.to_json()}
        return cls(films, movie_rejects, shared(tags), tag_rejects, facts)

    def catalogue(self, ids: list[str], likes: npt.NDArray[np.int64]) -> Catalogue:
        """With the movies of the ratings and int64 (len(ids),) likes of each."""
        return build_catalogue(self.films, ids, likes, self.tags)


def prepare(
    ratings_path: Path,
    movies_path: Path | None,
    columns: Mapping[str, str] | None,
    min_rating: float,
    *,
    allow_rejects: bool = False,
    label: str | None = None,
    tags_path: Path | None = None,
) -> Prepared[Here]:
    """Read the files and build catalogue and sequences.

    Raises:
        DataError: a file cannot be used, too many rows are rejected, or no likes are left.
    """
    ratings, report = read_ratings(ratings_path, columns)
    if not allow_rejects:
        report.check_limit()
    about = About.read(movies_path, tags_path)
    likes = liked(ratings, min_rating)
    catalogue = about.catalogue(likes.movie_ids, np.bincount(likes.movies, minlength=len(likes.movie_ids)))
    row_of = np.array([catalogue.row_of[movie_id] for movie_id in likes.movie_ids], dtype=np.int32)
    sequences = build_sequences(likes, row_of)
    # in the order of the sequences
    user_ids = tuple(likes.user_ids[code] for code in np.flatnonzero(np.bincount(likes.users)).tolist())
    facts = {
        "label": label,
        "ratings_file": fingerprint(ratings_path),
        "columns": dict(columns) if columns else None,
        "min_rating": None if ratings.ratings is None else min_rating,
        "likes": len(likes.users),
        "users": len(sequences),
        "movies": len(catalogue),
        "movies_liked": int((catalogue.likes > 0).sum()),
        "first_time": utc(ratings.times.min()),
        "last_time": utc(ratings.times.max()),
        "rows": report.to_json(),
    }
    engine = Here(sequences, len(catalogue), ratings, row_of, user_ids)
    return Prepared(catalogue, engine, report, about.movie_rejects, facts | about.facts, about.tag_rejects)


def fingerprint(path: Path) -> dict[str, str]:
    """Name and hash of a file, as the manifest holds them."""
    return {"name": path.name, "sha256": files.sha256(path)}


def utc(seconds: float) -> str | float:
    """ISO 8601 for times a calendar has, the number itself for others (milliseconds, counters)."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return float(seconds)
