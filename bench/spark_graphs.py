"""Graphs of any number of distinct edges, as Parquet: written by one machine, read by Spark and by one machine."""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from bench.data import BUILD, FALL, FAME, SEED
from training.graph import TransitionGraph

N_MOVIES = 60_000
ROW_GROUP = 500_000


def graph(n_edges: int, n_movies: int = N_MOVIES, seed: int = SEED) -> TransitionGraph:
    """Both ends of a transition are drawn by popularity; of the edges that were seen exactly `n_edges` are kept."""
    rng = np.random.default_rng([seed, n_edges])
    share = (rng.permutation(n_movies) + FAME) ** -FALL
    sums = np.cumsum(share / share.sum())
    keys, weights = np.empty(0, np.int64), np.empty(0, np.int64)
    while len(keys) < n_edges:
        ends = np.minimum(np.searchsorted(sums, rng.random((2, n_edges)), side="right"), n_movies - 1)
        new, seen = np.unique(ends[0] * n_movies + ends[1], return_counts=True)
        keys, places = np.unique(np.append(keys, new), return_inverse=True)
        weights = np.bincount(places, np.append(weights, seen)).astype(np.int64)
    kept = np.sort(rng.permutation(len(keys))[:n_edges])
    return _graph(keys[kept] // n_movies, keys[kept] % n_movies, weights[kept], n_movies)


def edges_parquet(n_edges: int, folder: Path = BUILD) -> Path:
    """`graph` as (source, target, weight) in order, written once for each version of this file."""
    source = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    path = folder / f"edges-{n_edges}-{source}.parquet"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made, part = graph(n_edges), path.with_suffix(".part")
        sources = np.repeat(np.arange(N_MOVIES, dtype=np.int32), np.diff(made.indptr))
        columns = {"source": sources, "target": made.indices, "weight": made.weights.astype(np.int64)}
        pq.write_table(pa.table(columns), part, row_group_size=ROW_GROUP)
        part.replace(path)
    return path


def read(path: Path) -> TransitionGraph:
    """What `edges_parquet` has written."""
    table = pq.read_table(path)
    source, target, weight = (table[name].to_numpy() for name in ("source", "target", "weight"))
    return _graph(source, target, weight, N_MOVIES)


def _graph(
    sources: npt.NDArray[np.integer], targets: npt.NDArray[np.integer], weights: npt.NDArray[np.int64], n_movies: int
) -> TransitionGraph:
    """From edges in order."""
    indptr = np.append(0, np.cumsum(np.bincount(sources, minlength=n_movies)))
    return TransitionGraph(indptr, targets.astype(np.int32), weights.astype(np.int32))
