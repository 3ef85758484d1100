"""What was counted, as Prometheus reads it: sums over all processes, gauges of those that answer now."""

import os
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from app.shared_counts import CACHE_ANSWERS, CACHE_BYTES, CREATED, IN_FLIGHT, LOADED, MOVIES, SharedCounts, Worker

# Name of a counter's rows -> name of the metric, its labels, what it says.
_COUNTERS = {
    "failures": ("kindred_failures", [], "Requests that the service failed on: 5xx but 503."),
    "refused": ("kindred_refused", ["reason"], "Requests refused before they were worked out."),
    "cache_hits": ("kindred_cache_hits", [], "Answers sent again as they were kept."),
    "cache_misses": ("kindred_cache_misses", [], "Answers that could be kept and were worked out."),
    "cache_evictions": ("kindred_cache_evictions", [], "Spellings of queries let go of for others."),
    "reloads": ("kindred_release_reloads", ["result"], "Releases loaded, and refused, at start-up and later."),
    "worker_failures": ("kindred_worker_failures", [], "Workers that ended without being told to."),
}


class Shown(Collector):
    """Everything at /metrics."""

    def __init__(self, counts: SharedCounts, buckets: Sequence[float], started: float) -> None:
        """Show these counts; `buckets` in seconds, `started` in seconds since 1970."""
        self._counts = counts
        self._bounds = list(map(floatToGoString, (*buckets, float("inf"))))
        self._started = started

    def collect(self) -> Iterator[Metric]:
        """All families, whatever there is of them."""
        sums = self._counts.sums()
        workers = self._counts.workers()
        yield from self._requests({key[1:]: row for key, row in sums.items() if key[0] == "requests"})
        for name, (metric, labels, text) in _COUNTERS.items():
            counter = CounterMetricFamily(metric, text, labels=labels)
            for key, row in sums.items():
                if key[0] == name:
                    counter.add_metric(list(key[1:]), row[0])
            yield counter
        yield from _of_workers(workers)
        yield from _of_releases([worker for worker in workers if worker.release])
        yield _gauge("start_timestamp_seconds", "When the service was started.", self._started)
        build = GaugeMetricFamily("kindred_build_info", "What runs.", labels=["version", "python"])
        build.add_metric([running_version(), platform.python_version()], 1)
        yield build

    def _requests(self, rows: dict[tuple[str, ...], list[float]]) -> Iterator[Metric]:
        """By method, route and status; their times by method and route."""
        requests = CounterMetricFamily("kindred_requests", "Requests answered.", labels=["method", "route", "status"])
        timed: dict[tuple[str, ...], list[float]] = {}
        for labels, row in rows.items():
            requests.add_metric(list(labels), sum(row[: len(self._bounds)]))
            before = timed.get(labels[:2], [0.0] * len(row))
            timed[labels[:2]] = [a + b for a, b in zip(before, row, strict=True)]
        yield requests
        seconds = HistogramMetricFamily(
            "kindred_request_seconds",
            "Time from a request's arrival to the last byte of its answer.",
            labels=["method", "route"],
        )
        for labels, (*buckets, total) in timed.items():
            seconds.add_metric(list(labels), list(zip(self._bounds, accumulate(buckets), strict=True)), total)
        yield seconds


def running_version() -> str:
    """The version of this package."""
    try:
        return version("kindred")
    except PackageNotFoundError:  # run from a checkout
        return "0"


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"kindred_{name}", text, value=value)


def _of_workers(workers: list[Worker]) -> Iterator[Metric]:
    def total(gauge: int) -> float:
        return sum(worker.gauges[gauge] for worker in workers)

    yield _gauge("workers", "Processes that answer, those finishing their last answers among them.", len(workers))
    yield _gauge("in_flight", "Requests being worked out now.", total(IN_FLIGHT))
    yield _gauge("cache_bytes", "Memory that kept answers take, in all workers together.", total(CACHE_BYTES))
    yield _gauge("cache_answers", "Answers that are kept, in all workers together.", total(CACHE_ANSWERS))
    memory = GaugeMetricFamily(
        "kindred_worker_resident_memory_bytes",
        "Resident memory of each worker; what they share is counted in each.",
        labels=["worker"],
    )
    for worker in workers:
        resident = _resident(worker.pid)
        if resident:
            memory.add_metric([str(worker.place)], resident)
    yield memory


def _of_releases(workers: list[Worker]) -> Iterator[Metric]:
    """Nothing where no release is loaded."""
    info = GaugeMetricFamily("kindred_release_info", "A release that a worker answers from.", labels=["release"])
    by = GaugeMetricFamily("kindred_release_workers", "Workers that answer from a release.", labels=["release"])
    for release, count in sorted(Counter(worker.release for worker in workers).items()):
        info.add_metric([release], 1)
        by.add_metric([release], count)
    yield info
    yield by
    if not workers:
        return
    created = min(worker.gauges[CREATED] for worker in workers)
    loaded = max(worker.gauges[LOADED] for worker in workers)
    movies = min(worker.gauges[MOVIES] for worker in workers)
    yield _gauge("release_created_timestamp_seconds", "When the release was made; of several the oldest.", created)
    yield _gauge("release_loaded_timestamp_seconds", "When a worker last took another release.", loaded)
    yield _gauge("release_movies", "Movies of the release; of several releases the fewest.", movies)


def _resident(pid: int) -> float:
    """Bytes; 0 where the system does not tell, or the process has just gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
