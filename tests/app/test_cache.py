"""The response cache: nobody can tell an answer that was kept from one that was not, but by the clock."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from app.canonical import PURE, meaning, model_of, read
from app.main import create_app
from app.settings import Settings
from app.state import Loaded
from tests.headers import own

IDS = ("592", "593", "1", "a/b c", "ü%", "171749", "110", "nope", "", "%", 'a"b')
VALUES: dict[str, tuple[str, ...]] = {
    "limit": ("20", "1", "5", "020", "20.0", "", "0", "1001", "x"),
    "offset": ("0", "3", "", "-1", "40"),
    "model": ("item2vec", "deepwalk", "", "nope", "Item2vec"),
    "genre": ("Action", "aCTION", "", "nope"),
    "yearFrom": ("1990", "", "x"),
    "yearTo": ("2000", "0"),
    "minLikes": ("100", "0", ""),
    "diversity": ("0.5", "0", "-0", "0.0", "nan"),
    "popularity": ("-1", "0", "1"),
    "relation": ("similar", "next", "", "other"),
    "learnedOnly": ("true", "false", "1", "0", "maybe"),
    "models": ("item2vec,deepwalk", "deepwalk,item2vec", "item2vec, item2vec", "nope"),
    "query": ("bat", "Bat", "batman 1989", "+", " ", "é"),
    "unknown": ("1", ""),
}
NOUNS: dict[str, tuple[str, ...]] = {
    "similar": ("limit", "offset", "model", "genre", "yearFrom", "yearTo", "minLikes", "diversity", "popularity",
                "relation", "learnedOnly"),
    "vectors": ("model",),
    "movies": ("query", "limit"),
    "models": (),
    "explain": (),
    "compare": ("models", "limit", "relation"),
    "catalogue": (),
    "map": ("model",),
}  # fmt: skip


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str]:
    """A path and a query string: mostly sound, in any order and spelling, some faulty."""
    noun = draw(st.sampled_from(sorted(NOUNS)))
    names = st.sampled_from([*NOUNS[noun] * 4, "unknown"])
    pairs = draw(
        st.lists(names.flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(VALUES[name]))), max_size=3)
    )
    ids = ("item2vec", "deepwalk", "nope") if noun == "models" else IDS
    words = [noun, *draw(st.lists(st.sampled_from(ids), min_size=0, max_size=2))]
    safe = draw(st.sampled_from(["", "/", '"']))
    query = urlencode(pairs, quote_via=draw(st.sampled_from([quote, lambda *a, **_: quote(a[0], safe="+")])))
    return "/" + "/".join(quote(word, safe=safe) for word in words), query


@pytest.fixture(scope="module")
def framework(folder: Path) -> Iterator[TestClient]:
    """The same service without the cache in front: the oracle."""
    kindred = create_app(Settings(models=folder))

    async def bare(scope: Scope, receive: Receive, send: Send) -> None:
        await FastAPI.__call__(kindred, scope, receive, send)

    with TestClient(bare, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def cached(folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(models=folder)), raise_server_exceptions=False) as client:
        yield client


def live_of(client: TestClient) -> Loaded:
    loaded: Loaded = client.app_state["live"].loaded
    return loaded


def shown(answer: Any) -> tuple[int, dict[str, str], bytes]:
    return answer.status_code, own(answer.headers), answer.content


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(requests())
def test_kept_or_not_the_answer_is_the_framework_s(
    framework: TestClient, cached: TestClient, asked: tuple[str, str]
) -> None:
    url = "?".join(part for part in asked if part)
    expected = framework.get(url)
    first, second = cached.get(url), cached.get(url)
    assert shown(first) == shown(second)
    assert (first.status_code, first.content) == (expected.status_code, expected.content)
    added = {"etag", "cache-control"} if first.status_code == 200 else set()
    assert own(first.headers).keys() - expected.headers.keys() == added
    assert all(first.headers[name] == value for name, value in expected.headers.items())
    head = cached.head(url)
    if first.status_code != 405:
        assert shown(head) == (first.status_code, own(first.headers), b"")


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(requests(), requests())
def test_what_means_the_same_has_the_same_answer(
    framework: TestClient, one: tuple[str, str], other: tuple[str, str]
) -> None:
    other = (one[0], other[1])
    model = model_of(one[0])
    read_both = [read(model, query.encode()) if model else None for _, query in (one, other)]
    if None in read_both:
        return
    meanings = [meaning(one[0], asked, "item2vec") for asked in read_both if asked is not None]
    if meanings[0] == meanings[1]:
        assert framework.get("?".join(one)).content == framework.get("?".join(other)).content


@pytest.mark.parametrize(
    "spellings",
    [
        ("/similar/592", "/similar/592?limit=20", "/similar/592?offset=0&limit=020", "/similar/%35%39%32?genre="),
        ("/similar/592?limit=3&genre=Action", "/similar/592?genre=%41ction&limit=3&model=item2vec&relation=similar"),
        ("/similar/110?limit=9&limit=7", "/similar/110?limit=7"),
        ("/movies?query=bat+man", "/movies?query=bat%20man&limit=10"),
        ("/explain/a%2Fb%20c/1", "/explain/a/b%20c/1"),
        ("/compare/592", "/compare/592?limit=10&models="),
        ("/catalogue", "/catalogue?", "/catalogue?&"),
        ("/map", "/map?model=", "/map?model=item2vec"),
    ],
)
def test_spellings_share_one_answer(folder: Path, spellings: tuple[str, ...], serve: Callable[..., Any]) -> None:
    with serve(Settings(models=folder)) as client:
        answers = [client.get(url) for url in spellings]
        assert {answer.status_code for answer in answers} == {200}
        assert len(live_of(client).kept) == 1
        assert len({answer.headers["etag"] for answer in answers}) == 1


def test_other_questions_never_share_one(cached: TestClient) -> None:
    urls = ["/similar/592?limit=2", "/similar/593?limit=2", "/similar/592?limit=3", "/similar/592?limit=2&offset=1"]
    urls += ["/similar/592?limit=2&model=deepwalk", "/similar/592?limit=2&relation=next", "/movies/592", "/vectors/592"]
    urls += ["/movies?query=bat", "/movies?query=Bat", "/movies?query=bat&limit=1", "/models", "/models/item2vec"]
    bodies = [cached.get(url).content for url in urls for _ in range(2)]
    assert len(set(bodies)) == len(urls)


def test_the_table_of_pure_routes_is_that_of_the_routers() -> None:
    from app.queries import Parameters
    from app.routes import catalogue, compare, explain, maps, models, movies, similar, vectors

    found = {}
    for noun in (similar, vectors, movies, explain, compare, models, catalogue, maps):
        for route in noun.router.routes:
            if "GET" in route.methods:
                fields = route.dependant.query_params
                model = fields[0].field_info.annotation if fields else Parameters
                _, first, *more = route.path.split("/")
                found[first, bool(more)] = model
    assert found == PURE


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/similar", 422),
        ("GET", "/users/42", 200),
        ("GET", "/users/42/recommendations", 200),
        ("GET", "/users/42/vector", 200),
        ("GET", "/livez", 200),
        ("GET", "/readyz", 200),
        ("GET", "/metrics", 200),
        ("GET", "/docs", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/similar/nope", 404),
        ("GET", "/similar/592?limit=0", 422),
        ("GET", "/similar/592?unknown=1", 422),
        ("GET", "/similarity/592", 404),
        ("PUT", "/similar/592", 405),
        ("DELETE", "/similar/592", 405),
    ],
)
def test_what_is_never_kept(cached: TestClient, method: str, path: str, status: int) -> None:
    cached.get("/similar/592")  # kept, and no answer to DELETE
    kept = live_of(cached).kept
    before = len(kept), kept.used
    for _ in range(2):
        answer = cached.request(method, path)
        assert answer.status_code == status
        assert "etag" not in answer.headers
        assert "cache-control" not in answer.headers
    assert (len(kept), kept.used) == before


def test_a_body_is_looked_at_although_the_answer_is_kept(client: TestClient) -> None:
    assert client.get("/similar/592").status_code == 200
    assert client.request("GET", "/similar/592", content=b"x" * 300_000).status_code == 413
    assert client.request("GET", "/similar/592", content=b"x").status_code == 200


def test_hits_are_counted_as_all_others(folder: Path, serve: Callable[..., Any]) -> None:
    with serve(Settings(models=folder)) as client:
        tag = client.get("/similar/592").headers["etag"]
        for _ in range(3):
            client.get("/similar/592")
            client.head("/similar/592?limit=20")
            client.get("/similar/592", headers={"if-none-match": tag})
        text = client.get("/metrics").text
    counted = dict(re.findall(r"^kindred_requests_total\{(.*/similar/.*)\} (.*)$", text, flags=re.MULTILINE))
    route = 'route="/similar/{movieId}"'
    assert counted == {
        f'method="GET",{route},status="200"': "4.0",
        f'method="GET",{route},status="304"': "3.0",
        f'method="HEAD",{route},status="200"': "3.0",
    }
    assert f'kindred_request_seconds_count{{method="GET",{route}}} 7.0' in text
    assert f'kindred_request_seconds_bucket{{le="+Inf",method="GET",{route}}} 7.0' in text
    assert re.search(r'kindred_request_seconds_sum\{method="GET",route="/similar/\{movieId\}"\} 0\.0*[1-9]', text)
