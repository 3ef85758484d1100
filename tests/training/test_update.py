"""New movies in the live release: what stays, what is added, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kindred
from models import BLEND, MODEL_NAMES, Links, Model, Registry, Release, Viewers
from models.catalogue import NO_YEAR, Catalogue
from models.scores import unit_rows
from tests.small import MOVIES, sample_ratings, train_arguments
from training.catalogue import Film
from training.maps import pca
from training.neighbours import nearest
from training.update import grow, moved

Say = Callable[..., Any]
NEW = """movieId,title,genres
0aa,"Galaxy Wars, The (2019)",Action|Adventure|Sci-Fi
592,Batman (1990),Action|Crime|Thriller|Noir
zzz,Nothing Known,(no genres listed)
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    learned_well = ("--epochs", "15", "--walks", "4000", "--no-evaluate", "--deterministic", "--users")
    assert kindred.main(train_arguments(sample_ratings(folder, 400), folder / "store", *learned_well)) == 0
    return folder / "store"


@pytest.fixture(scope="module")
def before(trained: Path) -> Release:
    return Registry(trained).load()


@pytest.fixture(scope="module")
def after(trained: Path, before: Release, tmp_path_factory: pytest.TempPathFactory) -> Release:
    movies = tmp_path_factory.mktemp("new") / "new.csv"
    movies.write_text(NEW, encoding="utf-8")
    assert kindred.main(["update", "--movies", str(movies), "--models", str(trained)]) == 0
    release = Registry(trained).load()
    assert release.id != before.id
    return release


def test_new_movies_have_a_row_and_changed_ones_their_new_title(before: Release, after: Release) -> None:
    assert set(after.catalogue.ids) == {*before.catalogue.ids, "0aa", "zzz"}
    row = after.catalogue.row_of["0aa"]
    assert (after.catalogue.titles[row], after.catalogue.years[row]) == ("Galaxy Wars, The", 2019)
    assert after.catalogue.likes[row] == 0
    row = after.catalogue.row_of["592"]
    assert (after.catalogue.years[row], after.catalogue.genres[row][-1]) == (1990, "Noir")


@pytest.mark.parametrize("name", [*MODEL_NAMES, BLEND])
def test_what_was_learned_stays_bit_by_bit(before: Release, after: Release, name: str) -> None:
    old, new = before.models[name], after.models[name]
    rows = [after.catalogue.row_of[movie_id] for movie_id in before.catalogue.ids]
    assert new.learned[rows].tolist() == old.learned.tolist()
    assert new.learned.sum() == old.learned.sum()
    learned = np.flatnonzero(old.learned)
    assert new.vectors[rows][learned].tobytes() == old.vectors[learned].tobytes()
    assert new.output is not None
    assert old.output is not None
    assert new.output[rows].tobytes() == old.output.tobytes()
    for row in learned[::17].tolist():  # so do the lists of learned movies, scores and all
        near = [rows[other] for other in old.neighbour_rows[row].tolist() if other >= 0 and old.learned[other]]
        found = [other for other in new.neighbour_rows[rows[row]].tolist() if other >= 0 and new.learned[other]]
        shared = min(len(near), len(found))
        assert near[:shared] == found[:shared]


@pytest.mark.parametrize("name", [*MODEL_NAMES, BLEND])
def test_movies_stay_where_the_map_has_them(before: Release, after: Release, name: str) -> None:
    old, new = before.models[name], after.models[name]
    assert old.map is not None
    assert new.map is not None
    rows = np.array([after.catalogue.row_of[movie_id] for movie_id in before.catalogue.ids])
    assert new.map[rows][old.learned] == pytest.approx(old.map[old.learned], abs=3e-6)
    away, plain = (np.linalg.norm(points, axis=1) for points in (new.map, pca(new.vectors, new.learned)))
    assert away == pytest.approx(plain, abs=3e-6)
    assert before.manifest.data["map"] == after.manifest.data["map"] == {"method": "pca"}


