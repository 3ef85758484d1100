"""GET /releases: what is in the folder, whatever is in it; read once, never kept by anybody else."""

import json
import logging
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.releases import MOST, Releases
from app.schemas_explorer import ReleaseList
from app.settings import Settings
from models import Registry
from tests.models.tiny import sealed

Serve = Callable[[Settings], AbstractContextManager[TestClient]]
Publish = Callable[..., str]
DAYS = [f"2026-01-0{day}T00:00:00Z" for day in range(1, 10)]


def asked(client: TestClient) -> dict[str, Any]:
    answer = client.get("/releases")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    body: dict[str, Any] = answer.json()
    ReleaseList.model_validate(body)
    return body


def rewritten(folder: Path, version: str, **changes: Any) -> None:
    """A manifest with other things in it."""
    path = folder / "versions" / version / "manifest.json"
    path.write_text(json.dumps(sealed(json.loads(path.read_text()) | changes)))


def test_the_newest_first_with_what_is_known_of_each(tmp_path: Path, publish: Publish, serve: Serve) -> None:
    first = publish(tmp_path, created_at=DAYS[0])
    second = publish(tmp_path, 5, created_at=DAYS[1])
    third = publish(tmp_path, 6, created_at=DAYS[2], promote=False)
    Registry(tmp_path).rollback()
    with serve(Settings(models=tmp_path)) as client:
        body = asked(client)
    assert (body["current"], body["unreadable"]) == (first, 0)
    assert [one["release"] for one in body["releases"]] == [third, second, first]
    assert [one["live"] for one in body["releases"]] == [False, False, True]
    assert body["releases"][2] == {
        "release": first,
        "createdAt": DAYS[0],
        "label": "simulated viewers (test)",
        "movies": 46,
        "default": "item2vec",
        "models": ["item2vec", "deepwalk"],
        "live": True,
        # not that of another model, nor the higher one of another relation
        "best": {"name": "item2vec", "relation": "similar", "hr@10": 0.25, "ndcg@10": None},
    }
    switches = [(one["do"], one["from"], one["to"]) for one in body["switches"]]
    assert switches == [("rollback", second, first), ("promote", first, second), ("promote", None, first)]
    assert all(len(one["at"]) == 20 for one in body["switches"])


def test_the_live_one_changes_with_the_service_and_not_with_the_disk(
    tmp_path: Path, publish: Publish, serve: Serve
) -> None:
    first = publish(tmp_path, created_at=DAYS[0])
    with serve(Settings(models=tmp_path, poll_seconds=0)) as client:
        second = publish(tmp_path, 5, created_at=DAYS[1])
        body = asked(client)
        assert body["current"] == first
        assert {one["release"]: one["live"] for one in body["releases"]} == {first: True, second: False}
        client.app_state["live"].refresh()
        body = asked(client)
        assert body["current"] == second
        assert {one["release"]: one["live"] for one in body["releases"]} == {first: False, second: True}


