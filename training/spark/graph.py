"""Likes in order -> the table of "watched next": how often one movie directly followed another, and how likely."""

import numpy as np
import numpy.typing as npt
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812 - its name everywhere

from training.errors import DataError


def transitions(placed: DataFrame) -> DataFrame:
    """Count adjacent likes of each viewer; pairs never span two viewers.

    Args:
        placed: of `likes.with_rows`.

    Returns:
        One row an edge, in no order: source, target (int, catalogue rows), weight (long), how often `target` was
        liked directly after `source`, and probability (double), P(target | source) = weight / sum of the source's.

    Raises:
        DataError: no viewer has two likes, so that there is no transition.
    """
    if placed.where(F.col("count") >= 2).isEmpty():
        raise DataError("no transitions: expected at least one viewer with two likes, found none")
    following = F.lead("row").over(Window.partitionBy("viewer").orderBy("place"))
    pairs = placed.select(F.col("row").alias("source"), following.alias("target")).where(F.col("target").isNotNull())
    edges = pairs.groupBy("source", "target").agg(F.count("*").alias("weight"))
    total = F.sum("weight").over(Window.partitionBy("source"))
    return edges.withColumn("probability", F.col("weight") / total)


def leaving(transitions: DataFrame, n_movies: int) -> npt.NDArray[np.int64]:
    """int64 (n_movies,), how many transitions leave each movie."""
    found = transitions.groupBy("source").agg(F.sum("weight").alias("weight")).toArrow()
    leave = np.zeros(n_movies, dtype=np.int64)
    leave[found["source"].to_numpy()] = found["weight"].to_numpy()
    return leave
