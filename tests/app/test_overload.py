"""A service that is asked for more than it can do: it sheds load at once, and goes on."""

import json
import select
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.raw import Raw, Wire, get, post
from tests.serving import Running

BODY = json.dumps({"likes": ["592", "593"], "diversity": 1, "limit": 1000}).encode()
CLIENTS, ROUNDS = 60, 10


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Running]:
    started = Running(folder, max_concurrency="1", max_queue="2")
    started.wait()
    yield started
    code, log = started.stop()
    assert code == 0
    assert "Traceback" not in log


def everybody(port: int) -> Iterator[Raw]:
    """Answers to all clients that ask at the same time, again and again, health in between."""
    clients = [Wire(port) for _ in range(CLIENTS)]
    probe = Wire(port)
    for _ in range(ROUNDS):
        for wire in clients:
            wire.send(post(b"/similar", BODY))
        for path in (b"/livez", b"/readyz", b"/metrics", b"/similar/592"):
            probe.send(get(path))
            answer = probe.answer()
            assert answer is not None
            assert answer.status == 200, path
        for wire in clients:
            answer = wire.answer()
            assert answer is not None
            yield answer
    for wire in (*clients, probe):
        assert not select.select([wire.socket], [], [], 0)[0]  # no answer too many, no connection closed
        wire.close()


def test_load_beyond_the_limits_is_refused_and_what_is_taken_is_answered(running: Running) -> None:
    assert running.get("/similar/592") == 200  # kept from now on
    answers = list(everybody(running.port))
    statuses = Counter(answer.status for answer in answers)
    assert set(statuses) == {200, 503}
    assert sum(statuses.values()) == CLIENTS * ROUNDS
    assert statuses[200] >= 3 * ROUNDS
    for answer in answers:
        if answer.status == 503:
            assert answer.header("retry-after") == "1"
            assert json.loads(answer.body)["type"] == "/problems/overloaded"
    right = {answer.body for answer in answers if answer.status == 200}
    assert len(right) == 1
    with Wire(running.port) as wire:  # and it is over when it is over
        wire.send(post(b"/similar", BODY))
        after = wire.answer()
        assert after is not None
        assert after.body in right
        wire.send(get(b"/metrics"))
        shown = wire.answer()
        assert shown is not None
        assert b'kindred_refused_total{reason="overloaded"} %d.0' % statuses[503] in shown.body
