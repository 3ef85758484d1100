"""Tables -> NumPy on the driver, a bounded piece at a time: neither Java nor Python there holds all of it."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its name everywhere

from training.sequences import Sequences

# numbers that one row of bytes holds
PIECE = 1 << 20
Numbers = npt.NDArray[Any]


def columns(frame: DataFrame, *by: str) -> Iterator[list[Numbers]]:
    """Each numeric column of a table that is in order of `by`, a piece of all of them at a time.

    The driver holds the pieces of one partition, as bytes. `frame` is read twice, to find the order and in it.
    """
    dtypes = [np.dtype({"bigint": "i8", "int": "i4", "float": "f4", "double": "f8"}[kind]) for _, kind in frame.dtypes]
    schema = ", ".join(f"`{name}` binary" for name in frame.columns)
    for row in frame.orderBy(*by).mapInArrow(_pack, schema).toLocalIterator():
        yield [np.frombuffer(part, dtype) for part, dtype in zip(row, dtypes, strict=True)]


def lists(frame: DataFrame, by: str, column: str = "movies") -> Iterator[Sequences]:
    """The lists of a table (array<int>, none of them null) in order of `by`, a piece at a time.

    As `columns`: one behind the other they are the `Sequences` of one machine.
    """
    ordered = frame.orderBy(by).select(F.col(column).alias("list"))
    for row in ordered.mapInArrow(_pack_lists, "lengths binary, numbers binary").toLocalIterator():
        lengths = np.frombuffer(row.lengths, np.int32)
        yield Sequences(np.frombuffer(row.numbers, np.int32), np.append(0, np.cumsum(lengths, dtype=np.int64)))


def joined(pieces: Iterable[Sequences]) -> Sequences:
    """All pieces as one; for what is known to be small."""
    parts = list(pieces)
    lengths = [np.empty(0, np.int64), *(np.diff(part.offsets) for part in parts)]
    rows = np.concatenate([np.empty(0, np.int32), *(part.rows for part in parts)])
    return Sequences(rows, np.append(0, np.cumsum(np.concatenate(lengths))))


def _pack(batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
    for batch in batches:
        parts = [[column.to_numpy(zero_copy_only=False).tobytes()] for column in batch.columns]
        yield pyarrow.RecordBatch.from_arrays(
            [pyarrow.array(part, pyarrow.binary()) for part in parts], batch.schema.names
        )


def _pack_lists(batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
    """As many whole lists a row as PIECE has room for; a longer one alone."""
    for batch in filter(len, batches):
        lists = batch.column(0)
        lengths = lists.value_lengths().to_numpy(zero_copy_only=False).astype(np.int32)
        numbers = lists.flatten().to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
        ends = np.cumsum(lengths, dtype=np.int64)
        cuts = np.flatnonzero(np.diff(ends // PIECE)) + 1
        for first, behind in zip([0, *cuts.tolist()], [*cuts.tolist(), len(ends)], strict=True):
            start = ends[first] - lengths[first]
            parts = [lengths[first:behind].tobytes(), numbers[start : ends[behind - 1]].tobytes()]
            yield _row(parts, ["lengths", "numbers"])


def _row(parts: list[bytes], names: list[str]) -> pyarrow.RecordBatch:
    return pyarrow.RecordBatch.from_arrays([pyarrow.array([part], pyarrow.binary()) for part in parts], names)
