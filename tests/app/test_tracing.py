"""Traces: what a request is part of, and spans to a collector where one is named."""

import http.client
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import tracing
from app.correlation import Trace, read_headers, read_trace
from app.metrics import Load, Metrics
from app.observed import CACHED, PARTS, server_timing
from app.settings import Settings
from tests.serving import Running

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SOUND = f"00-{TRACE}-{PARENT}-01"


@pytest.mark.parametrize(
    ("value", "sampled"),
    [(SOUND, True), (f"00-{TRACE}-{PARENT}-00", False), (f"00-{TRACE}-{PARENT}-03", True),
     (f"01-{TRACE}-{PARENT}-01", True), (f"fe-{TRACE}-{PARENT}-01-what-comes", True)],
)  # fmt: skip
def test_a_sound_trace_is_read(value: str, sampled: bool) -> None:
    assert read_trace(value.encode()) == Trace(TRACE, PARENT, sampled)


@pytest.mark.parametrize(
    "value",
    [
        *("", "00", SOUND.upper(), f"{SOUND}-more", f"{SOUND} ", f" {SOUND}", f"{SOUND}\n", f"{SOUND}1"),
        *(SOUND[1:], SOUND[:-1], SOUND.replace("-", "_"), f"00-{TRACE}-{PARENT}", f"00-{TRACE[1:]}-{PARENT}-01"),
        *(f"ff-{TRACE}-{PARENT}-01", f"01-{TRACE}-{PARENT}-01more", f"00-{TRACE}-{PARENT}-0g"),
        *(f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{'0' * 16}-01"),
    ],
)
def test_all_others_are_ignored(value: str) -> None:
    assert read_trace(value.encode()) is None


def test_two_traces_are_none() -> None:
    assert read_headers([(b"traceparent", SOUND.encode())] * 2)[1] is None
    assert read_headers([(b"traceparent", SOUND.encode())])[1] == Trace(TRACE, PARENT, True)


@given(st.binary(max_size=200))
def test_an_id_is_sane_whatever_is_sent(sent: bytes) -> None:
    request_id, _ = read_headers([(b"x-request-id", sent)])
    assert re.fullmatch(r"[A-Za-z0-9._:+/=@-]{1,128}", request_id)
    if re.fullmatch(rb"[a-z0-9-]{1,128}", sent):
        assert request_id == sent.decode()


@pytest.mark.parametrize("sent", ["", "a b", "a\tb", "x" * 129, "é", "a;b", '"', "%0d%0a"])
def test_other_ids_are_replaced_by_one_of_ours(client: Any, sent: str) -> None:
    for _ in range(2):
        given_back = client.get("/similar/592", headers={"x-request-id": sent.encode("latin-1")}).headers
        assert re.fullmatch(r"[0-9a-f]{16}", given_back["x-request-id"])


@pytest.mark.parametrize("path", ["/similar/592", "/similar/nope", "/livez", "/nothing", "/", "/users/42", "/metrics"])
def test_an_id_comes_back(client: Any, path: str) -> None:
    for _ in range(2):
        assert client.get(path, headers={"x-request-id": "Mine.1:2/3"}).headers["x-request-id"] == "Mine.1:2/3"
    ours = [client.get(f"{path}?fresh={number}").headers["x-request-id"] for number in range(2)]
    assert ours[0] != ours[1]


@pytest.mark.parametrize("path", ["/similar/592?limit=7", "/movies?query=bat", "/users/42", "/similar/nope", "/livez"])
def test_answers_tell_their_time(folder: Path, serve: Callable[..., Any], path: str) -> None:
    with serve(Settings(models=folder)) as client:
        first, second = client.get(path), client.get(path)
        named = client.get(path, headers={"x-request-id": "x"})
    found = dict(re.findall(r"(\w+);dur=(\d+\.\d{3})(?:, |$)", first.headers["server-timing"]))
    keeps = first.headers.get("etag") is not None
    assert set(found) == ({"find", "total"} if keeps else {"total"})
    assert float(found.get("find", 0)) <= float(found["total"])
    assert first.content == second.content or not keeps
    assert ("server-timing" in second.headers) is not keeps
    assert named.headers["server-timing"].startswith("cache;desc=hit, total;dur=" if keeps else "total;dur=")


def test_the_parts_of_the_time_stand_in_their_order() -> None:
    scope = {PARTS: [("wait", 0.001), ("find", 0.0025)]}
    assert server_timing(scope, 0.01) == b"wait;dur=1.000, find;dur=2.500, total;dur=10.000"
    assert server_timing({PARTS: [], CACHED: True}, 0.5) == b"cache;desc=hit, total;dur=500.000"


class Collector:
    """A collector on this machine: keeps the bodies it is sent."""

    def __init__(self) -> None:
        collector = self
        self.bodies: list[bytes] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.bodies.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def spans(self) -> list[tuple[int, Any]]:
        """(process, span) of all that came."""
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        found = []
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                about = attributes(resource.resource)
                assert about["service.name"] == "kindred"
                found += [(about["process.pid"], span) for scope in resource.scope_spans for span in scope.spans]
        return found


def ask(port: int, path: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def attributes(what: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in what.attributes}


@pytest.fixture
def collector() -> Iterator[Collector]:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra [otel] is not installed")
    made = Collector()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_workers_send_their_spans(folder: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.delenv("OTEL_SERVICE_NAME", raising=False)
    running = Running(folder, "--workers", "2", access_log="all")
    running.wait()
    for path in ("/similar/592?limit=3", "/similar/592?limit=3", "/similar/nope", "/livez"):
        assert ask(running.port, path, {"traceparent": SOUND}) in (200, 404)
    code, said = running.stop()
    assert code == 0, said
    spans = collector.spans()
    assert 1 <= len({process for process, _ in spans}) <= 2
    loads = [(process, span) for process, span in spans if span.name == "load release"]
    assert len(loads) == 1  # the parent's, told of by one worker
    assert running.process.pid not in {process for process, _ in spans}
    ours = [span for _, span in spans if span.trace_id.hex() == TRACE]
    assert {span.parent_span_id.hex() for span in ours} == {PARENT}
    names = sorted(span.name for span in ours)
    assert names == ["GET /livez", *["GET /similar/{movieId}"] * 3]
    (unknown,) = [span for span in ours if attributes(span).get("http.response.status_code") == 404]
    assert attributes(unknown)["http.route"] == "/similar/{movieId}"
    assert not any("nope" in str(span) or "limit" in str(span) for span in ours)
    assert all(0 < span.end_time_unix_nano - span.start_time_unix_nano < 60e9 for _, span in spans)
    assert said.count(f'"traceId":"{TRACE}"') == 4


def test_spans_hold_facts_and_loads_that_came_before() -> None:
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    exporter, metrics = memory.InMemorySpanExporter(), Metrics()
    spans = tracing.Spans(exporter)
    facts = {"method": "GET", "route": "/x", "status": 500, "requestId": "r", "cached": False, "release": None}
    assert spans.request(facts, None, 1.0, 0.5) is None  # not started
    metrics.count_load(Load("loaded", "r1", 5.0, 2.0))
    spans.start(metrics)
    metrics.count_load(Load("refused", "r2", 8.0, 1.0, "damaged"))
    trace_id = spans.request(facts, None, 100.0, 0.25)
    unsampled = spans.request(facts, Trace(TRACE, PARENT, sampled=False), 100.0, 0.25)
    spans.stop()
    loaded, refused, request = exporter.get_finished_spans()
    assert (loaded.name, loaded.start_time, loaded.end_time) == ("load release", 5 * 10**9, 7 * 10**9)
    assert dict(refused.attributes) == {"kindred.release": "r2", "kindred.result": "refused"}
    assert refused.status.description == "damaged"
    assert not request.status.is_ok
    assert f"{request.context.trace_id:032x}" == trace_id
    assert (request.end_time - request.start_time) == 250_000_000
    assert unsampled == TRACE


def test_without_the_extra_it_says_so_and_serves(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, serve: Callable[..., Any]
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(tracing, "_EXPORTER", "opentelemetry_that_is_not_there.http")
    with serve(Settings(models=folder)) as client:
        assert client.get("/livez").status_code == 200
    assert "OTEL_EXPORTER_OTLP_ENDPOINT is set: expected the extra [otel]" in caplog.text


def test_nothing_is_traced_unless_a_collector_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert tracing.configured() is None
