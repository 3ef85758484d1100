"""What is held out, by hand and by going through every viewer."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.errors import DataError
from training.evaluation.protocols import PROTOCOLS, TIME_SHARE, Split, leave_last_one, time_split
from training.readers import Columns

MOVIES = 6
ROW_OF = np.arange(MOVIES, dtype=np.int32)


def columns(rated: list[tuple[int, int, float, int]]) -> Columns:
    """Of (user, movie, rating, time)."""
    users, movies, ratings, times = zip(*rated, strict=True) if rated else ((), (), (), ())
    return Columns(
        [f"u{user}" for user in range(max(users, default=-1) + 1)],
        [str(movie) for movie in range(MOVIES)],
        np.array(users, dtype=np.int32),
        np.array(movies, dtype=np.int32),
        np.array(ratings, dtype=np.float32),
        np.array(times, dtype=np.float64),
    )


def questions(split: Split) -> list[tuple[int, list[int], int]]:
    """Query, history and answer of each question."""
    histories = [
        split.liked.rows[start:target].tolist() for start, target in zip(split.starts, split.targets, strict=True)
    ]
    return list(zip(split.queries.tolist(), histories, split.answers.tolist(), strict=True))


def trained(split: Split) -> set[tuple[int, int]]:
    return set(zip(split.train.users.tolist(), split.train.movies.tolist(), strict=True))


def test_the_last_like_is_asked_for_and_what_was_rated_before_it_trains() -> None:
    rated = [(0, 3, 5.0, 30), (0, 1, 4.0, 10), (0, 2, 1.0, 20), (0, 4, 2.0, 40), (1, 5, 5.0, 1), (1, 0, 1.0, 2)]
    split = leave_last_one(columns(rated), ROW_OF, 3.5)
    assert questions(split) == [(1, [1], 3)]
    assert trained(split) == {(0, 1), (0, 2), (1, 5), (1, 0)}


def test_likes_of_the_same_second_are_ordered_by_movie() -> None:
    split = leave_last_one(columns([(0, 4, 5.0, 7), (0, 2, 5.0, 7), (0, 3, 5.0, 7)]), ROW_OF, 3.5)
    assert questions(split) == [(3, [2, 3], 4)]


def test_a_tie_goes_by_row_and_not_by_the_order_of_the_file() -> None:
    turned = ROW_OF[::-1].copy()
    split = leave_last_one(columns([(0, 4, 5.0, 7), (0, 2, 5.0, 7), (0, 3, 5.0, 7)]), turned, 3.5)
    # rows 1, 3 and 2 of movies 4, 2 and 3
    assert questions(split) == [(2, [1, 2], 3)]
    assert trained(split) == {(0, 4), (0, 3)}


def test_a_rating_at_the_border_is_a_like() -> None:
    rated = [(0, 1, 3.5, 1), (0, 2, 3.4, 2), (0, 3, 3.5, 3), (0, 4, 5.0, 4)]
    assert questions(leave_last_one(columns(rated), ROW_OF, 3.5)) == [(3, [1, 3], 4)]
    split = leave_last_one(columns(rated[:3]), ROW_OF, 3.5)
    assert (questions(split), trained(split)) == ([(1, [1], 3)], {(0, 1), (0, 2)})
    # likes at 1, 3 and 4: the cut stands at the last of them
    split = time_split(columns(rated), ROW_OF, 3.5)
    assert (questions(split), trained(split)) == ([(3, [1, 3], 4)], {(0, 1), (0, 2), (0, 3)})


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_without_ratings_everything_is_a_like(protocol: str) -> None:
    plain = replace(columns([(0, movie, 0.0, movie) for movie in range(5)]), ratings=None)
    split = PROTOCOLS[protocol](plain, ROW_OF, 3.5)
    assert questions(split) == [(3, [0, 1, 2, 3], 4)]
    assert trained(split) == {(0, movie) for movie in range(4)}


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_what_trains_stands_in_the_order_of_the_file(protocol: str) -> None:
    rated = [(user, movie, 5.0, (7 * movie + user) % 11) for movie in range(MOVIES) for user in (2, 0, 1)]
    split = PROTOCOLS[protocol](columns(rated), ROW_OF, 3.5)
    order = [(user, movie) for user, movie, *_ in rated]
    places = [order.index(pair) for pair in zip(split.train.users.tolist(), split.train.movies.tolist(), strict=True)]
    assert places == sorted(places)


def test_the_cut_stands_where_four_fifths_of_the_likes_were_given() -> None:
    rated = [(user, movie, 5.0, 10 * movie + user) for user in range(10) for movie in range(5)]
    # a rating that is no like moves nothing
    split = time_split(columns([*rated, *((user, 5, 1.0, 60) for user in range(10))]), ROW_OF, 3.5)
    assert TIME_SHARE == 0.8
    assert questions(split) == [(3, [0, 1, 2, 3], 4)] * 10
    assert len(split.train.users) == 40


def test_where_all_came_at_once_nothing_is_left_to_learn_from() -> None:
    with pytest.raises(DataError, match=r"^time-split: no ratings left to learn from$"):
        time_split(columns([(0, 1, 5.0, 7), (0, 2, 5.0, 7)]), ROW_OF, 3.5)


def test_after_the_cut_every_like_is_asked_for_from_the_one_before() -> None:
    rated = [(0, movie, 5.0, 10 + movie) for movie in range(5)] + [(1, 5, 5.0, 14), (1, 0, 4.0, 15), (1, 1, 1.0, 12)]
    split = time_split(columns(rated), ROW_OF, 3.5, share=0.6)
    # times of likes: 10 11 12 13 14 14 15, the cut stands at 14
    assert questions(split) == [(3, [0, 1, 2, 3], 4), (5, [5], 0)]
    assert trained(split) == {(0, 0), (0, 1), (0, 2), (0, 3), (1, 1)}


@given(
    rated=st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, MOVIES - 1), st.sampled_from([1.0, 3.5, 4.0]), st.integers(0, 9)),
        min_size=1,
        max_size=40,
        unique_by=lambda one: one[:2],
    ),
    protocol=st.sampled_from(sorted(PROTOCOLS)),
)
def test_nothing_asked_for_trains_and_no_question_is_lost(
    rated: list[tuple[int, int, float, int]], protocol: str
) -> None:
    likes = [one for one in rated if one[2] >= 3.5]
    try:
        split = PROTOCOLS[protocol](columns(rated), ROW_OF, 3.5)
    except DataError:
        counts = [sum(1 for one in likes if one[0] == user) for user in range(5)]
        alone = max(counts) < 2
        first = {user: min((one[3], one[1]) for one in likes if one[0] == user) for user in {one[0] for one in likes}}
        latest = sorted(one[3] for one in likes)[min(int(0.8 * len(likes)), len(likes) - 1)] if likes else 0
        late = [one for one in likes if one[3] >= latest and (one[3], one[1]) != first[one[0]]]
        early = [one for one in rated if one[3] < latest]
        assert alone or (protocol == "time-split" and not (late and early))
        return
    who = np.unique([one[0] for one in likes])[split.viewers]
    asked = set(zip(who.tolist(), split.answers.tolist(), strict=True))
    assert not asked & trained(split)
    assert len(asked) == len(split.targets) == split.asked
    if protocol == "leave-last-one":
        last = {}
        for user, movie, _, time in likes:
            last[user] = max(last.get(user, (-1, -1)), (time, movie))
        several = {user for user in last if sum(1 for one in likes if one[0] == user) > 1}
        assert asked == {(user, last[user][1]) for user in several}


def test_a_sample_is_the_same_each_time_and_says_of_how_many() -> None:
    rated = [(user, movie, 5.0, movie) for user in range(30) for movie in range(2)]
    split = leave_last_one(columns(rated), ROW_OF, 3.5)
    one, other = split.sample(20), split.sample(20)
    assert (len(one.targets), one.asked) == (20, 30)
    assert np.array_equal(one.targets, other.targets)
    # ascending, each once, each with its own viewer
    assert one.targets.tolist() == sorted(set(one.targets.tolist()) & set(split.targets.tolist()))
    assert one.targets.tolist() == [split.targets[viewer] for viewer in one.viewers.tolist()]
    assert split.sample(30) is split


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_where_nothing_can_be_asked_the_protocol_is_named(protocol: str) -> None:
    with pytest.raises(DataError, match=f"{protocol}: nothing to ask for: expected a viewer with two likes"):
        PROTOCOLS[protocol](columns([(0, 1, 5.0, 1), (1, 2, 5.0, 2)]), ROW_OF, 3.5)
