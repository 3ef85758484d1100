"""What Prometheus sees."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.utils import floatToGoString

from app.metrics import BUCKETS, Metrics
from app.settings import Settings
from tests.serving import ROOT


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


def test_every_name_has_the_prefix_and_services_are_apart() -> None:
    one, other = Metrics(), Metrics()
    one.observe("GET", "/x", 200, 0.001)
    assert 'route="/x"' in generate_latest(one.registry).decode()
    assert 'route="/x"' not in generate_latest(other.registry).decode()
    assert all(family.name.startswith("kindred_") for family in one.registry.collect())


def test_times_fall_into_their_buckets() -> None:
    metrics = Metrics()
    times = [0.0001, 0.0005, 0.00051, 0.3, 5.0, 5.1, 100.0]
    for number, seconds in enumerate(times):
        metrics.observe("GET", "/x", 200 + number % 2, seconds)
    families = {family.name: family for family in metrics.registry.collect()}
    samples = {(one.name, one.labels.get("le")): one.value for one in families["kindred_request_seconds"].samples}
    for bound in (*BUCKETS, float("inf")):
        expected = sum(seconds <= bound for seconds in times)
        assert samples["kindred_request_seconds_bucket", floatToGoString(bound)] == expected
    assert samples["kindred_request_seconds_sum", None] == pytest.approx(sum(times))
    assert samples["kindred_request_seconds_count", None] == len(times)
    assert sorted(one.value for one in families["kindred_requests"].samples) == [3, 4]


def test_what_is_shown_is_valid_and_documented(client: TestClient) -> None:
    """Read by Prometheus' own parser; what docs/observability.md lists is what there is, label by label."""
    for path in ("/similar/592", "/similar/592", "/nothing"):
        client.get(path)
    shown = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        assert family.documentation
        name = f"{family.name}_total" if family.type == "counter" else family.name
        seen = {(one.name, *sorted(one.labels.items())) for one in family.samples}
        assert len(seen) == len(family.samples), name
        labels = {label for one in family.samples for label in one.labels} - {"le"}
        shown[name] = (family.type, labels)
    table = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    listed = {
        name: (kind, set(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in re.findall(r"^\| `(kindred_\w+)` \| (\w+) \|(.*?)\|", table, flags=re.MULTILINE)
    }
    assert listed.keys() == shown.keys()
    for name, (kind, labels) in shown.items():
        assert listed[name] == (kind, labels or listed[name][1]), name


def test_hits_misses_and_what_is_kept(folder: Path, serve: Callable[..., Any]) -> None:
    with serve(Settings(models=folder, cache_bytes=60_000)) as client:
        for path in ("/similar/592", "/similar/592", "/similar/592?limit=20", "/similar/592", "/similar/nope"):
            client.get(path)
        assert (value(client, "kindred_cache_hits_total"), value(client, "kindred_cache_misses_total")) == (3, 1)
        assert value(client, "kindred_cache_answers") == 1
        for limit in range(1, 30):
            client.get(f"/similar/592?limit={limit}")
        assert value(client, "kindred_cache_misses_total") == 30  # limit=20 among them, let go of by then
        kept = client.app_state["live"].loaded.kept
        assert 0 < value(client, "kindred_cache_bytes") == kept.used <= 60_000
        spellings = sum(answer.spellings for answer in kept._meant.values())
        assert value(client, "kindred_cache_evictions_total") == 31 - spellings
        assert value(client, "kindred_in_flight") == 1  # the one that asks


def test_the_release_tells_its_age(tmp_path: Path, publish: Callable[..., str], serve: Callable[..., Any]) -> None:
    began = time.time()
    with serve(Settings(models=tmp_path, poll_seconds=0.05)) as client:
        assert labels(client, "kindred_release_info") == set()
        assert "kindred_release_created_timestamp_seconds" not in client.get("/metrics").text
        release = publish(tmp_path, created_at="2026-01-01T00:00:00Z")
        # counted last, when all the rest is told
        for _ in range(400):
            if value(client, 'kindred_release_reloads_total{result="loaded"}') == 1:
                break
            time.sleep(0.05)
        assert labels(client, "kindred_release_info") == {f'release="{release}"'}
        assert value(client, f'kindred_release_workers{{release="{release}"}}') == 1
        assert value(client, "kindred_release_created_timestamp_seconds") == 1767225600
        assert began <= value(client, "kindred_release_loaded_timestamp_seconds") <= time.time()
        assert value(client, "kindred_release_movies") == 46
        assert value(client, 'kindred_release_reloads_total{result="loaded"}') == 1
        assert value(client, 'kindred_worker_resident_memory_bytes{worker="0"}') > 10e6
