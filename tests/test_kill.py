"""Whoever is killed, and whenever: the live release stays whole, and the service that reads it answers."""

import http.client
import json
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest

from models import Registry
from tests.killing import Forks
from tests.serving import Running
from tests.small import MOVIES, sample_ratings, train_arguments

KILLS = int(os.environ.get("KINDRED_KILLS", "20"))
PATHS = ("/similar/592", "/models", "/similar/592?relation=next&genre=drama", "/vectors/592", "/movies?query=batman")
# the last line before the release is written
WRITING = "node2vec: neighbours: done"


class Asking(Thread):
    """Somebody who asks the service without end: what came back, and which releases answered."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.enough = Event()
        self.asked = 0
        self.failures: list[str] = []
        self.releases: list[str] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not self.enough.wait(0.005) and self.asked < 2_500 * max(20, KILLS):
            path = PATHS[self.asked % len(PATHS)]
            self.asked += 1
            try:
                connection.request("GET", path)
                response = connection.getresponse()
                answer = json.loads(response.read())
            except (OSError, ValueError, http.client.HTTPException) as error:
                self.failures.append(f"{path}: {error!r}")
                connection.close()
                continue
            if response.status != 200:
                self.failures.append(f"{path}: {response.status} {answer}")
            elif path == "/models":
                self.releases.append(answer["release"])
        connection.close()

    def follows(self, release: str) -> bool:
        """Wait until the service answers from this release."""
        for _ in range(600):
            if self.releases and self.releases[-1] == release:
                return True
            time.sleep(0.05)
        return False


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_ratings(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    started = Forks()
    yield started
    started.stop()


@pytest.fixture
def registry(forks: Forks, ratings: Path, tmp_path: Path) -> Registry:
    """A store with one release."""
    assert forks.run(train_arguments(ratings, tmp_path / "store"))["code"] == 0
    return Registry(tmp_path / "store")


@pytest.fixture
def asking(registry: Registry) -> Iterator[Asking]:
    """A service over the store, and somebody who asks it all the time."""
    running = Running(registry.folder)
    thread = None
    try:
        running.wait()
        thread = Asking(running.port)
        thread.start()
        yield thread
    finally:
        if thread is not None:
            thread.enough.set()
            thread.join()
        code, log = running.stop()
    assert code == 0, log
    assert "not loaded" not in log


def assert_whole(registry: Registry, *, live: set[str | None]) -> None:
    """Every release loads with all its hashes checked, and one of `live` is the live one."""
    versions = registry.versions()
    assert registry.current() in live
    assert registry.current() in versions
    for version in versions:
        assert registry.load(version).id == version
    assert registry.load().id == registry.current()


def assert_tidy(registry: Registry) -> None:
    """There is nothing but releases, the name of the live one and the history."""
    assert {entry.name for entry in registry.folder.iterdir()} == {"current", "history.jsonl", "versions"}
    assert sorted(entry.name for entry in (registry.folder / "versions").iterdir()) == registry.versions()


def test_killed_at_random_moments_training_never_costs_a_request(
    forks: Forks, ratings: Path, registry: Registry, asking: Asking
) -> None:
    arguments = train_arguments(ratings, registry.folder, "--no-gate", "--seed")
    whole = forks.run([*arguments, "1"], line=WRITING)
    assert whole["code"] == 0
    moments = random.Random(592)
    killed = 0
    for seed in range(2, 2 + 3 * KILLS):
        before, known = registry.current(), set(registry.versions())
        if seed % 2:  # anywhere
            done = forks.run([*arguments, str(seed)], seconds=moments.uniform(0, whole["seconds"]))
        else:  # while the release is written and promoted
            done = forks.run([*arguments, str(seed)], seconds=moments.uniform(0, whole["late"]), line=WRITING)
        assert done["code"] in (0, -signal.SIGKILL)
        killed += done["code"] != 0
        assert_whole(registry, live={before, *(set(registry.versions()) - known)})
        if killed == KILLS:
            break
    assert killed == KILLS
    assert forks.run([*arguments, "592592"])["code"] == 0
    assert_tidy(registry)
    newest = registry.versions()[-1]
    assert registry.current() == newest
    assert asking.follows(newest)
    assert asking.failures == []
    assert set(asking.releases) <= set(registry.versions())


def test_killed_before_any_of_its_writes_a_verb_leaves_a_live_release(
    forks: Forks, ratings: Path, registry: Registry, asking: Asking
) -> None:
    store = ("--models", str(registry.folder))
    train = (
        "train",
        str(ratings),
        "--movies",
        str(MOVIES),
        "--method",
        "item2vec",
        "--epochs",
        "1",
        "--no-gate",
        "--seed",
    )
    back, top = None, ""
    for verb in ("train", "promote", "rollback", "prune"):
        for write in count(1):
            if verb == "rollback" and registry.current() == back:
                registry.promote(top)  # it had gone back when it was killed
            before, known = registry.current(), set(registry.versions())
            other = min(known - {before}, default="")
            arguments = {"train": (*train, str(write)), "promote": (verb, other), "prune": (verb, "--keep", "1")}
            done = forks.run([*arguments.get(verb, (verb,)), *store], write=write, below=str(registry.folder))
            new = set(registry.versions()) - known
            after = {"train": new, "promote": {other}, "rollback": {back}, "prune": {before}}[verb]
            assert_whole(registry, live={before, *after})
            if done["code"] == 0:
                assert {registry.current()} == after
                break
            assert done["code"] == -signal.SIGKILL
            for left in (registry.folder / "versions").glob(".incoming-*/") if verb == "train" else ():
                shutil.rmtree(left)  # else the next one's first writes are to sweep it
        assert write >= {"train": 15, "promote": 4, "rollback": 4, "prune": 10}[verb]
        back, top = before, str(registry.current())
    assert_tidy(registry)
    assert asking.follows(str(registry.current()))
    assert asking.failures == []
