"""Connections that nobody holds for long: uvicorn's protocol with bounds on heads, on time and on how many there are.

uvicorn reads heads of any size for as long as a client likes, answers a malformed request before those that came first
on its connection, and takes what follows a body as headers. Bodies and the work on a request are bounded elsewhere
(app/limits.py, app/turns.py), behind any server.
"""

import asyncio
import http
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.errors import problem
from app.headers import completed
from app.waiting import Phase, Watch

# URL, names and values together. What is larger holds up everybody else while it is read.
MAX_HEAD_BYTES = 32 << 10
# Requests of one connection that came before the answer to the first.
MAX_PIPELINED = 100
# So many beyond the limit are told that they are; the others only see that the connection is gone.
_LINGERING = 100
# A body of one byte in each chunk comes as six.
_FRAMED = 8
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
_VERSIONS = frozenset({"1.0", "1.1"})
_HEAD_TOO_LARGE = (431, f"expected a head of at most {MAX_HEAD_BYTES} bytes, found more")
_URL_TOO_LONG = (414, f"expected a URL of at most {MAX_HEAD_BYTES} bytes, found more")


@dataclass(frozen=True)
class Bounds:
    """What clients may take.

    Attributes:
        connections: at once.
        client_seconds: to send a head, and to take a part of an answer.
        idle_seconds: without a request.
        body_bytes: the largest body.
        refuse: counts who is refused: by status.
    """

    connections: int
    client_seconds: float
    idle_seconds: float
    body_bytes: int
    refuse: Callable[[int], None]


class _RefusedError(Exception):
    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class _Ignored(list[tuple[bytes, bytes]]):
    """Where trailers go: whoever decides about a request has read its headers before they come."""

    def append(self, _: tuple[bytes, bytes]) -> None:
        pass


_TRAILERS = _Ignored()


class BoundedProtocol(HttpToolsProtocol):
    """One connection. `bounded` makes the class that a server is given."""

    bounds: ClassVar[Bounds]
    watch: ClassVar[Watch]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """As uvicorn makes it."""
        super().__init__(*arguments, **named)
        self.phase = Phase(self)
        self.deaf = False
        self._last_words = b""
        self._fed = 0  # bytes of the message that is being read, but for its first packet

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a client, if need be in place of one that has been waiting for longest."""
        super().connection_made(transport)
        over = len(self.connections) - self.bounds.connections
        if over > _LINGERING:
            transport.abort()
        elif over > 0 and not self.watch.dismiss_one():
            self.refuse(503, "too many connections; try again in 1 s")
        self.watch.start(self.loop, self.connections)

    def data_received(self, data: bytes) -> None:
        """Read on, within bounds."""
        if self.deaf:
            return
        before = self.scope
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as error:
            known = error.__context__
            status = known.status if isinstance(known, _RefusedError) else 400
            self.refuse(status, str(known) if isinstance(known, _RefusedError) else "expected a request in HTTP/1.1")
        except httptools.HttpParserUpgrade:
            self.deaf = True  # nothing but HTTP is spoken here: what follows is not read
        if self.scope is not before:
            self._fed = 0
            return
        self._fed += len(data)
        if self.has_head():
            if self._fed > MAX_HEAD_BYTES + _FRAMED * self.bounds.body_bytes:
                self.refuse(413, f"expected a body of at most {self.bounds.body_bytes} bytes, found more")
        elif self._fed > MAX_HEAD_BYTES:
            self.refuse(*(_HEAD_TOO_LARGE if self.headers else _URL_TOO_LONG))

    def on_headers_complete(self) -> None:
        """Look at a head before anything is done for it."""
        self._check()
        super().on_headers_complete()
        self.headers = _TRAILERS
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False

    def on_response_complete(self) -> None:
        """Go on with the next request; there is no timer for each, `watch` looks at all of them now and then."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        elif self._last_words:
            self._say()

    def has_head(self) -> bool:
        """Whether the message that is being read, or was last, has its head."""
        return self.cycle is not None and self.cycle.scope is self.scope

    def is_answering(self) -> bool:
        """Whether an answer is still to come for what was read."""
        unanswered = self.cycle is not None and not self.cycle.response_complete and not self.cycle.disconnected
        return unanswered or bool(self._last_words)

    def refuse(self, status: int, detail: str) -> None:
        """Say so once it is this message's turn, and listen to nothing more."""
        if self.deaf:
            return
        self.deaf = True
        others = self.is_answering()
        if self.has_head():
            if not others or self.cycle.response_started:
                self.transport.close()  # it has its answer
                return
            others = bool(self.pipeline)
            if others:  # its turn has not come
                self.pipeline.popleft()
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.bounds.refuse(status)
        self._last_words = self._written(status, detail)
        if not others:
            self._say()

    def _check(self) -> None:
        """Raise where a head is not to be answered; the parser has seen to the rest."""
        version = self.parser.get_http_version()
        if version not in _VERSIONS:
            raise _RefusedError(400, "expected HTTP/1.1")
        size, hosts, framed = len(self.url), 0, False
        for name, value in self.headers:
            size += len(name) + len(value)
            if name == b"host":
                hosts += 1
            elif name in _FRAMING:
                framed = True
                if name == b"transfer-encoding" and (value.lower() != b"chunked" or version == "1.0"):
                    raise _RefusedError(400, "expected no transfer-encoding but chunked, in HTTP/1.1")
        if size > MAX_HEAD_BYTES:
            raise _RefusedError(*_HEAD_TOO_LARGE)
        if hosts > 1 or (version == "1.1" and not hosts):
            raise _RefusedError(400, f"expected one host header, found {hosts}")
        if self.parser.should_upgrade() and (framed or self.parser.get_method() == b"CONNECT"):
            raise _RefusedError(400, "expected no other protocol than HTTP/1.1")
        if len(self.pipeline) >= MAX_PIPELINED:
            raise _RefusedError(429, f"expected at most {MAX_PIPELINED} requests ahead of their answers")

    def _say(self) -> None:
        self.transport.write(self._last_words)
        self._last_words = b""
        if self.transport.can_write_eof():
            self.transport.write_eof()  # who is still sending hears it before the connection is closed

    def _written(self, status: int, detail: str) -> bytes:
        answer = problem("/", status, detail)
        if status == 503:
            answer.headers["retry-after"] = "1"
        answer.headers["connection"] = "close"
        headers = (*self.server_state.default_headers, *completed(answer.raw_headers))
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        phrase = http.HTTPStatus(status).phrase.encode()
        return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (status, phrase, lines, bytes(answer.body))


def bounded(bounds: Bounds) -> type[BoundedProtocol]:
    """The class of one server's connections."""
    return type(
        "Bounded", (BoundedProtocol,), {"bounds": bounds, "watch": Watch(bounds.client_seconds, bounds.idle_seconds)}
    )
