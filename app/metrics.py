"""Prometheus numbers: requests by route template, the live release, reloads. One registry per app."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

UNMATCHED = "unmatched"
# Served by the framework itself, which leaves no template behind.
_DOCUMENTATION = frozenset({"/docs", "/openapi.json"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Metrics:
    """The service's own registry and what is in it."""

    def __init__(self) -> None:
        """Register everything, at zero."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "kindred_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "kindred_request_seconds",
            "Time from a request's arrival to the last byte of its answer.",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._release = Gauge("kindred_release_info", "The live release.", ["release"], registry=self.registry)
        self.reloads = Counter(
            "kindred_release_reloads",
            "Releases loaded, and refused, at start-up and later.",
            ["result"],
            registry=self.registry,
        )
        for result in ("loaded", "refused"):
            self.reloads.labels(result)

    def show_release(self, release: str) -> None:
        """Name the live release, and no other."""
        self._release.clear()
        self._release.labels(release).set(1)


class RequestMetrics:
    """ASGI middleware that counts and times requests; labels are bounded whatever is asked for."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Wrap an app."""
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, started = 500, time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = _template(scope)
            self.metrics.requests.labels(method, route, str(status)).inc()
            self.metrics.seconds.labels(method, route).observe(time.perf_counter() - started)


def _template(scope: Scope) -> str:
    """The route as it was declared, /similar/{movieId}, never the path that was asked for."""
    if scope["path"] in _DOCUMENTATION:
        return str(scope["path"])
    return str(getattr(scope.get("route"), "path_format", UNMATCHED))
