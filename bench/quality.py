"""How good are vectors? Held-out next movies among the nearest (HR@10), and neighbours against brute force."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.scores import FloatArray, unit_rows
from training.sequences import Sequences

_BLOCK = 512


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The last movie of some sequences kept apart.

    Attributes:
        training: the sequences without it.
        queries: int32 (n,), the movie before.
        wanted: int32 (n,), the movie held out.
    """

    training: Sequences
    queries: npt.NDArray[np.int32]
    wanted: npt.NDArray[np.int32]


def hold_out(sequences: Sequences, n: int, seed: int) -> HeldOut:
    """Take the last movie of every sequence away; `n` sequences, drawn at random, are asked about.

    Every sequence must have two movies at least.
    """
    last = sequences.offsets[1:] - 1
    kept = np.ones(len(sequences.rows), dtype=bool)
    kept[last] = False
    training = Sequences(sequences.rows[kept], sequences.offsets - np.arange(len(sequences.offsets)))
    asked = last[np.random.default_rng(seed).permutation(len(last))[:n]]
    return HeldOut(training, sequences.rows[asked - 1], sequences.rows[asked])


def hit_rate(vectors: FloatArray, held: HeldOut, k: int = 10) -> float:
    """HR@k: how often the movie held out is among the k nearest (cosine) of the movie before it, itself left out.

    Args:
        vectors: float32 (n_movies, dim), zeros for movies without a vector: they are never near.
        held: what to ask.
        k: how many answers count.
    """
    units = unit_rows(vectors)
    hits = 0
    for start in range(0, len(held.queries), _BLOCK):
        queries, wanted = held.queries[start : start + _BLOCK], held.wanted[start : start + _BLOCK]
        scores = units[queries] @ units.T
        scores[np.arange(len(queries)), queries] = -np.inf
        score = scores[np.arange(len(queries)), wanted]
        nearer = (scores > score[:, None]).sum(axis=1)
        hits += int(((nearer < k) & (score > 0)).sum())
    return hits / len(held.queries)


def recall(vectors: FloatArray, queries: npt.NDArray[np.intp], found: npt.NDArray[np.integer]) -> float:
    """Share of the true nearest, by brute force in float64, that are in `found` (len(queries), k).

    Movies as near as the k-th to six decimal places count as true, so that ties do not matter.
    """
    wide = vectors.astype(np.float64)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    k = found.shape[1]
    right = 0
    for query, answer in zip(queries, found, strict=True):
        scores = wide @ wide[query]
        scores[query] = -np.inf
        threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
        right += int((scores[np.unique(answer)] >= threshold - 1e-6).sum())
    return right / found.size
