"""Counts in memory that processes share: sums are exact, whoever came and went."""

import os
import random
from collections import Counter
from collections.abc import Callable

import pytest

from app import shared_counts
from app.shared_counts import CACHE_BYTES, IN_FLIGHT, OVERFLOW, ROWS, WIDTH, SharedCounts


def in_a_fork(do: Callable[[], None]) -> int:
    """What a child process does, to its end; its exit code."""
    child = os.fork()
    if not child:
        code = 1
        try:
            do()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def first(counts: SharedCounts) -> dict[tuple[str, ...], float]:
    return {key: row[0] for key, row in counts.sums().items()}


def test_one_process_counts() -> None:
    counts = SharedCounts()
    counts.add(("a",))
    counts.add(("a",))
    counts.add(("b", "x", 200), 3)
    counts.numbers[counts.row(("a",)) + 4] += 0.5
    assert counts.sums() == {("a",): [2, 0, 0, 0, 0.5, *[0] * (WIDTH - 5)], ("b", "x", "200"): [3, *[0] * (WIDTH - 1)]}
    assert [worker.pid for worker in counts.workers()] == [os.getpid()]


@pytest.mark.parametrize("seed", range(3))
def test_sums_are_those_of_a_plain_counter_whoever_counted(seed: int) -> None:
    """Random generations of forks, each told beforehand what to count; the oracle counts the same here."""
    draw = random.Random(seed)
    counts, expected = SharedCounts(3), Counter[tuple[str, ...]]()
    for _ in range(12):
        places = [counts.take() for _ in range(draw.randint(1, 3))]
        for place in places:
            keys = [(draw.choice("abc"), str(draw.randint(0, 5))) for _ in range(draw.randint(0, 40))]

            def work(place: int = place, keys: list[tuple[str, str]] = keys) -> None:
                counts.sit(place)
                for key in keys:
                    counts.add(key)

            assert in_a_fork(work) == 0
            expected.update(keys)
        counts.add(("parent",))
        expected["parent",] += 1
        assert first(counts) == dict(expected)
        for place in places:
            counts.leave(place)
        assert first(counts) == dict(expected)


def test_workers_at_the_same_time_lose_nothing() -> None:
    counts, times, children = SharedCounts(4), 20_000, []
    for _ in range(4):
        place = counts.take()
        child = os.fork()
        if not child:
            counts.sit(place)
            for _ in range(times):
                counts.add(("same",))
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    assert first(counts) == {("same",): 4 * times}


def test_who_has_gone_does_nothing_any_more_and_what_it_did_stays() -> None:
    counts = SharedCounts(2)
    counts.show("r1", 10.0, 20.0, 5)
    assert counts.workers() == []  # the parent answers nothing

    def work() -> None:
        counts.sit(place)
        counts.set(CACHE_BYTES, 100)
        counts.numbers[counts.here + IN_FLIGHT] += 1
        counts.add(("a",))

    place = counts.take()
    in_a_fork(work)
    (worker,) = counts.workers()
    assert (worker.place, worker.release, worker.gauges[CACHE_BYTES], worker.gauges[IN_FLIGHT]) == (place, "r1", 100, 1)
    counts.leave(place)
    assert counts.workers() == []
    assert first(counts) == {("a",): 1}
    assert counts.take() == place  # the next one counts on
    in_a_fork(work)
    assert first(counts) == {("a",): 2}
    assert counts.workers()[0].gauges[IN_FLIGHT] == 1


def test_there_are_places_for_three_generations() -> None:
    counts = SharedCounts(2)
    assert [counts.take() for _ in range(6)] == [1, 2, 3, 4, 5, 6]
    for place in (4, 2):
        counts.leave(place)
    assert [counts.take(), counts.take()] == [2, 4]


def test_releases_are_told_whole_and_anew() -> None:
    counts = SharedCounts()
    assert counts.workers()[0].release == ""
    for release in ("20260101T000000Z-0123abcd", "b", "x" * 64, "y" * 100, "ü" * 33, ""):
        counts.show(release, 1.0, 2.0, 3)
        assert counts.workers()[0].release == release.encode()[:64].decode("utf-8", "replace")


def test_the_release_before_is_left_alone_for_those_who_are_reading_it() -> None:
    counts = SharedCounts()
    for release in ("first", "second"):
        counts.show(release, 1.0, 2.0, 3)
    assert b"first" in bytes(counts._bytes)
    counts.show("third", 1.0, 2.0, 3)
    assert b"second" in bytes(counts._bytes)


def test_what_finds_no_row_is_counted_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = SharedCounts()
    for number in range(ROWS + 100):
        counts.add(("k", number))
    counts.add(("k", 0))
    counts.add(("k", ROWS + 1))
    sums = first(counts)
    assert len(sums) == ROWS
    assert sums["k", "0"] == 2
    assert sums[OVERFLOW] == 102
    assert sum(sums.values()) == ROWS + 102


def test_a_key_that_is_too_long_is_counted_too() -> None:
    counts = SharedCounts()
    counts.add(("k", "x" * 126))
    counts.add(("k", "x" * 127))
    counts.add(("other",))
    assert first(counts) == {("k", "x" * 126): 1, OVERFLOW: 1, ("other",): 1}


def test_a_block_s_parts_do_not_overlap() -> None:
    """Every row of every block holds its own number, after all was written."""
    counts = SharedCounts(1)
    for place in (1, 2):
        counts.sit(place)
        counts.show(f"release {place}", place, place, place)
        for number in range(ROWS - 1):
            at = counts.row(("k", number))
            for one in range(WIDTH):
                counts.numbers[at + one] = place * 1000 + number + one
    sums = counts.sums()
    assert sums["k", "7"] == [3014 + 2 * one for one in range(WIDTH)]
    assert sums["k", str(ROWS - 2)][0] == 3000 + 2 * (ROWS - 2)
    assert [worker.release for worker in counts.workers()] == ["release 1", "release 2"]
    assert shared_counts._BLOCK * 8 < 260_000
