"""Overlap and rank-biased overlap: worked out by hand, and what is always true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.compare import overlap, rank_biased_overlap

RANKINGS = st.lists(st.sampled_from("abcdefghijkl"), unique=True, min_size=1)

# with p = .9; each worked out from the formula in the paper
KNOWN = [
    ("a", "a", 1.0),
    ("a", "b", 0.0),
    ("ab", "ba", 0.9),  # (.1/.9)(0/1 .9 + 2/2 .81) + 2/2 .81
    ("abc", "abd", 0.1 + 0.09 + 0.1 / 0.9 * 2 / 3 * 0.729 + 2 / 3 * 0.729),  # X = 1, 2, 2
    ("abc", "cab", 0.1 / 0.9 * (0 + 0.405 + 0.729) + 0.729),  # X = 0, 1, 3
    # X = 1, 1 of lengths 1 and 2: X_s = 1 goes on as 1 * (2 - 1)/(1 * 2) p^2, ((1 - 1)/2 + 1/1) p^2
    ("a", "ab", 0.1 / 0.9 * (0.9 + 0.405 + 0.405) + 0.81),
    ("b", "ab", 0.1 / 0.9 * (0 + 0.405 + 0) + 0.5 * 0.81),
]


@pytest.mark.parametrize(("left", "right", "expected"), KNOWN)
def test_known_rankings(left: str, right: str, expected: float) -> None:
    assert rank_biased_overlap(left, right) == pytest.approx(expected, abs=1e-12)
    assert rank_biased_overlap(right, left) == pytest.approx(expected, abs=1e-12)


def test_overlap_by_hand() -> None:
    assert overlap("abcd", "dcxy") == 0.5
    assert overlap("ab", "abcd") == 0.5
    assert overlap("ab", "cd") == 0
    assert overlap("ab", "ba") == 1


def test_an_empty_list_cannot_be_compared() -> None:
    for left, right in (("", "a"), ("a", ""), ("", "")):
        assert overlap(left, right) is None
        assert rank_biased_overlap(left, right) is None


@given(left=RANKINGS, right=RANKINGS)
def test_both_are_symmetric_and_between_0_and_1(left: list[str], right: list[str]) -> None:
    for measure in (overlap, rank_biased_overlap):
        value = measure(left, right)
        assert value is not None
        assert value == measure(right, left)
        assert 0 <= value <= 1
        assert measure(left, left) == 1
        assert (value == 0) == (not set(left) & set(right))


@given(left=RANKINGS, right=RANKINGS)
def test_it_is_the_sum_over_depths_that_is_extrapolated(left: list[str], right: list[str]) -> None:
    """Lists of one length: agreement to the end, and from there on the agreement at the end for ever."""
    length = min(len(left), len(right))
    left, right = left[:length], right[:length]
    agreement = [len(set(left[:d]) & set(right[:d])) / d for d in range(1, length + 1)]
    endless = [*agreement, *[agreement[-1]] * 400]
    expected = 0.1 * sum(value * 0.9**place for place, value in enumerate(endless))
    assert rank_biased_overlap(left, right) == pytest.approx(expected, abs=1e-9)


def test_an_exchange_at_the_top_counts_more_than_one_at_the_end() -> None:
    ranked = "abcdefghij"
    top, end = rank_biased_overlap(ranked, "bacdefghij"), rank_biased_overlap(ranked, "abcdefghji")
    assert top is not None
    assert end is not None
    assert top < end < 1
