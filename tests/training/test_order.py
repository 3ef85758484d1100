"""Rows in order, by packed integers; Python's own sort is the oracle."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import order
from training.order import blocks, by_time, superseded, together
from training.readers import Columns
from training.sequences import build_sequences

users = st.integers(0, 6)
movies = st.one_of(st.integers(0, 5), st.just(2**31 - 1))
times = st.one_of(
    st.integers(0, 4).map(float),
    st.sampled_from([-3.0, -0.0, 2.5, 964982703.0, 2.0**52 + 0.5, 2.0**53, 2.0**53 + 2, 1e300]),
)
stars = st.sampled_from([0.5, 3.5, 5.0])
rows = st.lists(st.tuples(users, movies, times, stars), max_size=30)
sizes = st.integers(1, 40)
Row = tuple[int, int, float, float]


def columns(made: list[Row]) -> tuple[Any, Any, Any, Any]:
    kinds = (np.int32, np.int32, np.float64, np.float32)
    parts = zip(*made, strict=True) if made else ((), (), (), ())
    user, movie, time, star = (np.array(part, dtype=kind) for part, kind in zip(parts, kinds, strict=True))
    return user, movie, time, star


def grouped(made: list[Row]) -> list[Row]:
    return sorted(made, key=lambda row: row[0])


@given(st.lists(st.one_of(users, st.just(2**31 - 1)), max_size=30))
def test_rows_of_a_viewer_come_together_in_their_own_order(made: list[int]) -> None:
    found = together(np.array(made, dtype=np.int32))
    expected = sorted(range(len(made)), key=made.__getitem__)
    assert expected == (list(range(len(made))) if found is None else found.tolist())
    assert (found is None) == (made == sorted(made))


@given(rows.map(grouped), sizes)
def test_blocks_are_all_rows_and_cut_no_viewer(made: list[Row], size: int) -> None:
    viewers = columns(made)[0]
    found = list(blocks(viewers, size))
    assert [row for block in found for row in range(block.start, block.stop)] == list(range(len(made)))
    assert all(viewers[block.start - 1] < viewers[block.start] for block in found[1:])
    assert all(block.stop - block.start >= min(size, len(made) - block.start) for block in found)


@given(rows.map(grouped), sizes)
def test_by_time_is_the_order_of_user_time_and_row(made: list[Row], size: int) -> None:
    user, movie, time, _ = columns(made)
    expected = [row for _, _, row in sorted((user, time, row) for user, row, time, _ in made)]
    assert by_time(user, time, movie, size).tolist() == expected


@given(rows.map(grouped), sizes, st.booleans())
def test_all_but_the_latest_and_best_of_a_pair_are_superseded(made: list[Row], size: int, rated: bool) -> None:
    user, movie, time, star = columns(made)
    latest: dict[tuple[int, int], int] = {}
    for place, (u, m, t, s) in enumerate(made):
        best = latest.get((u, m))
        rank = (t, s if rated else 0.0)
        if best is None or rank >= (made[best][2], made[best][3] if rated else 0.0):
            latest[u, m] = place
    expected = set(range(len(made))) - set(latest.values())
    found = superseded(user, movie, star if rated else None, time, size).tolist()
    assert len(found) == len(set(found))
    assert set(found) == expected


@pytest.mark.parametrize(
    ("time", "packed"),
    [
        ([5.0, 7.0], True),
        ([964982703.0, 1.0], True),
        ([0.5, 1.0], False),
        ([0.0, 2.0**53], False),
        ([0.0, 1e300], False),
    ],
)
def test_whole_seconds_are_packed_and_other_times_are_sorted_as_they_are(
    time: list[float], packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow: list[bool] = []
    lexsort: Callable[..., Any] = np.lexsort
    monkeypatch.setattr(order.np, "lexsort", lambda keys: (slow.append(True), lexsort(keys))[1])
    viewers, movie = np.zeros(2, dtype=np.int32), np.array([3, 4], dtype=np.int32)
    assert by_time(viewers, np.array(time), movie).tolist() == [3 + int(time[0] > time[1]), 4 - int(time[0] > time[1])]
    assert slow == ([] if packed else [True])


@given(rows)
def test_sequences_do_not_depend_on_the_order_of_the_file(made: list[Row]) -> None:
    made = list({(row[0], row[1] % 7): row for row in made}.values())
    row_of = np.array([4, 0, 6, 2, 1, 3, 5], dtype=np.int32)
    names = [str(code) for code in range(7)]

    def sequences(rows: list[Row]) -> list[list[int]]:
        user, movie, time, star = columns([(u, m % 7, t, s) for u, m, t, s in rows])
        built = build_sequences(Columns(names, names, user, movie, star, time), row_of)
        return [built[place].tolist() for place in range(len(built))]

    by_hand: dict[int, list[tuple[float, int]]] = {}
    for user, movie, time, _ in made:
        by_hand.setdefault(user, []).append((time, int(row_of[movie % 7])))
    expected = [[row for _, row in sorted(by_hand[user])] for user in sorted(by_hand)]
    assert sequences(made) == sequences(made[::-1]) == sequences(grouped(made)) == expected
