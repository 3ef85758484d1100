"""How good inferred vectors are: films with likes are made cold, and what is inferred is held against what was learned.

A tenth of the films with LEAST_LIKES likes is hidden: all their likes are taken out of training. Then

- overlap@20: how many of a hidden film's 20 nearest learned films are those it has when it is trained with its likes;
  beside it `retrained`, the overlap that two trainings of films never hidden have, which is the most there can be;
- hr@10_cold: asked from the film that a viewer liked before a hidden one, is that one among the ten best hidden films;
- hr@10_all: is it in the service's list of ten, in which it competes with all learned films;
- warm: what inferred films in the lists cost those who ask for learned ones.

The baseline is what one does without a model: films with the same genres (Jaccard similarity), the most liked first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from models.catalogue import Catalogue
from models.model import Model
from models.scores import BoolArray
from training.blend import NAME as BLEND
from training.errors import DataError
from training.evaluation.baselines import same_genres
from training.evaluation.judge import with_likes_of
from training.evaluation.metrics import estimate
from training.evaluation.protocols import leave_last_one
from training.evaluation.ranking import BLOCK, top_lists
from training.evaluation.scorers import History, Scorer, model_scorer
from training.here import Here
from training.progress import Steps
from training.readers import Columns
from training.recipes import train_models
from training.sequences import Sequences, build_sequences, liked
from training.settings import Settings

LEAST_LIKES = 5
HIDDEN_SHARE = 0.1
LIST = 20
MOST_QUESTIONS = 10_000
# passes over the corpus at the most: both trainings alike, so that it costs little beside the others
MOST_EPOCHS = 20
# models looked at, where they are trained; else the first there is
JUDGED = ("item2vec", BLEND)
_SEED = 592


@dataclass(frozen=True, eq=False)
class Questions:
    """int (n_questions,) each: the row asked from, the row that is the answer, and the viewer who liked both."""

    asked: npt.NDArray[np.int64]
    answers: npt.NDArray[np.int64]
    viewers: npt.NDArray[np.int64]


def evaluate_cold(
    ratings: Columns,
    row_of: npt.NDArray[np.int32],
    catalogue: Catalogue,
    settings: Mapping[str, Settings],
    *,
    workers: int,
    steps: Steps,
) -> dict[str, Any]:
    """Hide films, train twice, infer, and compare; arguments as for `training.evaluation.run.evaluate`.

    Raises:
        DataError: too few films are liked often enough.
    """
    min_rating = next(iter(settings.values())).min_rating
    split = leave_last_one(ratings, row_of, min_rating)
    sequences = build_sequences(liked(split.train, min_rating), row_of)
    hidden = choose_hidden(sequences, len(catalogue))
    kept, cold = without(sequences, hidden)
    steps.say(f"cold start: two trainings, with the likes of {int(hidden.sum()):,} films and without")
    real, _ = _train(sequences, catalogue, settings, workers, steps)
    models, used = _train(kept, catalogue, settings, workers, steps)
    with steps.step("cold start: questions"):
        warm = Questions(split.queries.astype(np.int64), split.answers.astype(np.int64), split.viewers)
        seen = with_likes_of(catalogue, np.bincount(kept.rows, minlength=len(catalogue)))
        judged = [name for name in JUDGED if name in models] or [next(iter(models))]
        truth = real[judged[0]]
        rows = [row for name in judged for row in _rows(name, real[name], models[name], seen, hidden, cold)]
        return {
            "hidden": int(hidden.sum()),
            "least_likes": LEAST_LIKES,
            "questions": len(cold.asked),
            "inferred": {name: one["inferred"] for name, one in used.items() if "inferred" in one},
            "rows": [*rows, _baseline(truth, models[judged[0]], seen, hidden, cold)],
            "warm": [{"model": name} | _price(models[name], warm) for name in judged],
        }


def choose_hidden(sequences: Sequences, n_movies: int) -> BoolArray:
    """Bool (n_movies,): a tenth of the films with LEAST_LIKES likes, drawn with a fixed seed.

    Raises:
        DataError: there are fewer than ten such films.
    """
    able = np.flatnonzero(np.bincount(sequences.rows, minlength=n_movies) >= LEAST_LIKES)
    count = int(HIDDEN_SHARE * len(able))
    if not count:
        raise DataError(f"expected at least 10 movies with {LEAST_LIKES} likes, found {len(able)}")
    hidden = np.zeros(n_movies, dtype=np.bool_)
    hidden[np.random.default_rng(_SEED).choice(able, count, replace=False)] = True
    return hidden


def without(sequences: Sequences, hidden: BoolArray) -> tuple[Sequences, Questions]:
    """The sequences without the hidden films, and each like of one as a question from the like kept last before it."""
    viewers = np.repeat(np.arange(len(sequences)), np.diff(sequences.offsets))
    kept = ~hidden[sequences.rows]
    places = np.arange(len(kept))
    before = np.maximum.accumulate(np.where(kept, places, -1))
    asked = np.flatnonzero(~kept & (before >= sequences.offsets[viewers]))
    if len(asked) > MOST_QUESTIONS:
        asked = np.sort(np.random.default_rng(_SEED).choice(asked, MOST_QUESTIONS, replace=False))
    counts = np.bincount(viewers[kept], minlength=len(sequences))
    rest = Sequences(sequences.rows[kept], np.append(0, np.cumsum(counts[counts > 0])).astype(np.int64))
    rows = sequences.rows.astype(np.int64)
    return rest, Questions(rows[before[asked]], rows[asked], viewers[asked])


def hits(
    scorer: Scorer, questions: Questions, n_movies: int, among: BoolArray | None = None
) -> npt.NDArray[np.float64]:
    """float64 (n_questions,), chance of the answer to be among the ten best; equal scores stand in random order.

    Args:
        scorer: gives the scores.
        questions: the questions.
        n_movies: how many movies there are.
        among: bool (n_movies,), which may be answers; None: all but the one asked from.
    """
    found = np.empty(len(questions.asked))
    for first in range(0, len(found), BLOCK):
        asked = questions.asked[first : first + BLOCK]
        ones = np.ones(len(asked), dtype=np.float32)
        scores = np.array(scorer(History((ones, asked, np.arange(len(asked) + 1)), shape=(len(asked), n_movies))))
        scores[np.arange(len(asked)), asked] = -np.inf
        if among is not None:
            scores[:, ~among] = -np.inf
        own = np.take_along_axis(scores, questions.answers[first : first + BLOCK][:, None], axis=1)
        better, equal = (scores > own).sum(axis=1), (scores == own).sum(axis=1)
        chance = np.clip((10 - better) / equal, 0.0, 1.0)
        found[first : first + BLOCK] = np.where(np.isfinite(own[:, 0]), chance, 0.0)
    return found


def _train(
    sequences: Sequences, catalogue: Catalogue, settings: Mapping[str, Settings], workers: int, steps: Steps
) -> tuple[dict[str, Model], dict[str, dict[str, Any]]]:
    seen = with_likes_of(catalogue, np.bincount(sequences.rows, minlength=len(catalogue)))
    scaled = {name: one.scaled(len(sequences.rows), len(catalogue), seen.likes) for name, one in settings.items()}
    capped = {name: replace(one, epochs=min(one.epochs or MOST_EPOCHS, MOST_EPOCHS)) for name, one in scaled.items()}
    return train_models(Here(sequences, len(catalogue)), seen, capped, workers, steps, stored=False)


def _rows(
    name: str, real: Model, model: Model, catalogue: Catalogue, hidden: BoolArray, cold: Questions
) -> list[dict[str, Any]]:
    """What a model inferred, and what two trainings of it have in common."""
    n_movies, both = len(catalogue), model.learned & real.learned
    inside = _only(model_scorer(model, "similar"), both)
    others = np.flatnonzero(both)[:: max(1, int(both.sum() / 1000))]
    truth = _only(model_scorer(real, "similar"), both)
    inferred = _measures(truth, model_scorer(model, "similar"), real, both, catalogue, hidden, cold)
    twice = _overlaps(top_lists(truth, others, n_movies, LIST), top_lists(inside, others, n_movies, LIST))
    return [
        {"name": "inferred", "model": name} | inferred,
        {"name": "retrained", "model": name} | _estimated({"overlap@20": (twice, np.arange(len(twice)))}),
    ]


def _baseline(real: Model, model: Model, catalogue: Catalogue, hidden: BoolArray, cold: Questions) -> dict[str, Any]:
    both = model.learned & real.learned
    truth = _only(model_scorer(real, "similar"), both)
    measured = _measures(truth, same_genres(catalogue), real, both, catalogue, hidden, cold)
    return {"name": "same genres", "model": None} | measured


def _measures(
    truth: Scorer,
    scorer: Scorer,
    real: Model,
    both: BoolArray,
    catalogue: Catalogue,
    hidden: BoolArray,
    cold: Questions,
) -> dict[str, float]:
    """How near a scorer's lists of hidden films come to the true ones, and how many questions it answers."""
    n_movies, films = len(catalogue), np.flatnonzero(hidden & real.learned)
    overlaps = _overlaps(top_lists(truth, films, n_movies, LIST), top_lists(_only(scorer, both), films, n_movies, LIST))
    return _estimated(
        {
            "overlap@20": (overlaps, np.arange(len(overlaps))),
            "hr@10_cold": (hits(scorer, cold, n_movies, hidden), cold.viewers),
            "hr@10_all": (hits(scorer, cold, n_movies), cold.viewers),
        }
    )


