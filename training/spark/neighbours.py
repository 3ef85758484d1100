"""Exact nearest movies of every movie, a stretch of movies in each task; the same answers as on one machine."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark import Broadcast
from pyspark.sql import SparkSession

from models.model import MAX_NEIGHBOURS, RELATIONS, Links, Model, Relation
from models.scores import FloatArray
from training.neighbours import BLOCK, nearest

if TYPE_CHECKING:
    Batches = Iterator[pa.RecordBatch]
    Arrays = dict[str, npt.NDArray[Any]]

TASKS_PER_CORE = 4
_FOUND = "first long, movies binary, scores binary"


def with_nearest(
    spark: SparkSession, model: Model, tell: Callable[[int], None] = lambda _: None, k: int = MAX_NEIGHBOURS
) -> Model:
    """The same model with the k nearest of every movie stored, for each relation it knows.

    The model's arrays go to each worker once: what they take grows with the number of movies, not with what was
    watched. A task holds two more copies of the vectors.

    Args:
        spark: the session.
        model: whose.
        tell: called after each stretch of movies, with their number.
        k: how many.
    """
    arrays = spark.sparkContext.broadcast(_arrays(model))
    try:
        rows, scores = _nearest(spark, arrays, "similar", len(model.vectors), k, tell)
        following: tuple[Any, Any] = (None, None)
        if model.relations == RELATIONS:
            following = _nearest(spark, arrays, "next", len(model.vectors), k, tell)
    finally:
        arrays.destroy()
    return replace(
        model, neighbour_rows=rows, neighbour_scores=scores, next_rows=following[0], next_scores=following[1]
    )


def _nearest(
    spark: SparkSession,
    arrays: "Broadcast[Arrays]",
    relation: Relation,
    n_movies: int,
    k: int,
    tell: Callable[[int], None],
) -> tuple[npt.NDArray[np.int32], FloatArray]:
    blocks = -(-n_movies // BLOCK)
    tasks = min(blocks, TASKS_PER_CORE * spark.sparkContext.defaultParallelism)
    size = -(-blocks // tasks) * BLOCK  # movies of a task

    def find(batches: "Batches") -> "Batches":
        for batch in batches:
            for task in batch.column(0).to_pylist():
                yield _found(arrays.value, relation, k, slice(task * size, (task + 1) * size))

    width, rows, scores = 0, None, None
    for found in spark.range(0, tasks, 1, tasks).mapInArrow(find, _FOUND).toLocalIterator():
        movies, numbers = np.frombuffer(found.movies, np.int32), np.frombuffer(found.scores, np.float32)
        if rows is None or scores is None:
            width = len(movies) // max(1, min(size, n_movies))
            rows, scores = np.empty((n_movies, width), np.int32), np.empty((n_movies, width), np.float32)
        part = slice(found.first, min(found.first + size, n_movies))
        count = max(0, part.stop - part.start)
        rows[part], scores[part] = movies.reshape(count, width), numbers.reshape(count, width)
        tell(count)
    if rows is None or scores is None:
        return np.empty((n_movies, 0), np.int32), np.empty((n_movies, 0), np.float32)
    return rows, scores


def _found(arrays: "Arrays", relation: Relation, k: int, asked: slice) -> pa.RecordBatch:
    """What one task finds, as one row."""
    rows, scores = nearest(_model(arrays), relation, k, asked=asked)
    columns = [
        pa.array([asked.start], pa.int64()),
        pa.array([rows.tobytes()], pa.binary()),
        pa.array([scores.tobytes()], pa.binary()),
    ]
    return pa.RecordBatch.from_arrays(columns, names=["first", "movies", "scores"])


def _arrays(model: Model) -> dict[str, npt.NDArray[Any]]:
    """All of a model that its scores depend on."""
    arrays: dict[str, npt.NDArray[Any] | None] = {
        name: getattr(model, name) for name in ("vectors", "learned", "output", "priors", "listed", "lifts")
    }
    if model.links is not None:
        arrays |= {f"links.{name}": getattr(model.links, name) for name in ("indptr", "indices", "values")}
    return {name: array for name, array in arrays.items() if array is not None}


def _model(arrays: "Arrays") -> Model:
    """On a worker: the model again."""
    own = {name: array for name, array in arrays.items() if not name.startswith("links.")}
    links = {name.removeprefix("links."): array for name, array in arrays.items() if name.startswith("links.")}
    none = np.empty((len(own["vectors"]), 0))
    return Model(
        neighbour_rows=none.astype(np.int32),
        neighbour_scores=none.astype(np.float32),
        links=Links(**links) if links else None,
        **own,
    )
