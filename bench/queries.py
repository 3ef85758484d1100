"""How long does a question take that was not worked out beforehand: a filter, a dial, a viewer's history?"""

import json
import os
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.neighbours import Dials, Filters, Question, page, pooled
from app.space import Space
from bench.catalogues import GENRES, catalogue_of, synthetic_store
from bench.data import SEED
from bench.neighbours import DIM, clustered, unsearched
from bench.processes import in_child
from bench.rounds import Contender, Quality, Sample, Stopwatch, contender, take_turns
from bench.services import Service, ours, running
from bench.tables import Limit, Table
from models import Catalogue, Model
from models.scores import FloatArray, unit_rows

QUESTIONS, LIKES, LIMIT = 500, 20, 20
CLIENTS, SECONDS = 8, 3.0
BARE = "the bare product and argpartition"
ASIDE = (Filters(genre=GENRES[4], year_from=1980), Dials())
KINDS = {
    "Kindred, histories of 20": (Filters(), Dials()),
    "Kindred, filtered by genre and year": ASIDE,
    "Kindred, diversity 0.5": (Filters(), Dials(diversity=0.5)),
    "Kindred, popularity 0.5": (Filters(), Dials(popularity=0.5)),
}


def tables(rounds: int, full: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """60,000 movies (`full`: 1,000,000 too), in process; and a burst of POSTs with /livez asked beside it."""
    for n in (60_000, 1_000_000) if full else (60_000,):
        yield _in_process(n, rounds, tell)
    store = in_child(lambda: synthetic_store(60_000))
    title = f"POST /similar by {CLIENTS} clients at once, 60,000 movies, and GET /livez beside them"
    samples = take_turns([Contender("Kindred", lambda number: in_child(lambda: _burst(store, number)))], rounds, tell)
    limits = [Limit("Kindred", "livez p99 ms", 20.0)]
    yield Table("queries-burst", title, "POSTs per CPU second of the server", "cpu", samples, limits=limits)


def _in_process(n: int, rounds: int, tell: Callable[[str], None]) -> Table:
    model, catalogue = unsearched(clustered(n, DIM, SEED)), catalogue_of(n)
    asked = np.random.default_rng(SEED).choice(n, (QUESTIONS, LIKES))
    vectors = unit_rows(model.vectors)

    def bare(watch: Stopwatch, _: int) -> Quality:
        with watch:
            found = [_product_and_partition(vectors, vectors[likes[0]]) for likes in asked]
        watch.work = QUESTIONS
        everybody = np.ones(n, dtype=np.bool_)
        return {"recall@20": _recall(vectors, vectors[asked[:, 0]], found, everybody)}

    contenders = [contender(name, _ours(name, model, catalogue, asked)) for name in KINDS]
    samples = take_turns([*contenders, contender(BARE, bare)], rounds, tell)
    # the time of one, asked aside from what is stored
    limits = [Limit(name, "wall s", 0.06 * QUESTIONS) for name in KINDS]
    title = f"The best {LIMIT} of {n:,} x {DIM} for questions not worked out beforehand, in process"
    return Table(f"queries-{n}", title, "questions per CPU second", "cpu", samples, {BARE: 1 / 1.3}, limits)


def _ours(
    name: str, model: Model, catalogue: Catalogue, asked: npt.NDArray[np.intp]
) -> Callable[[Stopwatch, int], Quality]:
    filters, dials = KINDS[name]

    def question(likes: npt.NDArray[np.intp]) -> Question:
        about = filters != Filters() or not dials.at_rest
        return Question.about(model, int(likes[0])) if about else pooled(model, likes.tolist(), [])

    def body(watch: Stopwatch, _: int) -> Quality:
        space = Space(model)
        page(space, catalogue, question(asked[0]), filters, dials, 0, LIMIT)  # the mask of a genre is made once
        with watch:
            found = [page(space, catalogue, question(likes), filters, dials, 0, LIMIT).rows for likes in asked]
        watch.work = QUESTIONS
        if not dials.at_rest:
            return {}
        allowed = np.ones(len(catalogue), dtype=np.bool_)
        if filters.genre is not None and filters.year_from is not None:
            allowed = catalogue.with_genre(filters.genre) & (catalogue.years >= filters.year_from)
        vectors = np.stack([question(likes).vector for likes in asked])
        return {"recall@20": _recall(model.vectors, vectors, found, allowed, [question(one).excluded for one in asked])}

    return body


def _product_and_partition(vectors: FloatArray, query: FloatArray) -> npt.NDArray[np.intp]:
    scores = vectors @ query
    scores[np.argmax(scores)] = -np.inf
    return np.argpartition(scores, len(scores) - LIMIT)[-LIMIT:].copy()  # the rest of it is not kept


def _recall(
    vectors: FloatArray,
    queries: npt.NDArray[np.floating],
    found: Sequence[npt.NDArray[np.integer]],
    allowed: npt.NDArray[np.bool_],
    excluded: list[tuple[int, ...]] | None = None,
) -> float:
    """Share of the true best, by brute force in float64, among the rows found; for the first ten questions."""
    wide = vectors.astype(np.float64)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    right = []
    for number, query in enumerate(queries[:10]):
        scores = np.where(allowed, wide @ query, -np.inf)
        scores[list(excluded[number]) if excluded else [int(np.argmax(scores))]] = -np.inf
        threshold = np.partition(scores, len(scores) - LIMIT)[len(scores) - LIMIT]
        right.append(np.mean(scores[np.unique(found[number])] >= threshold - 1e-6 * np.linalg.norm(query)))
    return float(np.mean(right))


def _burst(store: Path, number: int) -> Sample:
    """Clients that post one history after the other, all different; /livez is asked every 20 ms."""
    server_core, load_core = (sorted(os.sched_getaffinity(0)) * 2)[:2]
    ids = catalogue_of(60_000).ids
    with running(ours(store), server_core, ids[0]) as service:
        os.sched_setaffinity(0, {load_core})
        service.text("/movies?query=film")  # waits until the index of titles is built
        until, alive = time.monotonic() + SECONDS, []
        began, before = time.perf_counter(), service.cpu_seconds()
        with ThreadPoolExecutor(CLIENTS) as clients:
            posted = [clients.submit(_post, service, ids, [number, client], until) for client in range(CLIENTS)]
            while time.monotonic() < until:
                asked = time.perf_counter()
                service.text("/livez")
                alive.append(1e3 * (time.perf_counter() - asked))
                time.sleep(0.02)
            posts = sum(one.result() for one in posted)
        wall, used = time.perf_counter() - began, service.cpu_seconds() - before
        p50, p99 = np.percentile(alive, [50, 99]).tolist()
        quality = {"livez p50 ms": p50, "livez p99 ms": p99, "POSTs/s": posts / wall, "start s": service.start}
        return Sample(posts, wall, used, service.private_mb(), quality)


def _post(service: Service, ids: Sequence[str], seed: list[int], until: float) -> int:
    """Post histories until the time is over: how many were answered."""
    rng, answered = np.random.default_rng(seed), 0
    while time.monotonic() < until:
        likes = [ids[one] for one in rng.integers(len(ids), size=LIKES)]
        headers = {"content-type": "application/json"}
        post = urllib.request.Request(service.url("/similar"), json.dumps({"likes": likes}).encode(), headers)
        with urllib.request.urlopen(post, timeout=30) as answer:
            answered += len(json.load(answer)["similar"]) == LIMIT
    return answered
