"""Each walk against the slow obvious one, draw by draw: whole numbers of Python, one walk after the other."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from tests.small import sequences_of
from training.graph import TransitionGraph, build_graph
from training.walk_steps import ABREAST, MAX_TRIES
from training.walks import PART, random_walks, walk_chunks

MOVIES = 40
WORD = 2**64
GOLDEN = 0x9E3779B97F4A7C15


@pytest.fixture(scope="module")
def graph() -> TransitionGraph:
    """Movies of all degrees; the last ones are ends, and some stand in no history."""
    random = np.random.default_rng(3)
    lists = [(random.geometric(0.12, size=9) - 1).clip(0, MOVIES - 6).tolist() for _ in range(60)]
    return build_graph(sequences_of([*lists, [1, MOVIES - 2], [2, MOVIES - 1], [MOVIES - 6, MOVIES - 2]]), MOVIES)


def mix(z: int) -> int:
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % WORD
    z = (z ^ z >> 27) * 0x94D049BB133111EB % WORD
    return z ^ z >> 31


def draws(seed: int, walk: int) -> Iterator[int]:
    key = mix((mix((seed + GOLDEN) % WORD) + walk * GOLDEN) % WORD)
    while True:
        yield mix(key)
        key = (key + GOLDEN) % WORD


def share(draw: int) -> float:
    return (draw >> 11) / 2**53


def successors(graph: TransitionGraph, movie: int) -> list[int]:
    part = slice(graph.indptr[movie], graph.indptr[movie + 1])
    return np.repeat(graph.indices[part], graph.weights[part]).tolist()


def one_walk(graph: TransitionGraph, length: int, seed: int, number: int, p: float, q: float) -> list[int]:
    drawn = draws(seed, number)
    bags = [successors(graph, movie) for movie in range(MOVIES)]
    sources = [movie for movie, bag in enumerate(bags) for _ in bag]
    walk = [sources[next(drawn) * len(sources) // WORD]]
    while len(walk) < length and bags[walk[-1]]:
        bag = bags[walk[-1]]
        if p == q == 1:
            walk.append(bag[next(drawn) * len(bag) // WORD])
        else:
            walk.append(second_order(bag, walk, [set(one) for one in bags], drawn, 1 / p, 1 / q))
    return walk


def second_order(
    bag: list[int], walk: list[int], near: list[set[int]], drawn: Iterator[int], back: float, out: float
) -> int:
    def alpha(x: int) -> float:
        return back if x == walk[-2] else 1.0 if x in near[walk[-2]] else out

    for _ in range(MAX_TRIES):
        x, height = bag[next(drawn) * len(bag) // WORD], share(next(drawn)) * max(back, 1.0, out)
        if len(walk) == 1 or height < alpha(x):
            return x
    rows = sorted(set(bag))
    sums = np.cumsum([bag.count(x) * alpha(x) for x in rows]).tolist()
    return rows[min(bisect_right(sums, share(next(drawn)) * sums[-1]), len(rows) - 1)]


@pytest.mark.parametrize(
    ("p", "q"), [(1.0, 1.0), (0.25, 4.0), (2.0, 0.5), (1e-6, 1.0), (1.0, 1e-6), (1e6, 1e6), (1e-6, 1e6), (1e6, 1e-6)]
)
@pytest.mark.parametrize("seed", [0, 592, 2**64 - 1])
def test_every_walk_is_the_slow_one(graph: TransitionGraph, p: float, q: float, seed: int) -> None:
    n_walks, length = ABREAST + 50, 9
    walks = random_walks(graph, n_walks, length, seed=seed, p=p, q=q)
    expected = [one_walk(graph, length, seed, number, p, q) for number in range(n_walks)]
    assert [walks[number].tolist() for number in range(n_walks)] == expected
    if p == q == 1.0:
        assert len({len(walk) for walk in expected}) > 1


def test_splitmix64_is_the_published_one() -> None:
    # the first numbers of the reference implementation for the seed 1234567
    state, seen = 1_234_567, []
    for _ in range(3):
        state = (state + GOLDEN) % WORD
        seen.append(mix(state))
    assert seen == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_draws_of_neighbouring_walks_and_seeds_are_not_alike() -> None:
    first = [draw for seed in range(8) for walk in range(64) for draw in islice(draws(seed, walk), 40)]
    assert len(set(first)) == len(first)
    bits = np.unpackbits(np.array(first, dtype=np.uint64).view(np.uint8))
    assert abs(bits.mean() - 0.5) < 0.005


@pytest.mark.parametrize("q", [1.0, 0.5])
def test_walks_by_number_are_the_same_in_parts(graph: TransitionGraph, q: float) -> None:
    n_walks = PART + 300
    whole = random_walks(graph, n_walks, 6, seed=8, q=q)
    for low, high in ((0, 1), (PART - 5, PART + 5), (n_walks - 7, n_walks)):
        part = random_walks(graph, high - low, 6, seed=8, q=q, first=low)
        assert [one.tolist() for one in map(part.__getitem__, range(high - low))] == [
            whole[number].tolist() for number in range(low, high)
        ]


@pytest.mark.parametrize("size", [1, 5, 60, 10_000])
def test_chunks_are_the_walks_in_order(graph: TransitionGraph, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.walks.CHUNK_MOVIES", size)
    whole = random_walks(graph, 50, 6, seed=8)
    chunks = list(walk_chunks(graph, 50, 6, seed=8))
    assert len(chunks) == -(-50 // max(1, size // 6))
    assert np.array_equal(np.concatenate([chunk.rows for chunk in chunks]), whole.rows)
    lengths = np.concatenate([np.diff(chunk.offsets) for chunk in chunks])
    assert np.array_equal(lengths, np.diff(whole.offsets))
