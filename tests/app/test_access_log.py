"""The access log: which requests are logged, what is said of them, and what of failures."""

import json
import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import written
from app.logs import MAX_A_SECOND, AccessLog, JsonLine
from app.main import create_app
from app.settings import Settings
from tests.serving import Running


@pytest.fixture
def accessed(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    caplog.set_level(logging.INFO, "kindred")

    def read() -> list[dict[str, Any]]:
        found = [json.loads(JsonLine().format(one)) for one in caplog.records if one.name == "kindred.access"]
        caplog.clear()
        return found

    return read


def test_all_requests_are_logged_where_that_is_asked_for(
    folder: Path, serve: Callable[..., Any], accessed: Callable[[], list[dict[str, Any]]]
) -> None:
    with serve(Settings(models=folder, access_log="all")) as client:
        release = client.get("/readyz").json()["release"]
        accessed()
        for _ in range(2):
            client.get("/similar/592?limit=3", headers={"x-request-id": "mine-1"})
        client.get("/similar/secret-id?limit=3")
        client.request("BREW", "/unknown")
    one, two, three, four = accessed()
    assert one["message"] == "GET /similar/{movieId} 200"
    assert {key: one[key] for key in ("level", "requestId", "method", "route", "status", "release", "cached")} == {
        "level": "info", "requestId": "mine-1", "method": "GET", "route": "/similar/{movieId}", "status": 200,
        "release": release, "cached": False,
    }  # fmt: skip
    assert 0 < one["ms"] < 60_000
    assert (two["cached"], two["requestId"], two["release"]) == (True, "mine-1", release)
    assert (three["status"], three["route"]) == (404, "/similar/{movieId}")
    assert (four["status"], four["route"], four["method"]) == (404, "unmatched", "other")
    assert "secret-id" not in json.dumps([one, two, three, four])


@pytest.mark.parametrize(("mode", "logged"), [("errors", [503]), ("off", []), ("all", [200, 404, 503])])
def test_which_requests_are_logged(
    tmp_path: Path,
    serve: Callable[..., Any],
    accessed: Callable[[], list[dict[str, Any]]],
    mode: Any,
    logged: list[int],
) -> None:
    with serve(Settings(models=tmp_path, access_log=mode)) as client:
        answers = [client.get(path) for path in ("/livez", "/nothing", "/similar/592")]
    entries = accessed()
    assert [entry["status"] for entry in entries] == logged
    if logged:
        assert entries[-1]["level"] == "warning"
        assert entries[-1]["requestId"] == answers[-1].headers["x-request-id"]


def test_at_debug_it_shows_what_was_asked_for(
    folder: Path, serve: Callable[..., Any], accessed: Callable[[], list[dict[str, Any]]]
) -> None:
    with serve(Settings(models=folder, access_log="all", log_level="debug")) as client:
        client.get("/similar/592%0A{}?limit=3%0A")
    (entry,) = accessed()
    assert (entry["path"], entry["query"]) == ("/similar/592\n{}", "limit=3%0A")


@pytest.mark.parametrize("mode", ["errors", "off"])
@pytest.mark.parametrize("place", ["short cut", "framework"])
def test_a_failure_is_one_entry_and_its_answer_names_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, accessed: Callable[[], list[dict[str, Any]]], place: str, mode: Any
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken\nhere")

    monkeypatch.setattr(written, "similar_to_movie", fail)
    monkeypatch.setattr("app.facts.model_list", fail)
    with TestClient(create_app(Settings(models=folder, access_log=mode))) as client:  # raises what gets through
        answer = client.get("/similar/592" if place == "short cut" else "/models")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    (entry,) = accessed()
    assert entry["level"] == "error"
    assert entry["exception"].endswith("RuntimeError: broken\nhere")
    assert entry["requestId"] == answer.json()["requestId"] == answer.headers["x-request-id"]
    assert "broken" not in answer.text


def test_a_flood_of_failures_is_logged_in_part_and_counted(
    monkeypatch: pytest.MonkeyPatch, accessed: Callable[[], list[dict[str, Any]]]
) -> None:
    now = 100.0
    monkeypatch.setattr("app.logs.time.monotonic", lambda: now)
    log = AccessLog("errors")
    facts = {"method": "GET", "route": "/x", "status": 503}
    for _ in range(MAX_A_SECOND + 7):
        log.write(dict(facts), "/x", b"", None)
    now += 1
    log.write(dict(facts), "/x", b"", None)
    messages = [entry["message"] for entry in accessed()]
    assert messages == ["GET /x 503"] * MAX_A_SECOND + ["7 more failed requests were not logged", "GET /x 503"]


def test_a_service_says_everything_in_json(folder: Path) -> None:
    running = Running(folder, "--workers", "2", access_log="all")
    running.wait()
    running.get("/similar/592")
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as stranger:
        stranger.sendall(b"no request\r\n\r\n")
        assert b" 400 " in stranger.recv(1000)
    code, said = running.stop()
    assert code == 0
    entries = [json.loads(line) for line in said.splitlines()]
    assert {entry["logger"] for entry in entries} == {"kindred", "kindred.access", "uvicorn"}
    (asked,) = [entry for entry in entries if entry.get("route") == "/similar/{movieId}"]
    assert asked["pid"] != running.process.pid
    assert [(entry["route"], entry["method"]) for entry in entries if entry.get("status") == 400] == [
        ("unmatched", "other")
    ]
    assert any("loaded" in entry["message"] for entry in entries)
