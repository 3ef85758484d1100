"""The table of transitions on Spark is the graph of one machine."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from tests.small import sequences_of
from tests.training.spark.both import placed_of, plan
from training.errors import DataError
from training.graph import build_graph
from training.sequences import Sequences
from training.spark.graph import leaving, transitions

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# said by PySpark at its first use of Arrow


def some_histories(seed: int, viewers: int = 60, movies: int = 25) -> Sequences:
    """Of all lengths from 1, no movie twice in one; few movies, so that pairs come again."""
    draws = np.random.default_rng(seed)
    return sequences_of([draws.permutation(movies)[: 1 + draws.integers(movies)].tolist() for _ in range(viewers)])


def test_three_viewers_by_hand(spark: "SparkSession") -> None:
    made = transitions(placed_of(spark, sequences_of([[2, 0, 1], [1, 2, 0], [3], [2, 1]]))).orderBy("source", "target")
    assert [tuple(row) for row in made.collect()] == [
        (0, 1, 1, 1.0),
        (1, 2, 1, 1.0),
        (2, 0, 2, 2 / 3),
        (2, 1, 1, 1 / 3),
    ]
    assert dict(made.dtypes) == {"source": "int", "target": "int", "weight": "bigint", "probability": "double"}
    assert leaving(made, 5).tolist() == [1, 1, 3, 0, 0]


def test_edges_weights_and_probabilities_are_those_of_one_machine(spark: "SparkSession") -> None:
    histories = some_histories(1)
    graph = build_graph(histories, 26)
    made = transitions(placed_of(spark, histories))
    found = made.orderBy("source", "target").toArrow()
    sources = np.repeat(np.arange(26), np.diff(graph.indptr))
    assert found["source"].to_pylist() == sources.tolist()
    assert found["target"].to_pylist() == graph.indices.tolist()
    assert found["weight"].to_pylist() == graph.weights.tolist()
    assert found["probability"].to_pylist() == np.concatenate([graph.row(movie)[1] for movie in range(26)]).tolist()
    leave = leaving(made, 26)
    assert leave.tolist() == np.diff(graph.bag_indptr).tolist()
    assert leave.dtype == np.int64
    assert "Broadcast" not in plan(made)


def test_no_transitions_are_told_with_the_words_of_one_machine(spark: "SparkSession") -> None:
    alone = sequences_of([[1], [2]])
    with pytest.raises(DataError) as told:
        build_graph(alone, 3)
    with pytest.raises(DataError, match=f"^{told.value}$"):
        transitions(placed_of(spark, alone))
