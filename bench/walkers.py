"""The walkers that ours is measured against, as people write them."""

import random
from collections.abc import Callable, Mapping
from itertools import pairwise

import numba
import numpy as np
import numpy.typing as npt

from training.graph import TransitionGraph
from training.sequences import Sequences

Rows = npt.NDArray[np.int64]
Step = Callable[[Rows], Rows]
Choices = Mapping[int, float]


def dictionaries(graph: TransitionGraph) -> tuple[dict[int, dict[int, float]], dict[int, float]]:
    """The graph as the lesson has it: probabilities in dictionaries, of each step and of each start."""
    chances = (graph.weights / np.repeat(np.diff(graph.bag_indptr), np.diff(graph.indptr))).tolist()
    movies, bounds = graph.indices.tolist(), graph.indptr.tolist()
    steps = {
        row: dict(zip(movies[low:high], chances[low:high], strict=True))
        for row, (low, high) in enumerate(pairwise(bounds))
        if low < high
    }
    return steps, dict(enumerate(graph.start.tolist()))


def dictionary_walks(
    steps: Mapping[int, Choices], starts: Choices, n_walks: int, length: int, seed: int
) -> list[list[int]]:
    """One movie after another: add up probabilities until they reach a random number."""
    rng = random.Random(seed)
    walks = []
    for _ in range(n_walks):
        walk = [_pick(starts, rng.random())]
        while len(walk) < length and walk[-1] in steps:
            walk.append(_pick(steps[walk[-1]], rng.random()))
        walks.append(walk)
    return walks


def cumulative_step(graph: TransitionGraph, rng: np.random.Generator) -> Step:
    """NumPy: all walkers search the running sums of all weights at once."""
    sums = np.cumsum(graph.weights, dtype=np.int64)
    low, degree = graph.bag_indptr[:-1], np.diff(graph.bag_indptr)

    def step(now: Rows) -> Rows:
        drawn = low[now] + (rng.random(len(now)) * degree[now]).astype(np.int64)
        return graph.indices[np.searchsorted(sums, drawn, side="right")].astype(np.int64)

    return step


def alias_step(graph: TransitionGraph, rng: np.random.Generator) -> Step:
    """NumPy: alias tables (Walker 1977; Vose 1991), all walkers at once."""
    keep, alias = alias_tables(graph.indptr, graph.indices, graph.weights)
    low, degree = graph.indptr[:-1], np.diff(graph.indptr)

    def step(now: Rows) -> Rows:
        drawn = rng.random(len(now)) * degree[now]
        slot = drawn.astype(np.int64)
        at = low[now] + slot
        taken: Rows = np.where(drawn - slot < keep[at], graph.indices[at], alias[at]).astype(np.int64)
        return taken

    return step


def abreast(graph: TransitionGraph, step: Step, n_walks: int, length: int, rng: np.random.Generator) -> Sequences:
    """Walkers side by side, one step of all of them at a time; a walk ends where there is no successor."""
    degree = np.diff(graph.indptr)
    places = np.full((n_walks, length), -1, dtype=np.int32)
    now = np.searchsorted(np.cumsum(graph.start), rng.random(n_walks), side="right")
    now = np.minimum(now, len(degree) - 1)
    walking = np.arange(n_walks)
    for position in range(length):
        places[walking, position] = now
        goes_on = degree[now] > 0
        if not goes_on.all():
            walking, now = walking[goes_on], now[goes_on]
        now = step(now)
    taken = places >= 0
    return Sequences(places[taken], np.append(0, np.cumsum(taken.sum(axis=1))).astype(np.int64))


def row_by_row(
    graph: TransitionGraph, n_walks: int, length: int, p: float, q: float, rng: np.random.Generator
) -> Sequences:
    """Second order in NumPy, one step at a time: alpha times weight over the whole row, then a draw from it."""
    starts = np.cumsum(graph.start)
    rows: list[int] = []
    offsets = [0]
    for _ in range(n_walks):
        before, now = -1, int(np.searchsorted(starts, rng.random(), side="right"))
        rows.append(now)
        while len(rows) - offsets[-1] < length and graph.indptr[now] < graph.indptr[now + 1]:
            before, now = now, _second_order(graph, before, now, p, q, rng.random())
            rows.append(now)
        offsets.append(len(rows))
    return Sequences(np.array(rows, dtype=np.int32), np.array(offsets, dtype=np.int64))


def _second_order(graph: TransitionGraph, before: int, now: int, p: float, q: float, drawn: float) -> int:
    part = slice(graph.indptr[now], graph.indptr[now + 1])
    movies, weighted = graph.indices[part], graph.weights[part].astype(np.float64)
    if before >= 0:
        row = graph.indices[graph.indptr[before] : graph.indptr[before + 1]]
        known = row[np.minimum(np.searchsorted(row, movies), len(row) - 1)] == movies
        weighted *= np.where(movies == before, 1.0 / p, np.where(known, 1.0, 1.0 / q))
    sums = np.cumsum(weighted)
    return int(movies[min(np.searchsorted(sums, drawn * sums[-1], side="right"), len(movies) - 1)])


def _pick(choices: Choices, drawn: float) -> int:
    reached = 0.0
    movie = -1
    for movie, chance in choices.items():  # noqa: B007 - the last one, where rounding keeps the sum below the draw
        reached += chance
        if reached >= drawn:
            break
    return movie


@numba.njit(cache=True)
def alias_tables(indptr, indices, weights):  # type: ignore[no-untyped-def]
    """For each edge the chance to keep it and the successor to take instead."""
    keep = np.ones(len(indices), dtype=np.float64)
    alias = indices.copy()
    for row in range(len(indptr) - 1):
        low, high = indptr[row], indptr[row + 1]
        if low == high:
            continue
        scaled = weights[low:high] * ((high - low) / weights[low:high].sum())
        small, large = list(np.flatnonzero(scaled < 1.0)), list(np.flatnonzero(scaled >= 1.0))
        while len(small) > 0 and len(large) > 0:
            less, more = small.pop(), large[-1]
            keep[low + less] = scaled[less]
            alias[low + less] = indices[low + more]
            scaled[more] -= 1.0 - scaled[less]
            if scaled[more] < 1.0:
                large.pop()
                small.append(more)
    return keep, alias
