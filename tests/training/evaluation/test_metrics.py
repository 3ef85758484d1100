"""The measures against numbers worked out by hand, and the standard errors against simulation."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.metrics import estimate, gini, hubness, overlap, paired_bootstrap, per_question


def test_the_measures_of_known_ranks() -> None:
    found = per_question(np.array([1.0, 3.0, 10.0, 11.0, 20.0, 21.0, np.inf]))
    assert found["hr@10"].tolist() == [1, 1, 1, 0, 0, 0, 0]
    assert found["hr@20"].tolist() == [1, 1, 1, 1, 1, 0, 0]
    assert found["ndcg@10"] == pytest.approx([1, 0.5, 1 / math.log2(11), 0, 0, 0, 0])
    assert found["mrr"] == pytest.approx([1, 1 / 3, 0.1, 1 / 11, 0.05, 1 / 21, 0])


def test_one_question_a_viewer_has_the_usual_standard_error() -> None:
    values = np.array([1.0, 0.0, 0.0, 1.0, 1.0])
    found = estimate(values, np.arange(5))
    assert found.mean == 0.6
    assert found.se == pytest.approx(values.std() / math.sqrt(5))


def test_a_viewer_who_is_asked_twice_the_same_counts_once() -> None:
    values, twice = np.array([1.0, 0.0, 0.0, 1.0]), np.repeat([1.0, 0.0, 0.0, 1.0], 2)
    assert estimate(twice, np.repeat(np.arange(4), 2)).se == pytest.approx(estimate(values, np.arange(4)).se)


def test_the_standard_error_is_that_of_repeated_samples() -> None:
    random = np.random.default_rng(3)
    means, errors = [], []
    for _ in range(400):
        chance = random.beta(2, 5, size=60)
        viewers = np.repeat(np.arange(60), 4)
        found = estimate((random.random(240) < chance[viewers]).astype(float), viewers)
        means.append(found.mean)
        errors.append(found.se)
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.1)


def test_the_bootstrap_finds_a_difference_that_is_there_and_none_that_is_not() -> None:
    random = np.random.default_rng(4)
    viewers = np.repeat(np.arange(200), 3)
    base = (random.random(600) < 0.2).astype(float)
    better = np.maximum(base, (random.random(600) < 0.2).astype(float))
    mean, low, high = paired_bootstrap(better, base, viewers)
    assert mean == pytest.approx((better - base).mean())
    assert 0 < low < mean < high
    _, low, high = paired_bootstrap((random.random(600) < 0.2).astype(float), base, viewers)
    assert low < 0 < high
    assert paired_bootstrap(base, base, viewers) == (0, 0, 0)


def test_the_bootstraps_interval_is_as_wide_as_the_standard_error_says() -> None:
    random = np.random.default_rng(5)
    viewers, values = np.repeat(np.arange(300), 2), random.normal(size=600)
    _, low, high = paired_bootstrap(values, np.zeros(600), viewers)
    assert (high - low) / 2 == pytest.approx(1.96 * estimate(values, viewers).se, rel=0.12)


def test_the_bootstraps_interval_is_that_of_all_draws_of_viewers() -> None:
    # four viewers with 1, 2, 3 and 6 questions: all 4^4 draws, the mean over the questions drawn
    viewers = np.repeat([3, 8, 2, 9], [1, 2, 3, 6])
    ours = np.array([1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0], dtype=float)
    theirs = np.array([0, 0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0], dtype=float)
    sums = [float((ours - theirs)[viewers == viewer].sum()) for viewer in (3, 8, 2, 9)]
    counts = [1, 2, 3, 6]
    means = sorted(
        sum(sums[one] for one in drawn) / sum(counts[one] for one in drawn) for drawn in product(range(4), repeat=4)
    )
    mean, low, high = paired_bootstrap(ours, theirs, viewers)
    assert mean == pytest.approx(sum(sums) / 12)
    assert low == pytest.approx(float(np.quantile(means, 0.025)), abs=0.05)
    assert high == pytest.approx(float(np.quantile(means, 0.975)), abs=0.05)


def test_asking_viewers_the_same_again_makes_no_interval_narrower_and_a_seed_makes_it_the_same() -> None:
    random = np.random.default_rng(12)
    ours, theirs, viewers = random.normal(size=50), random.normal(size=50), np.arange(50)
    once = paired_bootstrap(ours, theirs, viewers)
    again = paired_bootstrap(np.repeat(ours, 3), np.repeat(theirs, 3), np.repeat(viewers, 3))
    assert again == pytest.approx(once, rel=1e-9)
    assert paired_bootstrap(ours, theirs, viewers) == once


@pytest.mark.parametrize(
    ("counts", "expected"), [([5, 5, 5, 5], 0), ([0, 0, 0, 1], 0.75), ([1, 2, 3], 2 / 9), ([0, 0], 0), ([7], 0)]
)
def test_gini_of_known_shares(counts: list[int], expected: float) -> None:
    assert gini(np.array(counts)) == pytest.approx(expected)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20))
def test_gini_is_the_mean_difference_of_all_pairs(counts: list[int]) -> None:
    pairs = sum(abs(a - b) for a in counts for b in counts)
    expected = pairs / (2 * len(counts) * sum(counts)) if sum(counts) else 0
    assert gini(np.array(counts)) == pytest.approx(expected, abs=1e-12)


def test_hubness_is_the_skewness() -> None:
    assert hubness(np.array([1, 2, 3])) == pytest.approx(0)
    assert hubness(np.array([4, 4, 4])) == 0
    # one of n takes all: skewness (n - 2) / sqrt(n - 1)
    assert hubness(np.eye(1, 10, dtype=int)[0]) == pytest.approx(8 / 3)


def test_overlap_counts_what_lists_share_whatever_the_order() -> None:
    one, other = np.array([[1, 2, 3], [4, 5, -1]]), np.array([[3, 1, 9], [5, 4, -1]])
    assert overlap(one, other) == pytest.approx((2 / 3 + 1) / 2)
    assert overlap(one, one) == 1
    short = np.array([[1, 2, -1], [-1, -1, -1]])
    assert overlap(one, short) == overlap(short, one) == pytest.approx((2 / 3 + 0) / 2)
    assert overlap(np.array([[-1, -1]]), np.array([[-1, -1]])) == 0
