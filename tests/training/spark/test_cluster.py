"""On a cluster of real processes: the release survives a worker that dies, and no part of one survives the driver."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from models import Registry
from tests.small import MOVIES, contents, sample_ratings
from tests.training.spark.cluster import Cluster, Session, until
from tests.training.spark.conftest import why_not

Say = Callable[..., Any]
SMALL = ("--vector-size", "8", "--epochs", "2", "--deterministic", "--no-evaluate")
ITEM2VEC = (*SMALL, "--method", "item2vec")
NODE2VEC = (*SMALL, "--method", "node2vec", "--p", "2", "--q", "0.5", "--walks", "500", "--walk-length", "10")


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_ratings(tmp_path_factory.mktemp("data"))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    folder = tmp_path / "cluster"
    folder.mkdir()
    started = Cluster(folder)
    yield started
    started.stop()


def arguments(ratings: Path, store: Path, *more: str) -> list[str]:
    return ["train", str(ratings), "--movies", str(MOVIES), "--models", str(store), *more]


def walking(driver: Session, work: Path) -> None:
    """Wait for the first checkpoint: some steps of the walks are made, most are not."""
    until(lambda: next(work.glob("*/*/steps-0/*"), None), driver)
    assert not list(work.glob("*/*/walks-0/*"))


def release(store: Path) -> dict[str, bytes]:
    (version,) = Registry(store).versions()
    files = contents(store / "versions" / version)
    del files["manifest.json"]
    return files


def test_a_worker_that_dies_in_the_middle_of_walking_costs_time_only(
    say: Say, cluster: Cluster, ratings: Path, tmp_path: Path
) -> None:
    driver = cluster.train(tmp_path / "work", *arguments(ratings, tmp_path / "spark", *NODE2VEC))
    assert say(*arguments(ratings, tmp_path / "here", *NODE2VEC)).code == 0
    walking(driver, tmp_path / "work")
    cluster.workers[0].kill()
    assert driver.process.wait(timeout=600) == 0, driver.log
    assert "Lost executor" in driver.log
    assert cluster.workers[1].process.poll() is None
    found, expected = release(tmp_path / "spark"), release(tmp_path / "here")
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []
    assert Registry(tmp_path / "spark").load().id == Registry(tmp_path / "spark").current()


def test_a_driver_that_dies_leaves_no_release_and_an_idle_cluster(
    say: Say, cluster: Cluster, ratings: Path, tmp_path: Path
) -> None:
    registry = Registry(tmp_path / "store")
    assert say(*arguments(ratings, registry.folder, *ITEM2VEC)).code == 0
    live, before = registry.current(), contents(registry.folder)
    driver = cluster.train(tmp_path / "work", *arguments(ratings, registry.folder, *NODE2VEC, "--seed", "7"))
    walking(driver, tmp_path / "work")
    driver.process.kill()
    assert driver.process.wait() == -signal.SIGKILL
    # its Java ends by itself, and with it what it had the workers do
    until(lambda: not driver.alive())
    until(lambda: all(worker.alive() == [worker.process.pid] for worker in cluster.workers), *cluster.workers)
    assert contents(registry.folder) == before
    assert say(*arguments(ratings, registry.folder, *ITEM2VEC, "--seed", "8")).code == 0
    assert registry.current() == registry.load().id != live
    assert sorted(entry.name for entry in (registry.folder / "versions").iterdir()) == registry.versions()
