"""The same data on one machine and on Spark."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow

from training.ratings import ReadReport
from training.readers import Columns
from training.sequences import Sequences
from training.spark.ratings import Ratings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PARTS = 3


def ratings_of(spark: "SparkSession", read: Columns) -> Ratings:
    """What Spark would have read, in no order."""
    users, movies = np.array(read.user_ids, dtype=object), np.array(read.movie_ids, dtype=object)
    table = {
        # beyond 32 bits, and with gaps
        "viewer": (read.users.astype(np.int64) + 1) << 33,
        "user": users[read.users],
        "movie": movies[read.movies],
        "time": read.times,
    }
    if read.ratings is not None:
        table["rating"] = read.ratings
    mixed = np.random.default_rng(0).permutation(len(read.users))
    frame = spark.createDataFrame(pyarrow.table({name: column[mixed] for name, column in table.items()}))
    best = None if read.ratings is None else float(read.ratings.max())
    return Ratings(frame.repartition(PARTS), ReadReport(Path("ratings.csv")), best, 0.0, 0.0, "")


def placed_of(spark: "SparkSession", sequences: Sequences) -> "DataFrame":
    """Likes by row, place and count, in no order."""
    lengths = np.diff(sequences.offsets)
    viewer = np.repeat(np.arange(len(sequences)), lengths)
    place = np.arange(len(sequences.rows)) - np.repeat(sequences.offsets[:-1], lengths)
    table = {
        "viewer": viewer,
        "user": np.char.add("u", viewer.astype(str)).astype(object),
        "time": place * 10.0,
        "row": sequences.rows,
        "place": place.astype(np.int32),
        "count": lengths[viewer].astype(np.int32),
    }
    mixed = np.random.default_rng(0).permutation(len(viewer))
    frame = spark.createDataFrame(pyarrow.table({name: column[mixed] for name, column in table.items()}))
    return frame.repartition(PARTS)


def plan(frame: "DataFrame") -> str:
    """How Spark is going to make it."""
    return str(frame._jdf.queryExecution().executedPlan().toString())
