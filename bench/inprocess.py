"""The service in this process, without a socket: what it answers to a request, byte for byte."""

import asyncio
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import unquote_to_bytes

from app.main import create_app
from app.settings import Settings
from app.state import Live

Message = MutableMapping[str, Any]


@dataclass(frozen=True)
class Answered:
    """One answer; names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class InProcess:
    """The app with its lifespan begun, on an event loop of its own that runs while a request is answered."""

    def __init__(self, settings: Settings, live: Live | None = None) -> None:
        """Build it; nothing is loaded before it is entered."""
        self.app = create_app(settings, live)

    def __enter__(self) -> "InProcess":
        self._loop = asyncio.new_event_loop()
        self._state: dict[str, Any] = {}
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._heard: asyncio.Queue[Message] = asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": self._state}
        self._running = self._loop.create_task(self.app(scope, self._told.get, self._heard.put))
        self._lifespan("startup")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lifespan("shutdown")
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def ask(self, method: str, target: str, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()) -> Answered:
        """The answer; what the app raises is raised here."""
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path.encode("latin-1", "replace"),
            "query_string": query.encode("latin-1", "replace"),
            "root_path": "",
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "state": dict(self._state),
        }
        return self._loop.run_until_complete(self._answer(scope, body))

    async def _answer(self, scope: dict[str, Any], body: bytes) -> Answered:
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[Message] = []

        async def receive() -> Message:
            if not waiting:
                await asyncio.Event().wait()  # the client stays, and says nothing more
            return waiting.pop()

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        head = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return Answered(sent[0]["status"], head, b"".join(message.get("body", b"") for message in sent[1:]))

    def _lifespan(self, event: str) -> None:
        async def done() -> Message:
            await self._told.put({"type": f"lifespan.{event}"})
            return await self._heard.get()

        answer = self._loop.run_until_complete(done())
        if answer["type"] != f"lifespan.{event}.complete":
            raise RuntimeError(f"expected lifespan.{event}.complete, found {answer}")
