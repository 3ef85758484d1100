"""Each baseline against plain loops over a handful of viewers, and whether it finds what is there to be found."""

from collections import Counter, defaultdict
from itertools import pairwise, permutations

import numpy as np
import pytest
import scipy.sparse

from tests.small import sequences_of
from training.evaluation import baselines as module
from training.evaluation.baselines import BASELINES, baselines
from training.evaluation.scorers import History

SEEN = [[0, 1, 2, 3], [1, 2, 0], [4, 1, 2], [3, 4], [2, 5, 1, 0, 4], [5]]
MOVIES = 7
SEQUENCES = sequences_of(SEEN)
LIKES = Counter(movie for one in SEEN for movie in one)


def asked(*movies: int) -> History:
    """One history, the last like last."""
    weights = np.full(len(movies), 1 / len(movies), dtype=np.float32)
    return History((weights, np.array(movies, dtype=np.int32), np.array([0, len(movies)])), shape=(1, MOVIES))


def scores(name: str, *movies: int) -> list[float]:
    return np.asarray(BASELINES[name](SEQUENCES, MOVIES)(asked(*movies)))[0].tolist()


def both(one: int, other: int) -> int:
    return sum(1 for seen in SEEN if one in seen and other in seen)


def test_popularity_is_the_number_of_likes() -> None:
    assert scores("popularity", 3) == [LIKES[movie] for movie in range(MOVIES)]


@pytest.mark.parametrize("movie", range(6))
def test_cooccurrence_is_the_share_of_a_movies_viewers(movie: int) -> None:
    assert scores("cooccurrence", movie) == pytest.approx(
        [both(movie, other) / LIKES[movie] for other in range(MOVIES)]
    )


@pytest.mark.parametrize("movie", range(6))
def test_item_knn_is_the_cosine_of_the_columns(movie: int) -> None:
    expected = [both(movie, other) / (LIKES[movie] * LIKES[other]) ** 0.5 if LIKES[other] else 0 for other in range(7)]
    assert scores("item-knn", movie) == pytest.approx(expected)


@pytest.mark.parametrize("movie", range(6))
def test_windowed_counts_nearness_both_ways_as_a_cosine(movie: int) -> None:
    near: dict[tuple[int, int], float] = defaultdict(float)
    for seen in SEEN:
        for one, other in permutations(range(len(seen)), 2):
            near[seen[one], seen[other]] += 1 / abs(one - other)
    total = [sum(near[one, other] for other in range(MOVIES)) for one in range(MOVIES)]
    expected = [near[movie, other] / ((total[movie] * total[other]) ** 0.5 + 20) for other in range(MOVIES)]
    assert scores("windowed", movie) == pytest.approx(expected)


def test_windowed_looks_ten_likes_far() -> None:
    long = sequences_of([list(range(13))])
    found = np.asarray(BASELINES["windowed"](long, 13)(History((np.ones(1, np.float32), [0], [0, 1]), shape=(1, 13))))
    assert np.flatnonzero(found[0]).tolist() == list(range(1, 11))


@pytest.mark.parametrize("history", [(0,), (1,), (4, 2), (2, 4)])
def test_markov_counts_what_came_right_after_the_last_like_then_likes(history: tuple[int, ...]) -> None:
    after = Counter(pair for seen in SEEN for pair in pairwise(seen))
    total = sum(LIKES.values())
    expected = [after[history[-1], other] + LIKES[other] / total for other in range(MOVIES)]
    assert scores("markov", *history) == pytest.approx(expected)


def test_ease_is_the_ridge_regression_of_each_movie_on_the_others() -> None:
    likes = np.array([[movie in seen for movie in range(6)] for seen in SEEN], dtype=float)
    for movie in range(6):
        others = [other for other in range(6) if other != movie]
        x, y = likes[:, others], likes[:, movie]
        weights = np.linalg.solve(x.T @ x + 500 * np.eye(5), x.T @ y)
        for other, weight in zip(others, weights, strict=True):
            assert scores("ease", other)[movie] == pytest.approx(weight, rel=1e-3)
        assert scores("ease", movie)[movie] == 0
    assert scores("ease", 0)[6] == -np.inf


@pytest.mark.parametrize("name", ["cooccurrence", "item-knn", "windowed", "ease"])
def test_a_history_is_the_mean_of_its_movies(name: str) -> None:
    expected = np.mean([scores(name, 1), scores(name, 4)], axis=0)
    assert scores(name, 1, 4) == pytest.approx(expected)


def test_what_is_too_large_is_left_out_with_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EASE_MOST", 5)
    monkeypatch.setattr(module, "MOST_PAIRS", 10)
    found = dict(baselines(SEQUENCES, MOVIES))
    assert {name for name, scorer in found.items() if isinstance(scorer, str)} == {"cooccurrence", "item-knn", "ease"}
    assert found["ease"] == "skipped: 6 liked movies, more than 5"
    assert found["item-knn"] == "skipped: 6e+01 pairs of likes, more than 1e+01"


def test_at_the_limit_nothing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EASE_MOST", 6)
    monkeypatch.setattr(module, "MOST_PAIRS", sum(len(seen) ** 2 for seen in SEEN))
    assert not [name for name, scorer in baselines(SEQUENCES, MOVIES) if isinstance(scorer, str)]


def test_scorers_take_blocks_of_histories() -> None:
    block = scipy.sparse.vstack([asked(0), asked(1, 4)], format="csr")
    for name, build in BASELINES.items():
        scorer = build(SEQUENCES, MOVIES)
        expected = [scores(name, 0), scores(name, 1, 4)]
        assert np.asarray(scorer(block)) == pytest.approx(np.array(expected)), name
