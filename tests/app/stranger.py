"""A service for strangers, and what every answer to one must be."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.raw import Raw
from tests.serving import Running

CLOSE = b"Connection: close"
JSON = b"Content-Type: application/json"
CHUNKED = b"Transfer-Encoding: chunked"
LIKES = b'{"likes":["592"]}'
SECRET = "nobody-may-read-this"


def service(folder: Path) -> Iterator[Running]:
    """In the end it must have failed at nothing, and logged nothing that came from outside."""
    (folder.parent / "secret.txt").write_text(SECRET)
    running = Running(folder, client_seconds="5", idle_seconds="2", access_log="all", log="json")
    running.wait()
    yield running
    assert running.get("/similar/592") == 200
    code, log = running.stop()
    assert code == 0
    assert "Traceback" not in log
    assert "injected" not in log.lower()
    lines = log.splitlines()
    assert any('"status":' in line for line in lines)
    for line in lines:
        entry = json.loads(line)
        assert {"time", "level", "message"} <= set(entry)
        assert "exception" not in entry
        assert line.isprintable()


def sound(answer: Raw, folder: Path) -> None:
    """An answer of ours: no failure, nothing of the machine in it, no header that was smuggled in."""
    assert answer.status < 500 or answer.status == 503
    text = answer.body.decode("utf-8") + str(answer.headers)
    for secret in (SECRET, "Traceback", str(folder), str(folder.parent), "root:", "uvicorn", "site-packages", "File "):
        assert secret not in text
    names = [name for name, _ in answer.headers]
    assert len(names) == len(set(names))
    assert "injected" not in (name.lower() for name in names)
    if answer.status >= 400:
        assert answer.header("content-type") == "application/problem+json"
        assert json.loads(answer.body)["status"] == answer.status
