"""Sequences -> vectors with Gensim's Word2Vec; the only file that imports Gensim for training."""

from collections.abc import Callable, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from gensim.models import Word2Vec
from gensim.models.callbacks import CallbackAny2Vec

from models.scores import FloatArray
from training.corpus import BLOCK, Corpus
from training.errors import DataError
from training.sequences import Sequences
from training.settings import MIN_LEARNING_RATE, Settings

# Words more frequent than this are thinned out, so none is. With 0 Gensim, reading a file, does not seed the random
# numbers that the windows of hierarchical softmax are drawn from: no two trainings are the same.
_DROP_NONE = 1e12


@dataclass(frozen=True, eq=False)
class Embedding:
    """What skip-gram learned.

    Attributes:
        rows: int32 (n_learned,), ascending catalogue rows of the movies that have a vector.
        vectors: float32 (n_learned, dim), input vectors.
        output: float32 (n_learned, dim), context vectors; None without negative sampling.
    """

    rows: npt.NDArray[np.int32]
    vectors: FloatArray
    output: FloatArray | None


def train_skipgram(
    sequences: Sequences,
    movies: Sized,
    settings: Settings,
    *,
    workers: int = 1,
    on_epoch: Callable[[], None] = lambda: None,
    start: Embedding | None = None,
) -> Embedding:
    """Learn from sequences in memory; `train_on` has the rest.

    Args:
        sequences: histories or walks; those beyond 9,999 tokens are split, never cut short.
        movies: anything that has one entry for each catalogue row.
        settings: epochs must be set.
        workers: see `train_on`, as for what follows.
        on_epoch: called after each epoch.
        start: what an earlier training learned.

    Raises:
        DataError: see `train_on`; or the disk has no room for the corpus.
    """
    with Corpus(len(movies), len(sequences.rows)) as corpus:
        corpus.add(sequences)
        return train_on(corpus, settings, workers=workers, on_epoch=on_epoch, start=start)


def train_on(
    corpus: Corpus,
    settings: Settings,
    *,
    workers: int = 1,
    on_epoch: Callable[[], None] = lambda: None,
    start: Embedding | None = None,
) -> Embedding:
    """Learn a vector for each movie from what stands around it (Mikolov et al. 2013; Barkan and Koenigstein 2016).

    Args:
        corpus: histories or walks; nothing can be added to it afterwards.
        settings: epochs must be set.
        workers: threads; 1 makes the result the same bit by bit, more make it faster.
        on_epoch: called after each epoch.
        start: what an earlier training learned; movies that are in it begin there, others at random.

    Raises:
        DataError: no movie stands in as many places as `min_count` asks for.
    """
    if corpus.counts.max(initial=0) < settings.min_count:
        most = corpus.counts.max(initial=0)
        raise DataError(f"no movie is in {settings.min_count} places (min_count), the most found is {most}")
    if settings.epochs is None:
        raise ValueError("epochs: expected a number, found None; call settings.scaled first")
    corpus.close(workers)
    seen = np.flatnonzero(corpus.counts)
    trained = Word2Vec(**_options(settings, workers))
    # not build_vocab(update=True): it adds to the old counts, and keeps inner nodes that a new tree has moved
    trained.build_vocab_from_freq({corpus.word(row): int(corpus.counts[row]) for row in seen.tolist()})
    rows = np.array([int(word) for word in trained.wv.index_to_key], dtype=np.int32)
    order = np.argsort(rows)
    if start is not None:
        _begin_at(trained, rows[order], order, start)
    # a thread stops once it has more than its share of total_words; its learning rate falls by its share of lines
    trained.train(
        corpus_file=str(corpus.path),
        total_examples=-(-corpus.n_lines // workers),
        total_words=corpus.n_blocks * BLOCK - 1,
        epochs=settings.epochs,
        callbacks=[_EpochEnd(on_epoch)],
    )
    output = trained.syn1neg[order] if settings.negative else None
    return Embedding(rows[order], trained.wv.vectors[order], output)


def _options(settings: Settings, workers: int) -> dict[str, Any]:
    return {
        "vector_size": settings.vector_size,
        "window": settings.window,
        "epochs": settings.epochs,
        "sg": 1,
        "hs": int(settings.hs),
        "negative": settings.negative,
        "ns_exponent": settings.ns_exponent,
        "min_count": settings.min_count,
        "sample": _DROP_NONE,
        "alpha": settings.learning_rate,
        "min_alpha": MIN_LEARNING_RATE,
        "seed": settings.seed,
        "workers": workers,
    }


def _begin_at(trained: Word2Vec, rows: npt.NDArray[np.int32], order: npt.NDArray[np.int64], start: Embedding) -> None:
    """Set input and output vectors of the movies that `start` has; the tree's inner nodes begin at zero, as always."""
    _, here, there = np.intersect1d(rows, start.rows, return_indices=True)
    trained.wv.vectors[order[here]] = start.vectors[there]
    if start.output is not None and trained.negative:
        trained.syn1neg[order[here]] = start.output[there]


class _EpochEnd(CallbackAny2Vec):  # type: ignore[misc]  # Gensim has no types
    def __init__(self, tell: Callable[[], None]) -> None:
        self.tell = tell

    def on_epoch_end(self, model: Word2Vec) -> None:
        del model
        self.tell()
