"""Walks made on Spark against `training.walks`, movie by movie: so their distribution needs no test of its own."""

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from pyspark.sql import functions as F  # noqa: N812

from tests.training.spark.graphs import Walks, a_graph, a_hub, expected, leaving
from training.errors import DataError, SettingsError
from training.graph import TransitionGraph
from training.spark import batches, walks
from training.spark.blocks import Ranges, most_edges

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def table(spark: "SparkSession", graph: TransitionGraph) -> "DataFrame":
    sources = np.repeat(np.arange(len(graph.indptr) - 1), np.diff(graph.indptr))
    edges = list(zip(sources.tolist(), graph.indices.tolist(), graph.weights.tolist(), strict=True))
    return spark.createDataFrame(edges, "source int, target int, weight long").withColumn("unused", F.rand(1))


def task_of(spark: "SparkSession", graph: TransitionGraph, n_parts: int) -> batches.Task:
    return batches.Task(Ranges.cut(leaving(graph), n_parts), walks._labels(spark, n_parts), 5, 2.0, 0.5)


def as_lists(frame: "DataFrame") -> Walks:
    rows = frame.collect()
    found = {row.walk: list(row.movies) for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.mark.parametrize(
    ("n_parts", "p", "q", "length", "first"),
    [
        (1, 1.0, 1.0, 3, 0),
        (3, 1.0, 1.0, 9, 77),
        (1, 0.25, 4.0, 3, 0),
        (3, 1e-3, 1e-3, 4, 77),
        (7, 4.0, 0.25, 4, 0),
        (None, 1.0, 1.0, 9, 77),
        (None, 1e-3, 4.0, 9, 0),
    ],
)
def test_walks_are_those_of_one_machine(
    spark: "SparkSession", tmp_path: Path, n_parts: int | None, p: float, q: float, length: int, first: int
) -> None:
    graph = a_graph(np.random.default_rng(1), 40, 60)
    found = walks.random_walks(
        table(spark, graph),
        leaving(graph),
        200,
        length,
        seed=2**64 - 1,
        p=p,
        q=q,
        parts=n_parts,
        first=first,
        folder=tmp_path.as_uri(),
    )
    assert found.dtypes == [("walk", "bigint"), ("movies", "array<int>")]
    wanted = expected(graph, 200, length, 2**64 - 1, p, q, first)
    assert as_lists(found) == wanted
    assert len({len(walk) for walk in wanted.values()}) > 1


@pytest.mark.parametrize("q", [1.0, 2.0])
def test_neither_a_hub_nor_checkpoints_change_the_walks(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, q: float
) -> None:
    monkeypatch.setattr("training.spark.walks.EVERY", 2)
    graph, task = a_hub(40), task_of(spark, a_hub(40), 6)
    assert np.diff(task.ranges.parts).max() > 1
    found = walks.random_walks(
        table(spark, graph), leaving(graph), 300, 5, seed=5, q=q, parts=6, folder=tmp_path.as_uri()
    )
    wanted = expected(graph, 300, 5, 5, 1.0, q)
    assert {len(walk) for walk in wanted.values()} == {2, 3, 4, 5}
    assert as_lists(found) == wanted
    assert [path.name for path in tmp_path.iterdir()] == ["walks-0"]


def outside_of_caches(plan: str) -> list[str]:
    """The lines of a plan without what is below a table that is there already."""
    lines: list[str] = []
    within = None
    for line in plan.splitlines():
        depth = len(line) - len(line.lstrip(" :+-"))
        if within is None or depth <= within:
            within = depth if "InMemoryRelation" in line else None
            lines.append(line.lstrip(" :+-"))
    return lines


def test_only_messages_are_shuffled_and_nothing_is_broadcast(spark: "SparkSession") -> None:
    graph = a_hub(40)
    task = task_of(spark, graph, 5)
    blocks = walks.packed(table(spark, graph), task)
    sent, acts = walks._started(spark, task, 0, 100), list(batches.acts(task, 3))
    for act in acts:
        sent = walks.superstep(blocks, sent, task, act)
    plan = outside_of_caches(sent._jdf.queryExecution().executedPlan().toString())
    held = blocks.select("part", F.spark_partition_id().alias("place")).collect()
    blocks.unpersist()
    assert not any("Broadcast" in line for line in plan)
    assert sum("InMemoryTableScan" in line for line in plan) == len(acts) == 4
    below = [after for line, after in pairwise(plan) if line.startswith("Exchange")]
    assert len(below) == len(acts)
    assert all("walkers" in line for line in below)
    assert all(", 5)" in line for line in plan if line.startswith("Exchange"))
    assert sorted(row.part for row in held) == task.labels.tolist()
    assert sorted(row.place for row in held) == list(range(5))


def test_a_small_table_is_held_whole_by_every_part_unless_it_is_to_be_cut() -> None:
    leaving = np.array([walks.EDGES, 0, 1, 0])
    assert most_edges(leaving).sum() == 5
    small = walks._ranges(leaving, None, 10, 4)
    assert small.is_whole
    assert [small.rows_of(part) for part in range(4)] == [(0, 4)] * 4
    assert small.part_of(np.array([0, 3, 2]), np.array([5, 6, 7])).tolist() == [1, 2, 3]
    assert not walks._ranges(leaving, 4, 10, 4).is_whole


def test_a_table_is_small_up_to_a_number_of_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    leaving = np.array([7, 0, 1, 3])
    monkeypatch.setattr("training.spark.walks.EDGES", 8)
    assert walks._ranges(leaving, None, 10, 2).is_whole
    monkeypatch.setattr("training.spark.walks.EDGES", 7)
    assert not walks._ranges(leaving, None, 10, 2).is_whole


def test_parts_are_as_many_as_edges_and_walks_ask_for() -> None:
    few, many = np.full(10, 5), np.full(60_000, 100)
    assert walks._n_parts(few, 10, 4) == 4
    assert walks._n_parts(many, 10, 2) == 6_000_000 // walks.EDGES
    assert walks._n_parts(few, 10 * walks.WALKERS + 1, 4) == 11


def test_numbers_out_of_range_are_refused(spark: "SparkSession") -> None:
    edges = spark.range(1)
    with pytest.raises(SettingsError, match=r"expected walks, length, p and q > 0, found 5, 0, 1.0 and 1.0"):
        walks.random_walks(edges, np.array([1]), 5, 0, seed=1, folder="")
    with pytest.raises(DataError, match="no transitions: expected at least one that leaves a movie, found none"):
        walks.random_walks(edges, np.array([0, 0]), 5, 5, seed=1, folder="")
