"""One writer at a time: who waits is told for whom, and whoever dies blocks nobody."""

import errno
import logging
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models import BusyError, ReleaseError, lock
from models.lock import Owner, locked

HOLD = """
import sys
from pathlib import Path
from models.lock import locked
with locked(Path(sys.argv[1]), "prune"):
    print("held", flush=True)
    sys.stdin.read()
"""
Hold = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


@pytest.fixture
def hold(path: Path) -> Iterator[Hold]:
    """Start a process that holds the lock."""
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", HOLD, str(path)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        for end in (process.stdin, process.stdout):
            assert end is not None
            end.close()


def test_a_lock_is_there_while_it_is_held_and_says_whose_it_is(path: Path) -> None:
    began = time.time()
    with locked(path, "promote"):
        owner = Owner.read(path.read_bytes())
        assert owner is not None
        assert (owner.verb, owner.pid) == ("promote", os.getpid())
        assert began - 2 < owner.since <= time.time()
    assert not path.exists()


def test_who_cannot_have_it_is_told_who_has(path: Path, hold: Hold) -> None:
    process = hold()
    told = rf"^{path.parent}: expected the store to be free, found prune \(pid {process.pid} on \S+, for \d+ s\)$"
    with pytest.raises(BusyError, match=told), locked(path, "promote", wait=0.1):
        raise AssertionError("two have it")
    assert Owner.read(path.read_bytes()) is not None


def test_a_thread_of_the_same_process_waits_too(path: Path) -> None:
    with locked(path, "promote"), pytest.raises(BusyError, match=f"pid {os.getpid()}"), locked(path, "prune", wait=0):
        raise AssertionError("two have it")


def test_it_is_had_as_soon_as_it_is_free(path: Path, hold: Hold) -> None:
    process = hold()
    with pytest.raises(BusyError), locked(path, "promote", wait=0):
        pass
    process.communicate()  # it reads to the end, and lets go
    with locked(path, "promote", wait=30):
        assert Owner.read(path.read_bytes()).pid == os.getpid()  # type: ignore[union-attr]


def test_a_dead_owner_s_lock_is_taken_over_with_a_word(
    path: Path, hold: Hold, caplog: pytest.LogCaptureFixture
) -> None:
    process = hold()
    process.kill()
    process.wait()
    assert path.exists()
    with caplog.at_level(logging.WARNING, "kindred"), locked(path, "promote", wait=30):
        assert Owner.read(path.read_bytes()).pid == os.getpid()  # type: ignore[union-attr]
    [said] = caplog.messages
    assert said.startswith(f"{path}: the lock of prune (pid {process.pid} on ")
    assert said.endswith("is taken over: its owner is gone")
    assert not path.exists()


@pytest.mark.parametrize("text", [b"\xff\xfe", b"[]", b'{"pid": 7}', b'{"since": "then"}', b"[" * 1000])
def test_a_text_that_names_nobody_blocks_nobody(path: Path, text: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path.write_bytes(text)
    with locked(path, "promote", wait=0):
        pass
    assert "the lock of another process is taken over" in caplog.text
    with locked(path, "promote"):
        path.write_bytes(text)
        with pytest.raises(BusyError, match=r"found another process$"), locked(path, "prune", wait=0):
            pass


def test_a_lock_removed_by_hand_is_nobody_s_and_the_next_one_s_stays(path: Path) -> None:
    with locked(path, "promote"):
        path.unlink()
        with locked(path, "prune", wait=0):
            theirs = path.read_bytes()
            assert Owner.read(theirs).verb == "prune"  # type: ignore[union-attr]
        again = path.open("xb")
        again.close()
    assert path.exists()


def test_a_file_that_loses_its_name_before_it_is_locked_is_no_lock(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock_it, ended = lock.try_lock, []

    def late(handle: int, **options: bool) -> bool:
        if not ended:  # the owner before ends between our opening and our locking
            ended.append(path.unlink())
        return lock_it(handle, **options)

    monkeypatch.setattr(lock, "try_lock", late)
    with locked(path, "promote"):
        assert Owner.read(path.read_bytes()).verb == "promote"  # type: ignore[union-attr]
    assert not path.exists()


def test_a_full_disk_keeps_nobody_from_making_room(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with locked(path, "prune"), pytest.raises(BusyError, match="another process"), locked(path, "promote", wait=0):
        pass
    assert not path.exists()


def test_where_no_lock_can_be_made_it_is_one_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place, why in ((path / "lock", "No such file"), (path.parent, "Is a directory")):
        with pytest.raises(ReleaseError, match=rf"^{place}: cannot be locked: {why}"), locked(place, "prune"):
            pass
    path.symlink_to(path.parent / "elsewhere")
    with pytest.raises(ReleaseError, match="cannot be locked"), locked(path, "prune"):
        pass
    assert not (path.parent / "elsewhere").exists()
    monkeypatch.setattr(lock, "fcntl", None)
    with pytest.raises(ReleaseError, match="expected a system with flock"), locked(path.parent / "new", "prune"):
        pass


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (119, "119 s"), (180, "3 min"), (7199, "120 min"), (7200, "2 h"), (-3600, "0 s")],
)
def test_an_age_is_told_in_words(seconds: float, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1e9)
    owner = Owner("train", "here", 12, 1e9 - seconds)
    assert str(owner) == f"train (pid 12 on here, for {text})"
    assert Owner.read(owner.written()) == owner


def add_one(path: Path, number: Path, times: int) -> None:
    for _ in range(times):
        with locked(path, "add", wait=60):
            number.write_text(str(int(number.read_text()) + 1))


def test_of_many_who_want_it_one_has_it_at_a_time(path: Path, tmp_path: Path) -> None:
    number = tmp_path / "number"
    number.write_text("0")
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=add_one, args=(path, number, 50)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert number.read_text() == "200"
    assert not path.exists()
