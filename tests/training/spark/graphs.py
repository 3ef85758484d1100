"""Small graphs for walks, and the walks over them that one machine makes."""

import numpy as np

from tests.small import sequences_of
from training.graph import TransitionGraph, build_graph
from training.spark.blocks import Ints
from training.walks import random_walks

Walks = dict[int, list[int]]


def a_hub(n_movies: int) -> TransitionGraph:
    """Half of all steps begin at movie 3; nothing follows the last movie."""
    others = np.random.default_rng(n_movies).integers(0, n_movies - 1, (60, 4)).tolist()
    lists = [[movie for one in row for movie in (3, one)] for row in others]
    return build_graph(sequences_of([*lists, *[[3, n_movies - 1]] * 9]), n_movies)


def leaving(graph: TransitionGraph) -> Ints:
    places = graph.bag_indptr.astype(np.int64)
    return places[1:] - places[:-1]


def expected(graph: TransitionGraph, n_walks: int, length: int, seed: int, p: float, q: float, first: int = 0) -> Walks:
    walks = random_walks(graph, n_walks, length, seed=seed, p=p, q=q, first=first)
    return {first + number: walks[number].tolist() for number in range(n_walks)}


def a_graph(random: np.random.Generator, n_movies: int, n_lists: int) -> TransitionGraph:
    """Movies of all degrees, the first ones hubs; some are ends, and some stand in no history."""
    lists = [(random.geometric(4 / n_movies, size=9) - 1).clip(0, n_movies - 4).tolist() for _ in range(n_lists)]
    return build_graph(sequences_of([*lists, [1, n_movies - 3], [2, n_movies - 2]]), n_movies)
