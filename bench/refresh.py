"""What does --continue save against training from nothing, and what does it cost, when a tenth of the likes is new?"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from bench.data import ratings_csv
from bench.rounds import Contender, Quality, Stopwatch, contender, take_turns
from bench.tables import Table
from models import Catalogue, Model
from training.evaluation.judge import Entry, judge, with_likes_of
from training.evaluation.protocols import Split, leave_last_one
from training.evaluation.scorers import model_scorer
from training.prepare import prepare
from training.refresh import SHARE
from training.sequences import Sequences, build_sequences, liked
from training.settings import PRESETS, Settings
from training.skipgram import Embedding, train_skipgram

NEW, MIN_RATING = 0.1, 3.5


@dataclass(frozen=True, eq=False)
class Growth:
    """The same data before and after a tenth of the likes came.

    Attributes:
        split: whose held-out likes no training sees.
        catalogue: all movies, with the likes that training sees.
        before, after: histories of liked movies.
        settings: of a training from nothing on `after`, epochs set.
    """

    split: Split
    catalogue: Catalogue
    before: Sequences
    after: Sequences
    settings: Settings


def tables(rounds: int, full: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """item2vec at its default, one worker; `full`: ten times the ratings."""
    n = 1_000_000 if full else 100_000
    grown = growth(n)
    size = len(grown.before.rows), len(grown.catalogue)
    live = train_skipgram(grown.before, grown.catalogue.ids, PRESETS["default"]["item2vec"].scaled(*size))
    few = max(1, round(SHARE * (grown.settings.epochs or 1)))
    shorter = replace(grown.settings, epochs=few)
    contenders = [
        _training(f"--continue, {few} epochs", grown, shorter, live),
        _training(f"from nothing, {grown.settings.epochs} epochs", grown, grown.settings),
        _training(f"from nothing, {few} epochs", grown, shorter),
    ]
    new = len(grown.after.rows) - len(grown.before.rows)
    had = ", ".join(f"{name} {value:.3g}" for name, value in hit_rates(grown, live).items())
    title = f"Item2vec when {new:,} of {len(grown.after.rows):,} likes are new, 1 worker; as it was: {had}"
    yield Table(f"refresh-{n}", title, "refreshes per CPU second", "cpu", take_turns(contenders, rounds, tell))


def growth(n: int) -> Growth:
    """Hold out the last like of each viewer; of the others the latest tenth is new."""
    prepared = prepare(ratings_csv(n), None, None, MIN_RATING)
    split = leave_last_one(prepared.engine.ratings, prepared.engine.row_of, MIN_RATING)
    cut = np.quantile(liked(split.train, MIN_RATING).times, 1 - NEW)
    earlier = split.train.take(np.flatnonzero(split.train.times < cut))
    before, after = (build_sequences(liked(one, MIN_RATING), prepared.engine.row_of) for one in (earlier, split.train))
    catalogue = with_likes_of(prepared.catalogue, np.bincount(after.rows, minlength=len(prepared.catalogue)))
    settings = PRESETS["default"]["item2vec"].scaled(len(after.rows), len(catalogue))
    return Growth(split, catalogue, before, after, settings)


def hit_rates(grown: Growth, embedding: Embedding) -> Quality:
    """HR@10 of the held-out likes, for both relations."""
    n = len(grown.catalogue)
    learned = np.isin(np.arange(n), embedding.rows)
    vectors = np.zeros((n, grown.settings.vector_size), dtype=np.float32)
    vectors[embedding.rows] = embedding.vectors
    output = np.zeros_like(vectors)
    output[embedding.rows] = 0 if embedding.output is None else embedding.output
    none = np.empty((n, 0), dtype=np.int32)
    model = Model(vectors, learned, none, none.astype(np.float32), output)
    rates: dict[str, float] = {}
    for relation in model.relations:
        entry = Entry("item2vec", "model", relation, model_scorer(model, relation))
        rates[f"HR@10 {relation}"] = judge(entry, grown.split, grown.catalogue, ("A",))[0].row["hr@10"]
    return rates


def _training(name: str, grown: Growth, settings: Settings, start: Embedding | None = None) -> Contender:
    def body(watch: Stopwatch, number: int) -> Quality:
        seeded = replace(settings, seed=settings.seed + number)
        with watch:
            embedding = train_skipgram(grown.after, grown.catalogue.ids, seeded, workers=1, start=start)
        watch.work = 1.0
        return hit_rates(grown, embedding)

    return contender(name, body)


if __name__ == "__main__":
    for table in tables(3, "--full" in sys.argv, lambda message: print(message, file=sys.stderr)):
        print(table.markdown(), flush=True)
        table.save()
