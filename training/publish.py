"""A ratings file -> a release in a folder of releases: the whole offline job."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from models import Registry, files, save
from models.catalogue import Catalogue
from training import LIBRARIES
from training.catalogue import build_catalogue, read_movies
from training.progress import Steps
from training.ratings import ReadReport, read_ratings
from training.recipes import RECIPES, Job
from training.records import Rejects
from training.sequences import Sequences, build_sequences, liked
from training.settings import Settings


@dataclass(frozen=True, eq=False)
class Prepared:
    """What training starts from.

    Attributes:
        catalogue: every movie of the movies file and of the ratings.
        sequences: of likes, one for each viewer.
        report: what became of the rows of the ratings file.
        movie_rejects: rows of the movies file turned away.
        facts: fingerprint and counts, as the manifest holds them.
    """

    catalogue: Catalogue
    sequences: Sequences
    report: ReadReport
    movie_rejects: Rejects
    facts: dict[str, Any]

    def summary(self) -> str:
        """One line for each kind of row that does not count, and one for what is left."""
        lines = [
            f"{name}: {rejected.count:,} rows left out: {reason} (first at line {rejected.line}: {rejected.value!r})"
            for name, rejects in (("ratings", self.report.rejects), ("movies", self.movie_rejects))
            for reason, rejected in rejects.by_reason.items()
        ]
        for name, count in (("duplicates", self.report.duplicates), ("returns", self.report.returns)):
            if count:
                lines.append(f"ratings: {count:,} rows left out: {name}")
        facts = self.facts
        lines.append(f"{facts['likes']:,} likes of {facts['users']:,} viewers, {facts['movies']:,} movies")
        return "\n".join(lines)


def prepare(
    ratings_path: Path,
    movies_path: Path | None,
    columns: Mapping[str, str] | None,
    min_rating: float,
    *,
    allow_rejects: bool = False,
    label: str | None = None,
) -> Prepared:
    """Read the files and build catalogue and sequences.

    Raises:
        DataError: a file cannot be used, too many rows are rejected, or no likes are left.
    """
    ratings, report = read_ratings(ratings_path, columns)
    if not allow_rejects:
        report.check_limit()
    films, movie_rejects = read_movies(movies_path) if movies_path else ([], Rejects())
    likes = liked(ratings, min_rating)
    counts = np.bincount(likes.movies, minlength=len(likes.movie_ids))
    catalogue = build_catalogue(films, likes.movie_ids, counts)
    row_of = np.array([catalogue.row_of[movie_id] for movie_id in likes.movie_ids], dtype=np.int32)
    sequences = build_sequences(likes, row_of)
    facts = {
        "label": label,
        "ratings_file": {"name": ratings_path.name, "sha256": files.sha256(ratings_path)},
        "movies_file": {"name": movies_path.name, "sha256": files.sha256(movies_path)} if movies_path else None,
        "columns": dict(columns) if columns else None,
        "min_rating": None if ratings.ratings is None else min_rating,
        "likes": len(likes.users),
        "users": len(sequences),
        "movies": len(catalogue),
        "movies_liked": int((catalogue.likes > 0).sum()),
        "first_time": utc(ratings.times.min()),
        "last_time": utc(ratings.times.max()),
        "rows": report.to_json(),
        "movies_rejected": movie_rejects.to_json(),
    }
    return Prepared(catalogue, sequences, report, movie_rejects, facts)


def train(prepared: Prepared, settings: Mapping[str, Settings], workers: int, registry: Registry, steps: Steps) -> str:
    """Train each model of `settings` and add the release; it is whole or not there. Returns its id."""
    scaled, models = {}, {}
    for name, chosen in settings.items():
        scaled[name] = chosen.scaled(len(prepared.sequences.rows), len(prepared.catalogue))
        job = Job(name, prepared.sequences, prepared.catalogue, scaled[name], workers, steps)
        models[name] = RECIPES[name](job)
    with steps.step("release"):
        return registry.add(
            lambda folder: save(
                folder,
                prepared.catalogue,
                models,
                created_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
                default_model=next(iter(models)),
                settings={name: one.to_json() for name, one in scaled.items()},
                data=prepared.facts,
                libraries={"python": platform.python_version()}
                | {name: version(name) for name in (*LIBRARIES, "numpy")},
            )
        )


def utc(seconds: float) -> str | float:
    """ISO 8601 for times a calendar has, the number itself for others (milliseconds, counters)."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return float(seconds)
