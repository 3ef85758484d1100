"""`serve` in one process and in several: what is shared, what a worker takes over, how it ends."""

import json
import os
import re
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.__main__ import main
from tests.serving import Running

LATER = "2026-02-02T00:00:00Z"
TWO = ("--workers", "2")


def workers_of(running: Running) -> list[int]:
    """Process ids, in the order they were started."""
    return [int(found) for found in re.findall(r"Started server process \[(\d+)\]", running.log())]


def wait_for(true: Callable[[], bool], what: str) -> None:
    for _ in range(400):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(what)


def private_mb(process: int) -> float:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells what is shared")
def test_workers_share_what_was_imported_and_loaded(folder: Path, run_service: Callable[..., Running]) -> None:
    running = run_service(folder, *TWO)
    for _ in range(20):
        assert running.get("/similar/592") == 200
    # a process of its own takes 50
    assert max(private_mb(worker) for worker in workers_of(running)) < 25
    assert running.log().count(" loaded: ") == 1
    assert running.stop()[0] == 0


def test_a_killed_worker_is_replaced_and_answers_go_on(folder: Path, run_service: Callable[..., Running]) -> None:
    running = run_service(folder, *TWO)
    wait_for(lambda: len(workers_of(running)) == 2, "two workers")
    for worker in workers_of(running):
        os.kill(worker, signal.SIGKILL)
    wait_for(lambda: len(workers_of(running)) == 4, "two more workers")
    assert running.get("/similar/592") == 200
    code, log = running.stop()
    assert code == 0
    assert log.count("ended with code -9 and is replaced") == 2


def test_a_promoted_release_reaches_every_worker_and_those_after_them(
    tmp_path: Path, publish: Callable[..., str], run_service: Callable[..., Running]
) -> None:
    publish(tmp_path)
    running = run_service(tmp_path, *TWO)
    wait_for(lambda: len(workers_of(running)) == 2, "two workers")
    second = publish(tmp_path, 5, created_at=LATER)
    wait_for(lambda: running.log().count(f"release {second} loaded") == 2, "both workers have it")
    os.kill(workers_of(running)[0], signal.SIGKILL)
    # the parent loads it before it forks
    wait_for(lambda: len(workers_of(running)) == 3, "a third worker")
    os.kill(workers_of(running)[1], signal.SIGKILL)
    wait_for(lambda: len(workers_of(running)) == 4, "a fourth worker")
    code, log = running.stop()
    assert code == 0
    assert log.count(f"release {second} loaded") == 3


def test_a_release_that_comes_later_is_picked_up_by_every_worker(tmp_path: Path, publish: Callable[..., str]) -> None:
    running = Running(tmp_path, *TWO)
    wait_for(lambda: running.log().count("Application startup complete") == 2, "two workers")
    assert running.get("/readyz") == 503
    first = publish(tmp_path)
    wait_for(lambda: running.log().count(f"release {first} loaded") == 2, "both workers have it")
    assert running.get("/readyz") == 200
    assert running.stop()[0] == 0


@pytest.mark.parametrize("options", [(), TWO])
def test_a_request_under_way_is_answered_before_the_end(
    folder: Path, run_service: Callable[..., Running], options: tuple[str, ...]
) -> None:
    running = run_service(folder, *options)
    body = json.dumps({"likes": ["592"]}).encode()
    head = (
        f"POST /similar HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
        connection.sendall(head.encode() + body[:5])
        time.sleep(0.3)
        running.process.send_signal(signal.SIGTERM)
        wait_for(lambda: "Shutting down" in running.log(), "it has heard")
        connection.sendall(body[5:])
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")
    assert running.stop()[0] == 0


@pytest.mark.parametrize("options", [(), TWO])
def test_a_port_that_is_taken_is_a_failure(folder: Path, options: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        running = Running(folder, "--port", str(taken.getsockname()[1]), *options)
        running.process.wait(timeout=30)
        code, log = running.stop()
    assert code in (1, 3)
    assert "address already in use" in log.lower()


def test_settings_that_cannot_be_read_are_a_failure(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDRED_CACHE_BYTES", "much")
    assert main(["serve", "--models", str(folder), "--port", "0"]) == 1
    assert re.fullmatch(r"kindred: KINDRED_CACHE_BYTES: .*, found 'much'\n", capsys.readouterr().err)


def test_several_workers_need_a_system_that_forks(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(os, "fork")
    assert main(["serve", "--models", str(folder), "--port", "0", *TWO]) == 1
    assert "expected 1 worker on a system that cannot fork, found 2" in capsys.readouterr().err
