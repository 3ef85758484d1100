"""Histories -> how many viewers liked both of two movies, as `training.cooccurrence` counts, a block in each task.

A block is a range of movies. It is sent what each history has from the block's first movie on, and counts viewers of
each of its movies and each movie behind as one machine does. So the workers are handed likes rather than
pairs, of which there are a hundred times as many, and the blocks, one behind the other, have all pairs in order.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its name everywhere

from training.cooccurrence import BLOCK_PAIRS, Matrix, pairs_behind
from training.spark.stream import PIECE

# pairs, each of one viewer, that are counted in a block: less than a second's work
BLOCK_PRODUCTS = 100_000_000
# movies of histories that a worker has at a time
CHUNK = 1_000_000
Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]
Batches = Iterable[pa.RecordBatch]
# of each history how many of its movies are in the block, and how many in all; their rows one behind the other
PART = pa.schema([("block", pa.int32()), ("inside", pa.binary()), ("lengths", pa.binary()), ("movies", pa.binary())])
# pairs in order, as the bytes of int32 arrays
PAIR = ("a", "b", "n")
COUNTED = pa.schema([("block", pa.int32()), ("piece", pa.int32()), *((name, pa.binary()) for name in PAIR)])


def pairs_counted(placed: DataFrame, n_movies: int) -> DataFrame:
    """Each pair of movies that somebody liked both of, and how many did: a table as COUNTED, kept on disk until told.

    Args:
        placed: of `likes.with_rows`.
        n_movies: of the catalogue.
    """
    beside = placed.groupBy("row").agg(F.sum("count").alias("products")).toArrow()
    products = np.zeros(n_movies, np.int64)
    products[beside["row"].to_numpy()] = beside["products"].to_numpy()
    edges = block_edges(products)
    histories = placed.groupBy("viewer").agg(F.array_sort(F.collect_list("row")).alias("movies")).select("movies")
    parts = histories.mapInArrow(_spread(edges), _ddl(PART))
    in_blocks = parts.repartition("block").sortWithinPartitions("block")
    return in_blocks.mapInArrow(_count(edges), _ddl(COUNTED)).persist(StorageLevel.DISK_ONLY)


def block_edges(products: Ints) -> Ints:
    """Where blocks begin, and where the last one ends.

    Args:
        products: int64 (n_movies,), likes of all viewers of each movie: what its row adds up.
    """
    partners = np.minimum(products, len(products))
    full = [
        np.diff(np.cumsum(load) // most) > 0 for load, most in ((partners, BLOCK_PAIRS), (products, BLOCK_PRODUCTS))
    ]
    return np.array([0, *(np.flatnonzero(full[0] | full[1]) + 1), len(products)], np.int64)


def histogram(counted: DataFrame) -> dict[int, int]:
    """How many pairs have each number of viewers."""
    found = counted.mapInArrow(_histogram, "n int, pairs bigint").groupBy("n").agg(F.sum("pairs").alias("pairs"))
    return {row.n: row.pairs for row in found.collect()}


def at_least(counted: DataFrame, floor: int) -> Iterator[list[Rows]]:
    """Pairs with so many viewers, in order: a, b and the number, each int32 (n,), a piece at a time."""
    kept = counted.mapInArrow(_at_least(floor), _ddl(COUNTED)).orderBy("block", "piece").select(*PAIR)
    for row in kept.toLocalIterator():
        yield [np.frombuffer(part, np.int32) for part in row]


def _spread(edges: Ints) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """For `mapInArrow`: histories (movies, ascending) -> PART, a row for each block and chunk of histories."""

    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            lists = batch.column(0)
            lengths = lists.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64)
            movies = lists.flatten().to_numpy(zero_copy_only=False)
            ends = np.cumsum(lengths)
            copied = np.cumsum(lengths * np.minimum(lengths, len(edges) - 1))
            cuts = np.flatnonzero(np.diff(copied // CHUNK)) + 1
            for first, stop in zip([0, *cuts], [*cuts, len(lengths)], strict=True):
                if first < stop:
                    begin = ends[first] - lengths[first]
                    yield from _parts(edges, movies[begin : ends[stop - 1]], lengths[first:stop])

    return run


def _parts(edges: Ints, movies: Rows, lengths: Ints) -> Iterator[pa.RecordBatch]:
    blocks = np.searchsorted(edges, movies, side="right") - 1
    ends = np.cumsum(lengths)
    first = np.zeros(len(movies), np.bool_)
    first[ends - lengths] = True
    # a history has a part in each block that one of its movies is in
    starts = np.flatnonzero(first | (np.diff(blocks, prepend=-1) != 0))
    inside = np.diff(starts, append=len(movies))
    length = np.repeat(ends, lengths)[starts] - starts
    order = np.argsort(blocks[starts], kind="stable")
    starts, inside, length = starts[order], inside[order], length[order]
    found, begin = np.unique(blocks[starts], return_index=True)
    for block, low, high in zip(found, begin, [*begin[1:], len(starts)], strict=True):
        part = length[low:high]
        places = np.repeat(starts[low:high] - np.cumsum(part) + part, part) + np.arange(part.sum())
        arrays = inside[low:high], part, movies[places]
        yield pa.record_batch([[block], *([one.astype(np.int32).tobytes()] for one in arrays)], schema=PART)


def _count(edges: Ints) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """For `mapInArrow`: PART, in order of blocks -> COUNTED."""

    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        for block, parts in groupby(_rows(batches), itemgetter("block")):
            low, high = edges[block : block + 2].tolist()
            viewers = Matrix((high - low, edges[-1]), dtype=np.int32)
            for chunk in _chunks(parts):
                viewers = Matrix(viewers + _product(low, high, int(edges[-1]), *chunk))
            yield from _pieces(block, low, viewers)

    return run


def _chunks(parts: Iterable[dict[str, bytes]]) -> Iterator[list[Rows]]:
    """Inside, lengths and movies of as many parts at a time as hold CHUNK movies."""
    waiting: list[list[Rows]] = []
    n_movies = 0
    for part in parts:
        waiting.append([np.frombuffer(part[name], np.int32) for name in PART.names[1:]])
        n_movies += len(waiting[-1][-1])
        if n_movies >= CHUNK:
            yield [np.concatenate(arrays) for arrays in zip(*waiting, strict=True)]
            waiting, n_movies = [], 0
    if waiting:
        yield [np.concatenate(arrays) for arrays in zip(*waiting, strict=True)]


def _product(low: int, high: int, n_movies: int, inside: Rows, lengths: Rows, movies: Rows) -> Matrix:
    """Viewers of each movie from low to high - 1, and of each behind it, among histories that begin in the block."""
    offsets = np.append(0, np.cumsum(lengths, dtype=np.int64))
    bounds = np.append(0, np.cumsum(inside, dtype=np.int64))
    places = np.repeat(offsets[:-1] - bounds[:-1], inside) + np.arange(bounds[-1])
    of_block = Matrix((places, movies[places] - low, bounds), shape=(len(lengths), high - low))
    return pairs_behind(of_block.T.tocsr(), movies, offsets, n_movies)


def _pieces(block: int, low: int, viewers: Matrix) -> Iterator[pa.RecordBatch]:
    viewers.sort_indices()
    arrays = low + np.repeat(np.arange(viewers.shape[0]), np.diff(viewers.indptr)), viewers.indices, viewers.data
    for piece, first in enumerate(range(0, viewers.nnz, PIECE)):
        parts = ([one[first : first + PIECE].astype(np.int32).tobytes()] for one in arrays)
        yield pa.record_batch([[block], [piece], *parts], schema=COUNTED)


def _histogram(batches: Batches) -> Iterator[pa.RecordBatch]:
    for row in _rows(batches):
        n, pairs = np.unique(np.frombuffer(row["n"], np.int32), return_counts=True)
        yield pa.record_batch([n, pairs], names=["n", "pairs"])


def _at_least(floor: int) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """For `mapInArrow`: COUNTED, without the pairs that have fewer viewers."""

    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        for row in _rows(batches):
            arrays = [np.frombuffer(row[name], np.int32) for name in PAIR]
            kept = arrays[-1] >= floor
            parts = ([one[kept].tobytes()] for one in arrays)
            yield pa.record_batch([[row["block"]], [row["piece"]], *parts], schema=COUNTED)

    return run


def _rows(batches: Batches) -> Iterator[dict[str, Any]]:
    """One at a time, for the bytes of a row are many."""
    for batch in batches:
        for at in range(len(batch)):
            yield {name: column[at].as_py() for name, column in zip(batch.schema.names, batch.columns, strict=True)}


def _ddl(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} {'int' if field.type == pa.int32() else 'binary'}" for field in schema)
