"""Exact nearest movies of every movie, by blocked matrix products."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from models.model import MAX_NEIGHBOURS, RELATIONS, Model, Relation
from models.scores import FloatArray, best, unit_rows

# rows of a block: 256 x 60,000 float32 scores are 61 MB
BLOCK = 256


def with_nearest(model: Model, k: int = MAX_NEIGHBOURS) -> Model:
    """The same model with the k nearest of every movie stored, for each relation it knows."""
    rows, scores = nearest(model, "similar", k)
    following = nearest(model, "next", k) if model.relations == RELATIONS else (None, None)
    return replace(
        model, neighbour_rows=rows, neighbour_scores=scores, next_rows=following[0], next_scores=following[1]
    )


def nearest(
    model: Model, relation: Relation = "similar", k: int = MAX_NEIGHBOURS
) -> tuple[npt.NDArray[np.int32], FloatArray]:
    """The k movies nearest to each movie, of those that may be answers, never the movie itself.

    Scores, order and rounding are those of `models`: highest first, equal published scores by row (and so by id).
    O(n_movies ** 2 * dim) time, BLOCK * n_movies * 4 bytes.

    Returns:
        rows int32 (n_movies, k), -1 behind the end, and their scores float32 (n_movies, k), 0 behind the end.
    """
    allowed = model.answers(relation)
    count = int(np.count_nonzero(allowed))
    k = min(k, max(0, count - 1) if allowed.all() else count)
    rows = np.full((len(allowed), k), -1, dtype=np.int32)
    scores = np.zeros((len(allowed), k), dtype=np.float32)
    asked, against = _sides(model, relation)
    # `best` allows for an error relative to scores of about one: next is divided by its largest product possible
    longest = np.linalg.norm(against, axis=1).max(initial=0.0) * np.linalg.norm(asked, axis=1)
    for start in range(0, len(allowed), BLOCK):
        rough = asked[start : start + BLOCK] @ against.T
        for offset, line in enumerate(rough):
            row = start + offset
            added = model.added(relation, ((row, 1.0),))
            total = line if added is None else line + added
            total[~allowed] = -np.inf
            total[row] = -np.inf
            exact = model.scores(relation, model.vectors[row], added)
            found, score = best(total / max(1.0, float(longest[row])), exact, k)
            rows[row, : len(found)] = found
            scores[row, : len(found)] = score
    return rows, scores


def _sides(model: Model, relation: Relation) -> tuple[FloatArray, FloatArray]:
    """float32 (n_movies, dim) twice: their products are the scores, but for what is added and for rounding."""
    if relation == "next" and model.output is not None:
        return np.asarray(model.vectors), np.asarray(model.output)
    units = unit_rows(model.vectors)
    return units, units
