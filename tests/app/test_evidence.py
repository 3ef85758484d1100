"""Lift and its interval: known numbers, the exact distribution behind them, and what is always true."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nchypergeom_fisher

from app.evidence import CONFIDENCE, Lift, Margins, interval, lift, possible, probability


@st.composite
def margins(draw: st.DrawFn) -> Margins:
    total = draw(st.integers(1, 10_000))
    return Margins(total, draw(st.integers(0, total)), draw(st.integers(0, total)))


@st.composite
def tables(draw: st.DrawFn) -> tuple[Margins, int]:
    made = draw(margins())
    return made, draw(st.integers(made.least, made.most))


def test_lift_by_hand() -> None:
    # 20 of 100 like the one, 30 the other: 6 by chance, 12 are twice as many
    found = lift(Margins(100, 20, 30), 12, 1)
    assert Margins(100, 20, 30).expected == 6
    assert found.value == 2
    assert found.low is not None
    assert found.high is not None
    assert 1 < found.low < 2 < found.high < 20 / 6


def test_the_limits_are_where_cornfields_equation_holds() -> None:
    a, b, viewers, both = 20, 30, 100, 12
    for m, side in zip(interval(Margins(viewers, a, b), both), (1, -1), strict=True):
        variance = 1 / (1 / m + 1 / (a - m) + 1 / (b - m) + 1 / (viewers - a - b + m))
        assert side * (both - m) - 0.5 == pytest.approx(1.959964 * math.sqrt(variance), rel=1e-6)


def test_nobody_liked_both_is_an_answer_with_an_upper_limit() -> None:
    small, large = lift(Margins(610, 5, 6), 0, 1), lift(Margins(610, 150, 200), 0, 1)
    assert (small.value, small.low) == (large.value, large.low) == (0, 0)
    # five likes say little, 150 say a lot
    assert small.high is not None
    assert large.high is not None
    assert small.high > 10
    assert large.high < 0.15


def test_one_viewer_in_common_proves_nothing() -> None:
    found = lift(Margins(610, 1, 2), 1, 1)
    assert found.value == 305
    assert found.low is not None
    assert found.low < 20


@pytest.mark.parametrize(("likes", "other"), [(0, 5), (5, 0), (0, 0)])
def test_where_nothing_is_expected_there_is_no_lift(likes: int, other: int) -> None:
    assert lift(Margins(10, likes, other), 0, 1) == lift(Margins(0, 0, 0), 0, 1) == Lift(None, None, None)


def test_what_everybody_likes_has_lift_one_for_sure() -> None:
    assert lift(Margins(10, 10, 4), 4, 1) == Lift(1, 1, 1)


def test_below_the_floor_the_interval_holds_all_that_may_be() -> None:
    made = Margins(1000, 50, 40)
    unknown = lift(made, None, 4)
    assert unknown.value is None
    assert (unknown.low, unknown.high) == (0, lift(made, 3, 1).high)
    assert possible(made, 4) == (0, 3)
    # 9 and 8 of 10 must share seven, however few were counted
    assert possible(Margins(10, 9, 8), 3) == (7, 7)
    assert possible(Margins(10, 1, 8), 3) == (0, 1)


@given(table=tables())
def test_the_interval_holds_the_count_and_stays_within_what_can_be(table: tuple[Margins, int]) -> None:
    made, both = table
    low, high = interval(made, both)
    assert made.least <= low <= both <= high <= made.most
    assert (low == both) == (both == made.least)
    assert (high == both) == (both == made.most)


@given(table=tables())
def test_it_does_not_matter_which_movie_comes_first(table: tuple[Margins, int]) -> None:
    made, both = table
    turned = lift(Margins(made.viewers, made.other_likes, made.likes), both, 1)
    here = lift(made, both, 1)
    assert vars(turned) == pytest.approx(vars(here), nan_ok=True)


@given(table=tables())
def test_more_in_common_is_more_lift(table: tuple[Margins, int]) -> None:
    made, both = table
    if both < made.most:
        assert interval(made, both)[0] <= interval(made, both + 1)[0]
        assert interval(made, both)[1] <= interval(made, both + 1)[1]


@pytest.mark.parametrize("viewers", [40, 600])
@pytest.mark.parametrize("shares", [(0.3, 0.2), (0.05, 0.5), (0.1, 0.1), (0.8, 0.7)])
def test_it_holds_the_truth_about_as_often_as_it_says(viewers: int, shares: tuple[float, float]) -> None:
    """Summed over all counts there can be, each with its exact probability given the likes (Fisher)."""
    made = Margins(viewers, *(max(1, round(share * viewers)) for share in shares))
    counts = range(made.least, made.most + 1)
    limits = [interval(made, both) for both in counts]
    for odds in (0.2, 0.5, 1, 2, 5, 20):
        truth = with_odds(made, odds)
        chance = nchypergeom_fisher.pmf(list(counts), viewers, made.likes, made.other_likes, odds)
        held = sum(p for p, (low, high) in zip(chance, limits, strict=True) if low <= truth <= high)
        assert held >= CONFIDENCE, (made, odds)


def with_odds(made: Margins, odds: float) -> float:
    """The number who like both at which the four-fold table has these odds, by halving."""
    low, high = float(made.least), float(made.most)
    rest = made.viewers - made.likes - made.other_likes
    for _ in range(100):
        middle = (low + high) / 2
        if middle * (rest + middle) < odds * (made.likes - middle) * (made.other_likes - middle):
            low = middle
        else:
            high = middle
    return low


def test_probability_of_nothing_is_none() -> None:
    assert probability(3, 12) == 0.25
    assert probability(0, 0) is None
