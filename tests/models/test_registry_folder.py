"""Folders that cannot be read or written: one clear line, whatever is asked."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models import Pruned, Registry, ReleaseError
from tests.models.tiny import publish

VERBS: dict[str, Callable[[Registry], Any]] = {
    "versions": Registry.versions,
    "current": Registry.current,
    "path": lambda registry: registry.path("20260101T000000Z-00000000"),
    "manifest": lambda registry: registry.manifest("20260101T000000Z-00000000"),
    "load": Registry.load,
    "promote": lambda registry: registry.promote("20260101T000000Z-00000000"),
    "rollback": Registry.rollback,
    "prune": lambda registry: registry.prune(1),
    "add": publish,
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("place", ["a file", "too long"])
def test_what_is_no_folder_is_one_line(tmp_path: Path, verb: str, place: str) -> None:
    folder = tmp_path / ("x" * 300 if place == "too long" else "file")
    if place == "a file":
        folder.write_text("a file", encoding="utf-8")
    with pytest.raises(ReleaseError) as refused:
        VERBS[verb](Registry(folder))
    assert str(folder) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("verb", [name for name in VERBS if name != "current"])
def test_a_folder_without_permission_is_one_line(
    registry: Registry, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed, hidden = Path.stat, registry.folder / "versions"

    def refuse(path: Path, **options: Any) -> os.stat_result:
        if hidden in path.parents:
            raise PermissionError(13, "Permission denied", str(path))
        return allowed(path, **options)

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(ReleaseError, match=r"Permission denied"):
        VERBS[verb](registry)


@pytest.mark.parametrize("name", ["current", "history.jsonl"])
def test_a_folder_where_a_file_should_be_is_one_line(registry: Registry, name: str) -> None:
    (registry.folder / name).unlink()
    (registry.folder / name).mkdir()
    with pytest.raises(ReleaseError, match=rf"{name}: cannot be read: .*[Ii]s a directory"):
        registry.rollback()


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"nonsense", b"../../etc", b"\xff\xfe", b"20260101T000000Z-00000000 x"]
)
def test_a_current_that_names_no_version_is_shown(registry: Registry, content: bytes) -> None:
    (registry.folder / "current").write_bytes(content)
    for verb in (registry.current, registry.load, registry.rollback, lambda: registry.prune(1)):
        with pytest.raises(ReleaseError, match=r"current: (expected a version's id, found '|cannot be read: )"):
            verb()
    assert len(registry.versions()) == 3


def test_no_versions_folder_is_no_versions(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "none")
    assert (registry.versions(), registry.current(), registry.prune(1)) == ([], None, Pruned([], []))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("verb", "call", "message"),
    [
        ("add", "rename", "release not written: "),
        ("add", "mkdir", "release not written: "),
        ("add", "fsync", "release not written: "),
        ("promote", "replace", "not switched to "),
        ("promote", "fsync", "not switched to "),
        ("rollback", "replace", "not switched to "),
        ("prune", "rename", "not all old releases removed: "),
    ],
)
def test_a_disk_that_refuses_is_one_line_and_the_live_release_stays(
    registry: Registry, verb: str, call: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise OSError(30, "Read-only file system")

    live, there = registry.current(), registry.versions()
    verbs = {**VERBS, "promote": lambda one: one.promote(there[2]), "add": lambda one: publish(one, scale=9)}
    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(ReleaseError, match=f"{message}.*Read-only file system"):
            verbs[verb](registry)
    assert registry.load().id == live
    assert registry.versions() == there


def test_a_release_that_cannot_be_removed_is_out_of_sight_all_the_same(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **options: Any) -> None:
        raise OSError(16, "Device or resource busy")

    first, *others = registry.versions()
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", refuse)
        with pytest.raises(ReleaseError, match="Device or resource busy"):
            registry.prune(2)
    assert registry.versions() == others
    assert not (registry.folder / "versions" / first).exists()
