"""What strangers ask a real service for: refused or answered, never a failure, and nothing left behind.

docs/reliability-parts/strangers.md lists what is tried here.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app import stranger
from tests.app.stranger import CHUNKED, CLOSE, sound
from tests.raw import ask, get, post
from tests.serving import Running


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Running]:
    yield from stranger.service(folder)


UP = b"../" * 9
TRAVERSALS = [
    b"../secret.txt",
    b"..%2fsecret.txt",
    b"..%2Fsecret.txt",
    b"%2e%2e/secret.txt",
    b"%2e%2e%2fsecret.txt",
    b"%252e%252e%252fsecret.txt",
    b"..%5csecret.txt",
    b"..\\secret.txt",
    b"....//secret.txt",
    b"..;/secret.txt",
    b"..%00/secret.txt",
    b"..%c0%afsecret.txt",
    b"..%u2215secret.txt",
    b"/" + UP + b"etc/passwd",
    b"%2fetc%2fpasswd",
    b"file:///etc/passwd",
    b"main.js/../../settings.py",
    b"..%2fsettings.py",
    b"index.html%00.js",
    b"index.html",
]


@pytest.mark.parametrize("before", [b"/ui/", b"/", b"/similar/", b"/movies/", b"/models/", b"/users/", b"/explain/1/"])
def test_no_path_leads_out(service: Running, folder: Path, before: bytes) -> None:
    for path in TRAVERSALS:
        [answer] = ask(service.port, get(before + path, CLOSE))
        sound(answer, folder)
        assert answer.status in (400, 404), path


@pytest.mark.parametrize(
    "path", [b"/similar/", b"/movies?query=", b"/", b"/ui/", b"/users/", b"/models/", b"/similar/592?model="]
)
@pytest.mark.parametrize(
    "inside",
    [
        b"%0d%0aInjected:%20x",
        b"%0aInjected:%20x%0a%0a",
        b"%E5%98%8A%E5%98%8DInjected:x",
        b"%0a%7b%22level%22:%22injected%22%7d",
        b"%1b%5b2J%1b%5b31minjected",
        b"%e2%80%a8injected%c2%85injected",
        b"%00%08%7f%ff%fe",
        b"%F0%9F%98%80" * 50,
        b"<script>alert(1)</script>",
    ],
)
def test_nothing_sent_becomes_a_header_or_a_line_of_the_log(
    service: Running, folder: Path, path: bytes, inside: bytes
) -> None:
    [answer] = ask(service.port, get(path + inside, CLOSE))
    sound(answer, folder)
    for name in (b"X-Request-Id", b"Traceparent", b"Origin", b"If-None-Match", b"User-Agent", b"Referer"):
        [answer] = ask(service.port, get(b"/similar/592", name + b": " + inside, CLOSE))
        sound(answer, folder)
        assert answer.status in (200, 304)


def test_ranges_are_not_looked_at(service: Running, folder: Path) -> None:
    whole = ask(service.port, get(b"/ui/main.js", CLOSE))[0].body
    for value in (b"bytes=0-0", b"bytes=-1", b"bytes=5-", b"bytes=" + b"0-0," * 2000, b"lines=1-2"):
        [answer] = ask(service.port, get(b"/ui/main.js", b"Range: " + value, CLOSE))
        sound(answer, folder)
        assert (answer.status, answer.body) == (200, whole)


NESTED = b"[" * 100_000
STRANGE = [
    NESTED,
    b'{"likes":' + NESTED,
    b'{"a":' * 50_000,
    b'{"likes":["592"],"vector":[NaN]}',
    b'{"likes":["592"],"vector":[Infinity,-Infinity]}',
    b'{"likes":["592"],"vector":[1e400]}',
    b'{"likes":["592"],"limit":' + b"9" * 100_000 + b"}",
    b'{"likes":["592"],"halfLife":1' + b"0" * 4000 + b"}",
    b'{"likes":["592"],"diversity":0.' + b"1" * 100_000 + b"e-9999999}",
    b"{" + b",".join(b'"%d":0' % number for number in range(80_000)) + b"}",
    b'{"likes":[' + b",".join([b'"592"'] * 150_000) + b"]}",
    b'{"vector":[' + b",".join([b"1"] * 500_000) + b"]}",
    b'{"vector":[' + b",".join([b'"x"'] * 200_000) + b"]}",
    b'{"likes":["' + b"x" * 1_000_000 + b'"]}',
    b'{"likes":["592"],"likes":["\\ud800"],"\\u0000":1}',
    b'{"likes":["\xff\xfe"]}',
    "{}".encode("utf-16"),
    b"",
    b"null",
    b'"' + b"\\" * 100_001,
]


@pytest.mark.parametrize("path", [b"/similar", b"/vectors"])
@pytest.mark.parametrize("body", STRANGE, ids=lambda body: repr(body[:30]))
def test_strange_bodies(service: Running, folder: Path, path: bytes, body: bytes) -> None:
    [answer] = ask(service.port, post(path, body, CLOSE))
    sound(answer, folder)
    assert answer.status in (200, 404, 422)
    assert len(answer.body) < 20_000


def test_noise(service: Running) -> None:
    """Whatever bytes there are: the connection is closed in the end."""
    for seed in range(60):
        noise = random.Random(seed).randbytes(10 + 40 * seed)
        for sent in (
            noise,
            b"GET /" + noise,
            get(b"/", b"X: " + noise),
            get(b"/similar", CHUNKED, method=b"POST") + noise,
        ):
            for answer in ask(service.port, sent):
                assert 400 <= answer.status < 500
