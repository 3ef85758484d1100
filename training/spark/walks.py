"""Random walks on Spark: the same walks as `training.walks`, from a transition table that no machine holds whole.

The table is cut into parts (`training.spark.blocks`) that stay where they are; the walks travel. A superstep brings
every walk to the part that holds the row it needs (`training.spark.batches`), and only walks are shuffled. In first
order a step is one superstep. In second order it is two: the part of the movie proposes, the part of the movie before
confirms (`training.spark.steps`), so that no lists of neighbours travel, and there is no table over pairs of edges.
A table of no more than EDGES edges is one part, of which there are as many copies as tasks: then no walk travels, and
all its steps are one superstep.

A task holds about EDGES edges (12 bytes each, twice that while it answers for them) and WALKERS walks (16 bytes, and 4
for each movie); the driver a few numbers for each movie and each part, and nothing for an edge or a walk.
"""

from functools import reduce

import numpy as np
import numpy.typing as npt
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.pandas.types import from_arrow_schema

from training.errors import DataError, SettingsError
from training.spark import batches
from training.spark.blocks import Ranges, most_edges

EDGES = 2_000_000
WALKERS = 500_000
# supersteps from one checkpoint to the next; even, so that none is between a proposal and its answer
EVERY = 8
_SCHEMAS = (batches.MESSAGE, batches.HELD, batches.BLOCK, batches.WALKS)
MESSAGE, HELD, BLOCK, WALKS = (from_arrow_schema(schema) for schema in _SCHEMAS)


def random_walks(
    transitions: DataFrame,
    leaving: npt.NDArray[np.int64],
    n_walks: int,
    length: int,
    *,
    seed: int,
    p: float = 1.0,
    q: float = 1.0,
    parts: int | None = None,
    first: int = 0,
    folder: str,
) -> DataFrame:
    """The walks of `training.walks.random_walks`, movie by movie, whatever the number of parts and of workers.

    Where MAX_TRIES tries may all be refused (p or q far from 1), rows of the table do travel, each at most once from
    part to part in a superstep.

    Args:
        transitions: one row an edge, (source, target, weight): rows of the catalogue, and how often it was seen, > 0.
        leaving: int64 (n_movies,), the sum of the weights of the edges that leave each movie.
        n_walks: how many walks.
        length: movies in a walk at the most.
        seed: the same seed gives the same walks; 0..2**64 - 1.
        p: return parameter, > 0.
        q: in-out parameter, > 0.
        parts: cut the table into so many; None: by its size, a small one not at all. Affects only speed and memory,
            never the result.
        first: the number of the first walk.
        folder: URI of a folder that all workers reach; the walks stay there, with the checkpoints until they are done.

    Returns:
        (walk: long, movies: array of int), walks first..first + n_walks - 1 in no order, read from `folder`.

    Raises:
        SettingsError: a number out of range.
        DataError: no transition.
    """
    if n_walks < 1 or length < 1 or not (0 < p < np.inf and 0 < q < np.inf):
        raise SettingsError(f"expected walks, length, p and q > 0, found {n_walks}, {length}, {p} and {q}")
    if not leaving.any():
        raise DataError("no transitions: expected at least one that leaves a movie, found none")
    spark = transitions.sparkSession
    ranges = _ranges(leaving, parts, n_walks, spark.sparkContext.defaultParallelism)
    task = batches.Task(ranges, _labels(spark, int(ranges.parts[-1])), seed, 1.0 / p, 1.0 / q)
    steps, walks = f"{folder}/steps-{first}", f"{folder}/walks-{first}"
    blocks = packed(transitions, task)
    try:
        walked = _walk(blocks, _started(spark, task, first, n_walks), task, length, steps)
        walked.mapInArrow(batches.finish, WALKS).write.mode("overwrite").parquet(walks)
    finally:
        blocks.unpersist()
        _remove(spark, steps)
    return spark.read.schema(WALKS).parquet(walks)


def packed(transitions: DataFrame, task: batches.Task) -> DataFrame:
    """The blocks of all parts, (part, indptr, targets, sums), each in a partition of its own, made and kept there."""
    n_parts = len(task.labels)
    edges = transitions.select("source", "target", "weight").mapInArrow(batches.spread(task), HELD)
    blocks = edges.repartition(n_parts, "part").mapInArrow(batches.pack(task), BLOCK)
    kept = blocks.repartition(n_parts, "part").sortWithinPartitions("part").persist(StorageLevel.MEMORY_AND_DISK)
    # how they lie is known only of blocks that are there: those still to be made would be shuffled in each superstep
    kept.count()
    return kept


def superstep(blocks: DataFrame, messages: DataFrame, task: batches.Task, act: batches.Act) -> DataFrame:
    """Messages to parts -> the messages that these send. Only messages are shuffled."""
    together = blocks.groupBy("part").cogroup(messages.groupBy("part"))
    return together.applyInArrow(batches.superstep(task, act), MESSAGE)


def _walk(blocks: DataFrame, walks: DataFrame, task: batches.Task, length: int, folder: str) -> DataFrame:
    """All supersteps; a checkpoint puts aside what has ended, and the one before it goes."""
    spark, ended, older = walks.sparkSession, [], None
    acts = list(batches.acts(task, length))
    for number, act in enumerate([batches.together(acts)] if task.ranges.is_whole else acts):
        if number and number % EVERY == 0:
            path = f"{folder}/{number}"
            walks.write.mode("overwrite").partitionBy("live").parquet(path)
            kept = spark.read.schema(MESSAGE).parquet(path).select(MESSAGE.names)
            walks = kept.filter("live")
            ended.append(kept.filter("NOT live"))
            if older:
                _remove(spark, f"{older}/live=true")
            older = path
        walks = superstep(blocks, walks, task, act)
    return reduce(DataFrame.union, ended, walks)


def _started(spark: SparkSession, task: batches.Task, first: int, n_walks: int) -> DataFrame:
    chunks = -(-n_walks // batches.CHUNK)
    numbers = spark.range(0, chunks, 1, min(chunks, len(task.labels)))
    return numbers.mapInArrow(batches.start(task, first, first + n_walks), MESSAGE)


def _ranges(leaving: npt.NDArray[np.int64], parts: int | None, n_walks: int, parallelism: int) -> Ranges:
    if parts is None and int(most_edges(leaving).sum()) <= EDGES:
        return Ranges.whole(leaving, _n_parts(leaving, n_walks, parallelism))
    return Ranges.cut(leaving, parts or _n_parts(leaving, n_walks, parallelism))


def _n_parts(leaving: npt.NDArray[np.int64], n_walks: int, parallelism: int) -> int:
    return max(parallelism, -(-int(most_edges(leaving).sum()) // EDGES), -(-n_walks // WALKERS))


def _labels(spark: SparkSession, n_parts: int) -> npt.NDArray[np.int64]:
    """Whole numbers that Spark hashes to each of `n_parts` partitions, one a partition: 0, 1, 2... would collide."""
    found: list[int] = []
    tried = 32 * n_parts
    while len(found) < n_parts:
        hashed = spark.range(tried).selectExpr("int(id) AS label", f"pmod(hash(int(id)), {n_parts}) AS partition")
        found = [row.label for row in hashed.groupBy("partition").agg(F.min("label").alias("label")).collect()]
        tried *= 2
    return np.sort(np.array(found, np.int64))


def _remove(spark: SparkSession, uri: str) -> None:
    """Whatever file system it is on."""
    path = spark._jvm.org.apache.hadoop.fs.Path(uri)
    path.getFileSystem(spark._jsc.hadoopConfiguration()).delete(path, True)
