"""Sequences -> vectors with Gensim's Word2Vec; the only file that imports Gensim for training."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from gensim.models import Word2Vec
from gensim.models.callbacks import CallbackAny2Vec

from models.scores import FloatArray
from training.errors import DataError
from training.sequences import Sequences
from training.settings import MIN_LEARNING_RATE, Settings


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
    ids: tuple[str, ...],
    settings: Settings,
    *,
    workers: int = 1,
    on_epoch: Callable[[], None] = lambda: None,
    start: Embedding | None = None,
) -> Embedding:
    """Learn a vector for each movie from what stands around it (Mikolov et al. 2013; Barkan and Koenigstein 2016).

    Args:
        sequences: histories or walks; those beyond Gensim's 10,000 tokens are split, never cut short.
        ids: movie_id of each catalogue row. Gensim is given these texts: integer keys make its answers wrong.
        settings: epochs must be set.
        workers: threads; 1 makes the result the same bit by bit, more make it faster.
        on_epoch: called after each epoch.
        start: what an earlier training learned; movies that are in it begin there, others at random.

    Raises:
        DataError: no movie stands in as many places as `min_count` asks for.
    """
    counts = np.bincount(sequences.rows, minlength=len(ids))
    if counts.max(initial=0) < settings.min_count:
        raise DataError(f"no movie is in {settings.min_count} places (min_count), the most found is {counts.max()}")
    if settings.epochs is None:
        raise ValueError("epochs: expected a number, found None; call settings.scaled first")
    corpus, told = _Corpus(sequences.split(), ids), [_EpochEnd(on_epoch)]
    if start is None:
        trained = Word2Vec(corpus, callbacks=told, **_options(settings, workers))
    else:
        # not build_vocab(update=True): it adds to the old counts, and keeps inner nodes that a new tree has moved
        trained = Word2Vec(**_options(settings, workers))
        trained.build_vocab(corpus)
        _begin_at(trained, ids, start)
        trained.train(corpus, total_examples=trained.corpus_count, epochs=settings.epochs, callbacks=told)
    row_of = {movie_id: row for row, movie_id in enumerate(ids)}
    rows = np.array([row_of[key] for key in trained.wv.index_to_key], dtype=np.int32)
    order = np.argsort(rows)
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
        "sample": 0,
        "alpha": settings.learning_rate,
        "min_alpha": MIN_LEARNING_RATE,
        "seed": settings.seed,
        "workers": workers,
    }


def _begin_at(trained: Word2Vec, ids: tuple[str, ...], start: Embedding) -> None:
    """Set input and output vectors of the movies that `start` has; the tree's inner nodes begin at zero, as always."""
    place_of = trained.wv.key_to_index
    known = np.flatnonzero([ids[row] in place_of for row in start.rows])
    places = [place_of[ids[row]] for row in start.rows[known]]
    trained.wv.vectors[places] = start.vectors[known]
    if start.output is not None and trained.negative:
        trained.syn1neg[places] = start.output[known]


class _Corpus:
    """Sequences as lists of ids, made anew for each epoch."""

    def __init__(self, sequences: Sequences, ids: tuple[str, ...]) -> None:
        self.sequences = sequences
        self.keys = np.array(ids, dtype=object)

    def __iter__(self) -> Iterator[list[str]]:
        for index in range(len(self.sequences)):
            yield self.keys[self.sequences[index]].tolist()


class _EpochEnd(CallbackAny2Vec):  # type: ignore[misc]  # Gensim has no types
    def __init__(self, tell: Callable[[], None]) -> None:
        self.tell = tell

    def on_epoch_end(self, model: Word2Vec) -> None:
        del model
        self.tell()
