"""What a ratings file holds, what was turned away and why, and what training on it will need."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from training.catalogue import read_movies
from training.errors import RejectsError
from training.estimate import Counts, estimate
from training.prepare import utc
from training.ratings import ReadReport, read_ratings
from training.records import Rejects
from training.sequences import build_sequences, liked
from training.settings import PRESETS


def validate(
    ratings_path: Path, movies_path: Path | None, columns: Mapping[str, str] | None, min_rating: float
) -> tuple[dict[str, Any], str, RejectsError | None]:
    """Read the files as training would.

    Returns:
        The facts as JSON, the same as text, and the error that training would stop with for its rejected rows.

    Raises:
        DataError: a file cannot be used, or no likes are left.
    """
    ratings, report = read_ratings(ratings_path, columns)
    refused = None
    try:
        report.check_limit()
    except RejectsError as error:
        refused = error
    films, movie_rejects = read_movies(movies_path) if movies_path else ([], Rejects())
    likes = liked(ratings, min_rating)
    rated = {ratings.movie_ids[code] for code in np.flatnonzero(np.bincount(ratings.movies)).tolist()}
    movies = len(rated | {film.movie_id for film in films})
    # which row a movie has does not matter here
    codes = np.arange(len(likes.movie_ids), dtype=np.int32)
    counts = Counts.of(report.rows, build_sequences(likes, codes), max(movies, len(codes)))
    facts: dict[str, Any] = {
        **report.to_json(),
        "likes": len(likes.users),
        "users": int(np.count_nonzero(np.bincount(ratings.users))),
        "movies": movies,
        "movies_rated": len(rated),
        "movies_without_title": len(rated - {film.movie_id for film in films}) if movies_path else None,
        "first_time": utc(ratings.times.min()),
        "last_time": utc(ratings.times.max()),
        "memory_bytes": estimate(counts, PRESETS["default"], 1).memory_bytes,
        "movies_rejected": movie_rejects.to_json(),
    }
    return facts, describe(report, facts, movie_rejects), refused


def describe(report: ReadReport, facts: Mapping[str, Any], movie_rejects: Rejects) -> str:
    """The facts for a person to read."""
    lines = [
        f"rows       {report.rows:,} read, {report.kept:,} kept, {report.rejects.total():,} rejected, "
        f"{report.duplicates:,} duplicates, {report.returns:,} returns"
    ]
    for rejects, file in ((report.rejects, "ratings"), (movie_rejects, "movies")):
        for reason, first in rejects.by_reason.items():
            lines.append(f"  {file}: {reason}: {first.count:,}, {first.first()}")
    lines += [
        f"likes      {facts['likes']:,}",
        f"users      {facts['users']:,}",
        f"movies     {facts['movies']:,}, of them rated {facts['movies_rated']:,}",
        f"time       {facts['first_time']} to {facts['last_time']}",
        f"memory     about {facts['memory_bytes'] / 1e9:.1f} GB to train",
    ]
    return "\n".join(lines)
