"""The sample: real films listed without a slip, simulated viewers who behave as `sample.generate` says."""

import csv
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import sample.__main__
from sample.films import FAMOUS, MOVIES_CSV, SERIES, Films, read_films
from sample.generate import SEED, VIEWERS, Ratings, simulate, write_ratings
from sample.viewers import COLD_FROM_YEAR, END, START, draw_viewer, viewer_rng

ROOT = Path(sample.__main__.__file__).parents[1]
GENRES = {
    *("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy"),
    *("Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
}


@pytest.fixture(scope="module")
def films() -> Films:
    return read_films()


@pytest.fixture(scope="module")
def ratings() -> Ratings:
    return simulate()


@pytest.fixture(scope="module")
def records() -> list[dict[str, str]]:
    with MOVIES_CSV.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def csv_bytes(tmp_path: Path, films: Films, viewers: int, seed: int) -> bytes:
    path = tmp_path / f"{viewers}-{seed}.csv"
    write_ratings(path, simulate(viewers, seed), films)
    return path.read_bytes()


def liked_sequences(ratings: Ratings) -> list[np.ndarray]:
    """Rows of the films each viewer liked (3.5 stars or more), in the order of time."""
    order = np.lexsort((ratings.timestamps, ratings.users))
    order = order[ratings.half_stars[order] >= 7]
    return np.split(ratings.rows[order], np.flatnonzero(np.diff(ratings.users[order])) + 1)


def tastes_of(users: np.ndarray, films: Films) -> np.ndarray:
    """(n, n_tastes), whether the taste is one of the user's."""
    n_tastes = len(films.tastes)
    has = np.array([draw_viewer(viewer_rng(SEED, user), n_tastes).tastes > 0 for user in range(VIEWERS + 1)])
    return has[users]


def test_the_file_is_utf8_with_lf_and_the_documented_header():
    content = MOVIES_CSV.read_bytes()
    assert content.startswith(b"movieId,title,genres,tastes\n")
    assert content.endswith(b"\n")
    assert b"\r" not in content
    assert "Amélie".encode() in content


def test_ids_are_unique_plain_numbers_in_rising_order(records):
    ids = [record["movieId"] for record in records]
    assert all(re.fullmatch(r"[1-9]\d*", movie_id) for movie_id in ids)
    assert [int(movie_id) for movie_id in ids] == sorted({int(movie_id) for movie_id in ids})
    assert 350 <= len(ids) <= 450


@pytest.mark.parametrize(
    ("movie_id", "title"),
    [
        ("1", "Toy Story (1995)"),
        ("260", "Star Wars: Episode IV - A New Hope (1977)"),
        ("296", "Pulp Fiction (1994)"),
        ("318", "Shawshank Redemption, The (1994)"),
        ("356", "Forrest Gump (1994)"),
        ("480", "Jurassic Park (1993)"),
        ("589", "Terminator 2: Judgment Day (1991)"),
        ("592", "Batman (1989)"),
        ("593", "Silence of the Lambs, The (1991)"),
        ("858", "Godfather, The (1972)"),
        ("1193", "One Flew Over the Cuckoo's Nest (1975)"),
        ("1221", "Godfather: Part II, The (1974)"),
        ("2571", "Matrix, The (1999)"),
    ],
)
def test_an_id_names_the_film_it_names_in_movielens(films, movie_id, title):
    assert films.titles[films.movie_ids.index(movie_id)] == title


def test_every_title_ends_with_a_year_of_the_cinema(records, films):
    for record, year in zip(records, films.years.tolist(), strict=True):
        match = re.fullmatch(r"\S.* \((\d{4})\)", record["title"])
        assert match, record
        assert int(match[1]) == year
        assert 1895 <= year <= 2018, record
    assert len({record["title"] for record in records}) == len(records)


def test_every_genre_is_one_of_movielens_and_every_film_has_one(records):
    for record in records:
        assert set(record["genres"].split("|")) <= GENRES, record


def test_every_taste_has_enough_films_and_every_film_one_or_two_tastes(films):
    assert 16 <= len(films.tastes) <= 22
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+|[a-z]+", taste) for taste in films.tastes)
    sizes = dict(zip(films.tastes, films.belongs.sum(axis=0).tolist(), strict=True))
    assert {taste: size for taste, size in sizes.items() if not 12 <= size <= 35} == {}
    assert set(films.belongs.sum(axis=1).tolist()) == {1, 2}


def test_series_and_famous_films_are_in_the_catalogue_and_series_in_order(films):
    year_of = dict(zip(films.movie_ids, films.years.tolist(), strict=True))
    assert len(set(FAMOUS)) == len(FAMOUS)
    assert set(FAMOUS) <= set(year_of)
    parts = [movie_id for series in SERIES for movie_id in series]
    assert len(set(parts)) == len(parts)
    for series in SERIES:
        years = [year_of[movie_id] for movie_id in series]
        assert years == sorted(years), series


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path, films):
    first = csv_bytes(tmp_path, films, 40, 1)
    assert first == csv_bytes(tmp_path, films, 40, 1)
    assert first != csv_bytes(tmp_path, films, 40, 2)


def test_another_seed_gives_other_viewers_not_only_other_films():
    one, other = simulate(40, 1), simulate(40, 2)
    assert len(np.intersect1d(one.timestamps, other.timestamps)) < 0.01 * len(one)


def test_a_viewer_is_the_same_however_many_others_there_are(tmp_path, films):
    few, more = csv_bytes(tmp_path, films, 10, 3), csv_bytes(tmp_path, films, 25, 3)
    assert more.startswith(few)
    assert len(more) > len(few)


