"""Spans to an OpenTelemetry collector, where the environment names one and the extra [otel] is there."""

import logging
import os
import threading
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from app.correlation import Trace
from app.metrics import Load, Metrics
from app.shown_metrics import running_version

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, SpanKind, Tracer

log = logging.getLogger("kindred")

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_EXPORTER = "opentelemetry.exporter.otlp.proto.http"
_NANO = 1_000_000_000
# For what is still to be sent when the service stops.
_FLUSH_SECONDS = 5.0


class Spans:
    """What has happened, as spans. They are sent by a thread, which a fork does not take along: start after it."""

    def __init__(self, exporter: "SpanExporter | None" = None) -> None:
        """Start nothing yet; `exporter` None: over HTTP, to where OpenTelemetry's own variables say."""
        self._exporter = exporter
        self._provider: TracerProvider | None = None
        self._tracer: Tracer | None = None

    def start(self, metrics: Metrics) -> None:
        """Send from now on, beginning with the loads of releases that nobody was told of."""
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        about: dict[str, Any] = {"service.version": running_version(), "process.pid": os.getpid()}
        if "OTEL_SERVICE_NAME" not in os.environ:
            about["service.name"] = "kindred"
        self._provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter or OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("kindred", running_version())
        metrics.on_load = self.load
        while metrics.loads:
            self.load(metrics.loads.popleft())

    def request(self, facts: Mapping[str, Any], trace: Trace | None, began: float, seconds: float) -> str | None:
        """One span of a request that is over; the id of its trace.

        Args:
            facts: as they are logged; no part of what was asked for or answered.
            trace: which the request is part of.
            began: seconds since 1970.
            seconds: how long it took.
        """
        from opentelemetry.trace import SpanKind, format_trace_id

        attributes = {
            "http.request.method": facts["method"],
            "http.route": facts["route"],
            "http.response.status_code": facts["status"],
            "kindred.request_id": facts["requestId"],
            "kindred.cached": facts["cached"],
            "kindred.release": facts["release"] or "",
        }
        name = f"{facts['method']} {facts['route']}"
        span = self._open(name, SpanKind.SERVER, attributes, began, trace)
        if span is None:
            return None
        if facts["status"] >= 500:
            _mark(span, str(facts["status"]))
        span.end(int((began + seconds) * _NANO))
        context = span.get_span_context()
        return format_trace_id(context.trace_id) if context.is_valid else None

    def load(self, load: Load) -> None:
        """One span of a try to load a release."""
        from opentelemetry.trace import SpanKind

        attributes = {"kindred.release": load.release or "", "kindred.result": load.result}
        span = self._open("load release", SpanKind.INTERNAL, attributes, load.began, None)
        if span is not None:
            if load.result == "refused":
                _mark(span, load.reason)
            span.end(int((load.began + load.seconds) * _NANO))

    def stop(self) -> None:
        """Send what there is, for some seconds at most, and nothing more."""
        if self._provider is not None:
            flushing = threading.Thread(target=self._provider.shutdown, name="spans", daemon=True)
            flushing.start()
            flushing.join(_FLUSH_SECONDS)

    def _open(self, name: str, kind: "SpanKind", attributes: Mapping[str, Any], began: float,
              parent: Trace | None) -> "Span | None":  # fmt: skip
        from opentelemetry.context import Context
        from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

        if self._tracer is None:
            return None
        context = Context()
        if parent is not None:
            flags = TraceFlags(TraceFlags.SAMPLED if parent.sampled else TraceFlags.DEFAULT)
            sender = SpanContext(int(parent.trace_id, 16), int(parent.parent_id, 16), is_remote=True, trace_flags=flags)
            context = set_span_in_context(NonRecordingSpan(sender), context)
        return self._tracer.start_span(name, context, kind, attributes=attributes, start_time=int(began * _NANO))


def configured() -> Spans | None:
    """Spans where the environment names a collector; None where it does not, or where they cannot be had."""
    named = next((name for name in _ENDPOINTS if os.environ.get(name)), None)
    if named is None or os.environ.get("OTEL_TRACES_EXPORTER") == "none":
        return None
    if not _is_installed(_EXPORTER):
        log.warning("%s is set: expected the extra [otel] (pip install 'kindred[otel]'), found none; no traces", named)
        return None
    return Spans()


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even what it is part of
        return False


def _mark(span: "Span", reason: str) -> None:
    from opentelemetry.trace import StatusCode

    span.set_status(StatusCode.ERROR, reason)
