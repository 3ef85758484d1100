"""A hot switch that is asked for, refused, warned of and taken back."""

import json
import shutil
import signal
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.main import create_app
from app.metrics import Metrics
from app.settings import Settings
from app.state import Live
from models import Registry
from tests.serving import Running

LATER = "2026-02-02T00:00:00Z"


def started(folder: Path) -> Live:
    live = Live(Registry(folder), Metrics())
    live.refresh()
    return live


def refused(live: Live) -> float:
    return live.metrics.registry.get_sample_value("kindred_release_reloads_total", {"result": "refused"}) or 0.0


def future(folder: Path) -> str:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text()) | {"format_version": 2}
    path.write_text(json.dumps(manifest))
    return "expected format_version 1, found 2"


def truncated(folder: Path) -> str:
    path = folder / "item2vec" / "vectors.npy"
    path.write_bytes(path.read_bytes()[:-1])
    return "item2vec/vectors.npy: expected"


def emptied(folder: Path) -> str:
    shutil.rmtree(folder)
    folder.mkdir()
    return "no version"


def gone(folder: Path) -> str:
    shutil.rmtree(folder)
    return "no version"


@pytest.mark.parametrize("harm", [future, truncated, emptied, gone])
def test_what_is_refused_is_counted_warned_of_and_forgotten_once_taken_back(
    tmp_path: Path, publish: Callable[..., str], harm: Callable[[Path], str]
) -> None:
    first, second = publish(tmp_path), publish(tmp_path, 5, created_at=LATER)
    Registry(tmp_path).rollback()
    live = started(tmp_path)
    with TestClient(create_app(Settings(models=tmp_path, poll_seconds=0), live)) as client:
        assert client.get("/readyz").json() == {"status": "ready", "release": first, "warnings": []}
        said = harm(tmp_path / "versions" / second)
        (tmp_path / "current").write_text(second + "\n")
        assert live.refresh() == "refused"
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json()["release"] == first
        [warning] = answer.json()["warnings"]
        assert second in warning
        assert said in warning
        assert str(tmp_path) not in warning
        assert client.get("/similar/592").json()["model"]["release"] == first
        assert refused(live) == 1
        assert live.refresh() == "refused"  # not tried again so soon
        assert refused(live) == 1
        assert live.refresh(now=True) == "refused"
        assert refused(live) == 2
        (tmp_path / "current").write_text(first + "\n")
        assert live.refresh() == "unchanged"
        assert client.get("/readyz").json()["warnings"] == []


def test_a_reload_is_asked_for_with_a_key(tmp_path: Path, publish: Callable[..., str]) -> None:
    key = "a-key-for-those-who-run-it"
    settings = Settings(models=tmp_path, poll_seconds=0, keys=SecretStr(key), keys_for="admin")
    with TestClient(create_app(settings), headers={"authorization": f"Bearer {key}"}) as client:
        answer = client.post("/admin/reload")
        assert answer.status_code == 409
        assert answer.json()["release"] is None
        first = publish(tmp_path)
        assert client.post("/admin/reload").json() == {"result": "loaded", "release": first, "before": None}
        assert client.post("/admin/reload").json() == {"result": "unchanged", "release": first, "before": first}
        second = publish(tmp_path, 5, created_at=LATER)
        assert client.get("/readyz").json()["release"] == first
        truncated(tmp_path / "versions" / second)
        for _ in range(2):  # tried anew each time
            answer = client.post("/admin/reload")
            assert answer.status_code == 409
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["type"] == "/problems/release-refused"
            assert (answer.json()["refused"], answer.json()["release"]) == (second, first)
            assert "item2vec/vectors.npy: expected" in answer.json()["detail"]
            assert str(tmp_path) not in answer.text
        third = publish(tmp_path, 6, created_at="2026-03-03T00:00:00Z")
        assert client.post("/admin/reload").json() == {"result": "loaded", "release": third, "before": first}
        assert client.get("/similar/592").json()["model"]["release"] == third
        assert client.post("/admin/reload?force=1").status_code == 422
        assert client.get("/admin/reload").status_code == 405
        assert client.post("/admin/reload", headers={"authorization": "Bearer another"}).status_code == 401


def test_without_keys_nothing_is_there_to_reload(tmp_path: Path, publish: Callable[..., str]) -> None:
    first = publish(tmp_path)
    with TestClient(create_app(Settings(models=tmp_path, poll_seconds=0))) as client:
        publish(tmp_path, 5, created_at=LATER)
        answer = client.post("/admin/reload")
        assert answer.status_code == 404
        assert answer.json()["detail"] == "nothing is served at '/admin/reload'"
        assert client.get("/readyz").json()["release"] == first


@pytest.mark.parametrize("content", [None, "", "nonsense"])
def test_a_store_that_names_nothing_is_warned_of(
    tmp_path: Path, publish: Callable[..., str], content: str | None
) -> None:
    release = publish(tmp_path)
    live = started(tmp_path)
    pointer = tmp_path / "current"
    pointer.unlink() if content is None else pointer.write_text(content)
    for _ in range(3):
        assert live.refresh() == "refused"
    assert refused(live) == (content is not None)
    assert live.trouble is not None
    assert live.trouble.version is None
    with TestClient(create_app(Settings(models=tmp_path, poll_seconds=0), live)) as client:
        assert client.get("/readyz").json()["release"] == release
        assert len(client.get("/readyz").json()["warnings"]) == 1


def test_sighup_makes_one_process_look_at_once(tmp_path: Path, publish: Callable[..., str]) -> None:
    first = publish(tmp_path)
    running = Running(tmp_path, poll_seconds="0")
    try:
        running.wait()
        second = publish(tmp_path, 5, created_at=LATER)
        assert release_of(running) == first
        running.process.send_signal(signal.SIGHUP)
        follow(running, second)
    finally:
        code, log = running.stop()
    assert code == 0
    assert "Traceback" not in log


def test_all_workers_follow_a_switch_and_keep_what_they_have_when_one_is_bad(
    tmp_path: Path, publish: Callable[..., str]
) -> None:
    publish(tmp_path)
    running = Running(tmp_path, "--workers", "3")
    try:
        running.wait()
        second = publish(tmp_path, 5, created_at=LATER)
        # every connection meets the worker that the kernel chooses: many in a row of one release means all of them
        follow(running, second, times=60)
        third = publish(tmp_path, 6, created_at="2026-03-03T00:00:00Z", promote=False)
        truncated(tmp_path / "versions" / third)
        (tmp_path / "current").write_text(third + "\n")
        follow(running, second, times=60, warnings=1)
    finally:
        code, log = running.stop()
    assert code == 0
    assert log.count("not loaded, serving") == 3


def ready(running: Running) -> dict[str, object]:
    with urllib.request.urlopen(f"{running.url}/readyz", timeout=10) as answer:
        content: dict[str, object] = json.load(answer)
        return content


def release_of(running: Running) -> object:
    return ready(running)["release"]


def follow(running: Running, release: str, times: int = 1, warnings: int = 0) -> None:
    """Wait until so many answers in a row are of one release."""
    row, end = 0, time.monotonic() + 60
    while row < times:
        answer = ready(running)
        same = answer["release"] == release and len(answer["warnings"]) == warnings  # type: ignore[arg-type]
        row = row + 1 if same else 0
        assert time.monotonic() < end, answer
        time.sleep(0 if same else 0.05)
