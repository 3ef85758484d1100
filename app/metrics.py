"""Prometheus numbers: requests by route template, the live release, reloads. One registry per app."""

import time
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from starlette.types import ASGIApp, Message, Receive, Scope, Send

UNMATCHED = "unmatched"
# Where in the scope those who answer without the router leave the route's template.
TEMPLATE = "kindred.template"
# Served by the framework itself, which leaves no template behind.
_DOCUMENTATION = frozenset({"/docs", "/openapi.json"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_BOUNDS = tuple(map(floatToGoString, (*_BUCKETS, float("inf"))))


class _Series:
    """Requests of one method, route and status: how many in each bucket of time, and the sum of their seconds."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * len(_BOUNDS)
        self.seconds = 0.0


class Requests(Collector):
    """Counts and times as plain numbers; they become Prometheus' own when it asks."""

    def __init__(self) -> None:
        """Start with none."""
        self._series: dict[tuple[str, str, int], _Series] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; takes less than a microsecond."""
        series = self._series.get((method, route, status))
        if series is None:
            series = self._series[method, route, status] = _Series()
        series.counts[bisect_left(_BUCKETS, seconds)] += 1
        series.seconds += seconds

    def collect(self) -> Iterator[Metric]:
        """`kindred_requests_total` by method, route and status; `kindred_request_seconds` by method and route."""
        requests = CounterMetricFamily("kindred_requests", "Requests answered.", labels=["method", "route", "status"])
        timed: dict[tuple[str, str], _Series] = {}
        for (method, route, status), series in self._series.items():
            requests.add_metric([method, route, str(status)], sum(series.counts))
            both = timed.setdefault((method, route), _Series())
            both.counts = [a + b for a, b in zip(both.counts, series.counts, strict=True)]
            both.seconds += series.seconds
        yield requests
        seconds = HistogramMetricFamily(
            "kindred_request_seconds",
            "Time from a request's arrival to the last byte of its answer.",
            labels=["method", "route"],
        )
        for labels, series in timed.items():
            buckets = list(zip(_BOUNDS, accumulate(series.counts), strict=True))
            seconds.add_metric(list(labels), buckets, series.seconds)
        yield seconds


class Metrics:
    """The service's own registry and what is in it."""

    def __init__(self) -> None:
        """Register everything, at zero."""
        self.registry = CollectorRegistry()
        self.requests = Requests()
        self.registry.register(self.requests)
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

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        """Wrap an app."""
        self.app = app
        self.requests = requests

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
            self.requests.observe(method, template(scope), status, time.perf_counter() - started)


def template(scope: Scope) -> str:
    """The route as it was declared, /similar/{movieId}, never the path that was asked for."""
    if scope["path"] in _DOCUMENTATION:
        return str(scope["path"])
    return str(scope.get(TEMPLATE) or getattr(scope.get("route"), "path_format", UNMATCHED))
