"""A process that dies at any step, and a reader at every step: the old release or the new one, never half."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models import Registry
from models.lease import unused
from tests.models.tiny import publish

STEPS = ("mkdir", "rename", "replace", "fsync", "unlink", "rmdir")
VERBS: dict[str, Callable[[Registry], Any]] = {
    "add": lambda registry: publish(registry, "2026-01-09T00:00:00Z", 9),
    "promote": lambda registry: registry.promote(registry.versions()[2]),
    "rollback": Registry.rollback,
    "prune": lambda registry: registry.prune(1),
}


class KilledError(BaseException):
    """SIGKILL: nothing that follows takes place, not even cleaning up."""


def before_each_step(monkeypatch: pytest.MonkeyPatch, look: Callable[[], None]) -> None:
    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            look()
            return call(*arguments, **options)

        return run

    for name in STEPS:
        monkeypatch.setattr(os, name, watched(getattr(os, name)))


def assert_whole(registry: Registry, allowed: set[str | None]) -> str | None:
    """What is listed can be loaded, and the live one is one of those allowed."""
    for version in registry.versions():
        with unused(registry.folder / "versions" / version) as free:
            going = not free  # prune has it in hand
        if going and version not in allowed:
            continue
        assert registry.load(version).id == version
    assert registry.current() in allowed
    live = registry.load()
    # the scale of its vectors is the day of the tiny release
    assert live.models["item2vec"].vectors[0, 1] == int(live.id[6:8])
    return registry.current()


@pytest.mark.parametrize("verb", VERBS)
def test_a_reader_at_every_step_sees_the_old_or_the_new(
    registry: Registry, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = registry.versions()
    after = {"add": second, "promote": third, "rollback": first, "prune": second}[verb]
    seen: list[str | None] = []
    with monkeypatch.context() as patched:
        before_each_step(patched, lambda: seen.append(assert_whole(registry, {second, after})))
        VERBS[verb](registry)
    assert len(seen) >= 4
    assert registry.current() == after
    switched = [*seen, after].index(after)
    assert set(seen[:switched]) <= {second}
    assert set(seen[switched:]) <= {after}


def killed_before(step: int, monkeypatch: pytest.MonkeyPatch, run: Callable[[], object]) -> bool:
    taken = 0

    def count() -> None:
        nonlocal taken
        taken += 1
        if taken >= step:
            raise KilledError

    with monkeypatch.context() as patched:
        before_each_step(patched, count)
        try:
            run()
        except KilledError:
            return True
    return False


@pytest.mark.parametrize("verb", VERBS)
def test_killed_before_any_step_a_verb_leaves_the_old_or_the_new(
    registry: Registry, tmp_path: Path, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = registry.versions()
    after = {"add": second, "promote": third, "rollback": first, "prune": second}[verb]
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    monkeypatch.setattr(os, "fsync", lambda _: None)  # here it is a step like others, and need not take its time
    seen = set()
    for step in range(1, 1000):
        copy = Registry(shutil.copytree(registry.folder, tmp_path / f"{verb}-{step}"))
        if not killed_before(step, monkeypatch, lambda copy=copy: VERBS[verb](copy)):
            break
        seen.add(assert_whole(copy, {second, after}))
        for left in (copy.folder / "versions").glob(".incoming-*"):
            left.rename(left.with_name(left.name.replace(f"-{os.getpid()}-", f"-{gone.pid}-")))
        if verb != "rollback":
            VERBS[verb](copy)
            assert_whole(copy, {after})
        publish(copy, "2026-01-08T00:00:00Z", 8)
        assert sorted(entry.name for entry in (copy.folder / "versions").iterdir()) == copy.versions()
        extra = {"current", "history.jsonl", "versions"}
        assert {entry.name for entry in copy.folder.iterdir()} == extra
    assert step > 4
    assert seen == {second, after}


def test_a_release_is_flushed_before_it_gets_its_name_and_its_manifest_last(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = recorded(monkeypatch, lambda: VERBS["add"](registry))
    folder = registry.folder / "versions" / registry.versions()[-1]
    named = events.index("rename")
    paths = [path for path in folder.rglob("*") if path.is_file()]
    places = {path.name: events.index(path.stat().st_ino) for path in (*paths, folder, folder.parent)}
    for path in folder.rglob("*"):
        assert path.stat().st_ino in events[:named], path
    assert max(places[path.name] for path in paths) == places["manifest.json"]
    assert places["manifest.json"] < places[folder.name] < named < places["versions"]


@pytest.mark.parametrize("verb", ["promote", "rollback"])
def test_a_switch_is_written_down_and_flushed_before_it_takes_place(
    registry: Registry, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = recorded(monkeypatch, lambda: VERBS[verb](registry))
    paths = (registry.folder / "history.jsonl", registry.folder / "current", registry.folder)
    history, current, folder = (path.stat().st_ino for path in paths)
    assert events == [history, current, "replace", folder]


def recorded(monkeypatch: pytest.MonkeyPatch, run: Callable[[], object]) -> list[int | str]:
    """Renames by name, and flushes by the inode of what was flushed, in order."""
    events: list[int | str] = []
    calls = {name: getattr(os, name) for name in ("fsync", "rename", "replace")}

    def record(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            events.append(os.fstat(arguments[0]).st_ino if name == "fsync" else name)
            return calls[name](*arguments, **options)

        return call

    with monkeypatch.context() as patched:
        for name in calls:
            patched.setattr(os, name, record(name))
        run()
    return events
