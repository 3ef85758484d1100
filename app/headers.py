"""Headers that every answer has, and whose pages may read answers (CORS)."""

from collections.abc import Iterable

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]

# Answers are data: no page runs from them, sits in a frame with them, or loads them as a script or picture. What CORS
# lets others read they fetch, which cross-origin-resource-policy has no part in.
ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_MAX_AGE_SECONDS = 600


def completed(headers: Iterable[Header]) -> tuple[Header, ...]:
    """An answer's headers with those of `ALWAYS` that it has no own of."""
    given = tuple(headers)
    names = {name for name, _ in given}
    return (*given, *(header for header in ALWAYS if header[0] not in names))


class Completed:
    """ASGI middleware that gives every answer the headers of `ALWAYS`."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": completed(message.get("headers", ()))}
            await send(message)

        await self.app(scope, receive, complete)


def shared_with(app: ASGIApp, origins: Iterable[str]) -> ASGIApp:
    """The app, readable for pages of these origins; a key they send themselves, cookies are never looked at."""
    return CORSMiddleware(
        app,
        allow_origins=tuple(origins),
        allow_methods=("GET", "HEAD", "POST"),
        allow_headers=("Authorization", "If-None-Match", "Traceparent", "Tracestate", "X-Request-Id"),
        expose_headers=("ETag", "Retry-After", "Server-Timing", "X-Request-Id"),
        max_age=_MAX_AGE_SECONDS,
    )
