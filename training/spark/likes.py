"""Ratings -> likes in each viewer's order of time, and the histories that they make."""

from collections.abc import Sequence as Listed

import numpy as np
import numpy.typing as npt
import pyarrow
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812 - its name everywhere

from training.errors import DataError
from training.spark.ratings import Ratings


def likes_of(ratings: Ratings, min_rating: float) -> DataFrame:
    """The rows that count as likes: rating >= min_rating, or all where the files have no ratings.

    Returns:
        viewer (long), user, movie (string), time (double).

    Raises:
        DataError: none is left.
    """
    frame = ratings.frame
    if ratings.best is not None and ratings.best < np.float32(min_rating):
        raise DataError(f"no likes left: expected ratings >= {min_rating:g}, the highest found is {ratings.best:g}")
    return frame.where(_is_like(frame, min_rating)).select("viewer", "user", "movie", "time")


def counts(ratings: Ratings, min_rating: float) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Every movie of the ratings, in order of ids as text, and how many viewers liked it: 0 for some.

    Returns:
        Ids, and int64 (n_movies,), as `catalogue.build_catalogue` asks for.
    """
    liked = F.count_if(_is_like(ratings.frame, min_rating)).alias("likes")
    found = ratings.frame.groupBy("movie").agg(liked).toArrow()
    # sorted here: Python's order of texts is the catalogue's
    by_id = dict(zip(found["movie"].to_pylist(), found["likes"].to_pylist(), strict=True))
    ids = sorted(by_id)
    return ids, np.array([by_id[movie_id] for movie_id in ids], dtype=np.int64)


def with_rows(likes: DataFrame, ids: Listed[str]) -> DataFrame:
    """Likes by catalogue row, numbered in each viewer's order of time; the same time by row (docs/decisions/0004).

    Args:
        likes: of `likes_of`.
        ids: of the catalogue, in order of rows, every liked movie among them.

    Returns:
        viewer (long), user (string), time (double), row, place (0, 1, ..), count (int): likes of the viewer. It is
        sorted anew each time it is read: `ratings.stored` keeps it.
    """
    rows = pyarrow.table({"movie": pyarrow.array(ids, pyarrow.string()), "row": np.arange(len(ids), dtype=np.int32)})
    movies = likes.sparkSession.createDataFrame(rows)
    viewer = Window.partitionBy("viewer")
    place = (F.row_number().over(viewer.orderBy("time", "row")) - 1).alias("place")
    count = F.count("*").over(viewer).cast("int").alias("count")
    return likes.join(movies, "movie").select("viewer", "user", "time", "row", place, count)


def sequences(placed: DataFrame) -> DataFrame:
    """One row for each viewer: viewer (long), user (string), movies (array<int>), rows in order."""
    in_order = F.array_sort(F.collect_list(F.struct("place", "row")))
    return placed.groupBy("viewer").agg(F.first("user").alias("user"), in_order.getField("row").alias("movies"))


def _is_like(frame: DataFrame, min_rating: float) -> Column:
    """Compared as NumPy compares float32 with a number: both in 32 bits."""
    if "rating" not in frame.columns:
        return F.lit(True)
    return F.col("rating") >= F.lit(float(np.float32(min_rating))).cast("float")
