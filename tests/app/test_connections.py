"""Connections against a real service: slow clients lose them, and nobody else notices."""

import json
import select
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.raw import HOST, Wire, ask, get, post
from tests.serving import Running

BODY = json.dumps({"likes": ["592"]}).encode()


def running(folder: Path, **settings: str) -> Iterator[Running]:
    started = Running(folder, **settings)
    started.wait()
    yield started
    code, log = started.stop()
    assert code == 0
    assert "Traceback" not in log


@pytest.fixture(scope="module")
def quick(folder: Path) -> Iterator[Running]:
    """A service that waits for nobody for more than half a second, and keeps connections for one and a half."""
    yield from running(folder, client_seconds="0.5", idle_seconds="1.5")


@pytest.fixture(scope="module")
def small(folder: Path) -> Iterator[Running]:
    """A service for three clients at once, of much patience."""
    yield from running(folder, max_connections="3")


def test_two_hundred_slow_clients_stop_nobody_and_are_told(quick: Running) -> None:
    slow = [Wire(quick.port) for _ in range(200)]
    for number, wire in enumerate(slow):
        wire.send(b"GET /similar/592 HTTP/1.1\r\nHo"[: 1 + number % 29])
    for _ in range(20):
        assert quick.get("/similar/592") == 200
    with Wire(quick.port) as wire:
        wire.send(post(b"/similar", BODY))
        answer = wire.answer()
        assert answer is not None
        assert answer.status == 200
    for wire in slow:
        [answer] = wire.answers()
        assert answer.status == 408
        assert answer.header("connection") == "close"
        assert json.loads(answer.body)["detail"] == "expected the whole head within 0.5 seconds"
        wire.close()


def dripping(wire: Wire, data: bytes) -> None:
    """A byte now and then, until the other side has something to say."""
    for at in range(len(data)):
        try:
            wire.send(data[at : at + 1])
        except OSError:
            return
        if select.select([wire.socket], [], [], 0.05)[0]:
            return


@pytest.mark.parametrize(
    ("before", "dripped"),
    [
        (b"", b"GET /" + b"x" * 500),
        (b"GET / HTTP/1.1\r\n", b"X-Y: " + b"z" * 500),
        (b"POST /similar HTTP/1.1\r\n" + HOST + b"Content-Length: 900\r\n\r\n", b" " * 500),
        (b"POST /similar HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 100),
        (b"POST /similar HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n" * 100),
        (get(b"/livez", b"Content-Length: 900"), b" " * 500),
    ],
)
def test_a_head_or_a_body_that_comes_drop_by_drop_is_given_up(quick: Running, before: bytes, dripped: bytes) -> None:
    with Wire(quick.port) as wire:
        wire.send(before)
        dripping(wire, dripped)
        [answer] = wire.answers()
    assert answer.status == 408
    assert answer.header("content-type") == "application/problem+json"


def test_who_says_nothing_is_left_without_a_word(quick: Running) -> None:
    assert ask(quick.port, b"") == []
    assert ask(quick.port, b"\r\n\r\n") == []
    began = time.monotonic()
    [answer] = ask(quick.port, get(b"/livez"))
    assert answer.status == 200
    assert time.monotonic() - began > 1.4  # a connection that was used is kept for longer


def test_a_connection_in_use_is_kept(quick: Running) -> None:
    with Wire(quick.port) as wire:
        for _ in range(6):
            wire.send(get(b"/livez"))
            answer = wire.answer()
            assert answer is not None
            time.sleep(0.4)


def test_the_rest_of_a_refused_body_is_not_waited_for(quick: Running) -> None:
    [answer] = ask(quick.port, get(b"/similar", b"Content-Length: 99999999", method=b"POST"), b"x" * 1000)
    assert answer.status == 413


def test_who_does_not_read_loses_the_answer(quick: Running) -> None:
    far = [f"{number:0200}" for number in range(1998)]  # come back as unknown: 400 kB
    asked = post(b"/similar", json.dumps({"likes": ["592", *far[:999]], "dislikes": far[999:]}).encode())
    with Wire(quick.port, timeout=0.05) as wire:
        for _ in range(600):
            try:
                wire.send(asked)
            except TimeoutError:
                pass  # more than the system keeps for a client
            except (ConnectionResetError, BrokenPipeError):
                break
        else:
            raise AssertionError("it was served for ever")


def test_when_there_are_too_many_those_go_that_wait(small: Running) -> None:
    waiting = [Wire(small.port) for _ in range(3)]
    for wire in waiting:
        wire.send(get(b"/livez"))
        assert wire.answer() is not None
    time.sleep(1.5)  # they have been seen to do nothing
    with Wire(small.port) as late:
        late.send(get(b"/livez"))
        answer = late.answer()
        assert answer is not None
        assert answer.status == 200
        assert sum(bool(select.select([wire.socket], [], [], 1)[0]) for wire in waiting) == 1
        for wire in waiting:
            wire.close()


def test_when_all_are_busy_one_more_is_refused(small: Running) -> None:
    head = get(b"/similar", b"Content-Length: %d" % len(BODY), b"Content-Type: application/json", method=b"POST")
    busy = [Wire(small.port) for _ in range(3)]
    for wire in busy:
        wire.send(head)
    time.sleep(1.5)
    [answer] = ask(small.port, b"")
    assert answer.status == 503
    assert answer.header("retry-after") == "1"
    for wire in busy:
        wire.send(BODY)
        taken = wire.answer()
        assert taken is not None
        assert taken.status == 200
        wire.close()


def test_refusals_are_counted(quick: Running) -> None:
    ask(quick.port, b"GET /")
    with Wire(quick.port) as wire:
        wire.send(get(b"/metrics"))
        answer = wire.answer()
    assert answer is not None
    assert b'kindred_refused_total{reason="408"}' in answer.body
    assert b'kindred_requests_total{method="other",route="unmatched",status="408"}' in answer.body
