"""Sequences -> vectors with Gensim's Word2Vec; the only file that imports Gensim for training."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

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
) -> Embedding:
    """Learn a vector for each movie from what stands around it (Mikolov et al. 2013; Barkan and Koenigstein 2016).

    Args:
        sequences: histories or walks; those beyond Gensim's 10,000 tokens are split, never cut short.
        ids: movie_id of each catalogue row. Gensim is given these texts: integer keys make its answers wrong.
        settings: epochs must be set.
        workers: threads; 1 makes the result the same bit by bit, more make it faster.
        on_epoch: called after each epoch.

    Raises:
        DataError: no movie stands in as many places as `min_count` asks for.
    """
    counts = np.bincount(sequences.rows, minlength=len(ids))
    if counts.max(initial=0) < settings.min_count:
        raise DataError(f"no movie is in {settings.min_count} places (min_count), the most found is {counts.max()}")
    if settings.epochs is None:
        raise ValueError("epochs: expected a number, found None; call settings.scaled first")
    trained = Word2Vec(
        _Corpus(sequences.split(), ids),
        vector_size=settings.vector_size,
        window=settings.window,
        epochs=settings.epochs,
        sg=1,
        hs=int(settings.hs),
        negative=settings.negative,
        ns_exponent=settings.ns_exponent,
        min_count=settings.min_count,
        sample=0,
        alpha=settings.learning_rate,
        min_alpha=MIN_LEARNING_RATE,
        seed=settings.seed,
        workers=workers,
        callbacks=[_EpochEnd(on_epoch)],
    )
    row_of = {movie_id: row for row, movie_id in enumerate(ids)}
    rows = np.array([row_of[key] for key in trained.wv.index_to_key], dtype=np.int32)
    order = np.argsort(rows)
    output = trained.syn1neg[order] if settings.negative else None
    return Embedding(rows[order], trained.wv.vectors[order], output)


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
