"""The stored neighbours against going through all pairs one by one."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.model import MAX_NEIGHBOURS, Model
from training.neighbours import BLOCK, nearest, with_nearest


def cosine(left: np.ndarray, right: np.ndarray) -> float:
    """From exact sums of products."""
    product, one, two = (
        sum(Fraction(float(a)) * Fraction(float(b)) for a, b in zip(x, y, strict=True))
        for x, y in ((left, right), (left, left), (right, right))
    )
    return float(product) / math.sqrt(one * two) if one and two else 0.0


def brute_force(vectors: np.ndarray, learned: np.ndarray, row: int, k: int) -> list[tuple[int, float]]:
    """Highest six-digit cosine first, equal ones by row."""
    others = [other for other in np.flatnonzero(learned).tolist() if other != row]
    scored = [(other, float(f"{cosine(vectors[row], vectors[other]):.5e}")) for other in others]
    return sorted(scored, key=lambda one: (-one[1], one[0]))[:k]


def bare(vectors: np.ndarray, learned: np.ndarray) -> Model:
    none = np.empty((len(vectors), 0), dtype=np.int32)
    return Model(vectors, learned, none, none.astype(np.float32))


def assert_exact(vectors: np.ndarray, learned: np.ndarray, k: int, of: range | None = None) -> None:
    rows, scores = nearest(bare(vectors, learned), k=k)
    assert (rows.dtype, scores.dtype) == (np.int32, np.float32)
    assert rows.shape == scores.shape
    assert len(rows) == len(vectors)
    for row in of or range(len(vectors)):
        expected = brute_force(vectors, learned, row, k)
        count = len(expected)
        assert count <= rows.shape[1] <= k
        assert rows[row, :count].tolist() == [other for other, _ in expected]
        assert scores[row, :count].tolist() == [float(np.float32(score)) for _, score in expected]
        assert rows[row, count:].tolist() == [-1] * (rows.shape[1] - count)
        assert not scores[row, count:].any()


@settings(deadline=None)
@given(data=st.data(), n_movies=st.integers(1, 12), k=st.integers(1, 14))
def test_neighbours_are_exact_with_ties_zeros_and_inferred_movies(data: st.DataObject, n_movies: int, k: int) -> None:
    vectors = data.draw(arrays(np.float32, (n_movies, 3), elements=st.integers(-2, 2).map(float)))
    assert_exact(vectors, data.draw(arrays(np.bool_, n_movies)), k)


def test_neighbours_are_exact_across_blocks_and_among_copies() -> None:
    random = np.random.default_rng(4)
    vectors = random.normal(size=(2 * BLOCK + 90, 12)).astype(np.float32)
    copies = np.r_[3:200:7, BLOCK - 2 : BLOCK + 3]
    vectors[copies] = vectors[1]
    vectors[copies[::2]] *= 2
    vectors[10] = 0
    learned = random.random(len(vectors)) < 0.8
    learned[[1, 3]] = True
    assert_exact(vectors, learned, MAX_NEIGHBOURS, range(0, len(vectors), 23))
    assert_exact(vectors, learned, 5, range(BLOCK - 3, BLOCK + 3))


def test_differences_that_float32_cannot_see_decide_nothing() -> None:
    base = np.ones(64, dtype=np.float32)
    vectors = np.tile(base, (40, 1))
    vectors[np.arange(40), np.arange(40)] += np.linspace(0, 3e-3, 40, dtype=np.float32)
    assert_exact(vectors, np.ones(40, dtype=bool), 10)


def test_a_movie_is_never_its_own_neighbour_and_an_inferred_one_nobodys() -> None:
    vectors = np.random.default_rng(5).normal(size=(300, 6)).astype(np.float32)
    learned = np.arange(300) % 3 > 0
    rows, scores = nearest(bare(vectors, learned))
    assert rows.shape == (300, MAX_NEIGHBOURS)
    assert not (rows == np.arange(300)[:, None]).any()
    assert learned[rows].all()
    assert np.all(np.diff(scores, axis=1) <= 0)


@pytest.mark.parametrize(
    ("learned", "width"), [([True] * 4, 3), ([True, True, False, True], 3), ([False] * 4, 0), ([True], 0)]
)
def test_there_are_no_more_columns_than_a_movie_can_have_neighbours(learned: list[bool], width: int) -> None:
    vectors = np.eye(len(learned), dtype=np.float32)
    rows, scores = nearest(bare(vectors, np.array(learned)))
    assert rows.shape == scores.shape == (len(learned), width)


def test_the_end_is_filled_where_a_learned_movie_has_one_less() -> None:
    vectors = np.array([[1, 0], [1, 1], [0, 1]], dtype=np.float32)
    rows, scores = nearest(bare(vectors, np.array([True, True, False])))
    assert rows.tolist() == [[1, -1], [0, -1], [1, 0]]
    assert scores.tolist() == [[np.float32(0.707107), 0], [np.float32(0.707107), 0], [np.float32(0.707107), 0]]


def test_every_movie_is_told_of_once_for_each_relation() -> None:
    vectors = np.random.default_rng(4).normal(size=(2 * BLOCK + 76, 4)).astype(np.float32)
    model = bare(vectors, np.ones(len(vectors), dtype=bool))
    told: list[int] = []
    with_nearest(replace(model, output=vectors), k=3, tell=told.append)
    assert told == [BLOCK, BLOCK, 76] * 2
