"""Train on what is not held out, ask, and make the table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from models.catalogue import Catalogue
from training.engine import Engine
from training.evaluation.judge import MOST_QUESTIONS, Entry, Judged, compare, judge, model_entries, with_likes_of
from training.evaluation.metrics import overlap
from training.progress import Steps
from training.recipes import train_models
from training.settings import Settings


@dataclass(frozen=True)
class Evaluation:
    """The table and what it is about, as JSON shows it.

    Attributes:
        protocol: how likes were held out.
        questions: asked, and how many the protocol has in all.
        viewers: how many different viewers were asked about.
        seeds: trainings that the stability is over.
        rows: models and baselines, each once for each task (and models once for each relation).
        skipped: baselines left out, with a word why.
        cold: what became of films made cold; None where not asked.
    """

    protocol: str
    questions: int
    questions_in_all: int
    viewers: int
    seeds: list[int]
    rows: list[dict[str, Any]]
    skipped: dict[str, str]
    cold: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return vars(self)


def evaluate(
    engine: Engine,
    catalogue: Catalogue,
    settings: Mapping[str, Settings],
    *,
    workers: int,
    steps: Steps,
    protocol: str = "leave-last-one",
    seeds: int = 1,
) -> Evaluation:
    """Hold out, train, and judge all models and baselines on the same questions.

    Args:
        engine: the ratings, and who does the long steps.
        catalogue: all movies.
        settings: of each recipe; the same minimum rating for all.
        workers: threads of training.
        steps: told of each step.
        protocol: one of PROTOCOLS.
        seeds: trainings with a seed of their own; the rows are those of the first, stability is over all.

    Raises:
        DataError: nothing can be held out.
    """
    min_rating = next(iter(settings.values())).min_rating
    split, rest = engine.hold_out(protocol, min_rating, MOST_QUESTIONS)
    seen = with_likes_of(catalogue, rest.likes)
    judged: list[Judged] = []
    skipped: dict[str, str] = {}
    with steps.step(f"{protocol}: baselines"):
        for name, scorer in rest.baselines():
            if isinstance(scorer, str):
                skipped[name] = scorer
            else:
                judged += judge(Entry(name, "baseline", None, scorer), split, seen)
    own: list[list[Judged]] = []
    numbers = [next(iter(settings.values())).seed + number for number in range(seeds)]
    for seed in numbers:
        seeded = {name: replace(one, seed=seed) for name, one in settings.items()}
        models, _ = train_models(rest, seen, seeded, workers, steps, stored=False)
        tasks = ("A", "B") if seed == numbers[0] else ("A",)
        with steps.step(f"{protocol}: questions"):
            own.append([row for entry in model_entries(models) for row in judge(entry, split, seen, tasks)])
    rows = compare([*own[0], *judged], split)
    if seeds > 1:
        _add_seeds(rows, own)
    viewers = len(np.unique(split.viewers))
    return Evaluation(protocol, len(split.targets), split.asked, viewers, numbers, rows, skipped)


def best_model(evaluation: Evaluation) -> str:
    """The model that finds most held-out movies in what the service answers by default (task A, similar)."""
    rows = [row for row in evaluation.rows if (row["kind"], row["task"], row["relation"]) == ("model", "A", "similar")]
    return str(max(rows, key=lambda row: float(row["hr@10"]))["name"])


def _add_seeds(rows: list[dict[str, Any]], own: list[list[Judged]]) -> None:
    """Stability (mean overlap@10 of each two seeds' lists) and the mean HR@10 of all seeds, for task A."""
    for row in rows:
        if row["kind"] != "model" or row["task"] != "A":
            continue
        same = [
            one
            for judged in own
            for one in judged
            if all(one.row[key] == row[key] for key in ("name", "relation", "task"))
        ]
        lists = [one.lists for one in same if one.lists is not None]
        overlaps = [overlap(one, other) for one, other in combinations(lists, 2)]
        row["stability"] = round(float(np.mean(overlaps)), 6)
        row["hr@10_seeds"] = [one.row["hr@10"] for one in same]
