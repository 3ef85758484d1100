"""How fast are random walks, and do they step with the right probabilities?"""

from collections.abc import Callable, Iterator

import numpy as np

from bench import walkers
from bench.chisquare import walk_quality
from bench.data import SEED, histories
from bench.rounds import Contender, Quality, Stopwatch, contender, take_turns
from bench.tables import Table
from training.graph import TransitionGraph, build_graph
from training.sequences import Sequences
from training.walks import random_walks

N_MOVIES, N_TOKENS = 59_000, 13_000_000
LENGTH = 20
P, Q = 0.25, 4.0
UNIT = "million steps per CPU second"


def tables(rounds: int, full: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """First order, then second order; `full` walks ten times as many of our own."""
    graph = shared_graph()
    size = f"{N_MOVIES:,} movies, {len(graph.indices):,} distinct edges, walks of {LENGTH}"
    random_walks(graph, 10, LENGTH, seed=0)  # compiled before anybody is timed
    random_walks(graph, 10, LENGTH, seed=0, p=P, q=Q)
    walkers.alias_tables(graph.indptr[:2], graph.indices[:10], graph.weights[:10])
    times = 10 if full else 1
    yield Table(
        "walks-first-order",
        f"First-order walks: {size}",
        UNIT,
        "cpu",
        take_turns(_first_order(graph, 1_000_000 * times), rounds, tell),
        {"the lesson's dictionaries": 10_000.0},
    )
    yield Table(
        "walks-second-order",
        f"Second-order walks, p {P}, q {Q}: {size}",
        UNIT,
        "cpu",
        take_turns(_second_order(graph, 100_000 * times), rounds, tell),
    )


def shared_graph(n_tokens: int = N_TOKENS, n_movies: int = N_MOVIES) -> TransitionGraph:
    """The graph of synthetic histories, its bag already made."""
    watched = histories(n_tokens, n_movies, np.random.default_rng(SEED))
    first = np.flatnonzero(np.append(True, watched.users[1:] != watched.users[:-1]))
    offsets = np.append(first, n_tokens).astype(np.int64)
    return build_graph(Sequences(watched.rows.astype(np.int32), offsets), n_movies)


def _first_order(graph: TransitionGraph, n_walks: int) -> list[Contender]:
    def ours(watch: Stopwatch, number: int) -> Quality:
        graph.__dict__.pop("bag", None)  # built with every turn: its time and memory are ours to answer for
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
        numpy("NumPy, search in running sums", walkers.cumulative_step),
        contender("the lesson's dictionaries", lesson),
        contender("floor: as many random reads of the bag", reads),
    ]


def _second_order(graph: TransitionGraph, n_walks: int) -> list[Contender]:
    def ours(watch: Stopwatch, number: int) -> Quality:
        graph.__dict__.pop("bag", None)
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