def test_without_a_release(empty: TestClient, tmp_path: Path, publish: Publish, serve: Serve) -> None:
    assert asked(empty) == {"current": None, "releases": [], "switches": [], "unreadable": 0}
    there = publish(tmp_path, promote=False)
    with serve(Settings(models=tmp_path)) as client:
        body = asked(client)
        assert client.get("/readyz").status_code == 503
    assert (body["current"], [one["release"] for one in body["releases"]]) == (None, [there])
    assert not body["releases"][0]["live"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format_version": 2}, "expected format_version 1, found 2"),
        ({"files": {}}, "item2vec/vectors.npy"),
        ({"data": {"label": ["x"]}}, "label"),
        ({"metrics": {"rows": 7}}, "expected rows with name, kind, relation and task, found 7"),
        ({"metrics": {"rows": [7]}}, "expected rows with name, kind, relation and task, found 7"),
        ({"metrics": {"rows": [{"kind": "model", "task": "A", "relation": "similar", "name": "item2vec",
                                "hr@10": "high"}]}}, "hr10: "),
        ({"files": {"item2vec/vectors.npy": {"bytes": 1, "shape": []}}}, "index"),
        ({"files": {"item2vec/vectors.npy": {"bytes": 1, "shape": None}}}, "subscriptable"),
        ({"created_at": 7}, "created_at"),
        ({"id": "20260101T000000Z-00000000"}, "found '20260101T000000Z-00000000'"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_damaged_is_counted_and_logged_once(
    tmp_path: Path,
    publish: Publish,
    serve: Serve,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, Any],
    reason: str,
) -> None:
    broken = publish(tmp_path, 5, created_at=DAYS[0], promote=False)
    whole = publish(tmp_path, created_at=DAYS[1])
    rewritten(tmp_path, broken, **changes)
    with serve(Settings(models=tmp_path)) as client:
        caplog.clear()
        for _ in range(3):
            body = asked(client)
            assert [one["release"] for one in body["releases"]] == [whole]
            assert body["unreadable"] == 1
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(said) == 1
    assert "\n" not in said[0]
    assert said[0].startswith(f"release {broken} not listed: ")
    assert reason in said[0]


def test_a_manifest_that_is_no_json_is_seen_again_once_it_is_mended(tmp_path: Path, publish: Publish) -> None:
    version = publish(tmp_path)
    there, path = Releases(Registry(tmp_path)), tmp_path / "versions" / version / "manifest.json"
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert there.read(None).unreadable == 1
    path.write_bytes(whole)
    assert [one.release for one in there.read(None).releases] == [version]


def test_what_was_never_measured_has_no_numbers(tmp_path: Path, publish: Publish) -> None:
    version = publish(tmp_path, promote=False)
    for metrics in ({}, {"rows": []}, {"rows": [{"name": "item2vec", "kind": "model", "relation": None, "task": "A"}]}):
        rewritten(tmp_path, version, metrics=metrics)
        found = Releases(Registry(tmp_path)).read(None)
        assert (found.unreadable, found.releases[0].best) == (0, None)


def test_lines_of_the_history_that_say_nothing_are_left_out(tmp_path: Path, publish: Publish, serve: Serve) -> None:
    version = publish(tmp_path)
    with (tmp_path / "history.jsonl").open("a") as history:
        for line in ("7", '{"do": 1, "from": null, "to": "x"}', '{"do": "promote", "from": 3, "to": "x"}', "{"):
            history.write(line + "\n")
        history.write('{"do": "promote", "from": "x", "to": "<b>"}\n')
    with serve(Settings(models=tmp_path)) as client:
        switches = asked(client)["switches"]
    assert switches[0] == {"at": None, "do": "promote", "from": "x", "to": "<b>"}
    assert [one["to"] for one in switches] == ["<b>", version]


def test_no_more_than_fifty_are_told_of_and_each_is_read_once(
    tmp_path: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = publish(tmp_path)
    versions = tmp_path / "versions"
    names = [f"20260203T0000{second:02}Z-00000000" for second in range(60)]
    for name in names:
        (versions / name).mkdir()
        shutil.copy(versions / version / "manifest.json", versions / name)
        rewritten(tmp_path, name, id=name)
    with (tmp_path / "history.jsonl").open("a") as history:
        for name in names:
            history.write(json.dumps({"at": "2026", "do": "promote", "from": "x", "to": name}) + "\n")
    read: list[str] = []
    manifest = Registry.manifest

    def noting(registry: Registry, name: str) -> Any:
        read.append(name)
        return manifest(registry, name)

    monkeypatch.setattr(Registry, "manifest", noting)
    there = Releases(Registry(tmp_path))
    for _ in range(3):
        found = there.read(None)
    assert len(found.releases) == len(found.switches) == MOST == 50
    assert found.switches[0].after == names[-1]
    assert sorted(read) == names[-50:]


@pytest.mark.parametrize("part", ["versions", "history.jsonl"])
def test_a_folder_that_cannot_be_read_is_no_fault_of_the_service(
    tmp_path: Path, publish: Publish, serve: Serve, caplog: pytest.LogCaptureFixture, part: str
) -> None:
    version = publish(tmp_path)
    with serve(Settings(models=tmp_path, poll_seconds=0)) as client:
        if part == "versions":
            shutil.rmtree(tmp_path / part)
            (tmp_path / part).write_text("no folder")
        else:
            (tmp_path / part).unlink()
            (tmp_path / part).mkdir()
        caplog.clear()
        for _ in range(2):
            body = asked(client)
            assert (body["current"], body["releases"], body["switches"]) == (version, [], [])
        assert client.get("/releases/changes").json() == {"before": None, "after": version, "changes": None}
    said = [record.getMessage() for record in caplog.records if "not listed" in record.getMessage()]
    assert len(said) == 1
    assert "cannot be read" in said[0]


def test_it_takes_no_parameters(client: TestClient) -> None:
    for path in ("/releases?limit=1", "/releases/changes?before=x"):
        assert client.get(path).json()["errors"][0]["message"] == "not a parameter of this route"