def _price(model: Model, questions: Questions) -> dict[str, Any]:
    """HR@10 from learned films to learned ones, with inferred films in the lists and without."""
    both = model.learned[questions.asked] & model.learned[questions.answers]
    if not both.any():
        return {"questions": 0}
    asked = Questions(questions.asked[both], questions.answers[both], questions.viewers[both])
    scorer, n_movies = model_scorer(model, "similar"), len(model.vectors)
    measures = {
        "hr@10": (hits(scorer, asked, n_movies), asked.viewers),
        "hr@10_learned_only": (hits(scorer, asked, n_movies, np.asarray(model.learned)), asked.viewers),
    }
    return {"questions": int(both.sum())} | _estimated(measures)


def _only(scorer: Scorer, among: BoolArray) -> Scorer:
    def score(histories: History) -> npt.NDArray[np.float32]:
        return np.where(among, scorer(histories), np.float32(-np.inf))

    return score


def _overlaps(one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    shared = ((one[:, :, None] == other[:, None, :]) & (one[:, :, None] >= 0)).any(axis=2).sum(axis=1)
    shares: npt.NDArray[np.float64] = shared / np.maximum(1, (one >= 0).sum(axis=1))
    return shares


def _estimated(
    measures: Mapping[str, tuple[npt.NDArray[np.float64], npt.NDArray[np.integer]]],
) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for name, (values, clusters) in measures.items():
        if len(values):
            found = estimate(values, clusters)
            numbers |= {name: round(found.mean, 6), f"{name}_se": round(found.se, 6)}
    return numbers