@pytest.mark.parametrize("name", [*MODEL_NAMES, BLEND])
def test_a_new_movie_answers_with_movies_of_its_kind(after: Release, name: str) -> None:
    model, catalogue = after.models[name], after.catalogue
    row = catalogue.row_of["0aa"]
    assert not model.learned[row]
    assert model.listed is not None
    assert model.listed[row]
    assert not model.listed[catalogue.row_of["zzz"]]
    wanted = catalogue.with_genre("Sci-Fi") | catalogue.with_genre("Action") | catalogue.with_genre("Adventure")
    assert wanted[model.neighbour_rows[row, :10]].mean() > 0.75 > 0.6 > wanted.mean()
    stored, scores = nearest(model)
    assert np.array_equal(model.neighbour_rows, stored)
    assert np.array_equal(model.neighbour_scores, scores)


def test_the_blend_is_still_its_parts_side_by_side_and_what_movies_are_about(before: Release, after: Release) -> None:
    new, old = after.models[BLEND].vectors, before.models[BLEND].vectors
    row = after.catalogue.row_of["0aa"]
    parts = np.hstack([unit_rows(after.models[name].vectors[[row]]) for name in MODEL_NAMES])[0]
    width, content = len(parts), 0.25
    np.testing.assert_allclose(new[row, :width], parts / np.sqrt(3 * (1 + content)), atol=1e-6)
    assert np.linalg.norm(new[row, width:]) == pytest.approx(np.sqrt(content / (1 + content)), abs=1e-6)
    # on the axes that the learned movies have: nearest by what it is about are action, adventure, sci-fi
    genres = after.catalogue.genres
    best = np.argsort(-(new[:, width:] @ new[row, width:]), kind="stable")[1:6].tolist()
    assert all(set(genres[other]) & {"Action", "Adventure", "Sci-Fi"} for other in best)
    # a movie that was there, of which nothing changed, is about the same as before
    for name, there in before.catalogue.row_of.items():
        if not before.models[BLEND].learned[there]:
            one, other = unit_rows(np.stack([new[after.catalogue.row_of[name], width:], old[there, width:]]))
            assert one @ other > 0.99


def test_evidence_and_viewers_move_along(before: Release, after: Release) -> None:
    assert before.evidence is not None
    assert after.evidence is not None
    ids, now = before.catalogue.ids, after.catalogue.row_of
    for a in range(0, len(ids), 13):
        for b in range(0, len(ids), 7):
            assert after.evidence.liked_both(now[ids[a]], now[ids[b]]) == before.evidence.liked_both(a, b)
    assert isinstance(before.viewers, Viewers)
    assert after.viewers is not None
    old = [ids[row] for row in before.viewers.likes_at(3).tolist()]
    assert [after.catalogue.ids[row] for row in after.viewers.likes_at(3).tolist()] == old


def test_the_manifest_says_what_it_was_updated_from(before: Release, after: Release) -> None:
    data = after.manifest.data
    assert data["updated"]["from"] == before.id
    assert (data["updated"]["added"], data["updated"]["changed"]) == (2, 1)
    assert data["updated"]["movies_file"]["name"] == "new.csv"
    assert data["ratings_file"] == before.manifest.data["ratings_file"]
    assert data["movies"] == len(after.catalogue)
    for name in MODEL_NAMES:
        cold = after.manifest.settings[name]["inferred"]["inferred"]
        assert cold == int((~after.models[name].learned).sum())


def test_the_same_again_has_nothing_new(trained: Path, after: Release, write: Callable[..., Path], say: Say) -> None:
    said = say("update", "--movies", write(NEW, "again.csv"), "--models", trained)
    assert (said.code, said.out) == (1, "")
    assert f"nothing new: all 3 movies are in {after.id} as they are" in said.err
    assert Registry(trained).current() == after.id


