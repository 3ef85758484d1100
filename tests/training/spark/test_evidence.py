"""Who was liked together, near each other and one after the other: on Spark as on one machine, to the last bit."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from models import Pairs
from tests.small import MOVIES, sample_ratings, sequences_of
from tests.training.spark.both import placed_of
from tests.training.spark.test_graph import some_histories
from training import cooccurrence
from training.prepare import prepare
from training.sequences import Sequences
from training.spark.evidence import following, liked_together, nearby
from training.spark.graph import transitions

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# said by PySpark at its first use of Arrow


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sequences, int]:
    """Simulated viewers, and how many movies there are."""
    prepared = prepare(sample_ratings(tmp_path_factory.mktemp("sample")), MOVIES, None, 3.5)
    return prepared.engine.sequences, len(prepared.catalogue)


def same(found: Pairs, expected: Pairs) -> None:
    for name in ("indptr", "indices", "counts"):
        one, other = getattr(found, name), getattr(expected, name)
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


def same_nearby(spark: "SparkSession", histories: Sequences, n_movies: int, window: int, most: int) -> None:
    expected = cooccurrence.nearby(histories, n_movies, window, most)
    found = nearby(placed_of(spark, histories), n_movies, window, most)
    assert found.both.shape == expected.both.shape
    assert (found.both.dtype, found.after.dtype) == (np.float32, np.float32)
    assert np.array_equal(found.both.indptr, expected.both.indptr)
    assert np.array_equal(found.both.indices, expected.both.indices)
    assert np.array_equal(found.both.data, expected.both.data)
    assert np.array_equal(found.after, expected.after)


@pytest.mark.parametrize("most", [0, 150, 299, 300])
def test_pairs_liked_together_and_their_floor(spark: "SparkSession", most: int) -> None:
    histories = some_histories(2)
    pairs, floor = cooccurrence.liked_together(histories, 26, most)
    found, found_floor = liked_together(placed_of(spark, histories), 26, most)
    same(found, pairs)
    assert found_floor == floor


def test_nobody_liked_two(spark: "SparkSession", tmp_path: Path) -> None:
    alone = placed_of(spark, sequences_of([[1], [1], [0]]))
    found, floor = liked_together(alone, 3, 5)
    assert (found.indptr.tolist(), found.indices.tolist(), floor) == ([0, 0, 0, 0], [], 1)
    assert nearby(alone, 3, 2, 5).both.nnz == 0


def test_what_followed_is_kept_in_files(spark: "SparkSession", tmp_path: Path) -> None:
    histories = some_histories(3)
    found = following(transitions(placed_of(spark, histories)), 26, tmp_path)
    same(found, cooccurrence.evidence(histories, 26).transitions)
    assert isinstance(found.indices, np.memmap)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["following.counts.npy", "following.indices.npy"]


@pytest.mark.parametrize(("window", "most"), [(1, 3), (10, 4), (10, 100)])
def test_nearby_movies_to_the_last_bit(spark: "SparkSession", window: int, most: int) -> None:
    same_nearby(spark, some_histories(4, viewers=200), 26, window, most)


def test_the_sample_is_counted_as_on_one_machine(
    spark: "SparkSession", sample: tuple[Sequences, int], tmp_path: Path
) -> None:
    histories, n_movies = sample
    expected = cooccurrence.evidence(histories, n_movies)
    placed = placed_of(spark, histories).persist()
    together, floor = liked_together(placed, n_movies)
    same(together, expected.together)
    same(following(transitions(placed), n_movies, tmp_path), expected.transitions)
    assert floor == expected.floor
    placed.unpersist()
    same_nearby(spark, histories, n_movies, 10, 20)


def test_movielens_is_counted_as_on_one_machine(spark: "SparkSession", shared_data: Callable[[str], Path]) -> None:
    prepared = prepare(shared_data("ml-latest-small") / "ratings.csv", None, None, 5.0)
    histories, n_movies = prepared.engine.sequences, len(prepared.catalogue)
    pairs, floor = cooccurrence.liked_together(histories, n_movies, 20_000)
    found, found_floor = liked_together(placed_of(spark, histories), n_movies, 20_000)
    same(found, pairs)
    assert found_floor == floor > 1
    same_nearby(spark, histories, n_movies, 10, 30)
