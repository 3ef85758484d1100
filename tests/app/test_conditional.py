"""ETag, If-None-Match, Cache-Control, HEAD (RFC 9110)."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.settings import Settings, SettingsError, read_settings
from tests.headers import own

PATHS = ("/similar/592", "/similar/592?genre=Action", "/vectors/592", "/movies/592", "/movies?query=bat", "/models",
         "/catalogue", "/map?model=deepwalk")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["{0}", "W/{0}", '"other", {0}', '"a,b",W/"c" , W/{0}', "*", " * "])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_it_gets_304(client: TestClient, path: str, form: str, method: str) -> None:
    whole = client.get(path)
    tag = whole.headers["etag"]
    assert tag[0] == tag[-1] == '"'
    for _ in range(2):
        answer = client.request(method, path, headers={"if-none-match": form.format(tag)})
        assert (answer.status_code, answer.content) == (304, b"")
        assert own(answer.headers) == {"etag": tag, "cache-control": "no-cache"}


def test_the_first_to_ask_may_have_it_already(folder: Path, serve: Callable[..., Any], client: TestClient) -> None:
    tag = client.get("/similar/592").headers["etag"]
    with serve(Settings(models=folder)) as another:
        answer = another.get("/similar/592", headers={"if-none-match": tag})
    assert (answer.status_code, answer.headers["etag"]) == (304, tag)


@pytest.mark.parametrize("form", ['"other"', 'W/"other"', "", "x", "{bare}", '"{bare}x"', '"x{bare}"', '"*"', "W/*"])
def test_who_has_another_gets_it_whole(client: TestClient, form: str) -> None:
    whole = client.get("/similar/592")
    bare = whole.headers["etag"].strip('"')
    answer = client.get("/similar/592", headers={"if-none-match": form.format(bare=bare)})
    assert (answer.status_code, answer.content) == (200, whole.content)


def test_several_lines_are_one_list(client: TestClient) -> None:
    tag = client.get("/similar/592").headers["etag"]
    lines = [("if-none-match", '"other"'), ("if-none-match", tag), ("if-none-match", '"more"')]
    assert client.get("/similar/592", headers=lines).status_code == 304


@pytest.mark.parametrize(
    ("path", "status"), [("/similar/nope", 404), ("/similar/592?limit=x", 422), ("/users/42", 200), ("/livez", 200)]
)
def test_a_star_matches_nothing_that_has_no_tag(client: TestClient, path: str, status: int) -> None:
    assert client.get(path, headers={"if-none-match": "*"}).status_code == status


def test_different_bodies_have_different_tags(client: TestClient) -> None:
    tags = [client.get(f"/similar/592?limit={limit}").headers["etag"] for limit in range(1, 40)]
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("path", PATHS)
def test_head_has_the_headers_of_get(client: TestClient, path: str) -> None:
    whole = client.get(path)
    assert int(whole.headers["content-length"]) == len(whole.content) > 0
    for _ in range(2):
        head = client.head(path)
        assert (head.status_code, head.content, own(head.headers)) == (200, b"", own(whole.headers))


@pytest.mark.parametrize("path", ["/similar/592", "/movies/592", "/similar/nope"])
def test_head_sends_no_body_whatever_the_server_does_with_it(client: TestClient, path: str) -> None:
    """The test client and uvicorn would drop one; asked through ASGI itself, first and second time."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "http_version": "1.1", "method": "HEAD", "path": path, "raw_path": path.encode()}
    scope |= {"query_string": b"limit=" if "similar" in path else b"", "headers": [], "state": dict(client.app_state)}
    for _ in range(2):
        asyncio.run(client.app({**scope}, receive, send))  # type: ignore[arg-type]
    assert {message.get("body", b"") for message in sent} == {b""}
    assert sum(message["type"] == "http.response.start" for message in sent) == 2


def test_head_of_what_is_posted_only_is_refused(client: TestClient) -> None:
    answer = client.head("/similar")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(("value", "expected"), [("public, max-age=60", "public, max-age=60"), ("", None)])
def test_cache_control_is_configurable(
    folder: Path, serve: Callable[..., Any], value: str, expected: str | None
) -> None:
    with serve(Settings(models=folder, cache_control=value)) as client:
        for _ in range(2):
            assert client.get("/similar/592").headers.get("cache-control") == expected
            assert client.get("/movies?query=bat").headers.get("cache-control") == expected


@pytest.mark.parametrize("value", ["a\r\nset-cookie: x", "a\nb", "é", "x" * 1001])
def test_cache_control_is_one_line(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("KINDRED_CACHE_CONTROL", value)
    with pytest.raises(SettingsError, match="KINDRED_CACHE_CONTROL"):
        read_settings()
