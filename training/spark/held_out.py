"""What is held out on Spark: the questions of `training.evaluation.protocols`, and what may be learned from."""

from dataclasses import dataclass

import numpy as np
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812 - its name everywhere

from training.errors import DataError
from training.evaluation.protocols import TIME_SHARE, Split
from training.readers import NO_RATINGS
from training.spark.likes import sequences
from training.spark.stream import joined, lists

# counts that the driver sees at a time when a quantile is searched
BUCKETS = 4096


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Likes that are asked for, and likes that training may see.

    Attributes:
        protocol: its name.
        train: as `likes.with_rows` has them, `count` of what is left.
        questions: viewer (long), user (string), place (int) of each like that is asked for.
        asked: how many.
    """

    protocol: str
    train: DataFrame
    questions: DataFrame
    asked: int


def hold_out_last(placed: DataFrame) -> HeldOut:
    """Ask for the last like of each viewer who has two; the likes before it train.

    Raises:
        DataError: no viewer has two likes.
    """
    last = (F.col("count") >= 2) & (F.col("place") == F.col("count") - 1)
    left = F.when(F.col("count") >= 2, F.col("count") - 1).otherwise(F.col("count"))
    return _held_out("leave-last-one", placed.where(~last).withColumn("count", left), placed.where(last))


def hold_out_late(placed: DataFrame, share: float = TIME_SHARE) -> HeldOut:
    """Ask for every like after the moment at which `share` of the likes were given; likes before it train.

    Raises:
        DataError: nothing to ask for, or nothing to learn from.
    """
    n_likes = placed.count()
    cut = nth_smallest(placed.select("time"), min(int(share * n_likes), n_likes - 1))
    late = F.col("time") >= cut
    left = F.count("*").over(Window.partitionBy("viewer")).cast("int")
    train = placed.where(~late).withColumn("count", left)
    held_out = _held_out("time-split", train, placed.where(late & (F.col("place") > 0)))
    if train.isEmpty():
        raise DataError("time-split: no ratings left to learn from")
    return held_out


def nth_smallest(times: DataFrame, nth: int) -> float:
    """The number at place `nth` (0 is the smallest) of the only column, as if sorted, at BUCKETS counts a pass."""
    time = F.col(times.columns[0])
    while True:
        low, high = times.agg(F.min(time), F.max(time)).first()
        if low == high:
            return float(low)
        # rises with time and parts the lowest from the highest, so that every pass leaves fewer numbers
        bucket = F.floor((time - low) / (high - low) * (BUCKETS - 1))
        counted = sorted(tuple(row) for row in times.groupBy(bucket.alias("bucket")).count().collect())
        for found, n_times in counted:
            if nth < n_times:
                times = times.where(bucket == found)
                break
            nth -= n_times


def sample_questions(held_out: HeldOut, placed: DataFrame, most: int) -> Split:
    """At most `most` questions, with the histories of their viewers, on the driver.

    All of them, in the order of one machine, where there are no more; else those with the smallest hash of user and
    place, whatever the order of the files.

    Args:
        held_out: of `placed`.
        placed: all likes, of `likes.with_rows`.
        most: bounds the memory, with the length of the histories.

    Returns:
        The split, without ratings; `HeldOut.train` is what may be learned from.
    """
    questions = held_out.questions
    if held_out.asked > most:
        questions = questions.orderBy(F.xxhash64("user", "place"), "viewer", "place").limit(most)
    places = questions.groupBy("viewer").agg(F.array_sort(F.collect_list("place")).alias("places"))
    histories = sequences(placed).join(places, "viewer").select("viewer", "movies", "places").persist()
    liked, asked = (joined(lists(histories, "viewer", column)) for column in ("movies", "places"))
    histories.unpersist()
    viewers = np.repeat(np.arange(len(asked)), np.diff(asked.offsets))
    targets = liked.offsets[viewers] + asked.rows
    return Split(held_out.protocol, NO_RATINGS, liked, targets, viewers, held_out.asked)


def _held_out(protocol: str, train: DataFrame, asked: DataFrame) -> HeldOut:
    questions = asked.select("viewer", "user", "place")
    n_questions = questions.count()
    if not n_questions:
        raise DataError(f"{protocol}: nothing to ask for: expected a viewer with two likes (the later held out)")
    return HeldOut(protocol, train, questions, n_questions)
