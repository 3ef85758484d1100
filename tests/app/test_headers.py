"""What every answer says about itself, and whose pages may read it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.headers import ALWAYS
from app.settings import Settings, SettingsError, read_settings

Serve = Callable[[Settings], AbstractContextManager[TestClient]]
PAGE = "https://shop.example"
EXPECTED = {name.decode(): value.decode() for name, value in ALWAYS}
PATHS = [
    ("GET", "/similar/592", 200),
    ("HEAD", "/similar/592", 200),
    ("GET", "/users/42", 200),
    ("GET", "/releases", 200),
    ("GET", "/livez", 200),
    ("GET", "/metrics", 200),
    ("GET", "/openapi.json", 200),
    ("GET", "/ui/main.js", 200),
    ("GET", "/ui/icon.svg", 200),
    ("GET", "/similar/nope", 404),
    ("GET", "/nothing", 404),
    ("PUT", "/similar/592", 405),
    ("GET", "/similar/592?limit=0", 422),
    ("POST", "/admin/reload", 404),
    ("GET", "/" + "x" * 17_000, 414),
]


def check(answer: Any, status: int, **others: str) -> None:
    assert answer.status_code == status
    for name, value in (EXPECTED | others).items():
        assert answer.headers.get_list(name) == [value], name
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers


@pytest.mark.parametrize(("method", "path", "status"), PATHS)
def test_every_answer_has_them_once(client: TestClient, method: str, path: str, status: int) -> None:
    for _ in range(2):  # worked out, and kept
        check(client.request(method, path), status)


def test_posts_copies_and_failures_have_them(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    check(client.post("/similar", json={"likes": ["592"]}), 200)
    check(client.post("/similar", json={"likes": ["592"], "limit": 0}), 422)
    check(client.post("/similar", content=b"x" * 300_000), 413)
    for _ in range(2):
        check(client.get("/similar/593?limit=3", headers={"if-none-match": "*"}), 304)
    check(client.get("/ui/main.js", headers={"if-none-match": "*"}), 304)
    monkeypatch.setattr("app.routes.movies.facts.movie_detail", lambda *_: 1 / 0)
    check(client.get("/movies/2959"), 500)


def test_pages_keep_their_own_policy(client: TestClient) -> None:
    page = client.get("/").headers.get_list("content-security-policy")
    assert len(page) == 1
    assert page[0].startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;")
    assert page[0].endswith("base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    check(client.get("/"), 200, **{"content-security-policy": page[0]})


def test_the_documentation_s_page_runs_what_it_names_and_nothing_else(client: TestClient) -> None:
    answer = client.get("/docs")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    check(answer, 200, **{"content-security-policy": answer.headers["content-security-policy"]})
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    script, digest = policy["script-src"].split()
    assert f'src="{script}"' in answer.text
    assert digest.startswith("'sha256-")
    assert policy["style-src"].endswith(" 'unsafe-inline'")
    assert f'href="{policy["style-src"].split()[0]}"' in answer.text
    # both relative: it works behind a prefix
    assert "url: 'openapi.json'" in answer.text
    assert 'href="ui/icon.svg"' in answer.text
    assert client.get("/docs/oauth2-redirect").status_code == 404


@pytest.fixture
def shared(folder: Path, serve: Serve) -> Iterator[TestClient]:
    with serve(Settings(models=folder, cors_origins=(PAGE, "http://localhost:3000"))) as client:
        yield client


def test_no_page_elsewhere_reads_anything_unless_it_is_listed(client: TestClient, shared: TestClient) -> None:
    for asked, origin in ((client, PAGE), (shared, "https://evil.example"), (shared, "null"), (shared, PAGE + ".evil")):
        for _ in range(2):
            answer = asked.get("/similar/592", headers={"origin": origin})
            assert answer.status_code == 200
            assert not any(name.startswith("access-control-allow") for name in answer.headers)
        preflight = asked.options("/similar", headers={"origin": origin, "access-control-request-method": "POST"})
        assert preflight.status_code in (400, 405)
        assert "access-control-allow-origin" not in preflight.headers


def test_a_listed_page_reads_answers_kept_ones_and_errors(shared: TestClient) -> None:
    first = shared.get("/similar/110", headers={"origin": PAGE})
    kept = shared.get("/similar/110", headers={"origin": PAGE})
    copy = shared.get("/similar/110", headers={"origin": PAGE, "if-none-match": first.headers["etag"]})
    missing = shared.get("/similar/nope", headers={"origin": PAGE})
    for answer, status in ((first, 200), (kept, 200), (copy, 304), (missing, 404)):
        check(answer, status)
        assert answer.headers.get_list("access-control-allow-origin") == [PAGE]
        assert "access-control-allow-credentials" not in answer.headers
        assert answer.headers["vary"] == "Origin"
    assert "ETag" in first.headers["access-control-expose-headers"]
    # the answer that is kept is nobody's: another origin, and none, get their own headers with it
    other = shared.get("/similar/110", headers={"origin": "http://localhost:3000"})
    assert other.headers["access-control-allow-origin"] == "http://localhost:3000"
    nobody = shared.get("/similar/110")
    assert "access-control-allow-origin" not in nobody.headers
    assert nobody.headers["vary"] == "Origin"  # for whoever keeps a copy in between
    assert first.content == kept.content == other.content == nobody.content
    assert shared.get("/ui/main.js", headers={"origin": PAGE}).headers["vary"] == "accept-encoding, Origin"


def test_a_listed_page_may_send_json_and_keys(shared: TestClient) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization, content-type"}
    answer = shared.options("/similar", headers={"origin": PAGE, **asked})
    check(answer, 200)
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "Origin" in answer.headers["vary"]
    refused = shared.options("/similar", headers={"origin": PAGE, **asked, "access-control-request-method": "DELETE"})
    assert refused.status_code == 400


def test_with_keys_a_page_is_asked_for_one_and_can_read_that_it_is(folder: Path, serve: Serve) -> None:
    key = "a-key-of-the-service-itself"
    with serve(Settings(models=folder, cors_origins=(PAGE,), keys=key)) as client:  # type: ignore[arg-type]
        preflight = {"origin": PAGE, "access-control-request-method": "GET"}
        assert client.options("/similar/592", headers=preflight).status_code == 200
        refused = client.get("/similar/592", headers={"origin": PAGE})
        check(refused, 401)
        assert refused.headers["access-control-allow-origin"] == PAGE
        assert client.get("/similar/592", headers={"origin": PAGE, "authorization": f"Bearer {key}"}).status_code == 200


def test_anybody_s_page(folder: Path, serve: Serve) -> None:
    with serve(Settings(models=folder, cors_origins=("*",))) as client:
        for _ in range(2):
            answer = client.get("/similar/592", headers={"origin": "https://any.example"})
            assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("text", "origins"),
    [("", ()), ("*", ("*",)), (f" {PAGE} ,http://localhost:3000,", (PAGE, "http://localhost:3000"))],
)
def test_origins_in_the_environment(monkeypatch: pytest.MonkeyPatch, text: str, origins: tuple[str, ...]) -> None:
    monkeypatch.setenv("KINDRED_CORS_ORIGINS", text)
    assert read_settings().cors_origins == origins


@pytest.mark.parametrize("text", ["shop.example", f"{PAGE}/", f"{PAGE}/path", "ftp://a", "https://a b", "https://*/"])
def test_what_is_no_origin_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("KINDRED_CORS_ORIGINS", f"http://fine,{text}")
    with pytest.raises(SettingsError, match=r"KINDRED_CORS_ORIGINS: .*, found "):
        read_settings()
