"""What is kept: bounded in bytes, the least recently asked for goes first, nothing outlives its release."""

import asyncio
import gc
import random
import tracemalloc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.answer import Answer
from app.cache import FirstTime
from app.kept import Kept, Spelling
from app.main import create_app
from app.metrics import Metrics
from app.queries import SimilarParameters
from app.settings import Settings
from app.state import Live
from models import Registry

LATER = "2026-02-02T00:00:00Z"
MOST = 1_000_000


def spelling(number: int, query: str = "") -> Spelling:
    return f"/similar/{number}", query.encode()


def fill(kept: Kept, numbers: list[int], size: int, most: int = MOST) -> None:
    for number in numbers:
        kept.add(spelling(number), number, Answer("/x", b"x" * size, ()), most)


def test_the_least_recently_asked_for_goes_first() -> None:
    kept = Kept()
    fill(kept, list(range(100, 200)), 100)
    assert len(kept) == 100
    each = kept.used // 100
    assert kept.find(spelling(100)) is not None
    fill(kept, [200, 201], 100, most=each * 100)
    assert kept.find(spelling(100)) is not None
    assert [number for number in range(100, 202) if kept.find(spelling(number)) is None] == [101, 102]
    assert [number for number in range(100, 202) if kept.meaning(number) is None] == [101, 102]


def test_bytes_are_bounded_and_all_accounted_for() -> None:
    kept, chance = Kept(), random.Random(7)
    for _ in range(3000):
        number, size = chance.randrange(500), chance.randrange(1, 20_000)
        answer = kept.meaning(number) or Answer("/x", b"x" * size, ())
        kept.add(spelling(number, "a" * chance.randrange(300)), number, answer, MOST)
        assert 0 < kept.used <= MOST
    kept.add(spelling(-1), -1, Answer("/x", b"", ()), 100_000)
    assert kept.used <= 100_000
    last = kept.used
    fill(kept, [0], 1, most=0)
    assert kept.used == last
    # down to nothing: whatever was added up was taken away again
    while kept._spelled:
        kept._drop(*kept._spelled.popitem())
    assert (kept.used, len(kept)) == (0, 0)


def test_spellings_of_one_answer_are_bounded_too() -> None:
    kept, answer = Kept(), Answer("/x", b"x" * 100, ())
    for number in range(10_000):
        kept.add(spelling(0, f"limit={number}"), "same", answer, MOST)
        assert kept.used <= MOST
    assert len(kept) == 1
    assert kept.meaning("same") is answer


@pytest.mark.parametrize(("megabytes", "there"), [(4, 1), (8, 1), (9, 0)])
def test_all_titles_of_a_hundred_thousand_films_are_kept(megabytes: int, there: int) -> None:
    kept = Kept()
    fill(kept, [0], megabytes * 1_000_000, Settings().cache_bytes)
    assert len(kept) == there


def test_one_long_answer_does_not_drive_out_all_others() -> None:
    kept = Kept()
    fill(kept, list(range(50)), 1000)
    fill(kept, [99], MOST // 2)
    assert len(kept) == 50
    assert kept.find(spelling(99)) is None


@pytest.mark.parametrize("size", [50, 2700, 20_000])
def test_what_is_said_to_be_used_is_about_what_is(size: int) -> None:
    gc.collect()
    tracemalloc.start()
    try:
        kept = Kept()
        before = tracemalloc.get_traced_memory()[0]
        for number in range(400):
            # as a request leaves it: path and query of their own, a key of twelve values
            key = (f"/similar/{number}", *SimilarParameters(limit=number + 1).__dict__.values())
            answer = Answer("/x", b"x" * size, ((b"cache-control", b"no-cache"),))
            kept.add(spelling(number, f"limit={number}"), key, answer, 100 * MOST)
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 0.4 * kept.used < taken <= kept.used


def test_no_answer_of_the_old_release_after_a_switch(tmp_path: Path, publish: Callable[..., str]) -> None:
    first = publish(tmp_path)
    live = Live(Registry(tmp_path), Metrics())
    live.refresh()
    second = publish(tmp_path, 5, created_at=LATER)

    async def slow(loaded: Any, scope: Any, asked: Any) -> bytes:
        # the switch comes while the answer is being worked out
        body = loaded.release.id.encode()
        live.refresh()
        return bytes(body)

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def unused(*_: Any) -> None:
        raise AssertionError

    middleware = FirstTime(unused, live, {SimilarParameters: slow}, MOST, "")
    scope = {"type": "http", "method": "GET", "path": "/similar/592", "query_string": b"", "headers": []}
    for release in (first, second):
        asyncio.run(middleware(dict(scope), unused, send))
        assert sent[-1]["body"] == release.encode()
    assert live.loaded is not None
    assert [answer.body for answer in live.loaded.kept._meant.values()] == [second.encode()]


def test_a_switch_is_seen_by_the_next_request(
    tmp_path: Path, publish: Callable[..., str], serve: Callable[..., Any]
) -> None:
    first = publish(tmp_path)
    with serve(Settings(models=tmp_path, poll_seconds=0)) as client:
        live = client.app_state["live"]
        for path in ("/similar/592", "/models", "/vectors/592"):
            assert first in client.get(path).text
            assert first in client.get(path).text
        second = publish(tmp_path, 5, created_at=LATER)
        old, tag = weakref.ref(live.loaded), client.get("/similar/592").headers["etag"]
        gc.disable()
        try:
            live.refresh()
            # at once, and not when the garbage collector comes by: memory is not doubled for longer than the switch
            assert old() is None
        finally:
            gc.enable()
        for path in ("/similar/592", "/models", "/vectors/592"):
            answer = client.get(path, headers={"if-none-match": tag})
            assert answer.status_code == 200
            assert second in answer.text
            assert first not in answer.text


def test_nothing_is_kept_where_nothing_may_be(folder: Path, serve: Callable[..., Any]) -> None:
    with serve(Settings(models=folder, cache_bytes=0)) as client:
        tags = {client.get("/similar/592").headers["etag"] for _ in range(3)}
        assert len(tags) == 1
        assert client.get("/similar/592", headers={"if-none-match": tags.pop()}).status_code == 304
        assert len(client.app_state["live"].loaded.kept) == 0


def test_never_polling_never_switches(tmp_path: Path, publish: Callable[..., str]) -> None:
    publish(tmp_path)
    live = Live(Registry(tmp_path), Metrics())
    asyncio.run(asyncio.wait_for(live.watch(0), timeout=5))
    assert live.loaded is None
    assert create_app(Settings(models=tmp_path, poll_seconds=0)) is not None
