"""How a published model answers many questions at once: the scores of the service, as matrix products."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.sparse

from models.model import Model
from models.scores import unit_rows

# histories, one a row: float32 (b, n_movies), weights that sum to 1 -> scores float32 (b, n_movies), -inf: no answer
History = scipy.sparse.csr_array
Scorer = Callable[[History], npt.NDArray[np.float32]]


def model_scorer(model: Model, relation: str) -> Scorer:
    """The scorer of one model: cosine of the pooled unit vectors, or their product with the output vectors.

    What `models.scores` says of a score, without its rounding.
    """
    units = unit_rows(model.vectors)
    side = 0 if relation == "similar" else 1
    prior = np.zeros(len(units), dtype=np.float32) if model.priors is None else np.array(model.priors[side])
    prior[~model.answers("similar" if side == 0 else "next")] = -np.inf
    links = None
    if model.links is not None:
        parts = (model.links.values[side], model.links.indices, model.links.indptr)
        links = scipy.sparse.csr_array(parts, shape=(len(units), len(units)))
    if relation == "next" and model.output is None:
        raise ValueError("expected a model with output vectors")
    against = units if model.output is None or relation == "similar" else model.output

    def score(histories: History) -> npt.NDArray[np.float32]:
        # as in the service: one movie asked for "next" keeps the length of its vector, a pooled history has none
        single = relation == "next" and histories.nnz == histories.shape[0]
        pooled = histories @ (model.vectors if single else units)
        if relation == "similar":
            pooled = unit_rows(pooled)
        scores: npt.NDArray[np.float32] = pooled.astype(np.float32) @ against.T + prior
        if side == 0 and model.listed is not None:
            scores[:, model.listed] += _lifts(model, histories)[:, None]
        return scores if links is None else scores + (histories @ links).toarray()

    return score


def _lifts(model: Model, histories: History) -> npt.NDArray[np.float32]:
    """float32 (b,), what each question adds to inferred movies: -inf for a history, whose answers are learned ones."""
    single = np.diff(histories.indptr) == 1
    first = histories.indices[np.minimum(histories.indptr[:-1], max(0, histories.nnz - 1))]
    lift = np.where(model.learned[first], *np.asarray(model.lifts, dtype=np.float32))
    return np.where(single, lift, np.float32(-np.inf))
