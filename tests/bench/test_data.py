from pathlib import Path

import numpy as np

from bench.data import TASTES, histories, movies_for, ratings, write_csv
from bench.ingest import Truth
from training.ratings import read_ratings

N = 20_000


def test_the_same_seed_gives_the_same_ratings_and_another_does_not() -> None:
    first, again, other = ratings(N, seed=1), ratings(N, seed=1), ratings(N, seed=2)
    assert all((getattr(first, name) == getattr(again, name)).all() for name in vars(first))
    assert not (first.movies == other.movies).all()


def test_exactly_as_many_as_asked_for_in_the_order_of_a_movielens_file() -> None:
    made = ratings(N)
    pairs = made.users * 1_000_000 + made.movies
    assert len(made.users) == N
    assert (np.diff(pairs) > 0).all()  # sorted, and no movie twice by the same user
    assert set(made.half_stars.tolist()) <= set(range(1, 11))
    assert 0.5 < (made.half_stars >= 7).mean() < 0.75


def test_few_movies_get_most_ratings() -> None:
    counts = np.sort(np.bincount(histories(200_000, 10_000, np.random.default_rng(0)).rows))[::-1]
    assert 0.35 < counts[:200].sum() / counts.sum() < 0.65
    assert (counts[5_000:] < 20).all()


def test_histories_are_mostly_short_and_a_few_very_long() -> None:
    lengths = np.bincount(histories(500_000, 10_000, np.random.default_rng(0)).users)[:-1]
    assert 90 < np.median(lengths) < 130
    assert lengths.min() >= 25
    assert lengths.max() > 1_000


def test_what_is_watched_next_is_mostly_of_the_same_taste() -> None:
    """Two tastes for a viewer, of 20: pairs within a session repeat far more often than chance."""
    made = histories(300_000, 2_000, np.random.default_rng(3))
    inside = ~made.opens[1:] & ~made.strays[1:] & ~made.strays[:-1]
    pairs = np.unique(made.rows[:-1][inside] * 2_000 + made.rows[1:][inside])
    shuffled = np.random.default_rng(0).permutation(made.rows[1:][inside])
    by_chance = np.unique(made.rows[:-1][inside] * 2_000 + shuffled)
    assert TASTES == 20
    assert len(pairs) < 0.6 * len(by_chance)


def test_file_is_read_back_without_a_reject(tmp_path: Path) -> None:
    made = ratings(N)
    write_csv(tmp_path / "ratings.csv", made)
    assert (tmp_path / "ratings.csv").read_bytes().startswith(b"userId,movieId,rating,timestamp\n1,")
    read, report = read_ratings(tmp_path / "ratings.csv")
    assert (report.rows, report.kept) == (N, N)
    assert read.ratings is not None
    assert (np.sort(read.ratings * 2) == np.sort(made.half_stars)).all()
    assert np.sort(read.times).tolist() == np.sort(made.times).tolist()


def test_number_of_movies_grows_with_the_ratings() -> None:
    assert (movies_for(25_000_000), movies_for(1_000_000), movies_for(10)) == (59_000, 11_800, 2_000)


def test_truth_tells_right_sequences_from_wrong_ones() -> None:
    likes = ratings(N).liked()
    users = np.unique(likes.users, return_inverse=True)[1]
    order = np.lexsort((likes.movies.astype(str), likes.times, users))
    movies, lengths, times = likes.movies[order], np.bincount(users), likes.times[order]
    truth, right = Truth(likes), {"same likes, in time": 1.0, "ties in order": 1.0}
    assert truth.quality(movies, lengths) == right

    tie = int(np.flatnonzero((times[1:] == times[:-1]) & (np.diff(users[order]) == 0))[0])
    assert truth.quality(_swapped(movies, tie), lengths) == {**right, "ties in order": 1 - 1 / len(lengths)}

    late = int(np.flatnonzero((times[1:] > times[:-1]) & (np.diff(users[order]) == 0))[0])
    one_wrong = dict.fromkeys(right, 1 - 1 / len(lengths))
    assert truth.quality(_swapped(movies, late), lengths) == one_wrong
    assert truth.quality(movies[:-1], np.append(lengths[:-1], lengths[-1] - 1)) == dict.fromkeys(right, 0.0)


def _swapped(values: np.ndarray, at: int) -> np.ndarray:
    swapped = values.copy()
    swapped[[at, at + 1]] = values[[at + 1, at]]
    return swapped
