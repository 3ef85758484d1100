"""The lock in a bucket: one has it, who waits is told who, and what is too old is taken over."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from models import BusyError, ReleaseError, remote_lock
from models.lock import Owner
from models.remote import Bucket
from models.remote_lock import STALE_SECONDS, locked

fsspec = pytest.importorskip("fsspec", reason="the extra [s3] is not installed")
LOCK = "/locks/lock"


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(remote_lock, "_LOOK_SECONDS", 0.01)
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


@pytest.fixture
def bucket(memory: Any) -> Bucket:
    return Bucket("memory://locks")


def left(memory: Any, age: float) -> None:
    """A lock of somebody else, so many seconds old."""
    owner = Owner.me("prune")
    memory.pipe_file(LOCK, Owner(owner.verb, "other", 7, owner.since - age).written())


def test_one_has_it_and_who_waits_is_told_who(bucket: Bucket, memory: Any) -> None:
    with locked(bucket, "promote"):
        assert json.loads(memory.cat_file(LOCK).splitlines()[0])["verb"] == "promote"
        told = (
            r"^memory://locks: expected the store to be free, found promote \(pid \d+ on \S+, for \d s\); a lock older"
        )
        with pytest.raises(BusyError, match=told), locked(bucket, "prune", wait=0.05):
            raise AssertionError("two have it")
    assert not memory.exists(LOCK)
    with locked(bucket, "prune", wait=0):
        pass


@pytest.mark.parametrize("age", [STALE_SECONDS + 5, -STALE_SECONDS - 5])
def test_what_is_too_old_is_taken_over_with_a_word(
    bucket: Bucket, memory: Any, age: float, caplog: pytest.LogCaptureFixture
) -> None:
    left(memory, age)
    with caplog.at_level(logging.WARNING, "kindred"), locked(bucket, "promote", wait=5):
        assert b"promote" in memory.cat_file(LOCK)
    assert "memory://locks/lock: the lock of prune (pid 7 on other, for " in caplog.text
    assert not memory.exists(LOCK)


@pytest.mark.parametrize("age", [STALE_SECONDS - 30, 30 - STALE_SECONDS])
def test_what_is_not_is_left_alone(bucket: Bucket, memory: Any, age: float) -> None:
    left(memory, age)
    before = memory.cat_file(LOCK)
    with pytest.raises(BusyError, match=r"prune \(pid 7 on other"), locked(bucket, "promote", wait=0.05):
        pass
    assert memory.cat_file(LOCK) == before


def test_a_lock_that_was_taken_over_is_not_removed_by_who_had_it(bucket: Bucket, memory: Any) -> None:
    with locked(bucket, "promote"):
        left(memory, 0)
        theirs = memory.cat_file(LOCK)
    assert memory.cat_file(LOCK) == theirs


def test_where_nothing_can_be_written_it_is_one_line(
    bucket: Bucket, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: Any, **__: Any) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(type(memory), "pipe_file", denied)
    with pytest.raises(ReleaseError, match=r"^memory://locks/lock: not allowed: Access Denied$"), locked(bucket, "add"):
        pass
