"""What Prometheus sees."""

import re

import pytest
from fastapi.testclient import TestClient

from app.metrics import Metrics


def labels(client: TestClient, name: str) -> set[str]:
    text = client.get("/metrics").text
    return set(re.findall(rf"^{name}{{(.*?)}} ", text, flags=re.MULTILINE))


def value(client: TestClient, line: str) -> float:
    found = re.search(rf"^{re.escape(line)} (.*)$", client.get("/metrics").text, flags=re.MULTILINE)
    return float(found[1]) if found else 0.0


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/similar/592", "/similar/{movieId}", 200),
        ("GET", "/similar/nope", "/similar/{movieId}", 404),
        ("POST", "/similar", "/similar", 422),
        ("GET", "/vectors/592", "/vectors/{movieId}", 200),
        ("GET", "/movies", "/movies", 200),
        ("GET", "/movies/592", "/movies/{movieId}", 200),
        ("GET", "/models/item2vec", "/models/{name}", 200),
        ("GET", "/catalogue", "/catalogue", 200),
        ("GET", "/map?model=deepwalk", "/map", 200),
        ("GET", "/releases", "/releases", 200),
        ("GET", "/releases/changes", "/releases/changes", 200),
        ("GET", "/", "/", 200),
        ("HEAD", "/", "/", 200),
        ("GET", "/ui/nothing-there.js", "/ui/{file}", 404),
        ("GET", "/ui/../main.py", "unmatched", 404),
        ("GET", "/livez", "/livez", 200),
        ("GET", "/docs", "/docs", 200),
        ("GET", "/nothing/12345", "unmatched", 404),
    ],
)
def test_requests_are_counted_by_template(client: TestClient, method: str, path: str, route: str, status: int) -> None:
    line = f'kindred_requests_total{{method="{method}",route="{route}",status="{status}"}}'
    timed = f'kindred_request_seconds_count{{method="{method}",route="{route}"}}'
    before = value(client, line), value(client, timed)
    client.request(method, path)
    assert (value(client, line), value(client, timed)) == (before[0] + 1, before[1] + 1)


def test_refused_bodies_are_counted(client: TestClient) -> None:
    line = 'kindred_requests_total{method="POST",route="unmatched",status="413"}'
    before = value(client, line)
    client.post("/similar", content=b"x" * 300_000)
    assert value(client, line) == before + 1


def test_labels_are_bounded_whatever_is_asked_for(client: TestClient) -> None:
    def ask() -> None:
        for number in range(30):
            client.get(f"/similar/{number}?limit={number}")
            client.get(f"/unknown-{number}")
            client.request(f"METHOD{number}", "/models")

    ask()
    first = labels(client, "kindred_requests_total")
    ask()
    assert labels(client, "kindred_requests_total") == first
    assert any('method="other"' in label for label in first)
    assert not any("METHOD1" in label or "unknown-1" in label for label in first)


def test_the_live_release_is_named(client: TestClient) -> None:
    release = client.get("/readyz").json()["release"]
    assert labels(client, "kindred_release_info") == {f'release="{release}"'}
    assert client.get("/metrics").headers["content-type"].startswith("text/plain; version=")


def test_every_name_has_the_prefix_and_registries_are_apart() -> None:
    one, other = Metrics(), Metrics()
    one.requests.observe("GET", "/x", 200, 0.001)
    assert not any(sample.labels for family in [*other.requests.collect()] for sample in family.samples)
    assert all(family.name.startswith("kindred_") for family in one.registry.collect())
