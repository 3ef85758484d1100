"""/metrics of several workers: any of them answers the sum of all, whoever came and went."""

import http.client
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.serving import Running

WORKERS = 3
SIMILAR = (("method", "GET"), ("route", "/similar/{movieId}"))
Key = tuple[str, tuple[tuple[str, str], ...]]


def fetch(port: int, path: str) -> str:
    """Over a connection of its own, so that any worker may take it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def scrape(port: int) -> dict[Key, float]:
    families = text_string_to_metric_families(fetch(port, "/metrics"))
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def ask(port: int, count: int) -> None:
    """Requests of three kinds over as many connections, twenty at a time."""
    paths = [f"/similar/592?limit={number % 7 + 1}" if number % 3 else "/similar/nope" for number in range(count)]
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda path: fetch(port, path), paths))


def similar(found: dict[Key, float]) -> tuple[float, float, float]:
    """Requests of 200, of 404, and how many were timed."""
    counted = [found.get(("kindred_requests_total", (*SIMILAR, ("status", status))), 0.0) for status in ("200", "404")]
    return counted[0], counted[1], found.get(("kindred_request_seconds_count", SIMILAR), 0.0)


def wait_for(true: Callable[[], bool], what: str) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(what)


def test_any_worker_answers_the_sum_of_all(folder: Path) -> None:
    running = Running(folder, "--workers", str(WORKERS), access_log="all")
    running.wait()
    port, release = running.port, json.loads(fetch(running.port, "/readyz"))["release"]
    asked = 0

    def ask_and_check(count: int) -> None:
        nonlocal asked
        ask(port, count)
        asked += count
        expected = (asked - asked // 3, asked // 3, asked)
        # a client may have its answer a moment before it is counted; never is more counted than was asked
        wait_for(lambda: similar(scrape(port)) >= expected, f"{expected}, found {similar(scrape(port))}")
        for _ in range(2 * WORKERS):
            assert similar(scrape(port)) == expected

    def workers_are_there() -> bool:
        found = scrape(port)
        return (
            found["kindred_workers", ()] == found.get(("kindred_release_workers", (("release", release),))) == WORKERS
        )

    wait_for(workers_are_there, "all workers")
    ask_and_check(300)
    answered = Counter(
        entry["pid"]
        for entry in map(json.loads, running.log().splitlines())
        if entry.get("route") == "/similar/{movieId}"
    )
    assert len(answered) > 1  # or nothing was shown
    assert sum(answered.values()) == 300

    before = scrape(port)
    os.kill(answered.most_common(1)[0][0], signal.SIGKILL)
    wait_for(lambda: scrape(port)["kindred_worker_failures_total", ()] == 1, "its end is counted")
    wait_for(workers_are_there, "its replacement")
    after = scrape(port)
    fallen = [key for key, count in before.items() if key[0].endswith(("_total", "_count", "_bucket", "_sum"))
              and after[key] < count]  # fmt: skip
    assert fallen == []
    assert similar(after) == (200, 100, 300)
    ask_and_check(150)

    pids = set(answered)
    running.process.send_signal(signal.SIGHUP)
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids) and workers_are_there(), "a new generation")
    ask_and_check(150)
    found = scrape(port)
    assert found["kindred_worker_failures_total", ()] == 1
    assert found["kindred_in_flight", ()] == 1
    hits, misses = found["kindred_cache_hits_total", ()], found["kindred_cache_misses_total", ()]
    assert hits + misses == 400
    assert misses >= 7
    assert running.stop()[0] == 0
