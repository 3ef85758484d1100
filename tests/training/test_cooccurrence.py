"""Who was liked together and what followed what: against counting by hand and against pandas."""

from collections import Counter
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models import Pairs
from models.evidence import check_evidence
from tests.small import MOVIES, sample_ratings, sequences_of
from training import cooccurrence
from training.cooccurrence import evidence, liked_together, near
from training.graph import build_graph
from training.here import Here
from training.pair_counts import count_behind
from training.prepare import Prepared, prepare

N_MOVIES = 7
VIEWERS = st.lists(st.lists(st.integers(0, N_MOVIES - 1), unique=True, min_size=1), min_size=1, max_size=12)


def counted(pairs: Pairs) -> dict[tuple[int, int], int]:
    rows = np.repeat(np.arange(len(pairs.indptr) - 1), np.diff(pairs.indptr))
    return dict(zip(zip(rows.tolist(), pairs.indices.tolist(), strict=True), pairs.counts.tolist(), strict=True))


def by_hand(viewers: list[list[int]]) -> Counter[tuple[int, int]]:
    return Counter(pair for liked in viewers for pair in combinations(sorted(liked), 2))


def test_three_viewers_by_hand() -> None:
    sequences = sequences_of([[2, 0, 1], [1, 2], [3]])
    made = evidence(sequences, 5)
    assert (made.viewers, made.floor) == (3, 1)
    assert counted(made.together) == {(0, 1): 1, (0, 2): 1, (1, 2): 2}
    assert counted(made.transitions) == {(2, 0): 1, (0, 1): 1, (1, 2): 1}
    assert sequences.rows.tolist() == [2, 0, 1, 1, 2, 3]  # counting leaves the order alone


def test_near_counts_forward_by_distance() -> None:
    made = near(sequences_of([[0, 1, 2], [1, 2]]), 3, window=2).toarray()
    assert made.tolist() == [[0, 1, 0.5], [0, 0, 2], [0, 0, 0]]


@pytest.mark.parametrize("count", [count_behind, count_behind.py_func], ids=["compiled", "within bounds"])
@settings(deadline=None)
@given(viewers=VIEWERS, most=st.integers(0, 30), block=st.integers(1, 40))
@example(viewers=[list(range(N_MOVIES))] * 2, most=30, block=1)  # as many partners as there can be
def test_every_pair_is_counted_whatever_the_blocks(
    count: Callable[..., object], viewers: list[list[int]], most: int, block: int
) -> None:
    expected, sequences = by_hand(viewers), sequences_of(viewers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cooccurrence, "BLOCK_PAIRS", block)
        patch.setattr(cooccurrence, "count_behind", count)
        pairs, floor = liked_together(sequences, N_MOVIES, most)
    assert counted(pairs) == {pair: count for pair, count in expected.items() if count >= floor}
    # the lowest floor that is low enough
    assert len(pairs.indices) <= most
    assert floor == 1 or sum(count >= floor - 1 for count in expected.values()) > most
    assert (pairs.indptr.dtype, pairs.indices.dtype, pairs.counts.dtype) == (np.int64, np.int32, np.int32)


@settings(deadline=None)
@given(viewers=VIEWERS)
def test_evidence_fits_the_likes_and_the_graph(viewers: list[list[int]]) -> None:
    sequences = sequences_of(viewers)
    made = evidence(sequences, N_MOVIES)
    check_evidence(made, np.bincount(sequences.rows, minlength=N_MOVIES).astype(np.int32))
    assert counted(made.transitions) == Counter(pair for liked in viewers for pair in pairwise(liked))
    if made.transitions.counts.size:
        graph = build_graph(sequences, N_MOVIES)
        assert counted(made.transitions) == counted(Pairs(graph.indptr, graph.indices, graph.weights))


def test_the_sample_counts_as_pandas_does(tmp_path: Path) -> None:
    ratings = sample_ratings(tmp_path)
    made = prepare(ratings, MOVIES, None, 3.5)
    ids = made.catalogue.ids
    found = evidence(made.engine.sequences, len(ids)).together
    likes = pd.read_csv(ratings, dtype={"movieId": "str"}).query("rating >= 3.5")
    both = likes.merge(likes, on="userId").query("movieId_x < movieId_y")
    expected = both.groupby(["movieId_x", "movieId_y"])["userId"].nunique().to_dict()
    assert {(ids[a], ids[b]): count for (a, b), count in counted(found).items()} == expected
    assert len(expected) > 1000


@pytest.fixture(scope="module")
def movielens(shared_data: Callable[[str], Path]) -> Prepared[Here]:
    folder = shared_data("ml-latest-small")
    return prepare(folder / "ratings.csv", folder / "movies.csv", None, 3.5)


def test_movielens_counts_as_pandas_does(movielens: Prepared[Here], shared_data: Callable[[str], Path]) -> None:
    row_of = movielens.catalogue.row_of
    made = evidence(movielens.engine.sequences, len(row_of))
    assert made.floor == 1
    likes = pd.read_csv(shared_data("ml-latest-small") / "ratings.csv", dtype={"movieId": "str"}).query("rating >= 3.5")
    assert made.viewers == likes.userId.nunique()
    fans = likes.groupby("movieId").userId.agg(set)
    top = [*likes.movieId.value_counts().index[:40], "592", "593"]
    for a, b in combinations(dict.fromkeys(top), 2):
        assert made.liked_both(row_of[a], row_of[b]) == len(fans[a] & fans[b])
    # the sum over all pairs, and all that followed one film
    sizes = likes.groupby("userId").size()
    assert int(made.together.counts.sum(dtype=np.int64)) == int((sizes * (sizes - 1) // 2).sum())
    ordered = likes.sort_values(["userId", "timestamp", "movieId"], kind="stable")
    follows = ordered.groupby("userId").movieId.shift(-1)[ordered.movieId == "592"].dropna().value_counts()
    assert made.transitions.total(row_of["592"]) == follows.sum()
    for movie_id, count in follows.items():
        assert made.transitions.count(row_of["592"], row_of[movie_id]) == count
