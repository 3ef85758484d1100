"""What a request may bring: its URL, headers and body are bounded, and the body has to come in time."""

import asyncio
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import problem
from app.turns import OVERLOADED

# Path and query as they were sent: a thousand characters, which a parameter may have, can take twelve bytes each.
MAX_URL_BYTES = 16 << 10
MAX_HEADERS = 100
# So many of the largest bodies may be in memory before they are whole.
_BODIES = 64
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
_WITHOUT_BODY = frozenset({"GET", "HEAD"})


class Bounds:
    """ASGI middleware that answers 414, 431, 413 and 408, and hands on whole bodies: nobody else waits for them."""

    def __init__(self, app: ASGIApp, max_body_bytes: int, body_seconds: float, refuse: Callable[[str], None]) -> None:
        """Wrap an app.

        Args:
            app: gets each body in one piece.
            max_body_bytes: of one body.
            body_seconds: from the end of the head to the end of the body.
            refuse: counts who is refused, by reason.
        """
        self.app = app
        self._most = max_body_bytes
        self._seconds = body_seconds
        self._count = refuse
        self._expected = f"expected a body of at most {max_body_bytes} bytes"
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refused = self._head(scope)
        if refused is not None:
            await refused(scope, receive, send)
            return
        framing = [header for header in scope["headers"] if header[0] in _FRAMING]
        if not framing and scope["method"] in _WITHOUT_BODY:
            await self.app(scope, receive, send)
            return
        announced = next((value for name, value in framing if name == b"content-length"), b"")
        if announced.isdigit() and int(announced[:20]) > self._most:
            refused = self._refuse(scope, 413, f"{self._expected}, found {int(announced[:20])}")
            await refused(scope, receive, send)
            return
        await self._with_body(scope, receive, send)

    def _head(self, scope: Scope) -> Response | None:
        """What is wrong with the head; None: nothing."""
        size = len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"])
        if size > MAX_URL_BYTES:
            return self._refuse(scope, 414, f"expected a URL of at most {MAX_URL_BYTES} bytes, found {size}")
        count = len(scope["headers"])
        if count > MAX_HEADERS:
            return self._refuse(scope, 431, f"expected at most {MAX_HEADERS} headers, found {count}")
        return None

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = bytearray()
        try:
            refused = await self._read(scope, receive, read)
        finally:
            self._held -= len(read)
        if refused is not None:
            await refused(scope, receive, send)
            return
        body: bytes | None = bytes(read)

        async def whole() -> Message:
            nonlocal body
            if body is None:
                return await receive()
            message, body = {"type": "http.request", "body": body, "more_body": False}, None
            return message

        await self.app(scope, whole, send)

    async def _read(self, scope: Scope, receive: Receive, read: bytearray) -> Response | None:
        """Read to the end of the body; the answer to one that is not taken."""
        more = True
        try:
            async with asyncio.timeout(self._seconds):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        # nobody is there to be told; it is counted
                        return self._refuse(scope, 408, "the connection ended before the body did")
                    more, part = message.get("more_body", False), message.get("body", b"")
                    read += part
                    self._held += len(part)
                    if len(read) > self._most:
                        return self._refuse(scope, 413, f"{self._expected}, found more")
                    if more and self._held > _BODIES * self._most:
                        return self._refuse(scope, 503, "too many bodies are being read; try again in 1 s", OVERLOADED)
        except TimeoutError:
            return self._refuse(scope, 408, f"expected the body within {self._seconds:g} seconds")
        return None

    def _refuse(self, scope: Scope, status: int, detail: str, kind: tuple[str, str] | None = None) -> Response:
        self._count(str(status))
        answer = problem(scope["path"], status, detail, kind)
        if status == 503:
            answer.headers["retry-after"] = "1"
        if status == 408:
            answer.headers["connection"] = "close"  # what comes late is no new request
        return answer
