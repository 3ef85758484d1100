"""Turns: so many at once, so many waiting, the rest refused; no turn is ever lost."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.turns import NEVER_REFUSED, Turns


class Answers:
    """An app whose answers wait until they are let go, behind `Turns`."""

    def __init__(self, at_once: int = 2, waiting: int = 3, seconds: float = 30) -> None:
        self.refused: Counter[str] = Counter()
        self.turns = Turns(self._app, at_once, waiting, seconds, lambda reason: self.refused.update([reason]))
        self.at_once = at_once
        self.inside: list[str] = []
        self.most = 0
        self.let_go: dict[str, asyncio.Event] = {}
        self.hold_sending = asyncio.Event()
        self.hold_sending.set()

    async def _app(self, scope: Scope, _: Receive, send: Send) -> None:
        self.inside.append(scope["path"])
        self.most = max(self.most, len(self.inside))
        await self.let_go.setdefault(scope["path"], asyncio.Event()).wait()
        self.inside.remove(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": ()})
        await send({"type": "http.response.body", "body": b""})

    async def ask(self, path: str) -> tuple[int, dict[bytes, bytes]]:
        """Status and headers."""
        told: list[Message] = []

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                told.append(message)
            await self.hold_sending.wait()

        async def receive() -> Message:
            raise AssertionError("nobody reads")

        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": ()}
        await self.turns(scope, receive, send)
        [head] = told
        return head["status"], dict(head["headers"])

    def begin(self, path: str) -> "asyncio.Task[tuple[int, dict[bytes, bytes]]]":
        return asyncio.ensure_future(self.ask(path))

    def end(self, path: str) -> None:
        self.let_go.setdefault(path, asyncio.Event()).set()


def run(test: Callable[[], Awaitable[Any]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(test(), 30)

    asyncio.run(bounded())


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_first_come_first_served_and_the_rest_refused_at_once() -> None:
    async def test() -> None:
        answers = Answers()
        asked = [answers.begin(f"/{number}") for number in range(7)]
        await settle()
        assert answers.inside == ["/0", "/1"]
        for late in asked[5:]:
            status, headers = await late
            assert status == 503
            assert headers[b"retry-after"] == b"1"
            assert headers[b"content-type"] == b"application/problem+json"
        for number in range(5):
            assert answers.inside == [f"/{at}" for at in range(number, min(number + 2, 5))]
            answers.end(f"/{number}")
            assert (await asked[number])[0] == 200
            await settle()
        assert answers.refused == {"overloaded": 2}
        assert answers.most == 2
        assert answers.turns._free == 2

    run(test)


@pytest.mark.parametrize("path", sorted(NEVER_REFUSED))
def test_health_and_metrics_never_wait(path: str) -> None:
    async def test() -> None:
        answers = Answers(1, 0)
        working = answers.begin("/0")
        await settle()
        assert (await answers.ask("/1"))[0] == 503
        answers.end(path)
        assert (await answers.ask(path))[0] == 200
        answers.end("/0")
        await working

    run(test)


def test_a_request_that_takes_too_long_is_told_so_and_keeps_its_turn_until_it_is_done() -> None:
    async def test() -> None:
        answers = Answers(1, 1, seconds=0.05)
        slow = answers.begin("/slow")
        await settle()
        waited = await answers.ask("/waits")  # its time ends too, before its turn comes
        assert waited[0] == 503
        assert not slow.done()  # the thread goes on
        assert answers.turns._free == 0
        assert answers.refused == {"out-of-time": 2}
        answers.end("/slow")
        status, headers = await slow  # one answer, whatever came of the work
        assert (status, headers[b"retry-after"]) == (503, b"1")
        answers.end("/next")
        assert (await answers.ask("/next"))[0] == 200
        assert answers.turns._free == 1

    run(test)


def test_a_client_that_reads_slowly_takes_no_turn() -> None:
    async def test() -> None:
        answers = Answers(1, 0, seconds=0.05)
        answers.hold_sending.clear()
        answers.end("/slow")
        reading = answers.begin("/slow")
        await settle()
        assert answers.turns._free == 1
        await asyncio.sleep(0.1)  # an answer that has begun is not given up either
        answers.hold_sending.set()
        assert (await reading)[0] == 200
        assert answers.turns._free == 1

    run(test)


@pytest.mark.parametrize("seed", range(5))
def test_no_turn_is_lost_whatever_happens(seed: int) -> None:
    chance = random.Random(seed)

    async def test() -> None:
        answers = Answers(3, 10, seconds=0.02)
        asked = []
        for number in range(400):
            asked.append(answers.begin(f"/{number}"))
            if chance.random() < 0.6:
                answers.end(f"/{chance.randrange(number + 1)}")
            if chance.random() < 0.2:
                chance.choice(asked).cancel()
            if chance.random() < 0.1:
                await asyncio.sleep(0.005)
            elif chance.random() < 0.5:
                await asyncio.sleep(0)
        for number in range(400):
            answers.end(f"/{number}")
        done = await asyncio.gather(*asked, return_exceptions=True)
        statuses = Counter(answer[0] for answer in done if isinstance(answer, tuple))
        assert statuses[200] > 0
        assert statuses[503] > 0
        assert not answers.turns._line
        assert answers.turns._free == 3

    run(test)
