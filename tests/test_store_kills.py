"""SIGKILL of promote and of prune at random moments: a whole live release, a history that reads, a lock that is free.

20 of each; KINDRED_KILLS=200 asks for more (docs/reliability.md).
"""

import os
import random
import signal
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from models import Registry
from models.history import Switch
from models.lock import locked
from tests.killing import Forks
from tests.models.tiny import publish

KILLS = int(os.environ.get("KINDRED_KILLS") or 20)
ROUND = 6


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    started = Forks()
    yield started
    started.stop()


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    made = Registry(tmp_path / "store")
    for number in range(ROUND):
        add(made, number)
    made.promote(made.versions()[0])
    return made


def add(registry: Registry, number: int) -> str:
    """A release like the others, newer than all before."""
    day, rest = divmod(number, 24 * 60)
    return publish(registry, f"2026-03-{day + 1:02}T{rest // 60:02}:{rest % 60:02}:00Z", 1 + number % 50)


def assert_sound(registry: Registry, live: set[str | None]) -> None:
    """Whole, readable, and nobody waits: the next one has the lock at once."""
    assert registry.current() in live
    for version in registry.versions():
        assert registry.load(version).id == version
    assert registry.load().id == registry.current()
    lines = list(registry._lines())
    assert all(isinstance(line, Switch) for line in lines)
    with locked(registry.folder / "lock", "looking", wait=0):
        pass
    hidden = [entry.name for entry in (registry.folder / "versions").iterdir() if entry.name[0] != "."]
    assert sorted(hidden) == registry.versions()


def killed(forks: Forks, chance: random.Random, arguments: list[str], whole: list[float]) -> bool:
    """Run a verb and kill it at any moment of its life; whether that came before its end."""
    done = forks.run(arguments, seconds=chance.uniform(0, max(whole)))
    assert done["code"] in (0, -signal.SIGKILL)
    return bool(done["code"])


def test_promote(forks: Forks, registry: Registry) -> None:
    chance = random.Random(592)

    def arguments(version: str) -> list[str]:
        return ["promote", version, "--models", str(registry.folder)]

    first, second, *_ = registry.versions()
    whole = [forks.run(arguments(version))["seconds"] for version in (second, first)]
    kills = 0
    for _ in count():
        before = registry.current()
        other = chance.choice([version for version in registry.versions() if version != before])
        kills += killed(forks, chance, arguments(other), whole)
        assert_sound(registry, {before, other})
        if kills == KILLS:
            break
    assert forks.run(arguments(second))["code"] == 0
    assert registry.current() == second
    assert_tidy(registry)


def test_prune(forks: Forks, registry: Registry) -> None:
    chance, keep = random.Random(593), 2
    arguments = ["prune", "--keep", str(keep), "--models", str(registry.folder)]
    live = registry.current()
    whole = [forks.run(arguments)["seconds"]]
    kills, number = 0, ROUND
    for _ in count():
        while len(registry.versions()) < ROUND:
            add(registry, number)
            number += 1
        newest = registry.versions()[-keep:]
        kills += killed(forks, chance, arguments, whole)
        assert_sound(registry, {live})
        assert registry.versions()[-keep:] == newest
        if kills == KILLS:
            break
    assert forks.run(arguments)["code"] == 0
    assert registry.versions() == [live, *newest]
    assert_tidy(registry)


def assert_tidy(registry: Registry) -> None:
    """What the killed left has gone with the next one that ended; the history is what took place, and more."""
    registry.prepare()
    assert {entry.name for entry in registry.folder.iterdir()} == {"current", "history.jsonl", "versions"}
    assert sorted(entry.name for entry in (registry.folder / "versions").iterdir()) == registry.versions()


@pytest.mark.parametrize("verb", ["promote", "rollback", "prune"])
def test_killed_before_each_write(forks: Forks, registry: Registry, verb: str) -> None:
    second = registry.versions()[1]
    registry.promote(second)
    to_do: dict[str, Callable[[], list[str]]] = {
        "promote": lambda: ["promote", registry.versions()[-1]],
        "rollback": lambda: ["rollback"],
        "prune": lambda: ["prune", "--keep", "1"],
    }
    deaths = 0
    for write in count(1):
        registry.promote(second)  # it may have gone back before it was killed
        before = registry.current()
        done = forks.run([*to_do[verb](), "--models", str(registry.folder)], write=write, below=str(registry.folder))
        assert_sound(registry, {before, registry.versions()[0], registry.versions()[-1]})
        if done["code"] == 0:
            break
        deaths += 1
        assert done["code"] == -signal.SIGKILL
    assert deaths >= 4
    assert_tidy(registry)
