"""A ratings file -> a release in a folder of releases: the whole offline job."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from models import BLEND, Model, Registry, Release, files, save
from models.catalogue import Catalogue
from training import LIBRARIES
from training.align import residuals, say
from training.catalogue import build_catalogue, read_movies
from training.engine import Engine
from training.errors import DataError
from training.evaluation.run import Evaluation, best_model, evaluate
from training.here import Here
from training.live import Live, beside
from training.progress import Steps
from training.ratings import ReadReport, read_ratings
from training.recipes import train_models
from training.records import Rejects
from training.sequences import build_sequences, liked
from training.settings import Settings
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
            f"{name}: {rejected.count:,} rows left out: {reason} (first at line {rejected.line}: {rejected.value!r})"
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
    films, movie_rejects = read_movies(movies_path) if movies_path else ([], Rejects())
    tags, tag_rejects = read_tags(tags_path) if tags_path else ({}, Rejects())
    likes = liked(ratings, min_rating)
    counts = np.bincount(likes.movies, minlength=len(likes.movie_ids))
    catalogue = build_catalogue(films, likes.movie_ids, counts, shared(tags))
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
    if tags_path is not None:
        facts["tags_file"] = {"name": tags_path.name, "sha256": files.sha256(tags_path)}
        facts["tags_rejected"] = tag_rejects.to_json()
    # in the order of the sequences
    user_ids = tuple(likes.user_ids[code] for code in np.flatnonzero(np.bincount(likes.users)).tolist())
    engine = Here(sequences, len(catalogue), ratings, row_of, user_ids)
    return Prepared(catalogue, engine, report, movie_rejects, facts, tag_rejects)


def train(
    prepared: Prepared[Any],
    settings: Mapping[str, Settings],
    workers: int,
    registry: Registry,
    steps: Steps,
    *,
    measure: bool = True,
    axes: Release | None = None,
    start: Release | None = None,
    users: bool = False,
) -> str:
    """Measure and train each model of `settings` and add the release; it is whole or not there. Returns its id.

    Args:
        prepared: the data.
        settings: of each recipe.
        workers: threads of training.
        registry: where the release goes.
        steps: told of each step.
        measure: train on all but held-out likes first, so that the release says how good it is and which of its
            models is the default.
        axes: the release whose axes the new one is turned onto; None: its axes are as they come.
        start: the release whose vectors training starts from. It has seen what would be held out, so that nothing
            is measured; None: training starts from nothing.
        users: also keep who liked what. Personal data: never unless asked for.
    """
    catalogue = prepared.catalogue
    measure = measure and start is None
    held_out = _measured(prepared, settings, workers, steps) if measure else None
    models, used = train_models(
        prepared.engine,
        catalogue,
        settings,
        workers,
        steps,
        axes=beside(axes, catalogue),
        start=beside(start, catalogue),
    )
    facts = prepared.facts | _axes(models, beside(axes, catalogue), steps)
    last = BLEND if BLEND in models else next(iter(models))
    if start is not None:
        facts["continued_from"] = start.id
        last = start.manifest.default_model if start.manifest.default_model in models else last
    with steps.step("evidence"):
        counted = prepared.engine.evidence()
    viewers = prepared.engine.viewers() if users else None
    with steps.step("release"):
        return registry.add(
            lambda folder: save(
                folder,
                catalogue,
                models,
                created_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
                default_model=best_model(held_out) if held_out else last,
                settings=used,
                data=facts,
                metrics=held_out.to_json() if held_out else None,
                libraries={"python": platform.python_version()}
                | {name: version(name) for name in (*LIBRARIES, "numpy")},
                evidence=counted,
                viewers=viewers,
            )
        )


def _axes(models: Mapping[str, Model], axes: Live | None, steps: Steps) -> dict[str, Any]:
    """What the manifest says of them."""
    aligned = None if axes is None else residuals(models, axes)
    if aligned is None:
        return {}
    steps.say(say(aligned))
    return {"aligned": aligned}


def _measured(
    prepared: Prepared[Any], settings: Mapping[str, Settings], workers: int, steps: Steps
) -> Evaluation | None:
    """The held-out table; None, with a word, where the data are too few to hold anything out."""
    try:
        return evaluate(prepared.engine, prepared.catalogue, settings, workers=workers, steps=steps)
    except DataError as error:
        steps.say(f"not measured: {error}")
        return None


def utc(seconds: float) -> str | float:
    """ISO 8601 for times a calendar has, the number itself for others (milliseconds, counters)."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return float(seconds)
