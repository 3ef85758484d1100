"""What is held out on Spark is what one machine holds out."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow
import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from tests.training.spark.both import plan, ratings_of
from tests.training.spark.test_likes import placed, rows_of, same, some_ratings
from training.errors import DataError
from training.evaluation.protocols import Split, leave_last_one, time_split
from training.readers import Columns
from training.sequences import build_sequences, liked
from training.spark import held_out
from training.spark.held_out import HeldOut, hold_out_last, hold_out_late, nth_smallest, sample_questions
from training.spark.likes import sequences
from training.spark.stream import joined, lists

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# said by PySpark at its first use of Arrow

PROTOCOLS = {"leave-last-one": (leave_last_one, hold_out_last), "time-split": (time_split, hold_out_late)}


def ratings() -> Columns:
    """Viewers with none, one and several likes, some of them later than all others."""
    read = some_ratings(seen=6)
    times = read.times.copy()
    times[times == 1e300] = np.linspace(1e9 - 5, 1e9 + 5, int((times == 1e300).sum()))
    times[read.users < 4] += 2e9
    return replace(read, times=times)


def questions(split: Split) -> list[tuple[list[int], int]]:
    """History and answer of each question."""
    places = zip(split.starts, split.targets, strict=True)
    histories = [split.liked.rows[start:target].tolist() for start, target in places]
    assert [history[-1] for history in histories] == split.queries.tolist()
    return list(zip(histories, split.answers.tolist(), strict=True))


@pytest.mark.parametrize(("protocol", "min_rating"), [("leave-last-one", 3.3), ("time-split", 4.9)])
def test_questions_and_what_is_left_are_those_of_one_machine(
    spark: "SparkSession", protocol: str, min_rating: float
) -> None:
    alone, on_spark = PROTOCOLS[protocol]
    read = ratings()
    ids, row_of = rows_of(read)
    expected = alone(read, row_of, min_rating)
    likes = placed(ratings_of(spark, read), ids, min_rating).persist()
    kept = on_spark(likes)
    found = sample_questions(kept, likes, expected.asked)
    assert (kept.protocol, kept.asked, found.protocol, found.asked) == (
        protocol,
        expected.asked,
        protocol,
        expected.asked,
    )
    assert questions(found) == questions(expected)
    assert np.diff(found.viewers).astype(bool).tolist() == np.diff(expected.viewers).astype(bool).tolist()
    same(joined(lists(sequences(kept.train), "viewer")), build_sequences(liked(expected.train, min_rating), row_of))
    left = kept.train.groupBy("viewer", "count").count().toDF("viewer", "said", "there").collect()
    assert all(row["said"] == row["there"] for row in left)
    assert "Broadcast" not in plan(kept.train) + plan(kept.questions)
    likes.unpersist()


def test_a_sample_is_small_the_same_each_time_and_of_what_is_asked(spark: "SparkSession") -> None:
    read = ratings()
    ids, row_of = rows_of(read)
    expected = questions(time_split(read, row_of, 3.3))
    likes = placed(ratings_of(spark, read), ids, 3.3).persist()
    kept = hold_out_late(likes)
    found = sample_questions(kept, likes, 9)
    # other parts, other numbers of the viewers
    moved = likes.selectExpr("-viewer as viewer", "user", "time", "row", "place", "count").repartition(5)
    again = sample_questions(hold_out_late(moved), moved, 9)
    assert (len(found.targets), found.asked) == (9, len(expected))
    assert all(question in expected for question in questions(found))
    assert sorted(questions(again)) == sorted(questions(found))
    likes.unpersist()


@pytest.mark.parametrize("hold_out", [hold_out_last, hold_out_late])
def test_no_viewer_with_two_likes_is_told(spark: "SparkSession", hold_out: "type[HeldOut]") -> None:
    read = some_ratings(seen=1)
    likes = placed(ratings_of(spark, replace(read, ratings=None)), rows_of(read)[0], 0)
    with pytest.raises(
        DataError, match=r"nothing to ask for: expected a viewer with two likes \(the later held out\)$"
    ):
        hold_out(likes)


def test_nothing_before_the_cut_is_told(spark: "SparkSession") -> None:
    read = replace(some_ratings(), times=np.full(480, 5.0), ratings=None)
    likes = placed(ratings_of(spark, read), rows_of(read)[0], 0)
    with pytest.raises(DataError, match=r"^time-split: no ratings left to learn from$"):
        hold_out_late(likes)


def test_the_nth_smallest_is_found_without_sorting(spark: "SparkSession", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_out, "BUCKETS", 3)
    numbers = np.concatenate([np.zeros(3), [5e-324, 1e-300, 1.0, np.nextafter(1.0, 2)], np.arange(7) * 1e8, [1.7e308]])
    frame = spark.createDataFrame(pyarrow.table({"time": numbers}))
    for nth in (0, 4, 6, len(numbers) - 1):
        assert nth_smallest(frame, nth) == np.sort(numbers)[nth]
