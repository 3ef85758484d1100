"""What Spark's workers do, played in one process, against `training.walks` movie by movie."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small import sequences_of
from tests.training.spark.graphs import Walks, a_graph, a_hub, expected, leaving
from training import walk_steps
from training.graph import TransitionGraph, build_graph
from training.spark import batches, steps
from training.spark.batches import Task
from training.spark.blocks import EDGE, Block, Ranges, most_edges
from training.spark.steps import ASKED, SURE, Batch, walker

EXTREMES = (1e-6, 1e-3, 0.25, 1.0, 4.0, 1e3, 1e6)


def a_task(graph: TransitionGraph, n_parts: int, seed: int, p: float, q: float, *, whole: bool = False) -> Task:
    ranges = (Ranges.whole if whole else Ranges.cut)(leaving(graph), n_parts)
    return Task(ranges, 3 * np.arange(n_parts) + 1, seed, 1 / p, 1 / q)


def edge_table(graph: TransitionGraph) -> pa.Table:
    sources = np.repeat(np.arange(len(graph.indptr) - 1, dtype=np.int32), np.diff(graph.indptr))
    edges = pa.table({"source": sources, "target": graph.indices, "weight": graph.weights.astype(np.int64)})
    return edges.take(np.random.default_rng(0).permutation(len(edges)))


def packed(graph: TransitionGraph, task: Task) -> dict[int, pa.Table]:
    """The block of each part; a part without edges has none, as on Spark."""
    held = pa.Table.from_batches(batches.spread(task)(iter(edge_table(graph).to_batches())), batches.HELD)
    blocks = {}
    for label in task.labels.tolist():
        mine = held.filter(pc.field("part") == label).to_batches()
        blocks[label] = pa.Table.from_batches(batches.pack(task)(iter(mine)), batches.BLOCK)
    return blocks


def one_superstep(task: Task, act: batches.Act, blocks: dict[int, pa.Table], messages: pa.Table) -> pa.Table:
    assert set(messages["part"].to_pylist()) <= blocks.keys()
    run = batches.superstep(task, act)
    by_part = {label: messages.filter(pc.equal(messages["part"], label)) for label in blocks}
    return pa.concat_tables(
        [run((pa.scalar(label),), blocks[label], mine) for label, mine in by_part.items()]
    ).combine_chunks()


def in_parts(
    graph: TransitionGraph, task: Task, n_walks: int, length: int, first: int = 0
) -> tuple[Walks, list[pa.Table]]:
    """What Spark does, one part after the other: the walks, and the messages of each superstep."""
    blocks = packed(graph, task)
    ids = pa.record_batch({"id": np.arange(-(-n_walks // batches.CHUNK))})
    messages = [pa.Table.from_batches(batches.start(task, first, first + n_walks)(iter([ids])))]
    acts = list(batches.acts(task, length))
    for act in [batches.together(acts)] if task.ranges.is_whole else acts:
        messages.append(one_superstep(task, act, blocks, messages[-1]))
    walks = pa.Table.from_batches(batches.finish(iter(messages[-1].to_batches()))).to_pylist()
    assert len(walks) == n_walks
    return {walk["walk"]: walk["movies"] for walk in walks}, messages


@settings(max_examples=40, deadline=None)
@given(
    n_movies=st.integers(5, 60),
    n_lists=st.integers(1, 60),
    n_parts=st.integers(1, 4),
    whole=st.booleans(),
    p=st.sampled_from(EXTREMES),
    q=st.sampled_from(EXTREMES),
    seed=st.sampled_from([0, 1, 592, 2**63, 2**64 - 1]),
    length=st.integers(1, 7),
    first=st.sampled_from([0, 77]),
)
def test_walks_in_parts_are_the_walks_of_one_machine(
    n_movies: int, n_lists: int, n_parts: int, whole: bool, p: float, q: float, seed: int, length: int, first: int
) -> None:
    graph = a_graph(np.random.default_rng([n_movies, n_lists]), n_movies, n_lists)
    walks, messages = in_parts(graph, a_task(graph, n_parts, seed, p, q, whole=whole), 40, length, first)
    assert len(messages) == 2 or not whole
    assert walks == expected(graph, 40, length, seed, p, q, first)


@pytest.mark.parametrize(("p", "q"), [(1.0, 1.0), (0.5, 2.0), (2.0, 0.5), (1e-3, 1e-3)])
def test_a_hub_that_several_parts_hold_changes_no_walk(p: float, q: float) -> None:
    graph = a_hub(40)
    task = a_task(graph, 6, 5, p, q)
    assert np.diff(task.ranges.parts).max() > 1
    assert in_parts(graph, task, 100, 8)[0] == expected(graph, 100, 8, 5, p, q)


@pytest.mark.parametrize(("p", "q"), [(1.0, 1.0), (0.5, 2.0), (1e-3, 1e-3)])
def test_neither_chunks_nor_the_size_of_a_message_change_a_walk(
    p: float, q: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.spark.batches.CHUNK", 7)
    monkeypatch.setattr("training.spark.batches.MESSAGE_BYTES", 100)
    graph = a_graph(np.random.default_rng(4), 30, 40)
    walks, messages = in_parts(graph, a_task(graph, 3, 5, p, q), 60, 5)
    assert walks == expected(graph, 60, 5, 5, p, q)
    assert max(map(len, messages[-1]["walkers"].to_pylist())) <= 100


def test_tries_are_as_many_as_on_one_machine() -> None:
    assert steps.MAX_TRIES == walk_steps.MAX_TRIES


def test_draws_below_a_count_of_any_size() -> None:
    draws = np.random.default_rng(1).integers(0, 2**64, 2_000, np.uint64)
    draws[:3] = 0, 2**64 - 1, 2**32 - 1
    for count in (1, 2, 592, 2**32 - 1, 2**32, 2**32 + 1, 10**13 + 7, 2**63 - 1):
        found = steps.below(draws, np.full(len(draws), count))
        assert found.tolist() == [draw * count >> 64 for draw in draws.tolist()]


def test_rows_of_the_table_travel_only_where_all_tries_may_be_refused() -> None:
    graph = a_graph(np.random.default_rng(2), 50, 80)
    sizes = {}
    for p, q in ((0.5, 2.0), (1.0, 1e-3)):
        _, messages = in_parts(graph, a_task(graph, 3, 3, p, q), 500, 3)
        proposed = messages[3].filter(pc.field("live"))
        sizes[p, q] = [sum(map(len, proposed[name].to_pylist())) for name in Batch._fields]
    walkers, sure, asked, edges = sizes[0.5, 2.0]
    assert sure / SURE.itemsize == walkers / walker(2).itemsize
    assert 0 < asked / ASKED.itemsize < sure / SURE.itemsize
    assert edges == 0
    assert 0 < sizes[1.0, 1e-3][-1] <= 3 * 3 * graph.indices.size * EDGE.itemsize


def test_walks_that_have_ended_are_handed_on_as_they_are() -> None:
    graph = build_graph(sequences_of([[0, 1, 2]]), 4)
    walks, messages = in_parts(graph, a_task(graph, 2, 7, 1.0, 2.0), 50, 6)
    assert {tuple(walk) for walk in walks.values()} == {(0, 1, 2), (1, 2)}
    assert not any(messages[-1]["live"].to_pylist())
    assert set(messages[-1]["length"].to_pylist()) == {2, 3}


def test_transitions_beyond_32_bits_are_counted() -> None:
    weights = np.array([2**40, 1, 2**41, 5])
    block = Block.of(7, 10, np.array([9, 7, 7, 9]), np.array([4, 3, 1, 2]), weights)
    movies = np.full(4, 9, np.int32)
    assert block.leaving(np.array([7, 8, 9], np.int32)).tolist() == [2**41 + 1, 0, 2**40 + 5]
    assert block.successor(movies, np.array([0, 4, 5, 2**40 + 4])).tolist() == [2, 2, 4, 4]
    assert block.source(np.array([0, 2**41, 2**41 + 1, 2**41 + 2**40 + 5])).tolist() == [7, 7, 9, 9]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), low=st.integers(0, 50), n_rows=st.integers(1, 20), n_edges=st.integers(0, 60))
def test_a_block_knows_its_edges(seed: int, low: int, n_rows: int, n_edges: int) -> None:
    random = np.random.default_rng(seed)
    edges = np.unique(random.integers([low, 0], [low + n_rows, 30], (n_edges, 2)), axis=0)
    weights = random.integers(1, 9, len(edges))
    order = random.permutation(len(edges))
    block = Block.of(low, low + n_rows, edges[order, 0], edges[order, 1], weights[order])
    known = {
        (source, target): weight for (source, target), weight in zip(edges.tolist(), weights.tolist(), strict=True)
    }
    everything = [(source, target) for source in range(low, low + n_rows) for target in range(30)]
    if known:
        sources, targets = np.array(everything, np.int32).T
        assert block.has_edge(sources, targets).tolist() == [pair in known for pair in everything]
    some = random.integers(low, low + n_rows, 5).astype(np.int32)
    assert block.rows(some).tolist() == [(*pair, weight) for pair, weight in known.items() if pair[0] in some]


@settings(max_examples=100, deadline=None)
@given(
    leaving=st.lists(st.integers(0, 50) | st.sampled_from([0, 1000, 10**12]), min_size=1, max_size=80).filter(any),
    n_parts=st.integers(1, 30),
)
def test_every_walk_goes_to_a_part_that_holds_its_movie(leaving: list[int], n_parts: int) -> None:
    counts = np.array(leaving)
    ranges = Ranges.cut(counts, n_parts)
    rows, walks = np.repeat(np.arange(len(counts)), 2 * n_parts), np.tile(np.arange(2 * n_parts), len(counts))
    parts = ranges.part_of(rows, walks)
    spans = np.array([ranges.rows_of(part) for part in range(n_parts)])
    assert ((spans[parts, 0] <= rows) & (rows < spans[parts, 1])).all()
    assert set(parts.tolist()) == set(range(n_parts))
    firsts = np.append(0, np.cumsum(counts))
    busy = np.flatnonzero(counts)
    for number in (firsts[busy].tolist(), (firsts[busy + 1] - 1).tolist()):
        assert (ranges.part_of_start(np.array(number), busy) == ranges.part_of(busy, busy)).all()


@settings(max_examples=50, deadline=None)
@given(
    leaving=st.lists(st.integers(1, 50) | st.sampled_from([1000, 10**6]), min_size=1, max_size=200),
    n_parts=st.integers(1, 30),
)
def test_no_part_is_loaded_with_more_than_two_shares(leaving: list[int], n_parts: int) -> None:
    counts = np.array(leaving)
    ranges = Ranges.cut(counts, n_parts)
    load = (counts / counts.sum() + most_edges(counts) / most_edges(counts).sum()) / 2
    walks = np.arange(n_parts * 60)
    seen = np.zeros(n_parts)
    for row, share in enumerate(load):
        parts = ranges.part_of(np.full(len(walks), row), walks)
        seen += share * np.bincount(parts, minlength=n_parts) / len(walks)
    assert seen.max() <= 2.05 / n_parts
