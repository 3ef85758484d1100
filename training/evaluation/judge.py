"""The table: every model and every baseline on the same questions, with standard errors and differences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from models.catalogue import Catalogue
from models.model import Model
from models.viewers import HALF_LIFE
from training.evaluation.metrics import estimate, gini, hubness, paired_bootstrap, per_question
from training.evaluation.protocols import Split
from training.evaluation.ranking import answer_ranks, top_lists
from training.evaluation.scorers import Scorer, model_scorer

TASKS = ("A", "B")
# questions asked, and movies whose lists are looked at, at the most; both drawn with a fixed seed
MOST_QUESTIONS, MOST_LISTS = 20_000, 2_000
_SEED = 592


@dataclass(frozen=True, eq=False)
class Entry:
    """One who answers.

    Attributes:
        name: of the model or baseline.
        kind: "model" or "baseline".
        relation: what a model is asked for; None for baselines, which know only one way.
        scorer: gives the scores.
    """

    name: str
    kind: str
    relation: str | None
    scorer: Scorer


@dataclass(frozen=True, eq=False)
class Judged:
    """One row of the table and what stands behind it.

    Attributes:
        row: the wire: name, kind, relation, task, measures with `_se`, and for task A the facts about lists.
        hits: float64 (n_questions,), HR@10 of each question.
        lists: int64 (n_lists, 10), the lists of task A, else None.
    """

    row: dict[str, Any]
    hits: npt.NDArray[np.float64]
    lists: npt.NDArray[np.int64] | None


def model_entries(models: Mapping[str, Model]) -> Iterable[Entry]:
    """Each model once for each relation it knows."""
    for name, model in models.items():
        for relation in model.relations:
            yield Entry(name, "model", relation, model_scorer(model, relation))


def judge(entry: Entry, split: Split, catalogue: Catalogue, tasks: Iterable[str] = TASKS) -> list[Judged]:
    """The rows of one entry, one for each task.

    Args:
        entry: who answers.
        split: the questions.
        catalogue: with the likes that training saw.
        tasks: "A": all movies from the one liked last; "B": from the whole history, seen movies left out.
    """
    judged = []
    for task in tasks:
        half_life, measures = _measured(entry, split, task, len(catalogue))
        row: dict[str, Any] = {"name": entry.name, "kind": entry.kind, "relation": entry.relation, "task": task}
        row |= {"questions": len(split.targets), "half_life": half_life}
        for name, values in measures.items():
            estimated = estimate(values, split.viewers)
            row |= {name: round(estimated.mean, 6), f"{name}_se": round(estimated.se, 6)}
        lists = None
        if task == "A":
            lists = top_lists(entry.scorer, asked_lists(catalogue), len(catalogue))
            row |= about_lists(lists, catalogue)
        judged.append(Judged(row, measures["hr@10"], lists))
    return judged


def _measured(
    entry: Entry, split: Split, task: str, n_movies: int
) -> tuple[float | None, dict[str, npt.NDArray[np.float64]]]:
    """The measures of each question, and the half-life of likes in task B.

    A model is asked as the service asks it. A baseline is asked both ways, all likes alike and by the same half-life,
    and has the better one.
    """
    if task == "A":
        return None, per_question(answer_ranks(entry.scorer, split, task, n_movies))
    ways = [HALF_LIFE] if entry.kind == "model" else [None, HALF_LIFE]
    found = [(way, per_question(answer_ranks(entry.scorer, split, task, n_movies, way))) for way in ways]
    return max(found, key=lambda one: float(one[1]["hr@10"].mean()))


def asked_lists(catalogue: Catalogue) -> npt.NDArray[np.int64]:
    """The movies whose lists are looked at: all that training saw a like of, or a sample of these."""
    liked = np.flatnonzero(catalogue.likes > 0)
    if len(liked) > MOST_LISTS:
        liked = np.sort(np.random.default_rng(_SEED).choice(liked, MOST_LISTS, replace=False))
    return liked


def about_lists(lists: npt.NDArray[np.int64], catalogue: Catalogue) -> dict[str, float]:
    """What the lists of ten are like, apart from whether they are right.

    coverage: share of liked movies that are in any list; gini and hubness: of how often movies are in lists;
    popularity: mean percentile by likes of those shown (0.5 is a movie in the middle); genre_agreement: mean Jaccard
    similarity of genres with the movie asked about, and genre_agreement_random that of random liked movies.
    """
    liked = np.flatnonzero(catalogue.likes > 0)
    shown = lists[lists >= 0]
    counts = np.bincount(shown, minlength=len(catalogue))[liked]
    percentile = np.empty(len(catalogue))
    percentile[np.argsort(catalogue.likes, kind="stable")] = np.linspace(0, 1, len(catalogue))
    asked = asked_lists(catalogue)
    random = np.random.default_rng(_SEED).choice(liked, size=lists.shape)
    facts = {
        "coverage": float((counts > 0).mean()),
        "gini": gini(counts),
        "hubness": hubness(counts),
        "popularity": float(percentile[shown].mean()) if len(shown) else 0.0,
        "genre_agreement": _agreement(asked, lists, catalogue),
        "genre_agreement_random": _agreement(asked, random, catalogue),
    }
    return {name: round(value, 6) for name, value in facts.items()}


def compare(judged: list[Judged], split: Split) -> list[dict[str, Any]]:
    """The rows, each model's with its difference in HR@10 to the best baseline of its task (paired bootstrap, 95 %)."""
    rows = []
    for one in judged:
        row = dict(one.row)
        rivals = [other for other in judged if other.row["kind"] == "baseline" and other.row["task"] == row["task"]]
        if row["kind"] == "model" and rivals:
            best = max(rivals, key=lambda other: float(other.row["hr@10"]))
            mean, low, high = paired_bootstrap(one.hits, best.hits, split.viewers)
            row |= {"versus": best.row["name"], "difference": round(mean, 6)}
            row |= {"difference_low": round(low, 6), "difference_high": round(high, 6)}
        if row["kind"] == "model":
            row |= _lift(one, rivals, split)
        rows.append(row)
    return rows


def _lift(one: Judged, rivals: list[Judged], split: Split) -> dict[str, float]:
    """HR@10 beyond that of popularity on the same questions: what is left when questions get easier for everybody."""
    for rival in rivals:
        if rival.row["name"] == "popularity":
            lift = estimate(one.hits - rival.hits, split.viewers)
            return {"lift@10": round(lift.mean, 6), "lift@10_se": round(lift.se, 6)}
    return {}


def with_likes_of(catalogue: Catalogue, likes: npt.NDArray[np.integer]) -> Catalogue:
    """The same movies with the likes that training saw, so that no held-out like is counted."""
    return replace(catalogue, likes=likes.astype(np.int32))


def _agreement(asked: npt.NDArray[np.int64], lists: npt.NDArray[np.int64], catalogue: Catalogue) -> float:
    """Mean Jaccard similarity of genres, over pairs in which both have any; 0 where there is none."""
    position = {name: index for index, name in enumerate(catalogue.genre_names)}
    has = np.zeros((len(catalogue), max(1, len(position))), dtype=np.float32)
    for row, names in enumerate(catalogue.genres):
        has[row, [position[name] for name in names]] = 1.0
    one, other = has[asked][:, None, :], has[np.maximum(lists, 0)]
    shared, either = np.minimum(one, other).sum(axis=2), np.maximum(one, other).sum(axis=2)
    both = (lists >= 0) & (one.sum(axis=2) > 0) & (other.sum(axis=2) > 0)
    return float((shared[both] / either[both]).mean()) if both.any() else 0.0
