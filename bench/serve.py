"""How many answers a second does one core give? One uvicorn worker on one core, the load from another."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bench.catalogues import ready_bytes, synthetic_store
from bench.data import SEED
from bench.load import Load, drive
from bench.processes import in_child
from bench.rounds import Contender, Sample, take_turns
from bench.servers import PEERS
from bench.tables import Table
from models import Registry

SECONDS, START_SECONDS = 1.5, 60.0
HOT, WARM, CHECKED = 200, 300, 50
ROOT = Path(__file__).parents[1]
NAMES = {
    "raw": "raw ASGI look-up of ready bytes",
    "ready": "FastAPI route returning ready bytes",
    "pydantic": "FastAPI, pydantic response model",
    "gensim": "FastAPI, Gensim most_similar",
}


def tables(rounds: int, full: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """20,000 movies (`full`: 60,000): the same few asked for again and again, and each movie once."""
    n = 60_000 if full else 20_000
    store = in_child(lambda: synthetic_store(n))
    order, truth = in_child(lambda: _order_and_truth(store))
    kinds = {
        "hot": (f"{HOT} movies, asked for again and again", {NAMES["raw"]: 0.9, NAMES["gensim"]: 12.0}),
        "cold": ("every movie once at the most", {NAMES["ready"]: 0.75}),
    }
    for kind, (what, wanted) in kinds.items():
        contenders = [_contender(name, store, order, truth, repeat=kind == "hot") for name in ("ours", *PEERS)]
        title = f"GET /similar/{{movieId}}, {n:,} movies, 20 neighbours; {what}"
        samples = take_turns(contenders, rounds, tell)
        yield Table(f"serve-{kind}", title, "requests per CPU second of the server", "cpu", samples, wanted)


def _contender(name: str, store: Path, order: Sequence[str], truth: dict[str, Any], *, repeat: bool) -> Contender:
    paths = [f"/similar/{movie_id}" for movie_id in order]
    asked = paths[:HOT] if repeat else paths[WARM:]
    server_core, load_core = (sorted(os.sched_getaffinity(0)) * 2)[:2]

    def turn(_: int) -> Sample:
        with running(name, store, server_core) as (process, port, start):
            in_child(lambda: drive(port, paths[:WARM], SECONDS, repeat=False))
            before = _cpu_seconds(process.pid)
            load = in_child(lambda: drive(port, asked, SECONDS, repeat=repeat, core=load_core))
            used = _cpu_seconds(process.pid) - before
            same = np.mean([_same(_get(port, key), answer) for key, answer in truth.items()])
            return _sample(load, used, _private_mb(process.pid), float(same), start)

    return Contender(NAMES.get(name, "Kindred"), turn)


def _sample(load: Load, used: float, private: float, same: float, start: float) -> Sample:
    if load.failures:
        raise RuntimeError(f"{load.failures} requests failed, {load.requests} were answered")
    quality = {
        "same answers": same,
        "requests/s": load.requests / load.seconds,
        "p50 ms": load.p50_ms,
        "p99 ms": load.p99_ms,
        "start s": start,
        "load's core busy": load.busy,
    }
    return Sample(load.requests, load.seconds, used, private, quality)


@contextmanager
def running(name: str, store: Path, core: int) -> Iterator[tuple["subprocess.Popen[bytes]", int, float]]:
    """A service on a free port and one core: its process, port, and seconds from start to first answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["-m", "bench.servers", name, str(store), str(port)]
    if name == "ours":
        command = ["-m", "app", "serve", "--models", str(store), "--port", str(port)]
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        os.sched_setaffinity(process.pid, {core})
        _await_answer(process, port)
        yield process, port, time.perf_counter() - began
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_answer(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            _get(port, "10")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"no answer from {process.args!r}, exit code {process.poll()}")


def _get(port: int, movie_id: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/similar/{movie_id}", timeout=10) as response:
        return json.load(response)


def _order_and_truth(store: Path) -> tuple[list[str], dict[str, Any]]:
    """The order in which movies are asked for, and the answers of the last few."""
    bodies_path, bounds_path = ready_bytes(store)
    bodies, bounds = bodies_path.read_bytes(), np.load(bounds_path)
    ids = Registry(store).load().catalogue.ids
    rows = np.random.default_rng(SEED).permutation(len(ids))
    truth = {ids[row]: json.loads(bodies[bounds[row] : bounds[row + 1]]) for row in rows[-CHECKED:]}
    return [ids[row] for row in rows], truth


def _same(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """The same answer; scores may differ by what float32 loses."""
    a, b = ([one["score"] for one in answer["similar"]] for answer in (found, expected))
    return _without_scores(found) == _without_scores(expected) and np.allclose(a, b, rtol=0, atol=2e-6)


def _without_scores(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "similar": [{**one, "score": None} for one in answer["similar"]]}


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _private_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024
