"""The layer that sees a request from its arrival to the last byte of its answer: counts, times, names and logs it."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.correlation import REQUEST_ID, REQUEST_ID_HEADER, read_headers
from app.errors import failure
from app.headers import Completed
from app.logs import AccessLog
from app.metrics import METHODS, Metrics, template
from app.tracing import Spans

# Where in the scope those inside leave what they know: the release that answers; whether the answer was kept; the parts
# of the time, as (name, seconds).
RELEASE, CACHED, PARTS = "kindred.release", "kindred.cached", "kindred.parts"


class Observed:
    """ASGI middleware; what it shows of a request is bounded whatever is asked for.

    Attributes:
        every: whether answers from memory are to come through here as well, for a line or a span each.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, log: AccessLog, spans: Spans | None) -> None:
        """Wrap an app."""
        self.app = app
        self.every = log.all or spans is not None
        self._metrics = metrics
        self._log = log
        self._spans = spans

    def around(self, app: ASGIApp) -> "Observed":
        """The same around another app."""
        return Observed(app, self._metrics, self._log, self._spans)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, started = time.time(), time.perf_counter()
        request_id, trace = read_headers(scope["headers"])
        scope[REQUEST_ID], scope[PARTS] = request_id, []
        status, failed = 0, None

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                timing = server_timing(scope, time.perf_counter() - started)
                more = ((REQUEST_ID_HEADER, request_id.encode("ascii")), (b"server-timing", timing))
                message = {**message, "headers": (*message["headers"], *more)}
            await send(message)

        self._metrics.in_flight(1)
        try:
            await self.app(scope, receive, noting)
        except Exception as error:  # told here, with what it belongs to, and nowhere else
            failed = error
            if not status:
                await Completed(failure(scope))(scope, receive, noting)
        finally:
            self._metrics.in_flight(-1)
            seconds = time.perf_counter() - started
            status = status or 500
            route = template(scope)
            self._metrics.observe(scope["method"], route, status, seconds)
            if self._spans is not None or failed is not None or self._log.wants(status):
                facts = {
                    "requestId": request_id,
                    "traceId": trace and trace.trace_id,
                    "method": scope["method"] if scope["method"] in METHODS else "other",
                    "route": route,
                    "status": status,
                    "ms": round(1000 * seconds, 3),
                    "release": scope.get(RELEASE),
                    "cached": scope.get(CACHED, False),
                }
                if self._spans is not None:
                    facts["traceId"] = self._spans.request(facts, trace, began, seconds) or facts["traceId"]
                if failed is not None or self._log.wants(status):
                    self._log.write(facts, scope["path"], scope["query_string"], failed)


def server_timing(scope: Scope, seconds: float) -> bytes:
    """The parts of the time that are known, in milliseconds, as a browser shows them."""
    parts = [f"{name};dur={1000 * took:.3f}" for name, took in (*scope[PARTS], ("total", seconds))]
    if scope.get(CACHED):
        parts.insert(0, "cache;desc=hit")
    return ", ".join(parts).encode("ascii")
