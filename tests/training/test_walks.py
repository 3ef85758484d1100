"""Walk statistics against the exact transition probabilities of a graph small enough to work out by hand."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, chisquare

from tests.small import sequences_of
from training.errors import SettingsError
from training.graph import TransitionGraph, build_graph
from training.sequences import Sequences
from training.walk_steps import MAX_TRIES
from training.walks import PART, random_walks

Weights = dict[int, dict[int, int]]
Bias = Callable[[int, int], float]

# 0 <-> 1 both ways, 2 -> 3 and 4 -> 0 one way only, a loop at 3, successors near and far everywhere
EDGES: Weights = {
    0: {1: 3, 2: 1, 4: 2},
    1: {0: 2, 2: 5},
    2: {0: 1, 1: 1, 3: 4},
    3: {3: 1, 0: 2, 4: 3, 5: 1},
    4: {0: 1, 5: 2, 2: 1},
    5: {3: 2, 4: 1, 1: 1},
}
LEAVING = {movie: sum(row.values()) for movie, row in EDGES.items()}
# a walk of the second order with p and q this close to 1 goes through its own code with the first's probabilities
ALMOST_ONE = float(np.nextafter(1.0, 2.0))


@pytest.fixture(scope="module")
def graph() -> TransitionGraph:
    return build_graph(
        sequences_of([[v, x] for v, row in EDGES.items() for x, weight in row.items() for _ in range(weight)]),
        len(EDGES),
    )


def walk_lists(walks: Sequences) -> list[list[int]]:
    return [walks[index].tolist() for index in range(len(walks))]


def node2vec_bias(p: float, q: float) -> Bias:
    """Grover and Leskovec 2016, section 3.2.2, with "distance 1" as an edge from t to x."""
    return lambda t, x: 1 / p if x == t else 1.0 if x in EDGES[t] else 1 / q


def reversed_bias(p: float, q: float) -> Bias:
    """The mistake of asking for the edge x -> t instead of t -> x."""
    return lambda t, x: 1 / p if x == t else 1.0 if t in EDGES[x] else 1 / q


NO_BIAS = node2vec_bias(1.0, 1.0)


def exact(t: int, v: int, bias: Bias) -> dict[int, float]:
    shares = {x: bias(t, x) * weight for x, weight in EDGES[v].items()}
    total = sum(shares.values())
    return {x: share / total for x, share in shares.items()}


def chi_square(seen: Counter[int], expected: dict[int, float]) -> tuple[float, int]:
    """The statistic and its degrees of freedom; what is expected fewer than 5 times is counted with the likeliest."""
    assert seen.keys() <= expected.keys()
    likeliest = max(expected, key=expected.__getitem__)
    observed: Counter[int] = Counter()
    wanted: dict[int, float] = defaultdict(float)
    for x, share in expected.items():
        counted_as = x if share * seen.total() >= 5 else likeliest
        observed[counted_as] += seen[x]
        wanted[counted_as] += share * seen.total()
    if len(wanted) == 1:
        return 0.0, 0
    return float(chisquare(list(observed.values()), list(wanted.values())).statistic), len(wanted) - 1


def first_order_p(walks: Sequences) -> float:
    seen: dict[int, Counter[int]] = defaultdict(Counter)
    for walk in walk_lists(walks):
        for v, x in pairwise(walk):
            seen[v][x] += 1
    assert seen.keys() == EDGES.keys()
    return together(chi_square(seen[v], exact(v, v, NO_BIAS)) for v in EDGES)


def second_order_p(walks: Sequences, bias: Bias) -> float:
    seen: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for walk in walk_lists(walks):
        for t, v, x in zip(walk, walk[1:], walk[2:], strict=False):
            seen[t, v][x] += 1
    assert len(seen) == sum(map(len, EDGES.values()))
    return together(chi_square(counts, exact(t, v, bias)) for (t, v), counts in seen.items())


def together(parts: Iterator[tuple[float, int]]) -> float:
    statistics, freedoms = zip(*parts, strict=True)
    return float(chi2.sf(sum(statistics), sum(freedoms)))


def test_first_order_steps_follow_the_transition_probabilities(graph: TransitionGraph) -> None:
    walks = random_walks(graph, 20_000, 12, seed=1)
    assert first_order_p(walks) > 1e-4


def test_first_order_steps_forget_where_they_came_from(graph: TransitionGraph) -> None:
    walks = random_walks(graph, 20_000, 12, seed=2)
    assert second_order_p(walks, NO_BIAS) > 1e-4
    assert second_order_p(walks, node2vec_bias(1.1, 1.0)) < 1e-6


@pytest.mark.parametrize("q", [1.0, ALMOST_ONE])
def test_starts_follow_the_share_of_transitions_that_leave_a_movie(graph: TransitionGraph, q: float) -> None:
    walks = random_walks(graph, 50_000, 1, seed=3, q=q)
    starts = np.bincount(walks.rows, minlength=len(EDGES))
    wanted = np.array(list(LEAVING.values())) / sum(LEAVING.values()) * 50_000
    assert chisquare(starts, wanted).pvalue > 1e-4
    assert chisquare(starts, np.full(len(EDGES), 50_000 / len(EDGES))).pvalue < 1e-6


@pytest.mark.parametrize("q", [1.0, ALMOST_ONE])
def test_node2vec_with_p_and_q_of_one_has_the_distribution_of_deepwalk(graph: TransitionGraph, q: float) -> None:
    walks = random_walks(graph, 20_000, 12, seed=4, p=1.0, q=q)
    assert first_order_p(walks) > 1e-4
    assert second_order_p(walks, NO_BIAS) > 1e-4


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (4.0, 0.25),
        (0.25, 4.0),
        (2.0, 0.5),
        (1.0, 3.0),
        (3.0, 3.0),
        (1e-3, 1.0),
        (1.0, 1e-3),
        (1e3, 50.0),
        (1e-6, 1.0),
        (1e6, 2.0),
        (1.0, 1e-6),
        (2.0, 1e6),
        (1e-6, 1e6),
        (1e6, 1e-6),
        (1e-6, 1e-5),
        (1e6, 1e5),
    ],
)
def test_second_order_steps_follow_the_biased_probabilities(graph: TransitionGraph, p: float, q: float) -> None:
    walks = random_walks(graph, 30_000, 12, seed=5, p=p, q=q)
    assert second_order_p(walks, node2vec_bias(p, q)) > 1e-4
    if q != 1.0:
        assert second_order_p(walks, reversed_bias(p, q)) < 1e-6
    if p != q:
        assert second_order_p(walks, node2vec_bias(q, p)) < 1e-6


def test_a_step_refused_too_often_is_made_exactly() -> None:
    # from 0 -> 1 only 2 and 3 are left, both far: kept once in 100,000 tries, so that the row is gone through
    sequences = sequences_of([[0, 1]] * 4 + [[1, 2]] * 3 + [[1, 3]] + [[0, 4], [4, 0]])
    walks = random_walks(build_graph(sequences, 5), 20_000, 3, seed=6, p=1e-5, q=1.0)
    last = Counter(walk[2] for walk in walk_lists(walks) if walk[:2] == [0, 1])
    assert last.total() > 20 * MAX_TRIES
    assert chisquare([last[2], last[3]], [last.total() * 0.75, last.total() * 0.25]).pvalue > 1e-4


@pytest.mark.parametrize("q", [1.0, 2.0])
def test_a_walk_stops_at_a_sink_and_never_starts_there(q: float) -> None:
    walks = walk_lists(random_walks(build_graph(sequences_of([[0, 1, 2]]), 4), 100, 10, seed=7, q=q))
    assert {tuple(walk) for walk in walks} == {(0, 1, 2), (1, 2)}


@pytest.mark.parametrize("q", [1.0, 2.0])
def test_a_walk_is_as_long_as_asked_where_it_can_go_on(graph: TransitionGraph, q: float) -> None:
    for length in (1, 2, 7):
        walks = random_walks(graph, 10, length, seed=8, q=q)
        assert np.diff(walks.offsets).tolist() == [length] * 10


@pytest.mark.parametrize("q", [1.0, 2.0])
def test_the_number_of_threads_never_changes_the_walks(graph: TransitionGraph, q: float) -> None:
    first, *others = (random_walks(graph, 3 * PART + 1, 8, seed=9, q=q, threads=threads) for threads in (1, 2, 3))
    assert len(first) == 3 * PART + 1
    for other in others:
        assert np.array_equal(first.rows, other.rows)
        assert np.array_equal(first.offsets, other.offsets)


@pytest.mark.parametrize("q", [1.0, 2.0])
def test_another_seed_gives_other_walks_and_so_does_another_part(graph: TransitionGraph, q: float) -> None:
    one, two = (random_walks(graph, 2 * PART, 8, seed=seed, q=q).rows for seed in (10, 11))
    assert np.mean(one == two) < 0.5
    assert np.mean(one[: 8 * PART] == one[8 * PART :]) < 0.5


@settings(max_examples=60, deadline=None)
@given(
    lists=st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=6), min_size=1, max_size=6),
    p=st.floats(1e-6, 1e6),
    q=st.floats(1e-6, 1e6),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_step_is_an_edge_and_only_sinks_end_a_walk_early(
    lists: list[list[int]], p: float, q: float, seed: int
) -> None:
    edges = {pair for one in lists for pair in pairwise(one)}
    sources = {before for before, _ in edges}
    for walk in walk_lists(random_walks(build_graph(sequences_of(lists), 6), 20, 6, seed=seed, p=p, q=q)):
        assert walk[0] in sources
        assert set(pairwise(walk)) <= edges
        assert len(walk) == 6 or walk[-1] not in sources


@pytest.mark.parametrize(
    ("n_walks", "length", "p", "q"),
    [(0, 5, 1, 1), (5, 0, 1, 1), (5, 5, 0, 1), (5, 5, 1, -1), (5, 5, float("nan"), 1), (5, 5, 1, float("inf"))],
)
def test_numbers_out_of_range_are_refused(
    graph: TransitionGraph, n_walks: int, length: int, p: float, q: float
) -> None:
    with pytest.raises(SettingsError, match="expected walks, length, p and q > 0, found"):
        random_walks(graph, n_walks, length, seed=1, p=p, q=q)
