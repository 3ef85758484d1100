"""What strangers send a real service, byte by byte: one refusal for each, in its turn, never a failure.

docs/reliability-parts/strangers.md lists what is tried here.
"""

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app import stranger
from tests.app.stranger import CHUNKED, CLOSE, JSON, LIKES, sound
from tests.raw import HOST, Raw, Wire, ask, get, post
from tests.serving import Running


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Running]:
    yield from stranger.service(folder)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        # another protocol, or none
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/0.9\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", 400),
        (b"GET / HTTP/1.7\r\n" + HOST + b"\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"\x00" * 100, 400),
        (b"SSH-2.0-OpenSSH_9.6\r\n", 400),
        (b"HTTP/1.1 200 OK\r\n\r\n", 400),
        (b"GET / HTTP/1.1\n" + HOST + b"\n", 400),
        # methods
        (b"FOO / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"get / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"G" * 9000 + b" / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (get(b"/similar/592", CLOSE, method=b"TRACE"), 405),
        (get(b"/similar/592", CLOSE, method=b"PROPFIND"), 405),
        (get(b"/similar/592", CLOSE, method=b"M-SEARCH"), 405),
        (get(b"example.org:443", CLOSE, method=b"CONNECT"), 400),
        # targets
        (get(b"*", CLOSE, method=b"OPTIONS"), 404),
        (get(b"http://evil.example/nothing", CLOSE), 404),
        (get(b"http://evil.example", CLOSE), 400),
        (get(b"//evil.example/..", CLOSE), 404),
        (get(b"similar/592", CLOSE), 400),
        (get(b"/similar/\xff\xfe", CLOSE), 400),
        (get(b"/similar/\xc3\xbc", CLOSE), 400),
        (get(b"/similar/\x00", CLOSE), 400),
        (get(b"/similar/59\t2", CLOSE), 400),
        (get(b"/" + b"x" * 17_000, CLOSE), 414),
        (get(b"/" + b"x" * 400_000, CLOSE), 414),
        # headers
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST * 2 + b"\r\n", 400),
        (b"GET /nothing HTTP/1.0\r\n\r\n", 404),
        (b"GET /nothing HTTP/1.1\r\nHost: \r\n" + CLOSE + b"\r\n\r\n", 404),
        (b"GET /nothing HTTP/1.1\r\nHost: @evil.example:99999/?#\r\n" + CLOSE + b"\r\n\r\n", 404),
        (b"GET /nothing HTTP/1.1\r\nHost: " + b"h" * 9000 + b"\r\n" + CLOSE + b"\r\n\r\n", 404),
        (get(b"/", b"X: one\r\n two"), 400),
        (get(b"/", b" X: one"), 400),
        (get(b"/", b"X : one"), 400),
        (get(b"/", b"X: a\x00b"), 400),
        (get(b"/", b"X: a\rb"), 400),
        (get(b"/", b"X\xc3\xbc: a"), 400),
        (get(b"/", b"no colon"), 400),
        (get(b"/nothing", b"X: \xff\xfe\xc3", CLOSE), 404),
        (get(b"/", *[b"X: y"] * 101, CLOSE), 431),
        (get(b"/", b"X: " + b"y" * 33_000, CLOSE), 431),
        (get(b"/", b"X: " + b"y" * 400_000, CLOSE), 431),
        (get(b"/", *[b"X: y"] * 90_000), 431),
        # the same body told in two ways
        (get(b"/similar", JSON, b"Content-Length: 17", CHUNKED, method=b"POST") + b"0\r\n\r\n", 400),
        (get(b"/similar", JSON, CHUNKED, b"Content-Length: 17", method=b"POST") + b"0\r\n\r\n", 400),
        (get(b"/similar", JSON, b"Content-Length: 17", b"Content-Length: 17", method=b"POST") + LIKES, 400),
        (get(b"/similar", JSON, b"Content-Length: 17", b"Content-Length: 0", method=b"POST") + LIKES, 400),
        (get(b"/similar", JSON, b"Content-Length: 17, 17", method=b"POST") + LIKES, 400),
        (get(b"/similar", JSON, b"Content-Length: +17", method=b"POST") + LIKES, 400),
        (get(b"/similar", JSON, b"Content-Length: -1", method=b"POST") + LIKES, 400),
        (get(b"/similar", JSON, b"Content-Length: 0x11", method=b"POST") + LIKES, 400),
        (get(b"/similar", JSON, b"Content-Length: 1e9", method=b"POST") + LIKES, 400),
        (get(b"/similar", JSON, b"Content-Length: " + b"9" * 40, method=b"POST"), 400),
        (get(b"/similar", JSON, CHUNKED, CHUNKED, method=b"POST") + b"0\r\n\r\n", 400),
        (get(b"/similar", JSON, b"Transfer-Encoding: xchunked", method=b"POST") + b"0\r\n\r\n", 400),
        (get(b"/similar", JSON, b"Transfer-Encoding: chunked, identity", method=b"POST") + b"0\r\n\r\n", 400),
        (get(b"/similar", JSON, b"Transfer-Encoding: gzip, chunked", method=b"POST") + b"0\r\n\r\n", 400),
        (get(b"/similar", JSON, b"Transfer-Encoding:\x0bchunked", method=b"POST") + b"0\r\n\r\n", 400),
        (b"POST /similar HTTP/1.0\r\n" + CHUNKED + b"\r\n\r\n0\r\n\r\n", 400),
        # chunks
        (get(b"/similar", JSON, CHUNKED, method=b"POST") + b"zz\r\nabc\r\n0\r\n\r\n", 400),
        (get(b"/similar", JSON, CHUNKED, method=b"POST") + b"2\r\nabc\r\n0\r\n\r\n", 400),
        (get(b"/similar", JSON, CHUNKED, method=b"POST") + b"-1\r\nabc\r\n0\r\n\r\n", 400),
        (get(b"/similar", JSON, CHUNKED, method=b"POST") + b"ffffffffffffffffff\r\nabc", 400),
        (get(b"/similar", JSON, CHUNKED, method=b"POST") + b"5\r\nabc\r\n0\r\n\r\n", 400),
        (get(b"/similar", JSON, CHUNKED, CLOSE, method=b"POST") + b"fffffff\r\n" + b" " * 2_000_000, 413),
        (get(b"/similar", JSON, CHUNKED, CLOSE, method=b"POST") + b"1\r\n \r\n" * 1_100_000, 413),
        (get(b"/similar", JSON, CLOSE, b"Content-Length: 99999999", method=b"POST"), 413),
        (get(b"/similar", JSON, CHUNKED, method=b"POST") + b"1;" + b"x" * 9_000_000, 413),
        (get(b"/similar", JSON, CHUNKED, method=b"POST") + b"0\r\nX: " + b"y" * 9_000_000, 413),
        # other protocols on the way
        (get(b"/nothing", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Key: x"), 404),
        (get(b"/nothing", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AA"), 404),
        (get(b"/similar", b"Connection: Upgrade", b"Upgrade: h2c", b"Content-Length: 17", method=b"POST") + LIKES, 400),
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else str(value),
)  # fmt: skip
def test_one_request_one_refusal(service: Running, folder: Path, sent: bytes, status: int) -> None:
    with Wire(service.port) as wire:
        with contextlib.suppress(OSError):  # refused before all of it was sent
            wire.send(sent)
        answers = wire.answers()
    assert [answer.status for answer in answers] == [status]
    sound(answers[0], folder)


def numbered(answers: list[Raw]) -> list[str]:
    """Which question each answer is about: the movie, or the status."""
    found = []
    for answer in answers:
        body = json.loads(answer.body)
        found.append(body["movie"]["movieId"] if answer.status == 200 else str(answer.status))
    return found


@pytest.mark.parametrize("slow", [True, False])
def test_answers_stand_in_the_order_of_their_requests(service: Running, slow: bool) -> None:
    """Kept answers are ready at once, others take a thread; pipelined they still come one after the other."""
    ids = ["592", "593", "1", "110", "32", "47", "50", "153", "260", "296"]
    more = b"&diversity=0.%d" if slow else b""
    asked = [b"/similar/%b?limit=40%b" % (each.encode(), more and more % (at + 1)) for at, each in enumerate(ids)]
    requests = [get(path) for path in asked]
    for _ in range(2):
        assert numbered(ask(service.port, *requests, get(b"/nothing", CLOSE))) == [*ids, "404"]


@pytest.mark.parametrize(
    "malformed",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /%b HTTP/1.1\r\n" % (b"x" * 800_000),
        b"GET / HTTP/2.0\r\n\r\n",
    ],
    ids=lambda value: repr(value[:20]),
)
@pytest.mark.parametrize("together", [True, False])
def test_a_refusal_comes_after_the_answers_before_it(service: Running, malformed: bytes, together: bool) -> None:
    asked = [get(b"/similar/592?diversity=0.9&limit=%d" % limit) for limit in (40, 41)] + [get(b"/similar/593")]
    with Wire(service.port) as wire:
        if together:
            wire.send(*asked, malformed, get(b"/similar/1"))
        else:
            wire.send(*asked)
            wire.send(malformed)
        answers = wire.answers()
    assert numbered(answers[:3]) == ["592", "592", "593"]
    assert len(answers) == 4
    assert 400 <= answers[3].status < 500


def test_a_body_that_breaks_off_in_the_pipeline_spoils_no_other_answer(service: Running) -> None:
    broken = get(b"/similar", JSON, CHUNKED, method=b"POST") + b"zz\r\n"
    answers = ask(service.port, get(b"/similar/592?diversity=0.8&limit=44"), post(b"/similar", LIKES), broken)
    assert [answer.status for answer in answers] == [200, 200, 400]
    assert json.loads(answers[1].body)["likes"] == ["592"]


@pytest.mark.parametrize("before", [b"", get(b"/similar/592?diversity=0.6&limit=43") * 2])
@pytest.mark.parametrize("broken", [b"nonsense\r\n\r\n", get(b"/similar", JSON, CHUNKED, method=b"POST") + b"zz\r\n"])
def test_who_was_refused_is_not_kept(service: Running, before: bytes, broken: bytes) -> None:
    with Wire(service.port) as wire:
        wire.send(before, broken)
        assert wire.answers()[-1].status == 400
        for _ in range(400):  # it has a moment to read why
            try:
                wire.send(b"x")
            except OSError:
                return
            time.sleep(0.05)
    raise AssertionError("the connection is still there")


def test_more_requests_than_anybody_waits_for_end_the_connection(service: Running) -> None:
    answers = ask(service.port, get(b"/similar/592?diversity=0.7&limit=45"), get(b"/livez") * 3000)
    assert answers[-1].status == 429
    assert 1 <= len(answers) <= 102
    assert {answer.status for answer in answers[:-1]} == {200}


def test_what_follows_a_body_is_no_part_of_the_request(service: Running) -> None:
    """A request within a body stays a body; trailers are not headers."""
    inner = get(b"/admin/reload", method=b"POST")
    smuggled = post(b"/similar", inner.ljust(200))
    trailers = (
        get(b"/similar", JSON, CHUNKED, method=b"POST") + b"11\r\n" + LIKES + b"\r\n0\r\nHost: other\r\nX: y\r\n\r\n"
    )
    answers = ask(service.port, smuggled, trailers, get(b"/nothing", CLOSE))
    assert [answer.status for answer in answers] == [422, 200, 404]


def test_nothing_is_read_after_an_upgrade_or_a_close(service: Running) -> None:
    upgrade = get(b"/livez", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13")
    for last in (upgrade, get(b"/livez", CLOSE), b"GET /livez HTTP/1.0\r\n\r\n"):
        [answer] = ask(service.port, last, get(b"/similar/592"))
        assert answer.status == 200
        assert answer.header("connection") == "close"


def test_a_client_that_asks_before_it_sends(service: Running) -> None:
    expecting = get(b"/similar", JSON, b"Expect: 100-continue", b"Content-Length: 17", method=b"POST")
    with Wire(service.port) as wire:
        wire.send(expecting)
        assert wire.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.send(LIKES)
        answer = wire.answer()
        assert answer is not None
        assert answer.status == 200
        wire.send(expecting.replace(b": 17", b": 17000000"))  # and is told not to
        answer = wire.answer()
        assert answer is not None
        assert answer.status == 413
