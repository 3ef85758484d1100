"""Scores against plain arithmetic, and their order against sorting everything."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.scores import ROUGH_TOLERANCE, DoubleArray, best, cosines, dots, rank, six_digits, unit_rows

FINITE = st.floats(allow_nan=False, allow_infinity=False)
SMALL = st.integers(-3, 3).map(float)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (0.0, 0.0),
        (0.87312345, 0.873123),
        (-0.87312351, -0.873124),
        (0.9999996, 1.0),
        (999999.6, 1e6),
        (1234567.0, 1234570.0),
        (1e-45, 1e-45),
        (1.23456789e-20, 1.23457e-20),
        (4.284941234e-300, 4.28494e-300),
        (5e-324, 5e-324),
        (1.797693e308, 1.79769e308),
        (math.inf, math.inf),
        (-math.inf, -math.inf),
    ],
)
def test_six_digits_of_known_numbers(value: float, rounded: float) -> None:
    assert six_digits(np.array([value])).tolist() == [rounded]


def test_six_digits_of_nan_is_nan() -> None:
    assert np.isnan(six_digits(np.array([np.nan]))).all()


@settings(deadline=None)
@given(FINITE)
def test_six_digits_are_pythons_own_but_for_exact_halves(value: float) -> None:
    rounded = float(six_digits(np.array([value]))[0])
    expected = float(f"{value:.6g}")
    if rounded != expected:
        # between two neighbours, and nearer to neither than float64 can tell
        off, other = abs(Fraction(value) - Fraction(rounded)), abs(Fraction(value) - Fraction(expected))
        assert abs(off - other) <= abs(Fraction(value)) * Fraction(1, 2**50)


@settings(deadline=None)
@given(FINITE)
def test_six_digits_are_never_more_and_rounding_again_changes_nothing(value: float) -> None:
    once = six_digits(np.array([value]))
    assert float(f"{once[0]:.6g}") == once[0]
    assert six_digits(once).tolist() == once.tolist()


@settings(deadline=None)
@given(st.lists(FINITE, min_size=2))
def test_rounding_keeps_the_order(values: list[float]) -> None:
    ordered = six_digits(np.array(sorted(values)))
    assert (ordered[:-1] <= ordered[1:]).all()


def test_float32_and_any_shape_are_rounded_in_float64() -> None:
    values = np.array([[0.1, 2 / 3], [1e-40, -7]], dtype=np.float32)
    assert six_digits(values).tolist() == [[0.1, 0.666667], [9.99995e-41, -7.0]]
    assert six_digits(values).dtype == np.float64
    assert six_digits(np.empty(0)).tolist() == []


def test_unit_rows_have_length_one_and_zeros_stay() -> None:
    assert unit_rows(np.array([[3, 4], [0, 0], [0, -2]])).tolist() == [
        [np.float32(0.6), np.float32(0.8)],
        [0, 0],
        [0, -1],
    ]


@settings(deadline=None)
@given(arrays(np.float32, (5, 3), elements=st.floats(-(2.0**60), 2.0**60, width=32)))
def test_unit_rows_point_where_the_vectors_do(vectors: np.ndarray) -> None:
    units = unit_rows(vectors)
    assert units.dtype == np.float32
    for vector, unit in zip(vectors.tolist(), units.tolist(), strict=True):
        length = math.hypot(*vector)
        expected = [value / length for value in vector] if length else [0.0] * 3
        assert unit == pytest.approx(expected, rel=1e-6, abs=1e-44)


@settings(deadline=None)
@given(arrays(np.float32, 3, elements=SMALL), arrays(np.float32, (6, 3), elements=SMALL))
def test_cosines_and_dots_are_what_plain_loops_give(query: np.ndarray, vectors: np.ndarray) -> None:
    products = [math.fsum(a * b for a, b in zip(query.tolist(), row, strict=True)) for row in vectors.tolist()]
    lengths = [math.hypot(*query.tolist()) * math.hypot(*row) for row in vectors.tolist()]
    assert dots(query, vectors).tolist() == products
    expected = [product / length if length else 0.0 for product, length in zip(products, lengths, strict=True)]
    found = cosines(query, vectors)
    assert found.dtype == np.float64
    assert found == pytest.approx(expected, abs=1e-15)


def test_known_cosines() -> None:
    vectors = np.array([[1, 0], [3, 4], [0, 5], [-2, 0], [0, 0]], dtype=np.float32)
    assert cosines(np.array([1, 0]), vectors).tolist() == [1, 0.6, 0, -1, 0]
    assert cosines(np.zeros(2), vectors).tolist() == [0] * 5


def test_products_are_summed_in_float64() -> None:
    query = np.array([1e8, 1, -1e8], dtype=np.float32)
    assert dots(query, np.ones((1, 3), dtype=np.float32)).tolist() == [1]


def test_a_score_does_not_depend_on_the_rows_beside_it() -> None:
    random = np.random.default_rng(1)
    vectors = random.normal(size=(501, 50)).astype(np.float32)
    query = vectors[7]
    for score in (cosines, dots):
        together = score(query, vectors)
        assert [score(query, vectors[row : row + 1])[0] for row in range(501)] == together.tolist()


def brute_force(rough: np.ndarray, scores: DoubleArray, k: int) -> list[tuple[int, float]]:
    """Everything allowed, sorted by published score and then by row."""
    allowed = [row for row, value in enumerate(rough.tolist()) if value != -math.inf]
    published = [(row, float(six_digits(scores[[row]])[0])) for row in allowed]
    return sorted(published, key=lambda one: (-one[1], one[0]))[: max(k, 0)]


def assert_best(rough: np.ndarray, scores: DoubleArray, k: int) -> None:
    rows, found = best(rough, lambda some: scores[some], k)
    assert (rows.dtype, found.dtype) == (np.intp, np.float64)
    assert list(zip(rows.tolist(), found.tolist(), strict=True)) == brute_force(rough, scores, k)


@settings(deadline=None)
@given(st.data(), st.integers(1, 12), st.integers(-1, 15))
def test_best_is_brute_force_with_ties_and_rows_left_out(data: st.DataObject, count: int, k: int) -> None:
    scores = data.draw(arrays(np.float64, count, elements=st.sampled_from([0.5, -1.0, 0.0, 0.25, 0.2500004])))
    allowed = data.draw(arrays(np.bool_, count))
    assert_best(np.where(allowed, scores, -np.inf).astype(np.float32), scores, k)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1.0, 1e-3, 50.0]))
def test_a_rough_score_within_the_tolerance_decides_nothing(seed: int, size: float) -> None:
    random = np.random.default_rng(seed)
    scores = size * (1 - 1e-4 * random.random(40))
    error = 0.85 * ROUGH_TOLERANCE * np.maximum(1.0, np.abs(scores)) * random.choice([-1, 1], 40)
    rough = np.where(random.random(40) < 0.9, scores + error, -np.inf)
    assert_best(rough, scores, 7)


def test_near_equal_scores_are_ordered_exactly_and_equal_published_ones_by_row() -> None:
    scores = np.array([0.8999994, 0.9, 0.9000004, 0.9000006, 0.1])
    rough = np.array([0.9, 0.89998, 0.89998, 0.89998, 0.1], dtype=np.float32)
    assert_best(rough, scores, 2)
    rows, found = best(rough, lambda some: scores[some], 4)
    assert rows.tolist() == [3, 1, 2, 0]
    assert found.tolist() == [0.900001, 0.9, 0.9, 0.899999]


def test_only_candidates_are_scored_exactly() -> None:
    asked: list[int] = []
    rough = np.linspace(0, 1, 1001)

    def exact(rows: np.ndarray) -> np.ndarray:
        asked.extend(rows.tolist())
        return rough[rows]

    rows, _ = best(rough, exact, 10)
    assert rows.tolist() == list(range(1000, 990, -1))
    assert len(asked) < 20


@pytest.mark.parametrize(("allowed", "k"), [([], 5), ([3], 0), ([3], -1)])
def test_nothing_allowed_or_asked_for_is_an_empty_answer(allowed: list[int], k: int) -> None:
    rough = np.full(6, -np.inf)
    rough[allowed] = 1
    rows, scores = best(rough, lambda some: rough[some], k)
    assert (rows.tolist(), scores.tolist()) == ([], [])


def test_more_than_there_is_gives_all_of_it() -> None:
    rough = np.array([-np.inf, 0.1, 0.3, -np.inf, 0.3])
    rows, scores = best(rough, lambda some: rough[some], 100)
    assert (rows.tolist(), scores.tolist()) == ([2, 4, 1], [0.3, 0.3, 0.1])


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(100, 700), k=st.integers(1, 20), share=st.floats(0, 1))
def test_of_many_scores_the_best_are_found_wherever_they_stand(seed: int, count: int, k: int, share: float) -> None:
    random = np.random.default_rng(seed)
    scores = np.round(random.normal(size=count), 2)
    rough = np.where(random.random(count) < share**3, scores + 1e-6 * random.normal(size=count), -np.inf)
    assert_best(rough.astype(np.float32), scores, k)
    order = np.argsort(rough)  # the best all at the end
    assert_best(rough[order].astype(np.float32), scores[order], k)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.sampled_from([1.0, 1e-3, 50.0]), spread=st.sampled_from([1e-4, 1.0]))
def test_a_rank_is_the_place_in_the_order_of_best(seed: int, size: float, spread: float) -> None:
    random = np.random.default_rng(seed)
    scores = size * (1 - spread * random.random(40))
    scores[random.integers(40, size=10)] = scores[0]  # ties
    error = 0.85 * ROUGH_TOLERANCE * np.maximum(1.0, np.abs(scores)) * random.choice([-1, 1], 40)
    rough = np.where(random.random(40) < 0.9, scores + error, -np.inf)
    rows, published = best(rough, lambda some: scores[some], 40)
    for place, (row, score) in enumerate(zip(rows.tolist(), published.tolist(), strict=True), start=1):
        assert rank(rough, lambda some: scores[some], row) == (place, score)
