"""Pairs counted in blocks: against counting them one by one, however movies, histories and bytes are cut."""

from collections import Counter
from itertools import combinations, groupby
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from tests.training.spark.both import placed_of
from tests.training.spark.test_evidence import same
from tests.training.spark.test_graph import some_histories
from training import cooccurrence
from training.spark import together
from training.spark.evidence import liked_together
from training.spark.together import COUNTED, PAIR, PART, block_edges

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

N_MOVIES = 12
Histories = list[list[int]]
HISTORIES = st.lists(st.sets(st.integers(0, N_MOVIES - 1), min_size=1).map(sorted), min_size=1, max_size=30)
EDGES = st.sets(st.integers(1, N_MOVIES - 1)).map(lambda cuts: np.array([0, *sorted(cuts), N_MOVIES]))


def spread(histories: Histories, edges: np.ndarray, n_batches: int) -> pa.Table:
    """What blocks are sent, in order of blocks."""
    lists = [pa.array(histories[start::n_batches], pa.list_(pa.int32())) for start in range(n_batches)]
    parts = list(together._spread(edges)(pa.record_batch([one], names=["movies"]) for one in lists))
    return pa.Table.from_batches(parts, schema=PART).sort_by("block")


def pairs_of(counted: list[pa.RecordBatch]) -> list[tuple[int, ...]]:
    rows = pa.Table.from_batches(counted, schema=COUNTED).sort_by([("block", "ascending"), ("piece", "ascending")])
    arrays = [
        np.concatenate([np.frombuffer(part, np.int32) for part in [b"", *rows[name].to_pylist()]]) for name in PAIR
    ]
    return list(zip(*(array.tolist() for array in arrays), strict=True))


@given(HISTORIES, EDGES, st.integers(1, 3), st.integers(1, 40), st.integers(1, 5))
def test_pairs_are_those_counted_one_by_one(
    histories: Histories, edges: np.ndarray, n_batches: int, chunk: int, piece: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(together, "CHUNK", chunk)
        patch.setattr(together, "PIECE", piece)
        parts = spread(histories, edges, n_batches)
        counted = list(together._count(edges)(parts.to_batches(2)))
        kept = list(together._at_least(2)(counted))
        known = list(together._histogram(counted))
    times = Counter(pair for history in histories for pair in combinations(history, 2))
    expected = [(*pair, n) for pair, n in sorted(times.items())]
    assert pairs_of(counted) == expected
    assert pairs_of(kept) == [one for one in expected if one[2] >= 2]
    assert all(len(row[name]) <= piece * 4 for batch in counted for row in batch.to_pylist() for name in PAIR)
    found = Counter[int]()
    for batch in known:
        found.update(dict(zip(batch["n"].to_pylist(), batch["pairs"].to_pylist(), strict=True)))
    assert found == Counter(times.values())


@given(HISTORIES, EDGES, st.integers(1, 40))
def test_a_block_is_sent_what_it_counts_and_what_is_behind(histories: Histories, edges: np.ndarray, chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(together, "CHUNK", chunk)
        parts = spread(histories, edges, 1)
    longest = max(map(len, histories))
    for block, rows in groupby(parts.to_pylist(), lambda row: row["block"]):
        low, high = edges[block], edges[block + 1]
        sent = []
        for row in rows:
            inside, lengths, movies = (np.frombuffer(row[name], np.int32) for name in PART.names[1:])
            assert len(movies) < chunk + longest * min(longest, len(edges) - 1)
            lists = [one.tolist() for one in np.split(movies, np.cumsum(lengths)[:-1])]
            assert inside.tolist() == [sum(movie < high for movie in one) for one in lists]
            sent += lists
        behind = [[movie for movie in one if movie >= low] for one in histories]
        assert sorted(sent) == sorted(one for one in behind if one[:1] and one[0] < high)


def test_blocks_are_cut_by_partners_and_by_products(monkeypatch: pytest.MonkeyPatch) -> None:
    products = np.array([5, 0, 3, 100, 2, 2, 2, 2])
    assert block_edges(products).tolist() == [0, 8]
    monkeypatch.setattr(together, "BLOCK_PAIRS", 8)
    # a movie has no more partners than there are movies: 5, 5, 8, 16, 18, 20, 22, 24 in all
    assert block_edges(products).tolist() == [0, 2, 3, 7, 8]
    monkeypatch.setattr(together, "BLOCK_PAIRS", 1_000)
    monkeypatch.setattr(together, "BLOCK_PRODUCTS", 100)
    assert block_edges(products).tolist() == [0, 3, 8]


@pytest.mark.parametrize(("pairs", "products"), [(40, 10**6), (10**6, 300)])
def test_many_blocks_are_as_one_machine(
    spark: "SparkSession", monkeypatch: pytest.MonkeyPatch, pairs: int, products: int
) -> None:
    monkeypatch.setattr(together, "BLOCK_PAIRS", pairs)
    monkeypatch.setattr(together, "BLOCK_PRODUCTS", products)
    histories = some_histories(5, viewers=80)
    viewers = np.diff(histories.offsets)
    sums = np.bincount(histories.rows, weights=np.repeat(viewers, viewers), minlength=26).astype(np.int64)
    assert len(block_edges(sums)) > 6
    found, floor = liked_together(placed_of(spark, histories), 26, 200)
    expected, expected_floor = cooccurrence.liked_together(histories, 26, 200)
    same(found, expected)
    assert floor == expected_floor > 1
