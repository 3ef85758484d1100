"""What a superstep sends depends on the walks it got, and not on the order in which they came."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from training.spark import batches
from training.spark.blocks import Ranges

PARTS = 3


@pytest.mark.parametrize("back", [0.5, 1.0])
def test_messages_in_another_order_are_answered_with_the_same_bytes(back: float) -> None:
    sources, targets = np.nonzero(~np.eye(9, dtype=bool))
    ranges = Ranges.cut(np.full(9, 8), PARTS)
    task = batches.Task(ranges, np.arange(PARTS), 7, back, 1.0)
    edges = pa.record_batch([sources, targets, np.ones(len(sources), np.int64)], ["source", "target", "weight"])
    held = pa.Table.from_batches(batches.spread(task)(iter([edges]))).cast(batches.HELD)
    mine = [held.filter(pc.equal(held["part"], part)).to_batches() for part in range(PARTS)]
    blocks = [pa.Table.from_batches(batches.pack(task)(iter(edges))) for edges in mine]
    sent = pa.Table.from_batches(batches.start(task, 0, 90)(iter([pa.record_batch([[0]], ["id"])])))
    for act in batches.acts(task, 5):
        run, answers = batches.superstep(task, act), []
        for part, block in enumerate(blocks):
            got = sent.filter(pc.equal(sent["part"], part))
            answers.append(run((pa.scalar(part),), block, got))
            assert run((pa.scalar(part),), block, got.take(np.arange(len(got))[::-1])).equals(answers[-1])
        sent = pa.concat_tables(answers)
    assert len(sent) == PARTS**2
