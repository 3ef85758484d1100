"""How fast are random walks, and do they step with the right probabilities?"""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from bench import walkers
from bench.chisquare import walk_quality
from bench.data import BUILD, SEED, histories
from bench.peers import peer_contender
from bench.rounds import Contender, Quality, Stopwatch, contender, take_turns
from bench.tables import Limit, Table
from training.corpus import Corpus
from training.graph import TransitionGraph, build_graph
from training.sequences import Sequences
from training.walks import random_walks, walk_chunks

N_MOVIES, N_TOKENS = 59_000, 13_000_000
LENGTH = 20
P, Q = 0.25, 4.0
UNIT = "million steps per CPU second"
TO_DISK = "Kindred, a corpus file"
PECANPY, PECANPY_SECOND = "PecanPy, PreCompFirstOrder", "PecanPy, SparseOTF"
CSRGRAPH, ENSMALLEN = "csrgraph", "ensmallen"
LESSON = "the lesson's dictionaries"
# walks of a peer in a turn: a second or two
PEER_WALKS = {PECANPY: 100_000, CSRGRAPH: 20_000, ENSMALLEN: 20_000, PECANPY_SECOND: 1_000}


def tables(rounds: int, full: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """First order, second order, walks to disk; `full` walks more of our own."""
    graph = shared_graph()
    size = f"{N_MOVIES:,} movies, {len(graph.indices):,} distinct edges, walks of {LENGTH}"
    random_walks(graph, 10, LENGTH, seed=0)  # compiled before anybody is timed
    random_walks(graph, 10, LENGTH, seed=0, p=P, q=Q)
    walkers.alias_tables(graph.indptr[:2], graph.indices[:10], graph.weights[:10])
    times = 10 if full else 1
    first = [
        *_first_order(graph, 10_000_000 if full else 2_000_000),
        *(peer(graph, name) for name in (PECANPY, CSRGRAPH, ENSMALLEN)),
    ]
    yield Table(
        "walks-first-order",
        f"First-order walks: {size}",
        UNIT,
        "cpu",
        take_turns(first, rounds, tell),
        {LESSON: 10_000.0, PECANPY: 25.0, CSRGRAPH: 25.0, ENSMALLEN: 25.0},
    )
    yield Table(
        "walks-second-order",
        f"Second-order walks, p {P}, q {Q}: {size}",
        UNIT,
        "cpu",
        take_turns([*_second_order(graph, 100_000 * times), peer(graph, PECANPY_SECOND, P, Q)], rounds, tell),
        {PECANPY_SECOND: 50.0},
    )
    yield Table(
        "walks-to-disk",
        f"{300_000 * times:,} walks, ready for Gensim: {size}",
        "million movies per CPU second",
        "cpu",
        take_turns(_to_disk(graph, 300_000 * times), rounds, tell),
        limits=[Limit(TO_DISK, "MB", 2_000.0)],
    )


def peer(graph: TransitionGraph, name: str, p: float = 1.0, q: float = 1.0) -> Contender:
    """A peer in its own environment, on the same graph, from starts that are drawn as ours are."""
    script = name.split(",")[0].lower()
    source, target = BUILD / f"walks-{len(graph.bag)}-{PEER_WALKS[name]}.npz", BUILD / f"walks-of-{script}.npz"
    BUILD.mkdir(parents=True, exist_ok=True)
    starts = np.random.default_rng(SEED).choice(len(graph.start), size=PEER_WALKS[name], p=graph.start)
    np.savez(source, indptr=graph.indptr, indices=graph.indices, weights=graph.weights, starts=starts)

    def arguments(number: int) -> list[str]:
        return [script, str(source), str(target), str(LENGTH), str(number), str(p), str(q)]

    def judge(_: int) -> Quality:
        with np.load(target) as file:
            steps = file["steps"]
        offsets = np.arange(len(steps) + 1, dtype=np.int64) * LENGTH
        return walk_quality(graph, Sequences(steps.reshape(-1), offsets), p, q)

    return peer_contender(name, "walkers", "walk", arguments, judge)


def _to_disk(graph: TransitionGraph, n_walks: int) -> list[Contender]:
    def ours(watch: Stopwatch, number: int) -> Quality:
        graph.__dict__.pop("packed", None)
        with watch, Corpus(N_MOVIES, n_walks * LENGTH) as corpus:
            for chunk in walk_chunks(graph, n_walks, LENGTH, seed=number):
                corpus.add(chunk)
            corpus.close(1)
            watch.work = corpus.counts.sum() / 1e6
            size = corpus.path.stat().st_size
            with corpus.path.open(encoding="ascii") as file:
                lines = [line.split() for line in islice(file, 10_000) if not line.startswith("-")]
        rows = np.array([int(word) for line in lines for word in line], dtype=np.int32)
        offsets = np.append(0, np.cumsum([len(line) for line in lines])).astype(np.int64)
        return {**walk_quality(graph, Sequences(rows, offsets)), "MB on disk": size / 1e6}

    def lists(watch: Stopwatch, number: int) -> Quality:
        graph.__dict__.pop("packed", None)
        texts = np.array([str(row) for row in range(N_MOVIES)], dtype=object)
        with watch:
            walks = random_walks(graph, n_walks, LENGTH, seed=number)
            kept = [texts[walks[index]].tolist() for index in range(len(walks))]
        watch.work = sum(map(len, kept)) / 1e6
        return {**walk_quality(graph, walks), "MB on disk": 0.0}

    return [contender(TO_DISK, ours), contender("the same walks as lists of texts", lists)]


def shared_graph(n_tokens: int = N_TOKENS, n_movies: int = N_MOVIES) -> TransitionGraph:
    """The graph of synthetic histories, its bag already made."""
    watched = histories(n_tokens, n_movies, np.random.default_rng(SEED))
    first = np.flatnonzero(np.append(True, watched.users[1:] != watched.users[:-1]))
    offsets = np.append(first, n_tokens).astype(np.int64)
    return build_graph(Sequences(watched.rows.astype(np.int32), offsets), n_movies)


def _first_order(graph: TransitionGraph, n_walks: int) -> list[Contender]:
    def ours(watch: Stopwatch, number: int) -> Quality:
        graph.__dict__.pop("packed", None)  # built with every turn: its time and memory are ours to answer for
        with watch:
            walks = random_walks(graph, n_walks, LENGTH, seed=number)
        return _judge(watch, graph, walks)

    def numpy(name: str, make: Callable[[TransitionGraph, np.random.Generator], walkers.Step]) -> Contender:
        def body(watch: Stopwatch, number: int) -> Quality:
            rng = np.random.default_rng(number)
            step = make(graph, rng)
            with watch:
                walks = walkers.abreast(graph, step, 100_000, LENGTH, rng)
            return _judge(watch, graph, walks)

        return contender(name, body)

    def lesson(watch: Stopwatch, number: int) -> Quality:
        steps, starts = walkers.dictionaries(graph)
        with watch:
            walked = walkers.dictionary_walks(steps, starts, 200, LENGTH, number)
        offsets = np.append(0, np.cumsum([len(walk) for walk in walked])).astype(np.int64)
        rows = np.array([row for walk in walked for row in walk], dtype=np.int32)
        return _judge(watch, graph, Sequences(rows, offsets))

    def reads(watch: Stopwatch, number: int) -> Quality:
        bag = graph.bag
        places = np.random.default_rng(number).integers(len(bag), size=5_000_000)
        with watch:
            bag.take(places)
        watch.work = len(places) / 1e6
        return {}

    return [
        contender("Kindred", ours),
        numpy("NumPy, alias tables", walkers.alias_step),
        contender(LESSON, lesson),
        contender("floor: as many random reads of the bag", reads),
    ]


def _second_order(graph: TransitionGraph, n_walks: int) -> list[Contender]:
    def ours(watch: Stopwatch, number: int) -> Quality:
        graph.__dict__.pop("packed", None)
        with watch:
            walks = random_walks(graph, n_walks, LENGTH, seed=number, p=P, q=Q)
        return _judge(watch, graph, walks, P, Q)

    def numpy(watch: Stopwatch, number: int) -> Quality:
        with watch:
            walks = walkers.row_by_row(graph, 300, LENGTH, P, Q, np.random.default_rng(number))
        return _judge(watch, graph, walks, P, Q)

    return [contender("Kindred", ours), contender("NumPy, row by row", numpy)]


def _judge(watch: Stopwatch, graph: TransitionGraph, walks: Sequences, p: float = 1.0, q: float = 1.0) -> Quality:
    """Steps are what follows the first movie of a walk."""
    watch.work = (len(walks.rows) - len(walks)) / 1e6
    return walk_quality(graph, walks, p, q)
