"""How long until the first answer, and what does one more worker cost in memory?

The lists of neighbours in these releases are made up: reading, checking and serving them costs the same.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

import numpy as np

from bench.catalogues import DIM, catalogue_of
from bench.data import BUILD, SEED
from bench.load import drive, request
from bench.neighbours import clustered, unsearched
from bench.processes import in_child
from bench.rounds import Contender, Sample, take_turns
from bench.services import ROOT, Service, ours, running
from bench.tables import Limit, Table
from models import MODEL_NAMES, Registry, save

LISTS = 100
FIRST, MORE = "kindred train, the first time", "more than the next time, s"
BARE = "import fastapi, uvicorn and answer"
SECONDS = 1.5
MANY, MANY_SECONDS = 20_000, 60.0
_MIXED = ("/similar/{}", "/movies/{}", "/similar/{}?limit=10&offset=10", "/vectors/{}", "/similar/{}?model=deepwalk")
_NOTHING = [sys.executable, str(Path(__file__).parent / "peer" / "nothing.py")]


def tables(rounds: int, full: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """60,000 films with three models (`full`: a million too): start, stored answers; then 1, 2 and 3 workers."""
    for n in (60_000, 1_000_000) if full else (60_000,):
        store = made_up_store(n)
        ids = catalogue_of(n).ids
        contenders = [Contender("Kindred", _starting(ours(store), ids)), Contender(BARE, _starting(_NOTHING, ids))]
        samples = take_turns(contenders, rounds, tell)
        title = f"Start to first answer, {n:,} x {DIM} with three models (beside: one route returning two bytes)"
        yield Table(f"start-{n}", title, "starts per second", "wall", samples, {BARE: 1 / 1.3})
    store = made_up_store(60_000)
    several = [Contender(f"{count} workers", _working(store, count)) for count in (1, 2, 3)]
    yield Table(
        "start-workers",
        f"Memory of each worker, 60,000 x {DIM} with three models; MB is what only that process has",
        "workers per second",
        "wall",
        take_turns(several, rounds, tell),
        limits=[Limit(f"{count} workers", "MB", 40.0) for count in (2, 3)],
    )
    compiling = take_turns([Contender(FIRST, lambda _: in_child(_first_run))], min(rounds, 3), tell)
    title = "A small training with no compiled code on disk, beside the next one that finds it there"
    yield Table("start-compiling", title, "trainings per second", "wall", compiling, limits=[Limit(FIRST, MORE, 5.0)])


def made_up_store(n: int, folder: Path = BUILD) -> Path:
    """A folder of releases whose live one has n films, three models and lists of no meaning; made once."""
    store = folder / f"start-{n}"
    registry = Registry(store)
    if registry.current() is None:
        random = np.random.default_rng(SEED)
        models = {}
        for number, name in enumerate(MODEL_NAMES):
            rows = random.integers(n, size=(n, LISTS), dtype=np.int32)
            scores = np.broadcast_to(np.linspace(0.9, 0.1, LISTS, dtype=np.float32), rows.shape)
            bare = unsearched(clustered(n, DIM, SEED + number))
            models[name] = replace(bare, neighbour_rows=rows, neighbour_scores=np.ascontiguousarray(scores))
        version = registry.add(
            lambda target: save(
                target,
                catalogue_of(n),
                models,
                created_at="2026-11-25T00:00:00Z",
                default_model="item2vec",
                settings={name: {"seed": SEED} for name in models},
                data={"label": "synthetic, for the benchmark; neighbours are made up"},
            )
        )
        registry.promote(version)
    return store


def _starting(command: list[str], ids: tuple[str, ...]) -> Callable[[int], Sample]:
    return lambda number: in_child(lambda: _started(command, ids, number))


def _working(store: Path, count: int) -> Callable[[int], Sample]:
    return lambda _: in_child(lambda: _workers(store, count))


def _started(command: list[str], ids: tuple[str, ...], number: int) -> Sample:
    """One start, and the rate of stored answers behind it."""
    server_core, load_core = (sorted(os.sched_getaffinity(0)) * 2)[:2]
    with running(command, server_core, ids[number]) as service:
        used, private = service.cpu_seconds(), service.private_mb()
        with suppress(urllib.error.HTTPError):
            service.text("/movies?query=film")  # waits until the index of titles is built; the peer has none
        asked = np.random.default_rng(number).integers(len(ids), size=40_000)
        requests = [request(f"/similar/{ids[row]}") for row in asked.tolist()]
        load = in_child(lambda: drive(service.port, requests, SECONDS, repeat=False, core=load_core))
        rate = load.requests / max(load.seconds, 1e-9)
        return Sample(1.0, service.start, used, private, {"stored answers/s": rate, "p99 ms": load.p99_ms})


def _workers(store: Path, count: int) -> Sample:
    """The service with so many processes, each asked for films all over the catalogue: 300, then many more.

    What a worker has alone is what it has made or written to since it was forked, kept answers as well. Together is
    every page once, the parent's too: what one more worker adds to it, is what it costs.
    """
    ids = catalogue_of(60_000).ids
    command = [sys.executable, "-m", "app", "serve", "--workers", str(count), "--models", str(store), "--port"]
    server_core, load_core = (sorted(os.sched_getaffinity(0)) * 2)[:2]
    with running(command, server_core, ids[0]) as service:
        random, pid = np.random.default_rng(count), service.process.pid
        for row in random.integers(len(ids), size=300 * count).tolist():
            _ask(service, ids[row])
        workers = _children(pid) or [pid]
        time.sleep(1.0)
        few = {process: _memory(process) for process in {pid, *workers}}
        asked = zip(cycle(_MIXED), random.integers(len(ids), size=MANY).tolist(), strict=False)
        requests = [request(path.format(ids[row])) for path, row in asked]
        load = in_child(lambda: drive(service.port, requests, MANY_SECONDS, repeat=False, core=load_core))
        if load.requests < MANY:
            raise RuntimeError(f"expected {MANY} answers, found {load.requests} in {load.seconds:.0f} s")
        many = [_memory(worker).private for worker in workers]
        quality = {
            "of it written to, MB": float(np.mean([few[worker].dirty for worker in workers])),
            "all together, MB": sum(one.share for one in few.values()),
            f"after {MANY:,} more answers, MB": float(np.mean(many)),
        }
        private = float(np.mean([few[worker].private for worker in workers]))
        return Sample(len(workers), service.start, service.cpu_seconds(), private, quality)


def _first_run() -> Sample:
    """The whole command on the built-in sample, one epoch, twice: without compiled code and with it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        subprocess.run([sys.executable, "-m", "sample", str(folder)], cwd=ROOT, check=True, capture_output=True)
        train = [
            sys.executable,
            "kindred.py",
            "train",
            str(folder / "ratings.csv"),
            "--movies",
            str(folder / "movies.csv"),
        ]
        train += ["--epochs", "1", "--walks", "100", "--no-evaluate", "--models", str(folder / "store")]
        times = []
        for _ in range(2):
            began = time.perf_counter()
            environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "compiled")}
            subprocess.run(train, cwd=ROOT, check=True, capture_output=True, env=environment)
            times.append(time.perf_counter() - began)
        return Sample(1.0, times[0], times[0], 0.0, {"the next time s": times[1], MORE: times[0] - times[1]})


def _ask(service: Service, movie_id: str) -> None:
    with urllib.request.urlopen(service.url(f"/similar/{movie_id}"), timeout=10) as answer:
        answer.read()


def _children(pid: int) -> list[int]:
    """Workers of a process: its children that have the release's vectors mapped."""
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [int(child) for child in told if "vectors.npy" in Path(f"/proc/{child}/maps").read_text(encoding="utf-8")]


@dataclass(frozen=True)
class _Memory:
    """Megabytes of a process.

    Attributes:
        private: pages that no other process has.
        dirty: those of them that it has written to.
        share: its pages, each divided by the number of processes that have it.
    """

    private: float
    dirty: float
    share: float


def _memory(pid: int) -> _Memory:
    lines = [line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]]
    of = {words[0]: int(words[1]) / 1024 for words in lines}
    return _Memory(of["Private_Clean:"] + of["Private_Dirty:"], of["Private_Dirty:"], of["Pss:"])
