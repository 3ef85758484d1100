"""How long training will take and how much memory, from counts; measured by runs (docs/data.md says how well it fits).

Time is that of two cores of a server of 2026, in CPU seconds by stage. Skip-gram makes by far the most of it:

    updates = tokens x epochs x (window + 1) x (log2 movies where hs, + negative + 1)

each of which takes the longer the longer vectors are, and the less of them the processor's cache holds. Memory is the
largest of what stands beside each other at a time: the data with what evaluation, the blend or the evidence count.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from training.cooccurrence import MOST_PAIRS, likes_matrix
from training.evaluation.baselines import EASE_MOST
from training.evaluation.baselines import MOST_PAIRS as MOST_BASELINE_PAIRS
from training.evaluation.judge import MOST_QUESTIONS
from training.sequences import Sequences
from training.settings import Settings

# imports, and compiled loops read from their cache
START_SECONDS, START_BYTES = 4.0, 300e6
# of a row of the ratings: to read it, and while histories are made of it; and of a like, from then on
ROW_SECONDS, ROW_BYTES = 0.5e-6, 40.0
LIKE_BYTES = 12.0
# of one update: always, for each number of a vector, for each doubling of the movies beyond FEW
UPDATE_SECONDS, NUMBER_SECONDS, DOUBLING_SECONDS, FEW = 30e-9, 0.55e-9, 13e-9, 2_000
# one step of a walk, first order and second
STEP_SECONDS = 0.3e-6
# of a movie's list of neighbours: always, and for each other movie with each number of its vector
LIST_SECONDS, OTHER_SECONDS, PRODUCT_SECONDS = 70e-6, 0.5e-9, 0.02e-9
# of two likes of one viewer, to count; of two movies that anybody liked both of, while the counts of all are held
PAIR_SECONDS, COUNT_BYTES, BLOCK_BYTES = 20e-9, 20.0, 160e6
# of a pair of movies liked near each other, for the blend
NEAR, NEAR_BYTES = 10, 50.0
# of evaluation: a pair of movies in its baselines, and two movies in the largest of them, which inverts a matrix
BASELINE_BYTES, EASE_BYTES, EASE_SECONDS = 28.0, 20.0, 4e-11
# a like of a question times a partner of it, in five lists of baselines; the same where all are partners; a score
PARTNER_SECONDS, DENSE_SECONDS, SCORE_SECONDS, PASSES = 60e-9, 3.5e-9, 3e-9, 4
STORED = 100
# movies whose partners are counted to know how many pairs of movies there are
_SAMPLE = 256


@dataclass(frozen=True)
class Counts:
    """What time and memory depend on.

    Attributes:
        rows: of the ratings file.
        likes: of all viewers.
        movies: of the catalogue.
        viewers: with likes.
        liked: movies that anybody liked.
        pairs: of two likes of one viewer, summed over viewers: the squares of their likes.
        partners: movies that anybody liked together with a movie, summed over movies.
    """

    rows: int
    likes: int
    movies: int
    viewers: int
    liked: int
    pairs: float
    partners: float

    @classmethod
    def of(cls, rows: int, sequences: Sequences, n_movies: int) -> "Counts":
        """From who liked what; partners are counted of some movies, drawn by a seed."""
        likes = likes_matrix(sequences, n_movies)
        liked = np.flatnonzero(np.bincount(sequences.rows, minlength=n_movies))
        some = np.random.default_rng(0).permutation(liked)[:_SAMPLE]
        partners = (likes[:, np.sort(some)].T.tocsr() @ likes).nnz * len(liked) / max(1, len(some))
        squares = float((np.diff(sequences.offsets).astype(np.float64) ** 2).sum())
        return cls(rows, len(sequences.rows), n_movies, len(sequences), len(liked), squares, partners)


@dataclass(frozen=True)
class Estimate:
    """What training will take.

    Attributes:
        steps: seconds on the clock, by stage.
        memory_bytes: at the peak.
        temporary_bytes: of the largest corpus on disk, while it is learned from.
        release_bytes: of the release.
    """

    steps: dict[str, float]
    memory_bytes: int
    temporary_bytes: int
    release_bytes: int

    @property
    def seconds(self) -> float:
        """All stages together."""
        return sum(self.steps.values())


def estimate(
    counts: Counts, settings: Mapping[str, Settings], cores: int, *, measure: bool = True, users: bool = False
) -> Estimate:
    """What `train` takes for data of this size.

    Args:
        counts: of the data.
        settings: of each recipe.
        cores: that training may use.
        measure: it also learns from all but held-out likes first.
        users: who liked what is kept.
    """
    scaled = {name: one.scaled(counts.likes, counts.movies) for name, one in settings.items()}
    blended = len(scaled) == 3 and all(one.negative for one in scaled.values())
    times = 2 if measure else 1
    steps = {"start and reading": START_SECONDS + counts.rows * ROW_SECONDS}
    for name, one in scaled.items():
        steps[name] = times * (_walking(name, one) + _learning(name, one, counts, cores))
    if measure:
        steps["evaluation"] = _judging(counts, len(scaled) + blended)
    steps["neighbours"] = sum(_searching(one, counts) for one in _models(scaled, blended))
    steps["evidence"] = counts.pairs * PAIR_SECONDS
    return Estimate(
        steps,
        int(_memory(counts, scaled, blended, measure)),
        int(max(_tokens(name, one, counts) for name, one in scaled.items()) * (len(str(counts.movies)) + 1)),
        int(_stored(counts, scaled, blended) + (4 * counts.likes + 24 * counts.viewers) * users),
    )


def _tokens(name: str, settings: Settings, counts: Counts) -> int:
    """Movies in the corpus that a recipe learns from."""
    return counts.likes if name == "item2vec" else (settings.walks or 0) * settings.walk_length


def _walking(name: str, settings: Settings) -> float:
    return 0.0 if name == "item2vec" else (settings.walks or 0) * settings.walk_length * STEP_SECONDS


def _learning(name: str, settings: Settings, counts: Counts, cores: int) -> float:
    doublings = max(0.0, math.log2(max(counts.liked, 1) / FEW))
    one = UPDATE_SECONDS + settings.vector_size * NUMBER_SECONDS + doublings * DOUBLING_SECONDS
    each = math.log2(max(counts.liked, 2)) * settings.hs + (settings.negative + 1 if settings.negative else 0)
    tokens = _tokens(name, settings, counts) * (settings.epochs or 0)
    return tokens * (settings.window + 1) * each * one / cores


def _searching(settings: Settings, counts: Counts) -> float:
    lists = counts.movies * (2 if settings.negative else 1)
    return lists * (LIST_SECONDS + counts.liked * (OTHER_SECONDS + settings.vector_size * PRODUCT_SECONDS))


def _judging(counts: Counts, models: int) -> float:
    asked = min(counts.viewers, MOST_QUESTIONS)
    seconds = asked * counts.movies * SCORE_SECONDS * PASSES * (models + 5)
    likes = asked * counts.likes / max(1, counts.viewers)
    if counts.pairs <= MOST_BASELINE_PAIRS:
        seconds += 3 * counts.pairs * PAIR_SECONDS + likes * counts.partners / max(1, counts.liked) * PARTNER_SECONDS
    if counts.liked <= EASE_MOST:
        seconds += likes * counts.liked * DENSE_SECONDS + float(counts.liked) ** 3 * EASE_SECONDS
    return seconds


def _memory(counts: Counts, settings: Mapping[str, Settings], blended: bool, measure: bool) -> float:
    data = counts.rows * ROW_BYTES / 2 + counts.likes * LIKE_BYTES
    models = sum(_model_bytes(one, counts) for one in _models(settings, blended))
    near = min(counts.likes * NEAR, counts.partners) * NEAR_BYTES
    at_once = [
        counts.rows * ROW_BYTES / 2,
        models + min(counts.partners / 2, MOST_PAIRS) * COUNT_BYTES + min(counts.partners * 40.0, BLOCK_BYTES),
        models + near * blended,
    ]
    if measure:
        paired = counts.partners * BASELINE_BYTES if counts.pairs <= MOST_BASELINE_PAIRS else 0.0
        ease = float(counts.liked) ** 2 * EASE_BYTES if counts.liked <= EASE_MOST else 0.0
        at_once += [near, paired, ease]
    return START_BYTES + data + max(at_once)


def _models(settings: Mapping[str, Settings], blended: bool) -> list[Settings]:
    """Those that are stored; the blend is as long as the others together, and what movies are about."""
    parts = list(settings.values())
    together = min(4_096, sum(part.vector_size for part in parts) + 32)
    return [*parts, replace(parts[0], vector_size=together)] if blended else parts


def _model_bytes(settings: Settings, counts: Counts) -> float:
    both = 2 if settings.negative else 1
    return counts.movies * (4.0 * settings.vector_size * both + 8.0 * min(STORED, counts.movies) * both + 9)


def _stored(counts: Counts, settings: Mapping[str, Settings], blended: bool) -> float:
    together = min(counts.partners / 2, MOST_PAIRS) * 8
    models = sum(_model_bytes(one, counts) for one in _models(settings, blended))
    return models + together + 8.0 * counts.likes + 100.0 * counts.movies


def to_json(found: Estimate) -> dict[str, Any]:
    """As `train --dry-run --json` tells it."""
    return {
        "seconds": round(found.seconds, 1),
        "memory_bytes": found.memory_bytes,
        "temporary_bytes": found.temporary_bytes,
        "release_bytes": found.release_bytes,
        "steps": [{"name": name, "seconds": round(seconds, 1)} for name, seconds in found.steps.items()],
    }
