"""What runs on Spark's workers: messages of walks -> a superstep in one part -> messages to other parts.

A message is one row: the label of the part it goes to, and walks as the bytes of NumPy arrays. So a superstep shuffles
a few rows for each pair of parts, and no step of a walk costs any work in the JVM or in Python's own loops.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from training.spark import steps
from training.spark.blocks import EDGE, Block, Ints, Ranges
from training.spark.steps import ASKED, SURE, Batch, Records, walker

# live: false once nothing follows: such messages are handed on as they are; length: movies in each walk
MESSAGE = pa.schema(
    [("part", pa.int32()), ("live", pa.bool_()), ("length", pa.int32())]
    + [(name, pa.binary()) for name in Batch._fields]
)
HELD = pa.schema([("part", pa.int32()), ("source", pa.int32()), ("target", pa.int32()), ("weight", pa.int64())])
BLOCK = pa.schema([("part", pa.int32()), ("indptr", pa.binary()), ("targets", pa.binary()), ("sums", pa.binary())])
WALKS = pa.schema([("walk", pa.int64()), ("movies", pa.list_(pa.int32()))])
# walks that are begun, or proposed for, at a time
CHUNK = 65_536
# of walks in a message: a Parquet writer looks at its memory only every hundred rows
MESSAGE_BYTES = 2**18


@dataclass(frozen=True, eq=False)
class Task:
    """What every worker knows: a few numbers for each part.

    Attributes:
        ranges: which part holds which rows.
        labels: int64 (n_parts,), Spark's name for each part, ascending.
        seed: of all walks.
        back: 1/p.
        out: 1/q.
    """

    ranges: Ranges
    labels: Ints
    seed: int
    back: float
    out: float

    def part_of(self, label: int) -> int:
        """The part that has this label."""
        return int(np.searchsorted(self.labels, label))

    def at(self, movies: npt.NDArray[np.int32], walkers: Records) -> Ints:
        """The labels of the parts that walks have to go to for these movies, int64 (n,)."""
        return self.labels[self.ranges.part_of(movies, walkers["walk"])]


Message = tuple[int, bool, Batch]
Act = Callable[[Task, int, Block, list[Batch]], Iterator[Message]]


def spread(task: Task) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """For `mapInArrow`: edges (source, target, weight) -> HELD, an edge for each part that holds its source."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            first, behind = task.ranges.parts_of(batch["source"].to_numpy())
            copies = behind - first
            edges = np.repeat(np.arange(len(first)), copies)
            nth = np.arange(len(edges)) - np.repeat(np.cumsum(copies) - copies, copies)
            labels = task.labels[first[edges] + nth].astype(np.int32)
            yield pa.record_batch([labels, *(batch[name].take(edges) for name in HELD.names[1:])], schema=HELD)

    return run


def pack(task: Task) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """For `mapInArrow`: the HELD of a part, all in one partition -> its block, one row of BLOCK."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        edges = pa.Table.from_batches(batches, HELD)
        if len(edges):
            label = edges["part"][0].as_py()
            low, high = task.ranges.rows_of(task.part_of(label))
            block = Block.of(low, high, *(edges[name].to_numpy() for name in HELD.names[1:]))
            arrays = (block.indptr, block.targets, block.sums)
            yield from pa.table([[label], *([array.tobytes()] for array in arrays)], schema=BLOCK).to_batches()

    return run


def start(task: Task, first: int, end: int) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """For `mapInArrow`: numbers of chunks (id) -> the walks first..end - 1, on their way to where they begin."""

    def run(ids: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for chunk in (chunk for batch in ids for chunk in batch["id"].to_pylist()):
            low = first + chunk * CHUNK
            walkers = np.zeros(min(CHUNK, end - low), walker(0))
            walkers["walk"] = np.arange(low, low + len(walkers))
            begun = steps.begun(walkers["walk"], task.seed, int(task.ranges.transitions[-1]))
            labels = task.labels[task.ranges.part_of_start(begun, walkers["walk"])]
            yield from _table(_sent(labels, walkers)).to_batches()

    return run


def superstep(task: Task, act: Act) -> Callable[[tuple[pa.Scalar, ...], pa.Table, pa.Table], pa.Table]:
    """For a cogroup's `applyInArrow`: the block of a part and the messages it got -> the messages it sends."""

    def run(key: tuple[pa.Scalar, ...], blocks: pa.Table, messages: pa.Table) -> pa.Table:
        label = key[0].as_py()
        handed_on = messages.filter(pc.invert(messages["live"])).cast(MESSAGE)
        live = list(_batches(messages.filter(messages["live"])))
        if not live:
            return handed_on
        return pa.concat_tables([handed_on, _table(act(task, label, _block(task, label, blocks), live))])

    return run


def acts(task: Task, length: int) -> Iterator[Act]:
    """What each superstep of walks over `length` movies does."""
    yield begin
    if task.back == task.out == 1.0:
        yield from [partial(move, draws=1)] * (length - 1)
    elif length > 1:
        # the first step is taken whatever its second draw says
        yield partial(move, draws=2)
        yield from [propose, confirm] * (length - 2)


def together(acts: Sequence[Act]) -> Act:
    """All acts as one, where every part holds the whole table: what a part sends comes to itself."""

    def run(task: Task, label: int, block: Block, batches: list[Batch]) -> Iterator[Message]:
        for act in acts:
            messages = list(act(task, label, block, batches))
            yield from (message for message in messages if not message[1])
            batches = [batch for _, live, batch in messages if live]
            if not batches:
                return
        yield from ((label, True, batch) for batch in batches)

    return run


