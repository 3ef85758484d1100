"""From scorers to ranks of held-out answers, and to the lists people would see."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from training.evaluation.protocols import Split
from training.evaluation.scorers import History, Scorer

BLOCK = 256
LIST = 10


def histories(split: Split, task: str, n_movies: int, halving: float | None = None) -> Iterator[tuple[slice, History]]:
    """Blocks of questions as rows of weights: task A the movie liked last, task B all likes so far.

    Args:
        split: the questions.
        task: "A" or "B".
        n_movies: columns.
        halving: likes after which a weight has halved (task B); None: all alike.
    """
    starts = split.targets - 1 if task == "A" else split.starts
    for first in range(0, len(split.targets), BLOCK):
        part = slice(first, min(first + BLOCK, len(split.targets)))
        lengths = split.targets[part] - starts[part]
        indptr = np.append(0, np.cumsum(lengths))
        age = np.repeat(indptr[1:], lengths) - 1 - np.arange(indptr[-1])
        rows = split.liked.rows[np.repeat(split.targets[part], lengths) - 1 - age]
        weights = np.ones(len(age)) if halving is None else np.exp2(-age / halving)
        weights /= np.repeat(np.add.reduceat(weights, indptr[:-1]), lengths)
        shape = (len(lengths), n_movies)
        yield part, History((weights.astype(np.float32), rows, indptr), shape=shape)


def answer_ranks(
    scorer: Scorer, split: Split, task: str, n_movies: int, halving: float | None = None
) -> npt.NDArray[np.float64]:
    """float64 (n_questions,), rank of each answer among all movies but those in the history; inf: not answered.

    Equal scores go by row, as in the service.
    """
    ranks = np.empty(len(split.targets))
    for part, block in histories(split, task, n_movies, halving):
        scores = np.array(scorer(block), dtype=np.float32)
        wanted = split.answers[part].astype(np.int64)
        scores[_places(block)] = -np.inf
        own = np.take_along_axis(scores, wanted[:, None], axis=1)
        before = (scores > own) | ((scores == own) & (np.arange(n_movies) < wanted[:, None]))
        ranks[part] = np.where(np.isfinite(own[:, 0]), 1 + before.sum(axis=1), np.inf)
    return ranks


def top_lists(scorer: Scorer, rows: npt.NDArray[np.integer], n_movies: int, k: int = LIST) -> npt.NDArray[np.int64]:
    """int64 (len(rows), k), the best k movies for each of these movies, best first; -1 behind the end."""
    k = min(k, n_movies)
    lists = np.full((len(rows), k), -1, dtype=np.int64)
    for first in range(0, len(rows), BLOCK):
        asked = rows[first : first + BLOCK]
        weights = np.ones(len(asked), dtype=np.float32)
        block = History((weights, asked, np.arange(len(asked) + 1)), shape=(len(asked), n_movies))
        scores = np.array(scorer(block), dtype=np.float32)
        scores[np.arange(len(asked)), asked] = -np.inf
        for offset, line in enumerate(scores):
            best = np.flatnonzero(line >= np.partition(line, n_movies - k)[n_movies - k])
            best = best[np.lexsort((best, -line[best]))][:k]
            best = best[np.isfinite(line[best])]
            lists[first + offset, : len(best)] = best
    return lists


def _places(block: History) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int32]]:
    return np.repeat(np.arange(block.shape[0]), np.diff(block.indptr)), block.indices
