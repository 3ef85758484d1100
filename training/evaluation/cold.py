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
from training.coldstart import Fit, learned_only, with_inferred
from training.errors import DataError
from training.evaluation.judge import with_likes_of
from training.evaluation.metrics import estimate
from training.evaluation.protocols import leave_last_one
from training.evaluation.ranking import BLOCK, top_lists
from training.evaluation.scorers import History, Scorer, model_scorer
from training.metadata import has
from training.progress import Steps
from training.readers import Columns
from training.sequences import Sequences, build_sequences, liked
from training.settings import Settings
from training.skipgram import train_skipgram

LEAST_LIKES = 5
HIDDEN_SHARE = 0.1
LIST = 20
MOST_QUESTIONS = 10_000
# passes over the corpus at the most: both trainings alike, so that it costs little beside the others
MOST_EPOCHS = 20
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
    chosen = settings.get("item2vec") or next(iter(settings.values()))
    split = leave_last_one(ratings, row_of, chosen.min_rating)
    sequences = build_sequences(liked(split.train, chosen.min_rating), row_of)
    hidden = choose_hidden(sequences, len(catalogue))
    kept, cold = without(sequences, hidden)
    with steps.step("cold start: two trainings"):
        real = _train(sequences, catalogue, chosen, workers)[0]
        model, fit = _train(kept, catalogue, chosen, workers)
    with steps.step("cold start: questions"):
        warm = Questions(split.queries.astype(np.int64), split.answers.astype(np.int64), split.viewers)
        seen = with_likes_of(catalogue, np.bincount(kept.rows, minlength=len(catalogue)))
        return {
            "hidden": int(hidden.sum()),
            "least_likes": LEAST_LIKES,
            "questions": len(cold.asked),
            **fit.to_json(),
            "rows": _rows(real, model, seen, hidden, cold),
            "warm": _price(model, warm),
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


def same_genres(catalogue: Catalogue) -> Scorer:
    """Jaccard similarity of genres, of equally similar films the most liked."""
    genres = has(catalogue.genres, np.ones(len(catalogue), dtype=np.bool_), least=1).astype(np.float32)
    sizes = np.asarray(genres.sum(axis=1)).ravel()
    likes = catalogue.likes / (1.0 + catalogue.likes.max(initial=0))

    def score(histories: History) -> npt.NDArray[np.float32]:
        first = histories.indices[histories.indptr[:-1]]
        shared = (genres[first] @ genres.T).toarray()
        either = sizes[first][:, None] + sizes - shared
        # similarities differ by more than 1e-3, so that likes decide only between equal ones
        alike = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)
        scores: npt.NDArray[np.float32] = (alike + 1e-3 * likes).astype(np.float32)
        return scores

    return score


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


def _train(sequences: Sequences, catalogue: Catalogue, settings: Settings, workers: int) -> tuple[Model, Fit]:
    seen = with_likes_of(catalogue, np.bincount(sequences.rows, minlength=len(catalogue)))
    scaled = settings.scaled(len(sequences.rows), len(catalogue), seen.likes)
    scaled = replace(scaled, epochs=min(scaled.epochs or MOST_EPOCHS, MOST_EPOCHS))
    embedding = train_skipgram(sequences, catalogue.ids, scaled, workers=workers)
    return with_inferred(learned_only(embedding, seen, scaled.min_likes or 1), seen)


def _rows(real: Model, model: Model, catalogue: Catalogue, hidden: BoolArray, cold: Questions) -> list[dict[str, Any]]:
    """Inferred, the baseline, and what two trainings have in common."""
    n_movies, both = len(catalogue), model.learned & real.learned
    inside = _only(model_scorer(model, "similar"), both)
    films, others = np.flatnonzero(hidden & real.learned), np.flatnonzero(both)[:: max(1, int(both.sum() / 1000))]
    truth = _only(model_scorer(real, "similar"), both)
    real_lists = top_lists(truth, films, n_movies, LIST)
    rows = []
    for name, scorer in (("inferred", model_scorer(model, "similar")), ("same genres", same_genres(catalogue))):
        overlaps = _overlaps(real_lists, top_lists(_only(scorer, both), films, n_movies, LIST))
        measures = {
            "overlap@20": (overlaps, np.arange(len(overlaps))),
            "hr@10_cold": (hits(scorer, cold, n_movies, hidden), cold.viewers),
            "hr@10_all": (hits(scorer, cold, n_movies), cold.viewers),
        }
        rows.append({"name": name} | _estimated(measures))
    twice = _overlaps(top_lists(truth, others, n_movies, LIST), top_lists(inside, others, n_movies, LIST))
    rows.append({"name": "retrained"} | _estimated({"overlap@20": (twice, np.arange(len(twice)))}))
    return rows


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
