"""What is half-written is no release, stays while somebody writes it, and goes when nobody does."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models import Registry
from models.incoming import HOST, incoming, sweep
from tests.models.tiny import publish


def at(registry: Registry, name: str) -> Path:
    return registry.folder / "versions" / name


def leave(registry: Registry, host: str, process: object, *, folder: bool = True) -> Path:
    """What a process leaves that was killed while it wrote."""
    path = at(registry, f".incoming-{host}-{process}-{len(list((registry.folder / 'versions').iterdir())):032x}")
    if folder:
        path.mkdir()
        (path / "half.npy").write_bytes(b"half")
    else:
        path.write_text("half", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def dead() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize("verb", [publish, lambda registry: registry.prune(3)])
def test_only_what_the_dead_left_is_swept(registry: Registry, dead: int, verb: Callable[[Registry], Any]) -> None:
    gone = [leave(registry, HOST, dead), leave(registry, HOST, dead, folder=False), leave(registry, HOST, 10**30)]
    kept = [leave(registry, HOST, os.getpid()), leave(registry, "other.host", dead), at(registry, f".incoming-{dead}")]
    kept[2].mkdir()
    old = leave(registry, "other.host", dead)
    os.utime(old, (0, 0))
    verb(registry)
    assert [path.name for path in [*gone, old] if path.exists()] == []
    assert [path.name for path in kept if not path.exists()] == []
    assert len(registry.versions()) in (3, 4)


def test_what_belongs_to_another_user_is_left_alone(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(process: int, signal: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    left = leave(registry, HOST, 1)
    monkeypatch.setattr(os, "kill", forbidden)
    publish(registry)
    assert left.is_dir()


def test_what_is_being_written_stays_though_its_writer_is_not_seen(registry: Registry, dead: int) -> None:
    """Containers may share a name, a store and no processes."""
    with incoming(registry.folder / "versions") as folder:
        (folder / "half.npy").write_bytes(b"half")
        elsewhere = at(registry, folder.name.replace(f"-{os.getpid()}-", f"-{dead}-"))
        folder.rename(elsewhere)
        old = at(registry, folder.name.replace(f"-{HOST}-", "-other.host-"))
        for _ in range(2):
            registry.prune(3)
            registry.prepare()
            publish(registry)
        assert [entry.name for entry in elsewhere.iterdir()] == ["half.npy"]
        elsewhere.rename(old)
        os.utime(old, (0, 0))
        registry.prune(3)
        assert old.is_dir()
    sweep(registry.folder / "versions")
    assert not old.exists()


def test_where_folders_cannot_be_locked_the_name_decides(
    registry: Registry, dead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = fcntl.flock

    def files_only(handle: int, how: int) -> None:
        if Path(f"/proc/self/fd/{handle}").is_dir():
            raise OSError(9, "Bad file descriptor")
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", files_only)
    left = leave(registry, HOST, dead)
    with incoming(registry.folder / "versions") as folder:
        registry.prune(3)
        assert folder.is_dir()
        assert not left.exists()
    assert not folder.exists()
