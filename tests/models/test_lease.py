"""A release that somebody has loaded is not removed, and is as soon as nobody has."""

import contextlib
import gc
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kindred import main
from models import IntegrityError, Pruned, Registry
from models.lease import Lease, unused
from tests.models.tiny import flip

LOAD = """
import os, sys
from models import Registry
release = Registry(sys.argv[1]).load(sys.argv[2])
print("loaded", flush=True)
{then}
sys.stdin.read()
"""


def open_files(folder: Path) -> int:
    """How many of a folder's files this process has open; what other threads of the test run open is elsewhere."""
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since it was listed
            found += link.readlink().is_relative_to(folder)
    return found


def loading(registry: Registry, version: str, then: str = "") -> "subprocess.Popen[str]":
    """A process that has it loaded until it is killed."""
    command = [sys.executable, "-c", LOAD.format(then=then), str(registry.folder), version]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "loaded\n"
    return process


def test_what_is_loaded_stays_until_it_is_let_go(registry: Registry) -> None:
    first, second, third = registry.versions()
    release = registry.load(first)
    assert registry.prune(1) == Pruned([], [first])
    assert registry.load(first).id == release.id
    del release
    assert registry.prune(1) == Pruned([first], [])
    assert registry.versions() == [second, third]


def test_what_another_process_has_loaded_stays_until_it_ends_however_it_ends(registry: Registry) -> None:
    first = registry.versions()[0]
    process = loading(registry, first)
    try:
        assert registry.prune(1) == Pruned([], [first])
    finally:
        process.kill()
        process.communicate()
    assert registry.prune(1) == Pruned([first], [])


def test_a_fork_has_what_its_parent_had_loaded(registry: Registry) -> None:
    first = registry.versions()[0]
    process = loading(registry, first, "if os.fork(): os._exit(0)")
    try:
        process.wait()
        assert registry.prune(1) == Pruned([], [first])
    finally:
        process.communicate("")  # its child reads to the end
    for _ in range(600):
        if registry.prune(1).removed == [first]:
            return
        time.sleep(0.05)
    raise AssertionError("not removed after the last who had it loaded has ended")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists open files")
def test_nothing_stays_open(registry: Registry) -> None:
    first, _, third = registry.versions()
    flip(registry.folder / "versions" / third / "item2vec" / "vectors.npy")
    before = open_files(registry.folder)
    for _ in range(3):
        release = registry.load(first)
        assert open_files(registry.folder) > before
        del release
        with pytest.raises(IntegrityError) as refused:
            registry.load(third)
        del refused
        registry.prune(3)
        gc.collect()
        assert open_files(registry.folder) == before
    flip(registry.folder / "versions" / third / "item2vec" / "vectors.npy")
    registry.promote(first)
    assert registry.prune(1).in_use == []


def test_nobody_begins_to_use_what_is_being_removed(registry: Registry) -> None:
    first = registry.versions()[0]
    folder = registry.folder / "versions" / first
    with unused(folder) as free:
        assert free
        with pytest.raises(IntegrityError, match=f"^{first}: expected a release, found one that is being removed$"):
            registry.load(first)
    assert registry.load(first).id == first


def test_where_nothing_can_be_held_nothing_fails(registry: Registry, tmp_path: Path) -> None:
    assert Lease.take(tmp_path / "nowhere") is None
    with unused(tmp_path / "nowhere") as free:
        assert free
    (tmp_path / "piped").mkdir()
    os.mkfifo(tmp_path / "piped" / "manifest.json")
    for _ in range(2):
        lease = Lease.take(tmp_path / "piped")  # does not wait for who writes
        del lease


def test_promoting_holds_what_it_checks(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _, third = registry.versions()
    checked, locked = [], Registry._locked

    def while_waiting(store: Registry, verb: str, wait: float = 10.0) -> object:
        if verb == "promote":
            monkeypatch.setattr(Registry, "_locked", locked)
            registry.promote(third)
            checked.append(registry.prune(1))
        return locked(store, verb, wait)

    monkeypatch.setattr(Registry, "_locked", while_waiting)
    registry.promote(first)
    assert [(first in one.removed, first in one.in_use) for one in checked] == [(False, True)]
    assert registry.load().id == first


def test_the_verb_says_what_it_kept(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, _ = registry.versions()
    registry.promote(registry.versions()[2])
    release = registry.load(first)
    assert main(["prune", "--keep", "1", "--models", str(registry.folder)]) == 0
    assert capsys.readouterr() == (f"{second}\n", f"kindred: {first} kept: it is in use\n")
    assert registry.versions() == [release.id, registry.current()]
