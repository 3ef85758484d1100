"""GET /releases/changes: what `kindred diff` says of the live release and the one before, worked out once."""

import logging
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.changes import Changes
from app.schemas_explorer import ReleaseChanges
from app.settings import Settings
from models import Registry
from models.camel import camel_keys
from models.diff import diff
from tests.app.test_state import damage
from tests.small import contents

Serve = Callable[[Settings], AbstractContextManager[TestClient]]
Publish = Callable[..., str]
DAYS = [f"2026-01-0{day}T00:00:00Z" for day in range(1, 10)]
NOTHING = {"before": None, "changes": None}


def asked(client: TestClient) -> dict[str, Any]:
    answer = client.get("/releases/changes")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    ReleaseChanges.model_validate(body)
    return body


@pytest.fixture
def three(tmp_path: Path, publish: Publish) -> list[str]:
    """Releases whose order of going live is not that of their ages: the second, the first, the third."""
    made = [publish(tmp_path, seed, created_at=DAYS[seed], promote=False) for seed in range(3)]
    for place in (1, 0, 2):
        Registry(tmp_path).promote(made[place])
    return made


def compared(folder: Path, before: str, after: str) -> dict[str, Any]:
    registry = Registry(folder)
    return {"before": before, "after": after, "changes": camel_keys(diff(registry.load(before), registry.load(after)))}


def test_it_is_the_diff_of_the_two(tmp_path: Path, three: list[str], serve: Serve) -> None:
    # live before the third was the first, although the second is younger
    with serve(Settings(models=tmp_path)) as client:
        body = asked(client)
    assert body == compared(tmp_path, three[0], three[2])
    assert list(body) == ["before", "after", "changes"]
    assert body["changes"]["defaultModel"] == {"before": "item2vec", "after": "item2vec"}
    assert body["changes"]["neighbours"]["changed"][0]["movieId"]


def test_where_that_is_gone_it_is_the_next_older(tmp_path: Path, three: list[str], serve: Serve) -> None:
    shutil.rmtree(tmp_path / "versions" / three[0])
    with serve(Settings(models=tmp_path)) as client:
        assert asked(client) == compared(tmp_path, three[1], three[2])
    (tmp_path / "history.jsonl").unlink()
    with serve(Settings(models=tmp_path)) as client:
        assert asked(client) == compared(tmp_path, three[1], three[2])


def test_the_first_has_none_before(tmp_path: Path, publish: Publish, serve: Serve) -> None:
    first = publish(tmp_path, created_at=DAYS[5])
    publish(tmp_path, 5, created_at=DAYS[6], promote=False)  # younger, and never live
    with serve(Settings(models=tmp_path)) as client:
        assert asked(client) == NOTHING | {"after": first}


def test_after_a_switch_it_is_another(tmp_path: Path, three: list[str], serve: Serve) -> None:
    with serve(Settings(models=tmp_path, poll_seconds=0)) as client:
        assert asked(client)["after"] == three[2]
        Registry(tmp_path).rollback()
        # what answers still is what changed
        assert asked(client)["after"] == three[2]
        client.app_state["live"].refresh()
        assert asked(client) == compared(tmp_path, three[1], three[0])


def test_each_pair_is_compared_once(
    tmp_path: Path, three: list[str], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(Settings(models=tmp_path, poll_seconds=0)) as client:
        loads: list[str | None] = []
        load = Registry.load

        def noting(registry: Registry, version: str | None = None) -> Any:
            loads.append(version)
            return load(registry, version)

        monkeypatch.setattr(Registry, "load", noting)
        bodies = [asked(client) for _ in range(4)]
        assert loads == [three[0]]
        assert bodies == [bodies[0]] * 4
        # pruned away: there is nothing to be compared with any more but the next older one
        shutil.rmtree(tmp_path / "versions" / three[0])
        assert asked(client)["before"] == three[1]
        assert loads == [three[0], three[1]]


def test_a_damaged_one_is_as_none_and_tried_again(
    tmp_path: Path,
    three: list[str],
    serve: Serve,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = contents(tmp_path)
    path = damage(tmp_path, three[0])
    damaged = contents(tmp_path)
    with serve(Settings(models=tmp_path, poll_seconds=0)) as client:
        caplog.clear()
        for _ in range(3):
            assert asked(client) == NOTHING | {"after": three[2]}
        said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
        assert len(said) == 1
        assert said[0].startswith(f"release {three[0]} not compared with {three[2]}: ")
        assert "item2vec/vectors.npy: expected sha256" in said[0]
        assert contents(tmp_path) == damaged
        path.write_bytes(before[str(path.relative_to(tmp_path))])
        assert asked(client) == NOTHING | {"after": three[2]}
        monkeypatch.setattr("app.changes.RETRY_SECONDS", 0.0)
        assert asked(client) == compared(tmp_path, three[0], three[2])


def test_whatever_goes_wrong_is_no_error(tmp_path: Path, three: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.changes.diff", fails)
    live = Registry(tmp_path).load()
    made = Changes(Registry(tmp_path)).compare(live)
    assert made == ReleaseChanges(before=None, after=live.id, changes=None)


@pytest.mark.parametrize("line", ['{"do": "promote", "from": "LIVE", "to": "LIVE"}', '{"do": "promote", "from": '
                                  '"../../etc", "to": "LIVE"}'])  # fmt: skip
def test_a_history_that_was_tampered_with_names_nothing_else(tmp_path: Path, three: list[str], line: str) -> None:
    with (tmp_path / "history.jsonl").open("a") as history:
        history.write(line.replace("LIVE", three[2]) + "\n")
    made = Changes(Registry(tmp_path)).compare(Registry(tmp_path).load())
    assert made.before == three[1]


def test_it_needs_nothing_but_to_read(tmp_path: Path, three: list[str], serve: Serve) -> None:
    before = contents(tmp_path)
    with serve(Settings(models=tmp_path, poll_seconds=0)) as client:
        client.get("/releases")
        asked(client)
    assert contents(tmp_path) == before