def test_the_sample_has_the_documented_size(ratings):
    assert 60_000 <= len(ratings) <= 80_000
    assert set(ratings.users.tolist()) == set(range(1, VIEWERS + 1))


def test_every_rating_is_on_the_half_star_grid_and_all_of_it_is_used(ratings):
    assert set(ratings.half_stars.tolist()) == set(range(1, 11))


def test_nobody_rates_a_film_twice_and_lines_are_sorted_by_user_then_film(ratings):
    lines = list(zip(ratings.users.tolist(), ratings.rows.tolist(), strict=True))
    assert lines == sorted(set(lines))


def test_the_films_of_the_last_year_are_cold_and_no_others(films, ratings):
    counts = np.bincount(ratings.rows, minlength=len(films))
    cold = {films.titles[row] for row in np.flatnonzero(counts == 0)}
    assert cold == {title for title in films.titles if int(title[-5:-1]) >= COLD_FROM_YEAR}
    assert len(cold) == 8
    assert "Incredibles 2 (2018)" in cold


def test_no_film_is_rated_before_the_year_after_its_release(films, ratings):
    assert ratings.timestamps.min() >= START
    assert ratings.timestamps.max() < END
    seen_in = ratings.timestamps.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970
    assert (seen_in > films.years[ratings.rows]).all()


def test_a_few_ratings_of_a_viewer_share_their_second(ratings):
    order = np.lexsort((ratings.timestamps, ratings.users))
    same_user = np.diff(ratings.users[order]) == 0
    ties = np.diff(ratings.timestamps[order])[same_user] == 0
    assert 0.002 < ties.mean() < 0.02


def test_histories_are_mostly_short_and_a_few_very_long(ratings):
    lengths = np.bincount(ratings.users)[1:]
    assert np.median(lengths) < 30
    assert lengths.max() > 200
    assert (lengths > 150).mean() < 0.03


def test_popularity_has_a_heavy_tail(ratings):
    counts = np.sort(np.bincount(ratings.rows))[::-1]
    assert counts[0] > 4 * np.median(counts)
    assert 0.2 < counts[: len(counts) // 10].sum() / counts.sum() < 0.5


def test_films_of_a_viewers_tastes_are_rated_more_than_a_star_higher(films, ratings):
    in_taste = (films.belongs[ratings.rows] & tastes_of(ratings.users, films)).any(axis=1)
    stars = ratings.half_stars / 2
    assert 0.6 < in_taste.mean() < 0.95
    assert stars[in_taste].mean() > stars[~in_taste].mean() + 1.0


def test_consecutive_likes_share_a_taste_much_more_often_than_in_a_shuffled_history(films, ratings):
    rng = np.random.default_rng(0)

    def sharing(sequences: list[np.ndarray]) -> float:
        pairs = np.concatenate([np.stack([rows[:-1], rows[1:]]) for rows in sequences], axis=1)
        return float((films.belongs[pairs[0]] & films.belongs[pairs[1]]).any(axis=1).mean())

    sequences = liked_sequences(ratings)
    assert sharing(sequences) > sharing([rng.permutation(rows) for rows in sequences]) + 0.15


def test_a_series_is_mostly_watched_in_the_order_of_release(films, ratings):
    when = dict(zip(zip(ratings.users.tolist(), ratings.rows.tolist(), strict=True), ratings.timestamps, strict=True))
    row_of = {movie_id: row for row, movie_id in enumerate(films.movie_ids)}
    steps = [(row_of[one], row_of[other]) for series in SERIES for one, other in pairwise(series)]
    in_order = [
        when[user, one] <= when[user, other]
        for one, other in steps
        for user in range(1, VIEWERS + 1)
        if (user, one) in when and (user, other) in when
    ]
    assert len(in_order) > 1_000
    assert 0.75 < np.mean(in_order) < 1.0


def test_the_command_writes_both_files_and_says_that_it_is_simulated(tmp_path, films):
    command = [sys.executable, "-m", "sample", "out/here", "--viewers", "12", "--seed", "5"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    written = (tmp_path / "out/here/ratings.csv").read_bytes()
    assert written == csv_bytes(tmp_path, films, 12, 5)
    assert (tmp_path / "out/here/movies.csv").read_bytes() == MOVIES_CSV.read_bytes()
    header, first = written.decode().splitlines()[:2]
    assert header == "userId,movieId,rating,timestamp"
    assert re.fullmatch(r"1,\d+,[0-5]\.[05],\d{9,10}", first)
    count = written.count(b"\n") - 1
    assert done.stderr.startswith(f"{count} simulated ratings of 12 simulated viewers: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_failed_write_leaves_the_old_ratings_and_nothing_half_written(tmp_path, monkeypatch, capsys):
    def half(path: Path, ratings: Ratings) -> None:
        path.write_text("userId,mov")
        raise OSError(28, "No space left on device")

    (tmp_path / "ratings.csv").write_text("old")
    monkeypatch.setattr(sample.__main__, "write_ratings", half)
    with pytest.raises(SystemExit, match="1"):
        sample.__main__.main([str(tmp_path), "--viewers", "2"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["movies.csv", "ratings.csv"]
    assert (tmp_path / "movies.csv").read_bytes() == MOVIES_CSV.read_bytes()
    assert (tmp_path / "ratings.csv").read_text() == "old"
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--viewers", "0"], ["--seed", "-1"], ["--viewers", "many"]])
def test_a_bad_option_is_a_usage_error_that_names_it(tmp_path, capsys, option):
    with pytest.raises(SystemExit, match="2"):
        sample.__main__.main([str(tmp_path), *option])
    message = capsys.readouterr().err
    assert option[0] in message
    assert option[1] in message
    assert list(tmp_path.iterdir()) == []