def test_faulty_rows_are_named_and_the_rest_goes_in(trained: Path, write: Callable[..., Path], say: Say) -> None:
    movies = write("movieId,title,genres\n,No Id,Drama\nnew1,Fine (2020),Drama\nnew1,Twice,Drama\nshort\n", "m.csv")
    live = Registry(trained).current()
    said = say("update", "--movies", movies, "--models", trained, "--no-promote", "--json")
    assert said.code == 0
    answer = json.loads(said.out)
    assert (answer["added"], answer["promoted"], answer["from"]) == (1, False, live)
    assert {reason: one["line"] for reason, one in answer["moviesRejected"].items()} == {
        "empty movie id": 2,
        "movie id seen before": 4,
        "wrong column count (expected 3)": 5,
    }
    assert "movies: 1 rows left out: empty movie id (first at line 2: ',No Id,Drama')" in said.err
    assert Registry(trained).current() == live


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("movieId,title,genres\n", "m.csv", "no movies in it"),
        ("id,name\n1,x\n", "m.csv", "expected columns movieId, title, found id, name"),
        ("", "m.csv", "the file is empty"),
        (b"\x00\x01", "m.csv", "found a binary file"),
        ("x", "m.txt", "expected a name ending in"),
    ],
)
def test_movies_files_that_cannot_be_used(
    trained: Path, write: Callable[..., Path], say: Say, content: str, name: str, message: str
) -> None:
    versions = Registry(trained).versions()
    said = say("update", "--movies", write(content, name), "--models", trained)
    assert (said.code, said.out) == (1, "")
    assert message in said.err
    assert Registry(trained).versions() == versions


def test_without_a_live_release_there_is_nothing_to_update(tmp_path: Path, say: Say) -> None:
    said = say("update", "--movies", MOVIES, "--models", tmp_path / "none")
    assert said.code == 1
    assert "train one first" in said.err


def test_tags_alone_move_a_movie(trained: Path, write: Callable[..., Path], say: Say) -> None:
    ids = [row.split(",")[0] for row in MOVIES.read_text(encoding="utf-8").splitlines()[1:40]]
    tags = write("userId,movieId,tag,timestamp\n" + "".join(f"1,{name},dragons,1\n" for name in ids), "tags.csv")
    movies = write("movieId,title,genres\n592,Batman (1991),Action\n", "m.csv")
    said = say("update", "--movies", movies, "--tags", tags, "--models", trained, "--no-promote", "--json")
    assert said.code == 0
    answer = json.loads(said.out)
    assert answer["changed"] == len({*ids, "592"})
    catalogue = Registry(trained).load(answer["release"]).catalogue
    assert catalogue.tags[catalogue.row_of[ids[0]]] == ("dragons",)


def small(ids: tuple[str, ...], tags: tuple[tuple[str, ...], ...] = ()) -> Catalogue:
    count = len(ids)
    return Catalogue(
        ids, ids, np.full(count, 1990, np.int16), (("Drama",),) * count, np.arange(count, dtype=np.int32), tags
    )


def test_a_film_that_says_less_keeps_what_was_known() -> None:
    grown = grow(small(("a", "c")), [Film("a", "A", NO_YEAR, ()), Film("b", "", 2000, ("War",))], {})
    assert (grown.ids, grown.titles) == (("a", "b", "c"), ("A", "b", "c"))
    assert (grown.years.tolist(), grown.likes.tolist()) == ([1990, 2000, 1990], [0, 0, 1])
    assert grown.genres == (("Drama",), ("War",), ("Drama",))
    assert grown.tags == ()


def test_tags_are_kept_and_given_ones_replace_them() -> None:
    ids = tuple("abcdef")
    grown = grow(small(ids, (("old",),) * 6), [], {"a": ("old", "new"), "nobody": ("old",)})
    assert grown.tags == (("old",),) * 6  # "new" has one movie only


def test_every_array_moves_with_its_movie() -> None:
    random = np.random.default_rng(4)
    links = Links(np.array([0, 2, 2, 3]), np.array([1, 2, 0], np.int32), random.normal(size=(2, 3)).astype(np.float32))
    none = np.empty((3, 0), dtype=np.int32)
    vectors = random.normal(size=(3, 2)).astype(np.float32)
    priors = random.normal(size=(2, 3)).astype(np.float32)
    learned = np.array([True, False, True])
    model = Model(vectors, learned, none, none.astype(np.float32), vectors + 1, priors, links)
    rows = np.array([1, 2, 4])
    wide = moved(model, rows, 6)
    assert wide.vectors[rows].tobytes() == vectors.tobytes()
    assert wide.learned.tolist() == [False, True, False, False, True, False]
    assert wide.links is not None
    for row, now in enumerate(rows):
        for relation in ("similar", "next"):
            old, new = model.added(relation, ((row, 1.0),)), wide.added(relation, ((int(now), 1.0),))  # type: ignore[arg-type]
            assert old is not None
            assert new is not None
            assert new[rows].tolist() == old.tolist()
            assert not new[[0, 3, 5]].any()
