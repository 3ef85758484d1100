"""Counts of adjacent pairs against counting them one by one."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.small import sequences_of
from training.errors import DataError
from training.graph import TransitionGraph, build_graph

MOVIES = 6
histories = st.lists(st.lists(st.integers(0, MOVIES - 1), max_size=8), min_size=1, max_size=8)


def edges(graph: TransitionGraph) -> dict[tuple[int, int], int]:
    sources = np.repeat(np.arange(len(graph.indptr) - 1), np.diff(graph.indptr))
    found = list(zip(sources.tolist(), graph.indices.tolist(), strict=True))
    assert len(set(found)) == len(found)
    return dict(zip(found, graph.weights.tolist(), strict=True))


def counted(lists: list[list[int]]) -> Counter[tuple[int, int]]:
    return Counter(pair for one in lists for pair in pairwise(one))


@given(histories)
def test_the_graph_holds_each_adjacent_pair_as_often_as_it_was_seen(lists: list[list[int]]) -> None:
    expected = counted(lists)
    assume(expected)
    graph = build_graph(sequences_of(lists), MOVIES)
    assert edges(graph) == expected
    assert (graph.indptr.dtype, graph.indices.dtype, graph.weights.dtype) == (np.int64, np.int32, np.int32)
    for movie in range(MOVIES):
        assert np.all(np.diff(graph.row(movie)[0]) > 0)


@settings(deadline=None)  # the first bag may have to be compiled
@given(histories)
def test_bag_start_and_row_are_shares_of_the_counts(lists: list[list[int]]) -> None:
    expected = counted(lists)
    assume(expected)
    graph = build_graph(sequences_of(lists), MOVIES)
    for movie in range(MOVIES):
        successors = {after: count for (before, after), count in expected.items() if before == movie}
        leaving = sum(successors.values())
        part = graph.bag[graph.bag_indptr[movie] : graph.bag_indptr[movie + 1]]
        assert Counter(part.tolist()) == successors
        assert graph.start[movie] == pytest.approx(leaving / expected.total())
        rows, probabilities = graph.row(movie)
        assert dict(zip(rows.tolist(), probabilities, strict=True)) == pytest.approx(
            {after: count / leaving for after, count in successors.items()}
        )
    assert graph.bag_indptr[-1] == len(graph.bag) == expected.total()


def test_pairs_never_span_two_viewers() -> None:
    graph = build_graph(sequences_of([[0, 1], [2, 3], [4], [5, 0]]), MOVIES)
    assert edges(graph) == {(0, 1): 1, (2, 3): 1, (5, 0): 1}


def test_an_edge_has_the_direction_of_time() -> None:
    graph = build_graph(sequences_of([[3, 1], [3, 1], [1, 2]]), MOVIES)
    assert edges(graph) == {(3, 1): 2, (1, 2): 1}
    assert graph.start.tolist() == [0, 1 / 3, 0, 2 / 3, 0, 0]


def test_a_movie_nobody_watched_anything_after_has_an_empty_row() -> None:
    rows, probabilities = build_graph(sequences_of([[0, 1]]), MOVIES).row(1)
    assert (len(rows), len(probabilities)) == (0, 0)


def test_rows_beyond_the_square_root_of_32_bits_are_kept_apart() -> None:
    last = 99_999
    graph = build_graph(sequences_of([[last, last - 1, last]]), last + 1)
    assert edges(graph) == {(last, last - 1): 1, (last - 1, last): 1}


@pytest.mark.parametrize("lists", [[], [[]], [[4]], [[0], [1], [2]], [[], [0], []]])
def test_no_transitions_is_an_error(lists: list[list[int]]) -> None:
    with pytest.raises(DataError, match="no transitions: expected at least one viewer with two likes, found none"):
        build_graph(sequences_of(lists), MOVIES)


def test_a_bag_is_the_successors_repeated_and_its_guide_leads_to_every_transition() -> None:
    random = np.random.default_rng(7)
    lists = [random.geometric(0.01, size=50).clip(0, 900).tolist() for _ in range(300)]
    graph = build_graph(sequences_of(lists), 1_000)
    assert np.array_equal(graph.bag, np.repeat(graph.indices, graph.weights))
    bag = graph.packed
    assert 1_000 / 2 < len(bag.guide) <= 2 * 1_000 + 2
    assert bag.places[-2] == bag.places[-1] == len(graph.bag)
    transitions = np.arange(len(graph.bag))
    sources = np.repeat(np.arange(1_000), np.diff(graph.bag_indptr))
    slots = transitions >> int(bag.shift)
    assert np.all(bag.guide[slots] <= sources)
    assert np.all(sources <= bag.guide[slots + 1])


def test_more_transitions_than_places_have_numbers_are_refused() -> None:
    most = np.full(3, 2**31 - 1, np.int32)
    graph = TransitionGraph(np.array([0, 3]), np.arange(3, dtype=np.int32), most)
    with pytest.raises(DataError, match=r"at most 4,294,967,295 transitions for walks, found 6,442,450,941"):
        _ = graph.bag
