"""How many requests are worked out at once, how many wait, and for how long: too many are refused while it is early.

A request that waits costs next to nothing, and one that is refused less; what must not happen is that all are worked
out a little and none is answered in time (docs/decisions/0022-limits.md).
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import problem
from app.observed import PARTS

# Cheap, and needed most when there is too much of everything else.
NEVER_REFUSED = frozenset({"/livez", "/readyz", "/metrics"})
OVERLOADED = ("/problems/overloaded", "Overloaded")
OUT_OF_TIME = ("/problems/out-of-time", "Out of time")
_RETRY_SECONDS = 1


class Turns:
    """ASGI middleware that gives requests their turn, first come, first served. Used from one event loop alone."""

    def __init__(self, app: ASGIApp, at_once: int, waiting: int, seconds: float, refuse: Callable[[str], None]) -> None:
        """Wrap an app.

        Args:
            app: answers in one piece, and begins to once nothing is left to be worked out.
            at_once: how many requests it gets at the same time.
            waiting: how many more wait.
            seconds: from arrival until the answer begins.
            refuse: counts who is refused, by reason.
        """
        self.app = app
        self._free = at_once
        self._waiting = waiting
        self._seconds = seconds
        self._count = refuse
        self._line: deque[asyncio.Future[None]] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].removeprefix(scope.get("root_path", "")) in NEVER_REFUSED:
            await self.app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds
        if self._free:
            self._free -= 1
        elif len(self._line) >= self._waiting:
            await self._overloaded(scope)(scope, receive, send)
            return
        elif not await self._turn(end):
            await self.out_of_time(scope)(scope, receive, send)
            return
        else:
            scope.setdefault(PARTS, []).append(("wait", loop.time() - end + self._seconds))
        work = _Work(self, scope, receive, send)
        timer = loop.call_at(end, work.expire)
        try:
            await self.app(scope, receive, work.send)
        finally:
            timer.cancel()
            work.leave()

    def free(self) -> None:
        """A turn is over: the next in the line has it."""
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def out_of_time(self, scope: Scope) -> Response:
        """The answer of a request whose time is up."""
        self._count("out-of-time")
        return _later(scope, OUT_OF_TIME, f"not answered within {self._seconds:g} seconds")

    async def _turn(self, end: float) -> bool:
        """Whether a turn came in time."""
        turn = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            async with asyncio.timeout_at(end):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # it came in the same moment
                self.free()
            with suppress(ValueError):
                self._line.remove(turn)
            if isinstance(error, TimeoutError):
                return False
            raise
        return True

    def _overloaded(self, scope: Scope) -> Response:
        self._count("overloaded")
        return _later(scope, OVERLOADED, "too many requests are being worked out")


class _Work:
    """A request that has its turn."""

    def __init__(self, turns: Turns, scope: Scope, receive: Receive, send: Send) -> None:
        self._turns = turns
        self._asked = scope, receive, send
        self._send = send
        self._begun = self._expired = self._left = False
        self._telling: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        """Send what was worked out, unless the client has been told that it took too long."""
        self.leave()  # to send takes as long as the client likes: the turn is over before
        if not self._expired:
            self._begun = True
            await self._send(message)

    def leave(self) -> None:
        """Give the turn back, once. A thread cannot be stopped: while it works, the turn is taken."""
        if not self._left:
            self._left = True
            self._turns.free()

    def expire(self) -> None:
        """Tell the client that its time is up, whatever goes on working."""
        if not self._begun:
            self._expired = True
            self._telling = asyncio.ensure_future(self._turns.out_of_time(self._asked[0])(*self._asked))


def _later(scope: Scope, kind: tuple[str, str], detail: str) -> Response:
    answer = problem(scope["path"], 503, f"{detail}; try again in {_RETRY_SECONDS} s", kind)
    answer.headers["retry-after"] = str(_RETRY_SECONDS)
    return answer
