"""Stops that come while C code swallows them, while something is tidied up, or where none is wanted."""

import contextlib
import signal
import time
from collections.abc import Iterator

import numpy as np
import pytest

from models.stop import Stopped, heeded, postponed

BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Ctrl-C as in a terminal, whatever this process was started by or had run before; left as it was found."""
    found = signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    try:
        yield
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    finally:
        signal.signal(signal.SIGINT, found)


def work() -> None:
    """What does not end by itself, as far as the test cares."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        time.sleep(0.01)
    raise AssertionError("not stopped")


@BOTH
def test_a_stop_is_raised_where_it_comes(number: int) -> None:
    reached = []

    def run() -> None:
        signal.raise_signal(number)
        reached.append(True)

    with pytest.raises(Stopped) as stopped, heeded():
        run()
    assert (stopped.value.number, reached) == (number, [])


def test_what_numpy_swallows_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def disturbed(_: type) -> bool:
        __import__("signal").raise_signal(2)
        return False

    def run() -> None:
        # numpy's C code asks this function, and any error is as good as no
        assert np.dtype(Stopped) == np.dtype(object)
        work()

    # numpy keeps the function it has found once, so its inside is changed
    monkeypatch.setattr("numpy._core._internal.npy_ctypes_check.__code__", disturbed.__code__)
    with pytest.raises(Stopped), heeded():
        run()


@BOTH
def test_what_is_swallowed_over_and_over_comes_again_and_again(number: int) -> None:
    swallowed = 0

    def run() -> None:
        nonlocal swallowed
        for first in (True, False, False):
            try:
                if first:
                    signal.raise_signal(number)
                work()
            except Stopped:
                swallowed += 1
        work()

    with pytest.raises(Stopped) as stopped, heeded():
        run()
    assert (stopped.value.number, swallowed) == (number, 3)


@BOTH
def test_what_is_on_its_way_is_left_alone(number: int) -> None:
    tidied = []

    def run() -> None:
        try:
            signal.raise_signal(number)
        finally:
            time.sleep(0.3)
            tidied.append(True)

    with pytest.raises(Stopped), heeded():
        run()
    assert tidied == [True]


def test_only_ctrl_c_breaks_into_the_tidying_up() -> None:
    tidied = []

    def run(second: int) -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(second)
            tidied.append(second)

    for second, number in ((signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGINT)):
        with pytest.raises(Stopped) as stopped, heeded():
            run(second)
        assert stopped.value.number == number
    assert tidied == [signal.SIGTERM]


def test_nothing_comes_after_it_was_left() -> None:
    with heeded(), contextlib.suppress(Stopped):
        signal.raise_signal(signal.SIGINT)
    time.sleep(0.2)


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with heeded():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


@BOTH
def test_what_must_not_be_cut_in_two_is_not(number: int) -> None:
    done = []

    def run() -> None:
        with postponed():
            signal.raise_signal(number)
            done.append("whole")
        done.append("after it")

    with pytest.raises(Stopped) as stopped, heeded():
        run()
    assert (stopped.value.number, done) == (number, ["whole"])


def test_who_presses_ctrl_c_twice_does_not_wait_for_it() -> None:
    done = []

    def run() -> None:
        with postponed():
            for _ in range(2):
                signal.raise_signal(signal.SIGTERM)
                signal.raise_signal(signal.SIGINT)
                done.append(True)

    with pytest.raises(Stopped) as stopped, heeded():
        run()
    assert (stopped.value.number, done) == (signal.SIGINT, [True])


def test_a_stop_is_more_than_what_fails_meanwhile() -> None:
    def run() -> None:
        with postponed():
            signal.raise_signal(signal.SIGTERM)
            raise ValueError

    with pytest.raises(Stopped), heeded():
        run()
    with pytest.raises(ValueError, match="mine"), postponed():
        raise ValueError("mine")
