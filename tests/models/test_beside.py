"""Everybody at once in one store: whoever looks finds a whole live release, and the history tells what took place."""

import multiprocessing
import random
from itertools import count, pairwise
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from models import Registry, ReleaseError
from models.history import Switch
from tests.models.tiny import publish

DOERS = 3
TIMES = 30
# what may happen to somebody beside others: the version has gone, is going, or there was none before
ALLOWED = ("no version ", "being removed", "expected a file, found none", "cannot be read: ")


def do(folder: Path, seed: int) -> None:
    """Random verbs, one after the other; ends with 1 where one fails as none should."""
    registry, chance = Registry(folder), random.Random(seed)
    for number in range(TIMES):
        try:
            verb = chance.choice(("promote", "promote", "rollback", "prune", "add"))
            if verb == "promote":
                registry.promote(chance.choice(registry.versions()))
            elif verb == "rollback":
                registry.rollback()
            elif verb == "prune":
                registry.prune(3)
            else:
                publish(registry, f"2026-02-{number % 28 + 1:02}T00:00:{seed:02}Z", 1 + number % 28)
        except ReleaseError as error:
            if not any(text in str(error) for text in ALLOWED):
                raise


def look(folder: Path, enough: Event) -> None:
    """Load what is live again and again; ends with 1 where it cannot be loaded and is still the live one."""
    registry = Registry(folder)
    for _ in count():
        now = registry.current()
        try:
            assert registry.load(now).id == now
        except ReleaseError:
            if registry.current() == now:
                raise
        if enough.is_set():
            return


def test_many_at_once_never_break_the_store(registry: Registry) -> None:
    spawn = multiprocessing.get_context("spawn")
    enough = spawn.Event()
    looking = spawn.Process(target=look, args=(registry.folder, enough))
    doing = [spawn.Process(target=do, args=(registry.folder, seed)) for seed in range(DOERS)]
    for process in (looking, *doing):
        process.start()
    for process in doing:
        process.join()
    enough.set()
    looking.join()
    assert [process.exitcode for process in (looking, *doing)] == [0] * (1 + DOERS)
    lines = list(registry._lines())
    switches = [line for line in lines if isinstance(line, Switch)]
    assert len(lines) == len(switches) > DOERS
    # nobody switched from what was no longer live: each took turns with all others
    assert [after.before for after in switches[1:]] == [before.after for before, _ in pairwise(switches)]
    assert switches[-1].after == registry.current()
    for version in registry.versions():
        assert registry.load(version).id == version
    assert {entry.name for entry in registry.folder.iterdir()} == {"current", "history.jsonl", "versions"}
    assert sorted(entry.name for entry in (registry.folder / "versions").iterdir()) == registry.versions()


@pytest.mark.parametrize("verb", ["promote", "rollback"])
def test_a_switch_made_meanwhile_is_what_it_starts_from(
    registry: Registry, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = registry.versions()
    locked = Registry._locked

    def late(store: Registry, doing: str, wait: float = 10.0) -> object:
        if doing == verb:
            monkeypatch.setattr(Registry, "_locked", locked)
            registry.promote(third if verb == "rollback" else first)
        return locked(store, doing, wait)

    monkeypatch.setattr(Registry, "_locked", late)
    if verb == "promote":
        registry.promote(third)
        assert [(line.before, line.after) for line in registry.history()[-2:]] == [(second, first), (first, third)]
    else:
        assert registry.rollback() == second
        assert [(line.before, line.after) for line in registry.history()[-2:]] == [(second, third), (third, second)]
