"""How many answers a second does one core give? One uvicorn worker on one core, the load from another."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.catalogues import ready_bytes, synthetic_store
from bench.data import SEED
from bench.load import Load, drive, request
from bench.peers import python_of
from bench.processes import in_child
from bench.rounds import Contender, Sample, take_turns
from bench.servers import PEERS
from bench.services import ROOT, Service, ours, running
from bench.steady import steady
from bench.switches import switched
from bench.tables import Limit, Table
from models import Registry

SECONDS, SWITCHING_SECONDS = 1.0, 6.0
# WARM requests, for movies that are not asked for again, come before anything is measured
HOT, WARM, CHECKED = 200, 2000, 50
OURS = "Kindred"
NAMES = {
    "raw": "raw ASGI look-up of ready bytes",
    "starlette": "Starlette route returning ready bytes",
    "litestar": "Litestar route returning ready bytes",
    "ready": "FastAPI route returning ready bytes",
    "pydantic": "FastAPI, pydantic response model",
    "gensim": "FastAPI, Gensim most_similar",
}
UNIT = "requests per CPU second of the server"
# kind -> what is asked, and what ours should be beside whom
KINDS: dict[str, tuple[str, dict[str, float]]] = {
    "cold": ("every movie once at the most", {NAMES["ready"]: 0.75}),
    "hot": (f"{HOT} movies, asked for again and again", {NAMES["raw"]: 0.9, NAMES["gensim"]: 12.0}),
    "tags": (f"{HOT} movies that the asker has already, If-None-Match", {f"{OURS}, the same with 200": 0.95}),
    "steady": ("every movie once at the most, half of what each can do", {}),
}
STEADY = ("raw", "ready")


@dataclass(frozen=True)
class Inputs:
    """What all contenders are handed.

    Attributes:
        order: ids of all movies, in the order in which they are asked for.
        truth: the answers of the last few.
    """

    store: Path
    order: Sequence[str]
    truth: dict[str, Any]


def tables(rounds: int, full: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """20,000 movies (`full`: 60,000); each service is started once a round and asked in all the ways."""
    n = 60_000 if full else 20_000
    store = in_child(lambda: synthetic_store(n))
    inputs = Inputs(store, *in_child(lambda: _order_and_truth(store)))
    taken: dict[str, dict[str, list[Sample]]] = {kind: {} for kind in KINDS}
    take_turns([_contender(name, inputs, taken, tell) for name in ("ours", *NAMES)], rounds, tell)
    for kind, (what, wanted) in KINDS.items():
        title = f"GET /similar/{{movieId}}, {n:,} movies, 20 neighbours; {what}"
        limits = [Limit(OURS, "p99 / p50", 3.0)] if kind == "steady" else []
        yield Table(f"serve-{kind}", title, UNIT, "cpu", taken[kind], wanted, limits)
    tell("switching releases under load")
    title = f"One release for another under load, again and again; {n:,} movies"
    samples = [switched(store, inputs.order, SWITCHING_SECONDS, _cores()) for _ in range(min(rounds, 2))]
    yield Table("serve-switch", title, UNIT, "cpu", {OURS: samples}, limits=[Limit(OURS, "failures", 0.0)])


def _contender(
    name: str, inputs: Inputs, taken: dict[str, dict[str, list[Sample]]], tell: Callable[[str], None]
) -> Contender:
    """One service; each of its turns leaves samples in `taken` for every kind that it is asked."""
    label = NAMES.get(name, OURS)
    command = _command(name, inputs.store, tell)
    requests = [request(f"/similar/{movie_id}") for movie_id in inputs.order]
    unseen, later = requests[WARM : len(requests) * 2 // 3], requests[len(requests) * 2 // 3 :]

    def turn(_: int) -> Sample:
        def keep(kind: str, sample: Sample, label: str = label) -> Sample:
            taken[kind].setdefault(label, []).append(sample)
            return sample

        with running(command, _cores()[0], inputs.order[0]) as service:
            _driven(service, requests[:WARM], repeat=False)
            cold = keep("cold", _driven(service, unseen, repeat=False))
            if name == "ours" or name in STEADY:
                rate = cold.quality["requests/s"] / 2
                some = later[: int(rate * 1.5 * SECONDS)]
                keep("steady", _measured(service, lambda: steady(service.port, some, rate, _cores()[1])))
            hot = keep("hot", _judged(_driven(service, requests[:HOT], repeat=True), service, inputs.truth))
            if name == "ours":
                tags = [service.tag(f"/similar/{movie_id}") for movie_id in inputs.order[:HOT]]
                known = [
                    request(f"/similar/{movie_id}", f"If-None-Match: {tag}")
                    for movie_id, tag in zip(inputs.order, tags, strict=False)
                ]
                keep("tags", _driven(service, known, repeat=True))
                keep("tags", _driven(service, requests[:HOT], repeat=True), f"{OURS}, the same with 200")
            return hot

    return Contender(label, turn)


def _command(name: str, store: Path, tell: Callable[[str], None]) -> list[str]:
    if name == "ours":
        return ours(store)
    if name in PEERS:
        return [sys.executable, "-m", "bench.servers", name, str(store)]
    script = ROOT / "bench" / "peer" / "litestar_route.py"
    return [str(python_of(name, tell)), str(script), str(store / "bodies.bin"), str(store / "index.json")]


def _cores() -> tuple[int, int]:
    """For the service, and for the load."""
    first, second = (sorted(os.sched_getaffinity(0)) * 2)[:2]
    return first, second


def _driven(service: Service, requests: Sequence[bytes], *, repeat: bool) -> Sample:
    return _measured(service, lambda: drive(service.port, requests, SECONDS, repeat=repeat, core=_cores()[1]))


def _measured(service: Service, load: Callable[[], Load]) -> Sample:
    before = service.cpu_seconds()
    done = in_child(load)
    used = service.cpu_seconds() - before
    if done.failures:
        raise RuntimeError(f"{done.failures} requests failed, {done.requests} were answered")
    quality = {
        "requests/s": done.requests / done.seconds,
        "p50 ms": done.p50_ms,
        "p99 ms": done.p99_ms,
        "p99 / p50": done.p99_ms / max(done.p50_ms, 1e-9),
        "start s": service.start,
        "load's core busy": done.busy,
    }
    return Sample(done.requests, done.seconds, used, service.private_mb(), quality)


def _judged(sample: Sample, service: Service, truth: dict[str, Any]) -> Sample:
    same = float(np.mean([_same(service.get(key), answer) for key, answer in truth.items()]))
    return Sample(sample.work, sample.wall, sample.cpu, sample.peak_mb, {"same answers": same, **sample.quality})


def _order_and_truth(store: Path) -> tuple[list[str], dict[str, Any]]:
    """The order in which movies are asked for, and the answers of the last few."""
    bodies_path, bounds_path = ready_bytes(store)
    bodies, bounds = bodies_path.read_bytes(), np.load(bounds_path)
    ids = Registry(store).load().catalogue.ids
    # for peers that know neither our releases nor NumPy
    (store / "index.json").write_text(json.dumps([ids, bounds.tolist()]), encoding="utf-8")
    rows = np.random.default_rng(SEED).permutation(len(ids))
    truth = {ids[row]: json.loads(bodies[bounds[row] : bounds[row + 1]]) for row in rows[-CHECKED:]}
    return [ids[row] for row in rows], truth


def _same(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """The same answer; scores may differ by what float32 loses."""
    a, b = ([one["score"] for one in answer["similar"]] for answer in (found, expected))
    return _without_scores(found) == _without_scores(expected) and np.allclose(a, b, rtol=0, atol=2e-6)


def _without_scores(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "similar": [{**one, "score": None} for one in answer["similar"]]}
