"""Prometheus numbers: what is counted, in memory that all workers share, and how it reads at /metrics."""

import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from prometheus_client import CollectorRegistry
from starlette.types import Scope

from app.kept import Kept
from app.shared_counts import CACHE_ANSWERS, CACHE_BYTES, IN_FLIGHT, SharedCounts
from app.shown_metrics import Shown
from models import Release

UNMATCHED = "unmatched"
# Where in the scope those who answer without the router leave the route's template.
TEMPLATE = "kindred.template"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Seconds; the histogram's last bucket has no bound.
BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
# Served by the framework itself, which leaves no template behind.
_DOCUMENTATION = frozenset({"/docs", "/openapi.json"})
_SECONDS = len(BUCKETS) + 1  # in a row, behind the buckets
_HITS = ("cache_hits",)
_FIXED = (
    _HITS,
    ("cache_misses",),
    ("cache_evictions",),
    ("reloads", "loaded"),
    ("reloads", "refused"),
    ("worker_failures",),
    ("failures",),
)


@dataclass(frozen=True)
class Load:
    """A try to load a release.

    Attributes:
        result: what came of it.
        release: its id; None: it is not known which it should be.
        began: seconds since 1970.
        seconds: how long it took.
        reason: why it was refused, else empty.
    """

    result: Literal["loaded", "refused"]
    release: str | None
    began: float
    seconds: float
    reason: str = ""


class Metrics:
    """What the service counts.

    Attributes:
        counts: the memory it counts in.
        registry: what /metrics is made from.
        loads: tries to load a release that `on_load` was not told of.
        on_load: told of each try; None: they are put aside in `loads`.
    """

    def __init__(self, counts: SharedCounts | None = None) -> None:
        """Everything at zero; in memory of its own unless it is given some."""
        self.counts = counts or SharedCounts()
        for key in _FIXED:
            self.counts.row(key)
        self.loads: deque[Load] = deque(maxlen=100)
        self.on_load: Callable[[Load], None] | None = None
        self.registry = CollectorRegistry()
        self.registry.register(Shown(self.counts, BUCKETS, time.time()))

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; takes about half a microsecond."""
        counts = self.counts
        at = counts.rows.get(("requests", method, route, status))
        if at is None:
            at = counts.row(("requests", method if method in METHODS else "other", route, status))
        numbers = counts.numbers
        numbers[at + bisect_left(BUCKETS, seconds)] += 1
        numbers[at + _SECONDS] += seconds
        if status >= 500 and status != 503:
            counts.add(("failures",))

    def hit(self) -> None:
        """Count an answer that was kept."""
        self.counts.add(_HITS)

    def miss(self) -> None:
        """Count an answer that was not."""
        self.counts.add(("cache_misses",))

    def show_kept(self, kept: Kept, let_go: int = 0) -> None:
        """Tell what is kept now, and how much was let go of for it."""
        self.counts.add(("cache_evictions",), let_go)
        self.counts.set(CACHE_BYTES, kept.used)
        self.counts.set(CACHE_ANSWERS, len(kept))

    def refuse(self, reason: str) -> None:
        """Count a request refused before it was worked out; `reason` is one word of ours, never of the client's."""
        self.counts.add(("refused", reason))

    def in_flight(self, change: int) -> None:
        """One more, or one less."""
        self.counts.numbers[self.counts.here + IN_FLIGHT] += change

    def count_load(self, load: Load) -> None:
        """Count a try to load a release, and tell whoever listens."""
        self.counts.add(("reloads", load.result))
        if self.on_load is not None:
            self.on_load(load)
        else:
            self.loads.append(load)

    def show_release(self, release: Release) -> None:
        """Name the release that this process answers from now."""
        self.counts.show(release.id, _timestamp(release.manifest.created_at), time.time(), len(release.catalogue))
        self.show_kept(Kept())


def template(scope: Scope) -> str:
    """The route as it was declared, /similar/{movieId}, never the path that was asked for."""
    if scope["path"] in _DOCUMENTATION:
        return str(scope["path"])
    return str(scope.get(TEMPLATE) or getattr(scope.get("route"), "path_format", UNMATCHED))


def _timestamp(text: str) -> float:
    """Seconds since 1970 of an ISO time; 0 where it is none."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0
