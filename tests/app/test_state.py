"""Loading, swapping, refusing."""

import gc
import logging
import shutil
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app import state
from app.main import create_app
from app.metrics import Metrics
from app.settings import Settings
from app.state import Live
from models import Registry, Release

LATER = "2026-02-02T00:00:00Z"


class Listed(list[object]):
    """One that can be watched going."""


def live_over(folder: Path) -> tuple[Live, Metrics]:
    metrics = Metrics()
    live = Live(Registry(folder), metrics)
    live.refresh()
    return live, metrics


def loaded(live: Live) -> str | None:
    return live.loaded.release.id if live.loaded else None


def reloads(metrics: Metrics, result: str) -> float:
    return metrics.registry.get_sample_value("kindred_release_reloads_total", {"result": result}) or 0.0


def damage(folder: Path, version: str) -> Path:
    path = folder / "versions" / version / "item2vec" / "vectors.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    return path


def test_a_promoted_release_takes_over_and_a_rollback_brings_back(tmp_path: Path, publish: Callable[..., str]) -> None:
    first = publish(tmp_path)
    live, metrics = live_over(tmp_path)
    assert loaded(live) == first
    before = live.loaded
    live.refresh()
    assert live.loaded is before
    second = publish(tmp_path, 5, created_at=LATER)
    live.refresh()
    assert loaded(live) == second
    assert before is not None
    assert before.release.id == first
    Registry(tmp_path).rollback()
    live.refresh()
    assert loaded(live) == first
    assert (reloads(metrics, "loaded"), reloads(metrics, "refused")) == (3, 0)


def test_a_release_not_promoted_is_not_loaded(tmp_path: Path, publish: Callable[..., str]) -> None:
    first = publish(tmp_path)
    live, _ = live_over(tmp_path)
    publish(tmp_path, 5, promote=False, created_at=LATER)
    live.refresh()
    assert loaded(live) == first


