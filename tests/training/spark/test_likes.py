"""Likes and histories on Spark are those of one machine, in the same order."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow
import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from tests.training.spark.both import plan, ratings_of
from training import ratings as one_machine
from training.errors import DataError
from training.graph import build_graph
from training.readers import Columns
from training.sequences import Sequences, build_sequences, liked
from training.spark import stream
from training.spark.graph import transitions
from training.spark.likes import counts, likes_of, sequences, with_rows
from training.spark.ratings import Ratings, read_ratings, stored
from training.spark.stream import joined, lists

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# said by PySpark at its first use of Arrow


def some_ratings(seed: int = 0, viewers: int = 40, movies: int = 30, seen: int = 12) -> Columns:
    """Many at the same moment; ids whose order as text is not their order as numbers."""
    draws = np.random.default_rng(seed)
    users = np.repeat(np.arange(viewers), seen).astype(np.int32)
    codes = np.concatenate([draws.permutation(movies)[:seen] for _ in range(viewers)]).astype(np.int32)
    stars = draws.choice(np.array([1, 3.3, 3.4999999, 3.5, 5], np.float32), len(users))
    times = draws.choice([7.0, 7.25, 8.0, 1e9, 1e300], len(users))
    ids = ["é", "a", "Z", *map(str, range(movies - 3))]
    return Columns([f"user {user}" for user in range(viewers)], ids, users, codes, stars, times)


def rows_of(read: Columns) -> tuple[list[str], np.ndarray]:
    """Ids in the order of the catalogue, and the row of each code."""
    ids = sorted(read.movie_ids)
    return ids, np.array([ids.index(movie_id) for movie_id in read.movie_ids], dtype=np.int32)


def placed(ratings: Ratings, ids: list[str], min_rating: float) -> "DataFrame":
    return with_rows(likes_of(ratings, min_rating), ids)


def same(found: Sequences, expected: Sequences) -> None:
    assert found.rows.tolist() == expected.rows.tolist()
    assert found.offsets.tolist() == expected.offsets.tolist()
    assert (found.rows.dtype, found.offsets.dtype) == (expected.rows.dtype, expected.offsets.dtype)


@pytest.mark.parametrize("min_rating", [3.3, 3.5, 4.9])
def test_histories_are_those_of_one_machine(spark: "SparkSession", min_rating: float) -> None:
    read = some_ratings()
    ids, row_of = rows_of(read)
    likes = liked(read, min_rating)
    made = sequences(placed(ratings_of(spark, read), ids, min_rating))
    same(joined(lists(made, "viewer")), build_sequences(likes, row_of))
    users = [row["user"] for row in made.orderBy("viewer").collect()]
    assert users == [read.user_ids[code] for code in np.unique(likes.users)]


def test_every_movie_is_counted_in_the_order_of_the_catalogue(spark: "SparkSession") -> None:
    read = some_ratings()
    ids, likes = counts(ratings_of(spark, read), 5.0)
    expected = liked(read, 5.0).movies
    assert ids == sorted(read.movie_ids)
    assert likes.tolist() == [int((expected == read.movie_ids.index(movie_id)).sum()) for movie_id in ids]
    assert likes.dtype == np.int64


def test_without_ratings_everything_is_a_like(spark: "SparkSession") -> None:
    read = replace(some_ratings(), ratings=None)
    ratings = ratings_of(spark, read)
    assert likes_of(ratings, 3.5).count() == len(read.users)
    assert counts(ratings, 3.5)[1].sum() == len(read.users)


def test_no_likes_are_told_with_the_words_of_one_machine(spark: "SparkSession") -> None:
    read = some_ratings()
    with pytest.raises(DataError) as told:
        liked(read, 5.5)
    with pytest.raises(DataError, match=f"^{told.value}$"):
        likes_of(ratings_of(spark, read), 5.5)


def test_each_like_knows_its_place_and_how_many_there_are(spark: "SparkSession") -> None:
    read = some_ratings(viewers=2, seen=3)
    ids, _ = rows_of(read)
    rows = placed(ratings_of(spark, replace(read, ratings=None)), ids, 0).orderBy("viewer", "place").collect()
    assert [(row["place"], row["count"]) for row in rows] == [(0, 3), (1, 3), (2, 3)] * 2
    assert all(one["time"] <= other["time"] for one, other in pairwise(rows) if other["place"])


def test_lists_are_packed_whole_and_no_more_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PIECE", 10)
    lengths = [3, 0, 4, 9, 25, 1, 1, 0]
    values = [list(range(length)) for length in lengths]
    batch = pyarrow.RecordBatch.from_arrays([pyarrow.array(values, pyarrow.list_(pyarrow.int32()))], ["list"])
    packed = [row for part in stream._pack_lists([batch[:0], batch, batch[2:4]]) for row in part.to_pylist()]
    assert [np.frombuffer(row["lengths"], np.int32).tolist() for row in packed] == [
        [3, 0, 4],
        [9],
        [25, 1, 1, 0],
        [4],
        [9],
    ]
    numbers = [number for row in packed for number in np.frombuffer(row["numbers"], np.int32).tolist()]
    assert numbers == [number for one in [*values, *values[2:4]] for number in one]


def test_a_stream_is_in_order_and_may_be_empty(spark: "SparkSession") -> None:
    made = spark.range(500, numPartitions=4).selectExpr(
        "id * 7919 % 500 as viewer", "sequence(1, int(id % 3)) as movies"
    )
    made = made.selectExpr("viewer", "array(int(viewer), int(viewer)) as movies")
    found = joined(lists(made, "viewer"))
    assert found.rows.tolist() == [number for number in range(500) for _ in range(2)]
    nothing = joined(lists(made.where("viewer < 0"), "viewer"))
    assert (nothing.rows.tolist(), nothing.offsets.tolist()) == ([], [0])


def test_nothing_is_broadcast(spark: "SparkSession") -> None:
    read = some_ratings()
    made = sequences(placed(ratings_of(spark, read), rows_of(read)[0], 3.5))
    assert "SortMergeJoin" in plan(made)
    assert "Broadcast" not in plan(made)


def test_movielens_becomes_the_same_histories(
    spark: "SparkSession", shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    path = shared_data("ml-latest-small") / "ratings.csv"
    read, _ = one_machine.read_ratings(path)
    ids, row_of = rows_of(read)
    ratings = read_ratings(spark, str(path), None, str(tmp_path))
    kept = stored(placed(ratings, ids, 3.5), str(tmp_path / "likes"))
    histories = build_sequences(liked(read, 3.5), row_of)
    same(joined(lists(sequences(kept), "viewer")), histories)
    edges, graph = transitions(kept).orderBy("source", "target").toArrow(), build_graph(histories, len(ids))
    assert np.array_equal(edges["target"].to_numpy(), graph.indices)
    assert np.array_equal(edges["weight"].to_numpy(), graph.weights)
    assert np.array_equal(np.bincount(edges["source"].to_numpy(), minlength=len(ids)), np.diff(graph.indptr))
    assert counts(ratings, 3.5)[1].tolist() == np.bincount(row_of[liked(read, 3.5).movies], minlength=len(ids)).tolist()
