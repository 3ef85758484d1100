"""Random walks over the transition graph: first order (DeepWalk) and second order (Node2vec).

Compiled by numba. Walks are made in chunks of fixed size, each with a child seed of its own, so that the number
of threads changes the speed and never the walks.
"""

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import numpy.typing as npt

from training.errors import SettingsError
from training.graph import TransitionGraph
from training.sequences import Sequences

CHUNK = 1_024
MAX_TRIES = 64
_SINK = -1


def random_walks(
    graph: TransitionGraph,
    n_walks: int,
    length: int,
    *,
    seed: int,
    p: float = 1.0,
    q: float = 1.0,
    threads: int = 1,
) -> Sequences:
    """Walk `n_walks` times over at most `length` movies; a walk ends early where nothing was ever watched next.

    A walk starts at movie v with probability `graph.start[v]` and steps from v to x, having come from t, with
    probability proportional to

        alpha(t, x) * w(v, x),   alpha = 1/p if x is t;  1 if the graph has the edge t -> x;  1/q otherwise

    (Grover and Leskovec 2016, node2vec, section 3.2; first order, Perozzi et al. 2014, DeepWalk, where p = q = 1.)

    Take t -> v with v -> t, a, b and an edge t -> a but none t -> b. With all weights 1, p = 4 and q = 0.5 the
    walk goes back to t with weight 1/4, to a with 1 and to b with 2:

              1/4
          t <------ v ---- 2 ----> b (far from t)
          └──> a <──┘ 1

    Args:
        graph: the transitions.
        n_walks: how many walks.
        length: movies in a walk at the most.
        seed: the same seed gives the same walks.
        p: return parameter, > 0; large values keep the walk from going back at once.
        q: in-out parameter, > 0; large values keep the walk near where it came from.
        threads: affects only speed, never the result.

    Returns:
        The walks as sequences of rows. Costs 4 * n_walks * length bytes.

    Raises:
        SettingsError: a number out of range.
    """
    if n_walks < 1 or length < 1 or not (0 < p < np.inf and 0 < q < np.inf):
        raise SettingsError(f"expected walks, length, p and q > 0, found {n_walks}, {length}, {p} and {q}")
    steps = np.full((n_walks, length), _SINK, dtype=np.int32)
    starts = range(0, n_walks, CHUNK)
    seeds = np.random.SeedSequence(seed).generate_state(len(starts), np.uint64)
    arrays = (graph.bag_indptr, graph.bag, graph.indptr, graph.indices, graph.weights)

    def chunk(number: int) -> None:
        part = steps[starts[number] : starts[number] + CHUNK]
        if p == q == 1.0:
            _walk_first_order(seeds[number], part, *arrays[:2])
        else:
            _walk_second_order(seeds[number], part, *arrays, 1.0 / p, 1.0 / q)

    with ThreadPoolExecutor(max(1, threads)) as pool:
        list(pool.map(chunk, range(len(starts))))
    taken = steps != _SINK
    offsets = np.append(0, np.cumsum(taken.sum(axis=1)))
    return Sequences(steps[taken], offsets.astype(np.int64))


@numba.njit(cache=True, nogil=True, inline="always")
def _uniform(state: npt.NDArray[np.uint64]) -> float:  # pragma: no cover - compiled
    """Next number of [0, 1) with 53 random bits: SplitMix64 (Steele, Lea and Flood 2014, figure 17)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@numba.njit(cache=True, nogil=True)
def _start(state, bag_indptr, bag):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The movie that a transition drawn uniformly from all leaves: P(v) = share of transitions leaving v."""
    drawn = np.int64(_uniform(state) * len(bag))
    return np.searchsorted(bag_indptr, drawn, side="right") - 1


@numba.njit(cache=True, nogil=True)
def _step(state, bag_indptr, bag, movie):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """A successor of `movie` by transition probability, or _SINK."""
    first, count = bag_indptr[movie], bag_indptr[movie + 1] - bag_indptr[movie]
    if count == 0:
        return np.int32(_SINK)
    return bag[first + np.int64(_uniform(state) * count)]


@numba.njit(cache=True, nogil=True)
def _walk_first_order(seed, steps, bag_indptr, bag):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill `steps` (walks, length) with walks, _SINK behind their ends."""
    state = np.array([seed], dtype=np.uint64)
    for walk in range(steps.shape[0]):
        movie = _start(state, bag_indptr, bag)
        steps[walk, 0] = movie
        for position in range(1, steps.shape[1]):
            movie = _step(state, bag_indptr, bag, movie)
            if movie == _SINK:
                break
            steps[walk, position] = movie


@numba.njit(cache=True, nogil=True)
def _bias(indptr, indices, before, movie, back, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """alpha(before, movie), with back = 1/p and out = 1/q."""
    if movie == before:
        return back
    row = indices[indptr[before] : indptr[before + 1]]
    at = np.searchsorted(row, movie)
    return 1.0 if at < len(row) and row[at] == movie else out


@numba.njit(cache=True, nogil=True)
def _exact(state, indptr, indices, weights, before, now, back, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """One second-order step by going through the whole row: O(degree)."""
    total = 0.0
    for edge in range(indptr[now], indptr[now + 1]):
        total += weights[edge] * _bias(indptr, indices, before, indices[edge], back, out)
    left = _uniform(state) * total
    for edge in range(indptr[now], indptr[now + 1]):
        left -= weights[edge] * _bias(indptr, indices, before, indices[edge], back, out)
        if left < 0.0:
            return indices[edge]
    return indices[indptr[now + 1] - 1]


@numba.njit(cache=True, nogil=True)
def _walk_second_order(  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    seed, steps, bag_indptr, bag, indptr, indices, weights, back, out
):
    """As `_walk_first_order`, with p and q.

    A successor drawn by its weight is kept with probability alpha / max(alpha): exact, without a table over
    pairs of edges. After MAX_TRIES refusals the row is gone through instead, which has the same distribution.
    """
    state = np.array([seed], dtype=np.uint64)
    highest = max(back, 1.0, out)
    for walk in range(steps.shape[0]):
        before, now = np.int64(_SINK), _start(state, bag_indptr, bag)
        steps[walk, 0] = now
        for position in range(1, steps.shape[1]):
            drawn = _step(state, bag_indptr, bag, now)
            if drawn == _SINK:
                break
            if before != _SINK:
                tries = 1
                while _uniform(state) * highest >= _bias(indptr, indices, before, drawn, back, out):
                    if tries == MAX_TRIES:
                        drawn = _exact(state, indptr, indices, weights, before, now, back, out)
                        break
                    drawn = _step(state, bag_indptr, bag, now)
                    tries += 1
            steps[walk, position] = drawn
            before, now = np.int64(now), np.int64(drawn)
