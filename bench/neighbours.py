"""The exact top 100 of every movie: how far from the matrix product alone?"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from gensim.models import KeyedVectors

from bench.data import SEED
from bench.quality import recall
from bench.rounds import Quality, Stopwatch, contender, take_turns
from bench.tables import Table
from models import Model
from models.scores import FloatArray, unit_rows
from training.neighbours import BLOCK, Search, nearest

DIM, K, CHECKED, GENSIM = 64, 100, 50, 200
SAMPLED = 4  # blocks of a million
WIDE = 256  # rows of a block without tiles: larger ones are slower
PRODUCT = "the blocked matrix product alone"


def tables(rounds: int, full: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """20,000 movies; `full`: 60,000 too, and how long 1,000,000 would take."""
    for n in (20_000, 60_000) if full else (20_000,):
        yield _table(n, rounds, tell)
    if full:
        yield _estimate(1_000_000, rounds, tell)


def clustered(n: int, dim: int, seed: int) -> FloatArray:
    """float32 (n, dim), movies about 200 centres: near ones are much nearer than the others, as learned ones are."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(200, dim))
    return (centres[rng.integers(200, size=n)] + rng.normal(size=(n, dim))).astype(np.float32)


def unsearched(vectors: FloatArray) -> Model:
    """A model of learned vectors with no neighbours stored yet."""
    none = np.empty((len(vectors), 0), dtype=np.int32)
    return Model(vectors, np.ones(len(vectors), dtype=np.bool_), none, none.astype(np.float32))


def _table(n: int, rounds: int, tell: Callable[[str], None]) -> Table:
    vectors = clustered(n, DIM, SEED)
    model = unsearched(vectors)
    nearest(unsearched(vectors[:K]), "similar", K)  # compiled before anybody is timed
    checked = np.random.default_rng(SEED).choice(n, CHECKED, replace=False)

    def ours(watch: Stopwatch, _: int) -> Quality:
        with watch:
            rows, _scores = nearest(model, "similar", K)
        watch.work = n / 1e3
        return {"recall@100": recall(vectors, checked, rows[checked])}

    def product(watch: Stopwatch, _: int) -> Quality:
        with watch:
            units = unit_rows(vectors)
            for start in range(0, n, WIDE):
                units[start : start + WIDE] @ units.T
        watch.work = n / 1e3
        return {}

    def partition(watch: Stopwatch, _: int) -> Quality:
        with watch:
            rows = product_and_partition(vectors)
        watch.work = n / 1e3
        return {"recall@100": recall(vectors, checked, rows[checked])}

    def gensim(watch: Stopwatch, _: int) -> Quality:
        keyed = KeyedVectors(DIM)
        keyed.add_vectors([str(row) for row in range(n)], vectors)
        keyed.fill_norms()
        asked = [*checked.tolist(), *range(GENSIM - CHECKED)]
        with watch:
            found = [keyed.most_similar(str(row), topn=K) for row in asked]
        watch.work = len(asked) / 1e3
        rows = np.array([[int(key) for key, _ in one] for one in found[:CHECKED]])
        return {"recall@100": recall(vectors, checked, rows)}

    contenders = [
        contender("Kindred", ours),
        contender(PRODUCT, product),
        contender("product and argpartition, unordered", partition),
        contender(f"Gensim most_similar ({GENSIM} movies)", gensim),
    ]
    samples = take_turns(contenders, rounds, tell)
    title = f"The {K} nearest of {n:,} x {DIM}, one thread"
    return Table(f"neighbours-{n}", title, "thousand movies per CPU second", "cpu", samples, {PRODUCT: 0.667})


def _estimate(n: int, rounds: int, tell: Callable[[str], None]) -> Table:
    """A sample of blocks, for all would take the better part of an hour."""
    vectors = clustered(n, DIM, SEED)
    model = unsearched(vectors)
    firsts = np.random.default_rng(SEED).choice(n // BLOCK, SAMPLED, replace=False) * BLOCK

    def ours(watch: Stopwatch, _: int) -> Quality:
        search = Search(model, "similar", model.answers("similar"))
        rows, scores = np.empty((SAMPLED, BLOCK, K), np.int32), np.empty((SAMPLED, BLOCK, K), np.float32)
        with watch:
            for number, first in enumerate(firsts.tolist()):
                for row in search.block(first, rows[number], scores[number]):
                    rows[number, row - first], scores[number, row - first] = search.plainly(row, K)
        watch.work = SAMPLED * BLOCK / 1e3
        checked = firsts
        return {
            "recall@100": recall(vectors, checked, rows[:SAMPLED, 0]),
            "minutes for all": watch.cpu * n / watch.work / 6e4,
        }

    def product(watch: Stopwatch, _: int) -> Quality:
        units = unit_rows(vectors)
        with watch:
            for first in firsts.tolist():
                for start in range(first, first + BLOCK, WIDE):
                    units[start : start + WIDE] @ units.T
        watch.work = SAMPLED * BLOCK / 1e3
        return {"minutes for all": watch.cpu * n / watch.work / 6e4}

    samples = take_turns([contender("Kindred", ours), contender(PRODUCT, product)], rounds, tell)
    title = f"The {K} nearest of {n:,} x {DIM}, one thread, {SAMPLED} blocks of {n // BLOCK:,}"
    return Table(f"neighbours-{n}", title, "thousand movies per CPU second", "cpu", samples, {PRODUCT: 0.667})


def product_and_partition(vectors: FloatArray) -> npt.NDArray[np.intp]:
    """What people write: the best K of each block, in no order, scores not rounded."""
    units = unit_rows(vectors)
    rows = np.empty((len(units), K), dtype=np.intp)
    for start in range(0, len(units), WIDE):
        scores = units[start : start + WIDE] @ units.T
        block = np.arange(len(scores))
        scores[block, start + block] = -np.inf
        rows[start : start + WIDE] = np.argpartition(scores, len(units) - K, axis=1)[:, -K:]
    return rows
