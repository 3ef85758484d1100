"""Do walks step with the right probabilities? Chi-square against the exact ones, for any walker."""

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from training.graph import TransitionGraph
from training.sequences import Sequences

STEPS = 4_000
_CELLS = 3 * 4 * 4  # relation to the movie before, weight class, hash of the movie
_RAREST = 5.0

Doubles = npt.NDArray[np.float64]


def walk_quality(
    graph: TransitionGraph, walks: Sequences, p: float = 1.0, q: float = 1.0, n_steps: int = STEPS, seed: int = 0
) -> dict[str, float]:
    """Chi-square per degree of freedom (1 is right) and its p value (below 0.001 is wrong), of steps drawn at random.

    Every step has probabilities of its own. Successors are put into cells, for each step the exact probability of each
    cell is computed, and the sum of (seen - expected) over all steps is held against its covariance matrix:

        s = sum_i (o_i - p_i),   V = sum_i (diag(p_i) - p_i p_i'),   s' V^-1 s ~ chi-square with rank(V) degrees

    Args:
        graph: the transitions.
        walks: of any walker; only second and later steps count, for they depend on p and q.
        p: return parameter of the walker.
        q: in-out parameter of the walker.
        n_steps: how many steps are looked at.
        seed: of the choice of steps.
    """
    inside = np.ones(len(walks.rows), dtype=bool)
    inside[walks.offsets[:-1]] = False
    inside[np.minimum(walks.offsets[:-1] + 1, len(inside) - 1)] = False
    places = np.flatnonzero(inside)
    chosen = np.random.default_rng(seed).choice(places, min(n_steps, len(places)), replace=False)
    difference, expected = np.zeros(_CELLS), np.zeros(_CELLS)
    covariance = np.zeros((_CELLS, _CELLS))
    for place in chosen:
        before, now, after = walks.rows[place - 2 : place + 1].tolist()
        cells, probability = step_cells(graph, before, now, p, q)
        share = np.bincount(cells, probability, _CELLS)
        expected += share
        difference -= share
        difference[_cell_taken(graph, now, after, cells)] += 1.0
        covariance += np.diag(share) - np.outer(share, share)
    return _verdict(difference, covariance, expected)


def step_cells(
    graph: TransitionGraph, before: int, now: int, p: float, q: float
) -> tuple[npt.NDArray[np.int64], Doubles]:
    """Cell and exact probability of each successor of `now`, for a walk that came from `before`.

    P(x) = alpha(before, x) * w(now, x) / sum,   alpha = 1/p if x is before; 1 if there is before -> x; 1/q otherwise
    """
    part = slice(graph.indptr[now], graph.indptr[now + 1])
    movies, weights = graph.indices[part], graph.weights[part]
    row = graph.indices[graph.indptr[before] : graph.indptr[before + 1]]
    at = np.minimum(np.searchsorted(row, movies), len(row) - 1)
    relation = np.where(movies == before, 0, np.where(row[at] == movies, 1, 2))
    weighted = np.array([1.0 / p, 1.0, 1.0 / q])[relation] * weights
    heavy = np.minimum(np.log2(weights).astype(np.int64), 3)
    hashed = (movies.astype(np.int64) * 2_654_435_761 >> 16) & 3
    return (relation * 4 + heavy) * 4 + hashed, weighted / weighted.sum()


def _cell_taken(graph: TransitionGraph, now: int, after: int, cells: npt.NDArray[np.int64]) -> int:
    row = graph.indices[graph.indptr[now] : graph.indptr[now + 1]]
    at = int(np.searchsorted(row, after))
    if at == len(row) or row[at] != after:
        raise ValueError(f"no edge {now} -> {after}, but a walk took it")
    return int(cells[at])


def _verdict(difference: Doubles, covariance: Doubles, expected: Doubles) -> dict[str, float]:
    common = expected >= _RAREST
    sums, matrix = difference[common], covariance[np.ix_(common, common)]
    degrees = int(np.linalg.matrix_rank(matrix, hermitian=True)) if len(sums) else 0
    if degrees == 0:
        raise ValueError("too few steps to judge by")
    statistic = float(sums @ np.linalg.pinv(matrix, hermitian=True, rcond=1e-10) @ sums)
    return {"χ²/dof": statistic / degrees, "p": float(chi2.sf(statistic, degrees))}
