"""Several workers: forks that share what is loaded, are replaced where they end, and end with their parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.serving import ROOT

PARENT = """
import os, signal, sys, time
from app import workers
workers.PAUSE_SECONDS = 0.5
def say(word):
    os.write(1, f"{word} {os.getpid()}\\n".encode())
def serve():
    say("worker")
    SERVE
raise SystemExit(workers.Workers(lambda: say("prepared"), serve, 2).run())
"""


class Parent:
    """A parent whose workers do what a line of Python says."""

    def __init__(self, serve: str) -> None:
        code = PARENT.replace("SERVE", serve)
        self.process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.said = self.process.stdout

    def workers(self, count: int) -> list[int]:
        """Process ids of the next so many workers."""
        found: list[int] = []
        while len(found) < count:
            word, process = self.said.readline().split()
            if word == "worker":
                found.append(int(process))
        return found

    def end(self, number: signal.Signals | None = None) -> int:
        if number is not None:
            self.process.send_signal(number)
        return self.process.wait(timeout=20)


@contextmanager
def parent(serve: str) -> Iterator[Parent]:
    made = Parent(serve)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait()
        made.said.close()


def gone(process: int) -> bool:
    """Whether it ends within seconds."""
    for _ in range(200):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_all_workers_and_is_the_exit_code(number: signal.Signals, code: int) -> None:
    with parent("time.sleep(60)") as running:
        workers = running.workers(2)
        assert running.end(number) == code
        assert all(map(gone, workers))


def test_workers_that_do_not_end_well_are_told_of_in_the_exit_code() -> None:
    with parent("signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); say('worker'); time.sleep(60)") as running:
        running.workers(4)
        assert running.end(signal.SIGTERM) == 1


def test_a_worker_that_cannot_start_ends_all() -> None:
    with parent("sys.exit(3)") as running:
        assert running.end() == 3


def test_workers_that_fail_again_and_again_are_replaced_twice_a_second_at_most() -> None:
    with parent("sys.exit(1)") as running:
        running.workers(2)
        began = time.monotonic()
        running.workers(5)
        assert time.monotonic() - began > 1.9  # the first at once
        running.end(signal.SIGTERM)


def test_a_killed_worker_is_replaced_at_once_by_one_prepared_anew() -> None:
    with parent("time.sleep(60)") as running:
        first, second = running.workers(2)
        began = time.monotonic()
        os.kill(first, signal.SIGKILL)
        assert running.said.readline().split() == ["prepared", str(running.process.pid)]
        assert time.monotonic() - began < 5
        (third,) = running.workers(1)
        assert third not in (first, second)
        assert running.end(signal.SIGTERM) == 0
        assert all(map(gone, (second, third)))


def test_sighup_puts_new_workers_in_the_place_of_all() -> None:
    with parent("time.sleep(60)") as running:
        before = running.workers(2)
        running.process.send_signal(signal.SIGHUP)
        assert running.said.readline().split() == ["prepared", str(running.process.pid)]
        after = running.workers(2)
        assert all(map(gone, before))
        assert not set(before) & set(after)
        assert running.end(signal.SIGTERM) == 0
        assert all(map(gone, after))


def test_sighup_starts_nobody_once_all_are_leaving() -> None:
    slow = "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(1), sys.exit(0))); say('worker'); time.sleep(60)"
    with parent(slow) as running:
        running.workers(4)
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert running.end(signal.SIGHUP) == 0
        assert running.said.read() == ""


def test_sighup_is_not_heeded_while_two_generations_are_leaving() -> None:
    slow = "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(6), sys.exit(0))); say('ready'); time.sleep(60)"
    with parent(slow) as running:
        for _ in range(3):
            ready = 0
            while ready < 2:
                ready += running.said.readline().startswith("ready")
            running.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)  # the third time
        assert running.end(signal.SIGTERM) == 0
        assert "prepared" not in running.said.read()


def test_workers_end_when_their_parent_is_killed() -> None:
    with parent("time.sleep(60)") as running:
        workers = running.workers(2)
        assert running.end(signal.SIGKILL) == -signal.SIGKILL
        assert all(map(gone, workers))


def test_a_signal_right_after_the_start_is_not_lost() -> None:
    for _ in range(5):
        with parent("time.sleep(60)") as running:
            assert running.said.readline().startswith("prepared")
            assert running.end(signal.SIGTERM) == 0