def begin(task: Task, label: int, block: Block, batches: list[Batch]) -> Iterator[Message]:
    """Every walk finds its first movie."""
    transitions = task.ranges.transitions
    walkers = _in_order(batch.walkers for batch in batches)
    first, total = int(transitions[task.ranges.range_of(task.part_of(label))]), int(transitions[-1])
    yield from _arrived(task, steps.begin(block, walkers, task.seed, first, total))


def move(task: Task, label: int, block: Block, batches: list[Batch], *, draws: int) -> Iterator[Message]:
    """One step by weight alone, which uses up some draws."""
    walkers, ended = _split(block, batches)
    yield from _sent(np.full(len(ended), label), ended, live=False)
    yield from _arrived(task, steps.move(block, walkers, task.seed, draws))


def propose(task: Task, label: int, block: Block, batches: list[Batch]) -> Iterator[Message]:
    """Where walks are: lists of tries go to where the walks had come from."""
    walkers, ended = _split(block, batches)
    yield from _sent(np.full(len(ended), label), ended, live=False)
    labels = task.at(walkers["path"][:, -2], walkers)
    order = np.argsort(labels, kind="stable")
    for low in range(0, len(walkers), CHUNK):
        part = walkers[order[low : low + CHUNK]]
        sure, asked = steps.propose(block, part, task.seed, task.back, task.out)
        for to, cut in _cuts(labels[order[low : low + CHUNK]], part.itemsize):
            first, last = np.searchsorted(asked["owner"], (cut.start, cut.stop))
            mine = asked[first:last].copy()
            mine["owner"] -= cut.start
            unsure = part["path"][cut, -1][sure["target"][cut] == steps.NOT_SURE]
            yield to, True, Batch(part[cut], sure[cut], mine, block.rows(unsure))


def confirm(task: Task, label: int, block: Block, batches: list[Batch]) -> Iterator[Message]:  # noqa: ARG001
    """Where walks had come from: the tries are decided, and the walks go on to the movie that was found."""
    moved = (steps.confirm(block, batch, task.seed, task.back, task.out) for batch in batches)
    yield from _arrived(task, _in_order(moved))


def finish(messages: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """For `mapInArrow`: messages -> WALKS, one row a walk."""
    for batch in (batch for table in messages for batch in _batches(table)):
        path = batch.walkers["path"]
        offsets = np.arange(len(path) + 1, dtype=np.int32) * path.shape[1]
        movies = pa.ListArray.from_arrays(offsets, np.ascontiguousarray(path).reshape(-1))
        yield pa.record_batch([pa.array(batch.walkers["walk"].copy()), movies], schema=WALKS)


def _block(task: Task, label: int, table: pa.Table) -> Block:
    """Without a copy; a part without edges has none in the table."""
    low, high = task.ranges.rows_of(task.part_of(label))
    if not len(table):
        return Block(low, np.zeros(high - low + 1, np.int64), np.empty(0, np.int32), np.zeros(1, np.int64))
    indptr, targets, sums = (table[name][0].as_buffer() for name in BLOCK.names[1:])
    return Block(low, np.frombuffer(indptr, np.int64), np.frombuffer(targets, np.int32), np.frombuffer(sums, np.int64))


def _batches(table: pa.Table | pa.RecordBatch) -> Iterator[Batch]:
    lengths = table["length"].to_pylist()
    for row, length in enumerate(lengths):
        kinds = dict(zip(Batch._fields, (walker(length), SURE, ASKED, EDGE), strict=True))
        yield Batch(*(np.frombuffer(table[name][row].as_buffer(), kind) for name, kind in kinds.items()))


def _table(messages: Iterator[Message]) -> pa.Table:
    rows = [
        (label, live, batch.walkers["path"].shape[1], *(records.tobytes() for records in batch))
        for label, live, batch in messages
    ]
    return pa.table([[row[column] for row in rows] for column in range(len(MESSAGE))], schema=MESSAGE)


def _split(block: Block, batches: list[Batch]) -> tuple[Records, Records]:
    """All walks that can go on, and those that cannot."""
    walkers = _in_order(batch.walkers for batch in batches)
    goes_on = steps.can_go_on(block, walkers)
    return walkers[goes_on], walkers[~goes_on]


def _in_order(parts: Iterable[Records]) -> Records:
    """By walk, in whatever order they came: a task that is run again sends the same bytes, as Spark checks."""
    walkers = np.concatenate(list(parts))
    return walkers[np.argsort(walkers["walk"])]


def _arrived(task: Task, walkers: Records) -> Iterator[Message]:
    return _sent(task.at(walkers["path"][:, -1], walkers), walkers)


def _sent(labels: Ints, walkers: Records, *, live: bool = True) -> Iterator[Message]:
    order = np.argsort(labels, kind="stable")
    for to, cut in _cuts(labels[order], walkers.itemsize):
        yield to, live, Batch(walkers[order[cut]])


def _cuts(labels: Ints, size: int) -> Iterator[tuple[int, slice]]:
    """Runs of equal labels, none of more than MESSAGE_BYTES at `size` bytes for each walk."""
    low, most = 0, max(1, MESSAGE_BYTES // size)
    for high in np.append(np.flatnonzero(np.diff(labels)) + 1, len(labels)).tolist():
        for begins in range(low, high, most):
            yield int(labels[begins]), slice(begins, min(high, begins + most))
        low = high
