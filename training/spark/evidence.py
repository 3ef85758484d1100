"""Likes in order -> who was liked together, near each other and one after the other, as `training.cooccurrence` counts.

Pairs are counted by Spark and come to the driver in order, a piece at a time, into arrays of the size they have.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812 - its name everywhere

from models import Pairs
from training.cooccurrence import MOST_PAIRS, Matrix, Nearby
from training.spark.stream import Numbers, columns
from training.spark.together import at_least, histogram, pairs_counted


def liked_together(placed: DataFrame, n_movies: int, most: int = MOST_PAIRS) -> tuple[Pairs, int]:
    """How many viewers liked both of two movies, in pairs (a, b) with b > a, and the fewest viewers kept.

    Where there are more than `most` pairs, those with the fewest viewers are left out, all with the same count alike.
    Memory of the driver: 8 bytes a pair kept. Work of the workers: O(sum of squared lengths of the histories).

    Args:
        placed: of `likes.with_rows`.
        n_movies: of the catalogue.
        most: pairs that are kept.
    """
    counted = pairs_counted(placed, n_movies)
    try:
        floor, n_pairs = 1, 0
        for viewers, more in sorted(histogram(counted).items(), reverse=True):
            if n_pairs + more > most:
                floor = viewers + 1
                break
            n_pairs += more
        return _pairs(at_least(counted, floor), n_movies, n_pairs), floor
    finally:
        counted.unpersist()


def following(transitions: DataFrame, n_movies: int, folder: Path) -> Pairs:
    """How often one movie directly followed another, as pairs in files of `folder`, whatever their number.

    Args:
        transitions: of `graph.transitions`.
        n_movies: of the catalogue.
        folder: on the driver's disk, as long as the pairs are used; 8 bytes an edge.
    """
    edges = transitions.select(F.col("source").alias("a"), F.col("target").alias("b"), F.col("weight").cast("int"))
    return _pairs(columns(edges, "a", "b"), n_movies, transitions.count(), folder)


def nearby(placed: DataFrame, n_movies: int, window: int, most: int) -> Nearby:
    """What was liked within `window` likes, 1/distance each, the strongest `most` partners of each movie.

    As `cooccurrence.nearby`, to the last bit. Memory of the driver: 24 bytes for each of n_movies * most partners.
    """
    none = F.lit(0).cast("float")
    after = _near(placed, window).withColumn("before", none)
    turned = after.select(
        F.col("b").alias("a"), F.col("a").alias("b"), none.alias("after"), F.col("after").alias("before")
    )
    pairs = (
        after.unionByName(turned).groupBy("a", "b").agg(F.max("after").alias("after"), F.max("before").alias("before"))
    )
    both = pairs.select("a", "b", (F.col("after") + F.col("before")).alias("both"), "after")
    nth = F.row_number().over(Window.partitionBy("a").orderBy(F.desc("both"), "b"))
    kept = both.withColumn("nth", nth).where(F.col("nth") <= most).drop("nth")
    empty = [np.empty(0, dtype) for dtype in (np.int32, np.int32, np.float32, np.float32)]
    rows, partners, data, forward = (
        np.concatenate(parts) for parts in zip(empty, *columns(kept, "a", "b"), strict=True)
    )
    indptr = np.append(0, np.cumsum(np.bincount(rows, minlength=n_movies)))
    return Nearby(Matrix((data, partners, indptr), shape=(n_movies, n_movies)), forward)


def _near(placed: DataFrame, window: int) -> DataFrame:
    """a, b (int), after (float): `cooccurrence.near`, added up in its order and in its 32 bits."""
    viewer = Window.partitionBy("viewer").orderBy("place")
    distances = range(1, window + 1)
    ahead = [
        F.struct(F.lit(distance).alias("distance"), F.lead("row", distance).over(viewer).alias("b"))
        for distance in distances
    ]
    pairs = placed.select(F.col("row").alias("a"), F.array(*ahead).alias("ahead")).select("a", F.inline("ahead"))
    times = [F.count_if(F.col("distance") == distance).alias(f"n{distance}") for distance in distances]
    counted = pairs.where(F.col("b").isNotNull()).groupBy("a", "b").agg(*times)
    after = F.lit(0).cast("float")
    for distance in distances:
        after = after + _times(F.col(f"n{distance}"), float(np.float32(1.0 / distance)))
    return counted.select("a", "b", after.alias("after"))


def _times(n: Column, weight: float) -> Column:
    """The weight added up n times in 32 bits: beyond two, that is not n * weight rounded once."""
    one = F.lit(weight).cast("float")
    if np.log2(weight).is_integer():
        return n.cast("float") * one
    added = F.aggregate(F.array_repeat(one, n.cast("int")), F.lit(0).cast("float"), lambda total, more: total + more)
    return F.when(n <= 2, n.cast("float") * one).otherwise(added)


def _pairs(pieces: Iterable[list[Numbers]], n_movies: int, n_pairs: int, folder: Path | None = None) -> Pairs:
    """From a, b and count of pairs in order of a and b, a piece at a time."""
    indices, counts = (_room(n_pairs, folder, name) for name in ("indices", "counts"))
    indptr = np.zeros(n_movies + 1, dtype=np.int64)
    filled = 0
    for rows, partners, times in pieces:
        part = slice(filled, filled + len(rows))
        indices[part], counts[part] = partners, times
        indptr[1:] += np.bincount(rows, minlength=n_movies)
        filled += len(rows)
    return Pairs(np.cumsum(indptr), indices, counts)


def _room(n: int, folder: Path | None, name: str) -> npt.NDArray[np.int32]:
    if folder is None or not n:
        return np.empty(n, dtype=np.int32)
    return np.lib.format.open_memmap(folder / f"following.{name}.npy", mode="w+", dtype=np.int32, shape=(n,))
