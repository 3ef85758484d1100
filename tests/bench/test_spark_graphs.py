from pathlib import Path

import numpy as np

from bench.spark_graphs import edges_parquet, graph, read

N_EDGES, N_MOVIES = 20_000, 1_000


def test_exactly_as_many_distinct_edges_as_asked_for() -> None:
    made = graph(N_EDGES, N_MOVIES)
    sources = np.repeat(np.arange(N_MOVIES), np.diff(made.indptr))
    keys = sources * N_MOVIES + made.indices
    assert len(keys) == N_EDGES
    assert (np.diff(keys) > 0).all()
    assert made.weights.min() == 1


def test_popular_movies_have_most_edges_and_the_heaviest() -> None:
    made = graph(N_EDGES, N_MOVIES)
    degrees = np.sort(np.diff(made.indptr))[::-1]
    assert degrees[:100].sum() > 2 * degrees[-500:].sum()
    assert made.weights.max() >= 8


def test_the_same_number_of_edges_gives_the_same_graph_and_another_seed_does_not() -> None:
    first, again, other = graph(500, 50, seed=1), graph(500, 50, seed=1), graph(500, 50, seed=2)
    assert np.array_equal(first.indices, again.indices)
    assert not np.array_equal(first.indices, other.indices)


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    found, made = read(edges_parquet(3_000, tmp_path)), graph(3_000)
    assert all(np.array_equal(getattr(found, name), getattr(made, name)) for name in ("indptr", "indices", "weights"))
