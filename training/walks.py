"""Random walks over the transition graph: first order (DeepWalk) and second order (Node2vec).

The steps are compiled (`training.walk_steps`). Each walk has a random generator of its own, SplitMix64, which begins
where the seed and the number of the walk say, so that neither threads nor chunks nor partitions change any walk:

    key(seed, i)  = mix(mix(seed + G) + i * G)                   walk number i, from 0; all modulo 2**64
    draw(i, k)    = mix(key(seed, i) + k * G)                    its draw number k, 64 bits
    below(d, n)   = floor(d * n / 2**64)                         one of 0..n - 1
    share(d)      = floor(d / 2**11) / 2**53                     one of [0, 1)

    G = 0x9E3779B97F4A7C15, and mix is the output function of SplitMix64 (Steele, Lea and Flood 2014):
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;  z = (z ^ z >> 27) * 0x94D049BB133111EB;  z ^ z >> 31

Draw 0 is the start: the movie that transition number below(draw, all transitions) leaves, in order of the bag. In
first order draw k is step k: successor number below(draw, count) of the movie's part of the bag. In second order each
try takes two draws, which successor, and whether share(draw) * max(1/p, 1, 1/q) is below its alpha (the first step is
taken whatever the second says); MAX_TRIES refusals are followed by one draw from the whole row.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from training import walk_steps
from training.errors import SettingsError
from training.graph import TransitionGraph
from training.sequences import Sequences

# walks that a thread makes at a time, and movies in a chunk of walks that go to the corpus together
PART = 8_192
CHUNK_MOVIES = 4_000_000


def random_walks(
    graph: TransitionGraph,
    n_walks: int,
    length: int,
    *,
    seed: int,
    p: float = 1.0,
    q: float = 1.0,
    threads: int = 1,
    first: int = 0,
) -> Sequences:
    """Walk `n_walks` times over at most `length` movies; a walk ends early where nothing was ever watched next.

    A walk starts at movie v with probability `graph.start[v]` and steps from v to x, having come from t, with
    probability proportional to

        alpha(t, x) * w(v, x),   alpha = 1/p if x is t;  1 if the graph has the edge t -> x;  1/q otherwise

    (Grover and Leskovec 2016, node2vec, section 3.2; first order, Perozzi et al. 2014, DeepWalk, where p = q = 1.)

    Take t -> v with v -> t, a, b and an edge t -> a but none t -> b. With all weights 1, p = 4 and q = 0.5 the
    walk goes back to t with weight 1/4, to a with 1 and to b with 2:

              1/4
          t <------ v ---- 2 ----> b (far from t)
          └──> a <──┘ 1

    Args:
        graph: the transitions.
        n_walks: how many walks.
        length: movies in a walk at the most.
        seed: the same seed gives the same walks; 0..2**64 - 1.
        p: return parameter, > 0; large values keep the walk from going back at once.
        q: in-out parameter, > 0; large values keep the walk near where it came from.
        threads: affects only speed, never the result.
        first: the number of the first walk: n walks from 0 are those from 0 to m and those from m to n.

    Returns:
        The walks as sequences of rows. Costs 4 * n_walks * length bytes; the graph's bag stays with the graph.

    Raises:
        SettingsError: a number out of range.
        DataError: more transitions than a bag holds.
    """
    if n_walks < 1 or length < 1 or not (0 < p < np.inf and 0 < q < np.inf):
        raise SettingsError(f"expected walks, length, p and q > 0, found {n_walks}, {length}, {p} and {q}")
    steps, lengths = np.empty((n_walks, length), np.int32), np.empty(n_walks, np.int64)
    bag = graph.packed
    tables = (bag.successors, bag.places, bag.guide, bag.shift)

    def walk(low: int) -> None:
        part = (np.uint64(seed), np.uint64(first + low), steps[low : low + PART], lengths[low : low + PART])
        if p == q == 1.0:
            walk_steps.first_order(*part, *tables)
        else:
            walk_steps.second_order(*part, *tables, graph.indptr, graph.indices, graph.weights, 1.0 / p, 1.0 / q)

    with ThreadPoolExecutor(max(1, threads)) as pool:
        list(pool.map(walk, range(0, n_walks, PART)))
    offsets = np.append(0, np.cumsum(lengths))
    if offsets[-1] < steps.size:
        walk_steps.close_gaps(steps, lengths)
    return Sequences(steps.reshape(-1)[: offsets[-1]], offsets)


def walk_chunks(
    graph: TransitionGraph,
    n_walks: int,
    length: int,
    *,
    seed: int,
    p: float = 1.0,
    q: float = 1.0,
    threads: int = 1,
) -> Iterator[Sequences]:
    """The same walks as `random_walks`, a chunk at a time: 4 * CHUNK_MOVIES bytes, however many walks there are."""
    size = max(1, CHUNK_MOVIES // max(1, length))
    for first in range(0, n_walks, size):
        wanted = min(size, n_walks - first)
        yield random_walks(graph, wanted, length, seed=seed, p=p, q=q, threads=threads, first=first)
