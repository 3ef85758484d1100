"""Releases take turns under load: no request is lost, no answer mixes two releases, a bad one changes nothing."""

import http.client
import itertools
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models import Registry

LATER = "2026-02-02T00:00:00Z"
PATHS = [f"/similar/{movie_id}?limit={limit}" for movie_id in ("592", "593", "1", "a%2Fb%20c") for limit in (3, 20)]
PATHS += ["/similar/592?genre=Action", "/models", "/vectors/592", "/compare/1?limit=2"]


class Asking(threading.Thread):
    """Asks for one path after the other on one connection, and keeps what came back."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.over = threading.Event()
        self.failures: list[object] = []
        self.bodies: dict[tuple[str, str], set[bytes]] = defaultdict(set)

    def run(self) -> None:
        try:
            for number in itertools.count():
                if self.over.is_set():
                    return
                self.ask(PATHS[number % len(PATHS)])
        except Exception as error:  # told to the test
            self.failures.append(error)
        finally:
            self.connection.close()

    def ask(self, path: str) -> None:
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            self.failures.append((answer.status, body))
        else:
            self.bodies[path, release_of(json.loads(body))].add(body)


def release_of(answer: Any) -> str:
    return str(answer["release"] if "release" in answer else answer["model"]["release"])


def ready(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/readyz")
        return str(json.loads(connection.getresponse().read())["release"])
    finally:
        connection.close()


def wait_for(port: int, release: str) -> None:
    for _ in range(400):
        if ready(port) == release:
            return
        time.sleep(0.025)
    raise AssertionError(f"{release} did not become live")


def test_nothing_is_lost_and_nothing_is_mixed(
    tmp_path: Path, publish: Callable[..., str], run_service: Callable[..., Any]
) -> None:
    first = publish(tmp_path)
    second = publish(tmp_path, 5, promote=False, created_at=LATER)
    bad = publish(tmp_path, 9, promote=False, created_at="2026-03-03T00:00:00Z")
    (tmp_path / "versions" / bad / "item2vec" / "vectors.npy").write_bytes(b"")
    running = run_service(tmp_path)
    asking = [Asking(running.port) for _ in range(3)]
    for one in asking:
        one.start()
    for number in range(6):
        Registry(tmp_path).promote((second, first)[number % 2])
        wait_for(running.port, (second, first)[number % 2])
    # promote would refuse it
    (tmp_path / "current").write_text(bad + "\n", encoding="utf-8")
    time.sleep(0.5)
    assert ready(running.port) == first
    for one in asking:
        one.over.set()
        one.join(timeout=30)
    assert [failure for one in asking for failure in one.failures] == []
    bodies: dict[tuple[str, str], set[bytes]] = defaultdict(set)
    for one in asking:
        for key, found in one.bodies.items():
            bodies[key] |= found
    assert {release for _, release in bodies} == {first, second}
    assert {path for path, _ in bodies} == set(PATHS)
    # what a release answers is the same to the last byte, whenever it was asked
    assert [key for key, found in bodies.items() if len(found) != 1] == []
    code, log = running.stop()
    assert code == 0
    assert log.count(f"release {bad} not loaded, serving {first}") == 1
