"""Links and rating facts in a release: against the course's own arithmetic, row by row."""

import json
import re
import shlex
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

import kindred
from models import Registry
from models.details import MOST
from tests.small import MOVIES, TINY, sample_ratings, train_arguments
from training.errors import DataError
from training.links import read_links

README = Path(__file__).parents[2] / "README.md"
Captured = pytest.CaptureFixture[str]
QUICK = ("--method", "deepwalk", "--no-evaluate", "--map", "none", "--compat", "sparrow")


def write_links(path: Path) -> Path:
    lines = MOVIES.read_text(encoding="utf-8").splitlines()[1:]
    ids = [line.split(",")[0] for line in lines]
    rows = [
        f"{movie_id},0{int(movie_id):06d},{'' if number % 7 == 0 else number}" for number, movie_id in enumerate(ids)
    ]
    path.write_text("movieId,imdbId,tmdbId\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a viewer who likes nothing, a movie that is rated low only, and many equal ratings."""
    path = sample_ratings(tmp_path_factory.mktemp("data"), 60)
    with path.open("a", encoding="utf-8") as file:
        file.write("grump,592,0.5,5\ngrump,1377,3.0,5\n")
        file.writelines(f"early{number},592,5.0,{100 - number % 3}\n" for number in range(12))
    return path


@pytest.fixture(scope="module")
def store(ratings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    links = write_links(folder / "links.csv")
    (line,) = re.findall(r"^kindred (train .* --compat sparrow .*)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    files = {"ratings.csv": ratings, "movies.csv": MOVIES, "links.csv": links}
    words = [str(files.get(word, word)) for word in shlex.split(line)]
    assert kindred.main([*words, "--models", str(folder / "store"), *TINY, *QUICK]) == 0
    return folder / "store"


def test_numbers_means_and_the_highest_are_those_of_the_file(ratings: Path, store: Path) -> None:
    release = Registry(store).load()
    details, viewers = release.details, release.viewers
    assert details is not None
    assert viewers is not None
    assert details.top is not None
    latest: dict[tuple[str, str], tuple[float, float]] = {}
    for line in ratings.read_text().splitlines()[1:]:
        user, movie, score, time = line.split(",")
        latest[user, movie] = max(latest.get((user, movie), (-1.0, -1.0)), (float(time), float(score)))
    of: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for (user, movie), (time, score) in latest.items():
        of[movie].append((-score, time, user))
    for row, movie in enumerate(release.catalogue.ids):
        given = of[movie]
        assert details.counts[row] == len(given)
        mean = -sum(score for score, _, _ in given) / len(given) if given else 0.0
        assert details.means[row] == np.float32(mean)
        best = [one for one in sorted(given) if one[2] != "grump"][:MOST]
        places = details.top.users[row]
        assert [viewers.id_at(int(place)) for place in places if place >= 0] == [user for _, _, user in best]
        assert (places[len(best) :] == -1).all()
        assert details.top.scores[row, : len(best)].tolist() == [-score for score, _, _ in best]
        assert details.top.times[row, : len(best)].tolist() == [time for _, time, _ in best]
    assert len(of["592"]) > MOST
    data = release.manifest.data
    assert (data["compat"], data["links_file"]["name"]) == ("sparrow", "links.csv")


def test_links_stand_at_their_rows_with_leading_zeros(store: Path) -> None:
    release = Registry(store).load()
    assert release.details is not None
    row = release.catalogue.row_of["592"]
    assert release.details.imdb[row] == "0000592"
    assert "" in release.details.tmdb


def test_without_viewers_nobody_is_named(ratings: Path, tmp_path: Path) -> None:
    assert kindred.main(train_arguments(ratings, tmp_path / "store", *QUICK)) == 0
    release = Registry(tmp_path / "store").load()
    assert release.details is not None
    assert release.details.top is None
    assert set(release.details.imdb) == {""}
    assert release.details.counts.sum() > 0
    files = release.manifest.files
    assert not [name for name in files if "top" in name or "users" in name]


def test_an_update_takes_them_along(store: Path, tmp_path: Path) -> None:
    before = Registry(store).load()
    new = tmp_path / "new.csv"
    new.write_text("movieId,title,genres\n0,Batman Again (2026),Action|Crime\n", encoding="utf-8")
    assert kindred.main(["update", "--movies", str(new), "--models", str(store), "--no-promote"]) == 0
    after = Registry(store).load(Registry(store).versions()[-1])
    assert before.details is not None
    assert after.details is not None
    assert after.details.counts[after.catalogue.row_of["0"]] == 0
    assert after.details.top is not None
    for movie_id, row in before.catalogue.row_of.items():
        now = after.catalogue.row_of[movie_id]
        assert after.details.counts[now] == before.details.counts[row]
        assert after.details.imdb[now] == before.details.imdb[row]
        assert after.details.top.users[now].tolist() == before.details.top.users[row].tolist()
    assert (after.details.top.users[after.catalogue.row_of["0"]] == -1).all()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--links", "links.csv"], "--links goes with --compat sparrow"),
        (["--compat", "sparrow", "--engine", "spark"], "--compat goes with --engine local"),
        (["--compat", "sparrow", "--links", "none.csv"], "none.csv: no such file"),
    ],
)
def test_what_cannot_be(ratings: Path, tmp_path: Path, capsys: Captured, more: list[str], message: str) -> None:
    assert kindred.main(train_arguments(ratings, tmp_path / "store", *more)) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "store").exists()


def test_rows_of_links_that_are_turned_away(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    path.write_text("movieId,imdbId,tmdbId\n1,0114709,862\n2,0113497\n,1,2\n1,5,6\n3,,\n")
    links, rejects = read_links(path)
    assert links == {"1": ("0114709", "862"), "3": ("", "")}
    assert json.loads(json.dumps(rejects.to_json())) == rejects.to_json()
    assert rejects.total() == 3
    path.write_text("movieId,imdbId,tmdbId\n")
    with pytest.raises(DataError, match="expected links, found none in 0 rows"):
        read_links(path)
    path.write_text("movieId,imdb\n1,2\n")
    with pytest.raises(DataError, match="imdbId"):
        read_links(path)