def test_a_damaged_release_is_refused_once_and_the_old_one_kept(
    tmp_path: Path, publish: Callable[..., str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(tmp_path)
    live, metrics = live_over(tmp_path)
    second = publish(tmp_path, 5, created_at=LATER)
    path = damage(tmp_path, second)
    caplog.clear()
    for _ in range(5):
        live.refresh()
    assert loaded(live) == first
    assert reloads(metrics, "refused") == 1
    assert metrics.registry.get_sample_value("kindred_release_info", {"release": first}) == 1
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert second in warnings[0]
    assert "item2vec/vectors.npy: expected sha256" in warnings[0]
    # repaired: taken at the next try
    damage(tmp_path, second)
    assert path.is_file()
    monkeypatch.setattr(state, "RETRY_SECONDS", 0.0)
    live.refresh()
    assert loaded(live) == second


@pytest.mark.parametrize("content", ["", "nonsense", "20260101T000000Z-00000000", "\udcff", "../../etc"])
def test_a_current_that_names_nothing_keeps_the_old_one(
    tmp_path: Path, publish: Callable[..., str], content: str, caplog: pytest.LogCaptureFixture
) -> None:
    first = publish(tmp_path)
    live, _ = live_over(tmp_path)
    (tmp_path / "current").write_bytes(content.encode("utf-8", "surrogateescape"))
    caplog.clear()
    live.refresh()
    live.refresh()
    assert loaded(live) == first
    assert len(caplog.records) == 1


def test_a_folder_gone_keeps_the_old_one(tmp_path: Path, publish: Callable[..., str]) -> None:
    first = publish(tmp_path)
    live, _ = live_over(tmp_path)
    shutil.rmtree(tmp_path)
    live.refresh()
    assert loaded(live) == first


def test_two_that_refresh_at_once_load_once(
    tmp_path: Path, publish: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(tmp_path)
    load, at_once = Registry.load, threading.Barrier(2)

    def slowly(registry: Registry, version: str | None = None) -> Release:
        time.sleep(0.2)
        return load(registry, version)

    monkeypatch.setattr(Registry, "load", slowly)
    metrics = Metrics()
    live = Live(Registry(tmp_path), metrics)

    def refresh() -> None:
        at_once.wait()
        live.refresh()
        assert loaded(live) == first

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(refresh), pool.submit(refresh)]:
            done.result()
    assert reloads(metrics, "loaded") == 1


def test_a_release_answers_indexed_unless_that_is_put_off(tmp_path: Path, publish: Callable[..., str]) -> None:
    publish(tmp_path)
    live = Live(Registry(tmp_path), Metrics())
    live.refresh(index=False)
    assert live.loaded is not None
    assert live.loaded._titles is None
    live.refresh()  # it is live already
    assert live.loaded._titles is None
    live.prepare()
    assert live.loaded._titles is not None
    publish(tmp_path, 5, created_at=LATER)
    live.refresh()
    assert live.loaded._titles is not None


def test_the_first_release_is_indexed_while_others_are_answered(tmp_path: Path, publish: Callable[..., str]) -> None:
    publish(tmp_path)
    live = Live(Registry(tmp_path), Metrics())
    with TestClient(create_app(Settings(models=tmp_path), live)) as client:
        assert client.get("/readyz").status_code == 200
        for _ in range(200):
            if live.loaded is not None and live.loaded._titles is not None:
                return
            time.sleep(0.05)
    raise AssertionError("it was not")


def test_to_prepare_leaves_no_thread_and_nothing_for_the_collector(tmp_path: Path, publish: Callable[..., str]) -> None:
    publish(tmp_path)
    before = threading.active_count()
    live = Live(Registry(tmp_path), Metrics())
    live.refresh(index=False)
    live.prepare()
    assert threading.active_count() == before
    assert live.loaded is not None
    assert not any(found is live.loaded.titles for found in gc.get_objects())


def test_what_was_in_use_at_one_switch_is_freed_at_the_next(tmp_path: Path, publish: Callable[..., str]) -> None:
    publish(tmp_path)
    live, _ = live_over(tmp_path)
    request: list[object] | None = Listed()
    request.append(request)
    seen = weakref.ref(request)
    for seed, at in ((5, LATER), (6, "2026-03-03T00:00:00Z")):
        assert seen() is not None
        publish(tmp_path, seed, created_at=at)
        assert live.refresh() == "loaded"
        request = None
    assert seen() is None


def test_nothing_to_load_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    live, metrics = live_over(tmp_path)
    live.refresh()
    assert live.loaded is None
    assert [record.getMessage() for record in caplog.records if "no release in" in record.getMessage()] != []
    assert len(caplog.records) == 1
    assert reloads(metrics, "refused") == 0


def wait_for(client: TestClient, release: str) -> None:
    for _ in range(400):
        answer = client.get("/readyz")
        if answer.status_code == 200 and answer.json()["release"] == release:
            return
        time.sleep(0.025)
    raise AssertionError(f"{release} did not become live: {answer.text}")


def test_the_service_picks_up_what_is_promoted(
    tmp_path: Path, publish: Callable[..., str], serve: Callable[[Settings], TestClient]
) -> None:
    with serve(Settings(models=tmp_path, poll_seconds=0.05)) as client:
        assert client.get("/readyz").status_code == 503
        assert client.get("/livez").json() == {"status": "alive"}
        first = publish(tmp_path)
        wait_for(client, first)
        old = client.get("/similar/592").json()
        second = publish(tmp_path, 5, created_at=LATER)
        wait_for(client, second)
        new = client.get("/similar/592").json()
        assert (old["model"]["release"], new["model"]["release"]) == (first, second)
        assert old["similar"] != new["similar"]
        Registry(tmp_path).rollback()
        wait_for(client, first)
        assert client.get("/similar/592").json() == old


def test_a_damaged_release_at_start_leaves_the_service_alive(
    tmp_path: Path, publish: Callable[..., str], serve: Callable[[Settings], TestClient]
) -> None:
    damage(tmp_path, publish(tmp_path))
    with serve(Settings(models=tmp_path, poll_seconds=0.05)) as client:
        assert client.get("/livez").status_code == 200
        assert client.get("/readyz").status_code == 503
        assert 'kindred_release_reloads_total{result="refused"} 1.0' in client.get("/metrics").text
        wait_for_id = publish(tmp_path, 5, created_at=LATER)
        wait_for(client, wait_for_id)
