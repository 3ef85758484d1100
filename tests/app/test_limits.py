"""URLs, headers and bodies: bounded, in time, and handed on whole."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from app.limits import MAX_HEADERS, MAX_URL_BYTES, Bounds
from tests.app.test_errors import check

LONG = b"0123456789"


class Asked:
    """One request to `Bounds`, with a body that comes in parts."""

    def __init__(self, most: int = 10, seconds: float = 30) -> None:
        self.refused: Counter[str] = Counter()
        self.handed: list[Message] = []
        self.bounds = Bounds(self._app, most, seconds, lambda reason: self.refused.update([reason]))

    async def _app(self, _: Scope, receive: Receive, send: Send) -> None:
        self.handed.append(await receive())
        await send({"type": "http.response.start", "status": 200, "headers": ()})

    async def post(self, parts: Sequence[Message | None], headers: Any = ((b"transfer-encoding", b"chunked"),)) -> int:
        """The status; a part of None never comes."""
        scope = {"type": "http", "method": "POST", "path": "/x", "query_string": b"", "headers": headers}
        coming, statuses = iter(parts), []

        async def receive() -> Message:
            part = next(coming)
            if part is None:
                await asyncio.Event().wait()
            assert part is not None
            return part

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await self.bounds(scope, receive, send)
        [status] = statuses
        return int(status)


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_comes_whole_and_once() -> None:
    asked = Asked()
    assert asyncio.run(asked.post([part(b"01"), part(b""), part(b"234"), part(b"56789", more=False)])) == 200
    assert asked.handed == [part(LONG, more=False)]
    assert not asked.refused


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([part(LONG), part(b"x", more=False)], 413),
        ([part(LONG + b"x", more=False)], 413),
        ([part(b"0"), None], 408),
        ([part(b"0"), {"type": "http.disconnect"}], 408),
    ],
)
def test_a_body_that_is_too_long_or_never_ends_is_refused(parts: list[Message | None], status: int) -> None:
    asked = Asked(seconds=0.05)
    assert asyncio.run(asked.post(parts)) == status
    assert asked.refused == {str(status): 1}
    assert not asked.handed
    assert asked.bounds._held == 0


def test_bodies_being_read_are_bounded_together() -> None:
    async def crowd() -> list[int]:
        asked = Asked(seconds=0.3)
        slow = [asyncio.ensure_future(asked.post([part(LONG), None])) for _ in range(80)]
        statuses = await asyncio.gather(*slow)
        assert asked.bounds._held == 0
        assert await asked.post([part(LONG, more=False)]) == 200
        return statuses

    # 64 of the largest are held; whoever comes then is refused at once
    assert Counter(asyncio.run(crowd())) == {408: 64, 503: 16}


@pytest.mark.parametrize("announced", [b"11", b"99999999999999999999999999", b"000000000000000000000000000000011"])
def test_what_is_announced_too_long_is_not_waited_for(announced: bytes) -> None:
    asked = Asked(seconds=5)
    parts = [part(LONG), part(b"x")] if announced.startswith(b"0") else []
    assert asyncio.run(asked.post(parts, ((b"content-length", announced),))) == 413


@pytest.mark.parametrize("path", ["/similar/{}", "/movies?query={}", "/{}", "/livez?{}", "/users/{}", "/ui/{}"])
def test_a_url_beyond_the_limit(client: TestClient, path: str) -> None:
    room = MAX_URL_BYTES - len(path.replace("{}", "").replace("?", ""))
    assert client.get(path.format("x" * room)).status_code in (200, 404, 422)
    answer = client.get(path.format("x" * (room + 1)))
    assert f"at most {MAX_URL_BYTES} bytes, found {MAX_URL_BYTES + 1}" in check(answer, 414)["detail"]
    assert len(answer.content) < 1000
    # as it was sent: three bytes for each of these
    assert client.get(path.format("%20" * (room // 3 + 1))).status_code == 414


def test_headers_beyond_the_limit(client: TestClient) -> None:
    there = len(client.build_request("GET", "/livez").headers)
    most = {f"x-{number}": "" for number in range(MAX_HEADERS - there)}
    assert client.get("/livez", headers=most).status_code == 200
    answer = client.get("/livez", headers=most | {"x-more": ""})
    assert f"at most {MAX_HEADERS} headers, found {MAX_HEADERS + 1}" in check(answer, 431)["detail"]


def test_refusals_are_counted_by_reason(client: TestClient) -> None:
    def refused() -> float:
        found = client.app_state["live"].metrics.registry.get_sample_value("kindred_refused_total", {"reason": "414"})
        return float(found or 0)

    before = refused()
    client.get("/" + "x" * MAX_URL_BYTES)
    assert refused() == before + 1


@pytest.mark.parametrize(
    "path",
    [
        "/similar/592",
        "/vectors/592",
        "/movies/592",
        "/movies",
        "/users/42",
        "/users/42/recommendations",
        "/users/42/vector",
        "/explain/592/593",
        "/compare/592",
        "/models",
        "/models/item2vec",
        "/catalogue",
        "/map",
        "/releases",
        "/releases/changes",
    ],
)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "1001"),
        ("limit", "9" * 3000),
        ("offset", "1000001"),
        ("offset", "-1"),
        ("halfLife", "1e7"),
        ("a", "1"),
    ],
)
def test_every_route_bounds_its_parameters(client: TestClient, path: str, name: str, value: str) -> None:
    """Where there is such a parameter it has a bound, where there is none it is refused; sent many times, too."""
    once = f"{name}={value}"
    for query in (once, "&".join([once] * (8000 // (len(once) + 1)))):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == 422
        assert len(answer.content) < 10_000


def test_a_flood_of_unknown_names_is_refused_without_looking_at_all(client: TestClient) -> None:
    names = {f"a{number}": "1" for number in range(900)}
    for answer in (client.get("/similar/592", params=names), client.post("/similar", json={**names, "likes": ["592"]})):
        problem = check(answer, 422, "/problems/invalid-parameter")
        assert problem["detail"].endswith("(and 99 more)")
        assert len(problem["errors"]) == 20
    # names that are empty are no names
    empty = {f"a{number}": "" for number in range(1000)}
    assert client.get("/similar/592", params={**empty, "limit": "3"}).json()["limit"] == 3
