"""Bodies beyond the limit are refused, announced or chunked, before they fill the memory."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import problem


class BodyLimit:
    """ASGI middleware that answers 413 to a body of more than `max_bytes`."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        """Wrap an app."""
        self.app = app
        self.max_bytes = max_bytes
        self._detail = f"expected a body of at most {max_bytes} bytes"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"content-length"), "")
        if announced.isdecimal() and int(announced[:20]) > self.max_bytes:
            refused = problem(scope["path"], 413, f"{self._detail}, found {announced[:20]}")
            await refused(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_bytes:
                raise HTTPException(413, f"{self._detail}, found more")
            return message

        await self.app(scope, counted, send)
