"""Two releases side by side, worked out by hand."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kindred
from models import Catalogue, Model, Registry, Release, UnknownVersionError, save
from models.diff import diff, overlaps
from models.difftext import describe
from models.registry import NoReleaseError
from tests.models.tiny import FIRST, SECOND, publish

BEFORE = ("a", "b", "c", "d", "e")
AFTER = ("a", "b", "c", "e", "f")


def films(ids: tuple[str, ...], likes: list[int]) -> Catalogue:
    titles = tuple(f"Film {name}" for name in ids)
    years = np.array([1990 + row for row in range(len(ids))], np.int16)
    return Catalogue(ids, titles, years, ((),) * len(ids), np.array(likes, np.int32))


def model(rows: list[list[int]], vectors: list[tuple[int, int]], learned: list[bool] | None = None) -> Model:
    near = np.array(rows, np.int32)
    known = np.array(learned or [True] * len(rows))
    return Model(np.array(vectors, np.float32), known, near, np.where(near < 0, 0, 1).astype(np.float32))


def table(hr: float, name: str = "item2vec") -> dict[str, Any]:
    row = {"name": name, "kind": "model", "relation": "similar", "task": "A", "hr@10": hr, "hr@20": hr, "mrr": hr}
    return {"protocol": "leave-last-one", "rows": [row, {**row, "name": "markov", "kind": "baseline"}]}


def add(registry: Registry, created_at: str, ids: tuple[str, ...], likes: list[int], made: Model, **more: Any) -> str:
    given: dict[str, Any] = {"settings": {"item2vec": {"seed": 1}}, "metrics": table(0.2), "data": {}} | more
    models = given.pop("models", {"item2vec": made})
    return registry.add(
        lambda folder: save(folder, films(ids, likes), models, created_at=created_at, default_model="item2vec", **given)
    )


@pytest.fixture
def store(tmp_path: Path) -> Registry:
    """d has gone, f has come; a keeps its neighbours, b keeps one of two, c has others, e was inferred."""
    registry = Registry(tmp_path / "store")
    old = model(
        [[1, 2], [0, 4], [3, 4], [0, 1], [0, 1]],
        [(1, 0), (0, 2), (1, 1), (5, 5), (1, 0)],
        [True, True, True, True, False],
    )
    # rows after: a 0, b 1, c 2, e 3, f 4
    new = model([[2, 1], [3, 4], [0, 1], [0, 1], [0, -1]], [(3, 0), (2, 0), (-1, -1), (1, 0), (1, 0)])
    first = add(registry, FIRST, BEFORE, [5, 6, 7, 8, 0], old)
    settings = {"item2vec": {"seed": 2, "q": 0.5}, "deepwalk": {"seed": 2}}
    add(registry, SECOND, AFTER, [5, 6, 7, 1, 1], new, settings=settings, metrics=table(0.3))
    registry.promote(first)
    return registry


@pytest.fixture
def found(store: Registry) -> dict[str, Any]:
    first, second = store.versions()
    return diff(store.load(first), store.load(second))


def test_films_added_and_gone_are_counted_and_named(found: dict[str, Any]) -> None:
    gone = {"movie_id": "d", "title": "Film d", "year": 1993, "likes": 8}
    assert found["gone"] == {"count": 1, "movies": [gone]}
    assert found["added"] == {"count": 1, "movies": [{"movie_id": "f", "title": "Film f", "year": 1994, "likes": 1}]}


def test_films_whose_neighbours_changed_most_come_first(found: dict[str, Any]) -> None:
    near = found["neighbours"]
    assert (near["model"], near["movies"], near["overlap"]) == ("item2vec", 3, 0.5)
    assert [(film["movie_id"], film["overlap"]) for film in near["changed"]] == [("c", 0), ("b", 0.5), ("a", 1)]


def test_of_equal_changes_the_one_most_have_liked_comes_first(store: Registry) -> None:
    first, _ = store.versions()
    one = store.load(first)
    others = replace(one.models["item2vec"], neighbour_rows=np.array([[3], [3], [1], [2], [0]], np.int32))
    near = diff(one, Release(one.manifest, one.catalogue, {"item2vec": others}))["neighbours"]
    assert [film["movie_id"] for film in near["changed"]] == ["d", "c", "b", "a"]
    assert {film["overlap"] for film in near["changed"]} == {0}


def test_numbers_stand_side_by_side(found: dict[str, Any]) -> None:
    same = {"before": 0.2, "after": 0.3}
    unknown = {"before": None, "after": None}
    row = {"name": "item2vec", "relation": "similar", "task": "A", "hr@10": same, "hr@20": same, "mrr": same}
    assert found["metrics"] == [{**row, "ndcg@10": unknown}]
    assert found["default_model"] == {"before": "item2vec", "after": "item2vec"}


def test_settings_that_differ_are_listed(found: dict[str, Any]) -> None:
    assert found["settings"] == [
        {"model": "item2vec", "setting": "seed", "before": 1, "after": 2},
        {"model": "item2vec", "setting": "q", "before": None, "after": 0.5},
        {"model": "deepwalk", "setting": None, "before": False, "after": True},
    ]


def test_vectors_are_compared_where_both_have_learned_them(found: dict[str, Any]) -> None:
    # cosines of a, b, c: 1, 0, -1
    assert found["vectors"] == {"item2vec": {"movies": 3, "dimension": {"before": 2, "after": 2}, "cosine": 0}}


def test_vectors_of_other_dimensions_have_no_cosine(store: Registry) -> None:
    first, _ = store.versions()
    one = store.load(first)
    longer = replace(one.models["item2vec"], vectors=np.ones((5, 3), np.float32))
    found = diff(one, Release(one.manifest, one.catalogue, {"item2vec": longer}))
    assert found["vectors"]["item2vec"] == {"movies": 4, "dimension": {"before": 2, "after": 3}, "cosine": None}
    assert "dimension 2 -> 3, 4 films in both: not comparable" in describe(found)


def test_a_release_beside_itself_differs_in_nothing(store: Registry) -> None:
    one = store.load()
    found = diff(one, one)
    assert (found["added"]["count"], found["gone"]["count"], found["settings"]) == (0, 0, [])
    assert (found["neighbours"]["overlap"], found["vectors"]["item2vec"]["cosine"]) == (1, pytest.approx(1))


def test_releases_without_a_model_in_common_have_no_neighbours_to_compare(store: Registry) -> None:
    one = store.load()
    found = diff(one, Release(one.manifest, one.catalogue, {"deepwalk": one.models["item2vec"]}))
    assert (found["neighbours"], found["vectors"]) == (None, {})
    assert "neighbours" not in describe(found)


def test_only_the_first_twenty_are_shown() -> None:
    ids = tuple(f"{row:02}" for row in range(50))
    old, new = films(ids[:2], [1, 1]), films(ids, [1] * 50)
    manifest: Any = type("Manifest", (), {"id": "x", "metrics": {}, "settings": {}, "default_model": "item2vec"})
    found = diff(Release(manifest, old, {}), Release(manifest, new, {}))
    assert found["added"]["count"] == 48
    assert [film["movie_id"] for film in found["added"]["movies"]] == list(ids[2:22])
    assert "added: 48 films: Film 02 (1992); " in describe(found)


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [
        ([0, 1, 2], [2, 1, 0], 1),
        ([0, 1, 2], [0, 3, 4], 1 / 3),
        ([0, -1, -1], [0, -1, -1], 1),
        ([0, 1, -1], [0, -1, -1], 0.5),
        ([-1, -1, -1], [-1, -1, -1], 1),
        ([5, 1, 2], [0, 1, 2], 2 / 3),
        ([0, 1, 2], [-1, -1, -1], 0),
    ],
)
def test_overlap_is_the_share_in_common(before: list[int], after: list[int], share: float) -> None:
    moved = np.array([0, 1, 2, 3, 4, -1])
    assert overlaps(np.array([before]), np.array([after]), moved).tolist() == pytest.approx([share])


def test_overlap_follows_movies_to_their_new_rows_and_looks_at_the_best_k() -> None:
    moved = np.array([3, 2, 1, 0])
    assert overlaps(np.array([[0, 1, 2]]), np.array([[3, 2, 0]]), moved, k=2).tolist() == [1]
    assert overlaps(np.array([[0, 1, 2]]), np.array([[3, 0, 2]]), moved, k=2).tolist() == [0.5]


def test_diff_prints_all_parts(store: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = store.versions()
    assert kindred.main(["diff", "current", second[:10], "--models", str(store.folder)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = [line for line in out.splitlines() if line]
    assert lines[:3] == [f"{first} -> {second}", "default model: item2vec", "held out (leave-last-one):"]
    for line in (
        "item2vec    similar   A     0.2000 -> 0.3000    0.2000 -> 0.3000    - -> -         0.2000 -> 0.3000",
        "  item2vec.seed: 1 -> 2",
        "  deepwalk: only after",
        "added: 1 films: Film f (1994)",
        "gone: 1 films: Film d (1993)",
        "vectors: item2vec, dimension 2, 3 films in both: mean cosine 0.0000",
        "neighbours of item2vec: 50.0% of the ten nearest are the same; least:",
        "   0%  c         Film c (1992), 7 likes",
    ):
        assert line in lines


def test_diff_in_json_is_one_object(store: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    assert kindred.main(["diff", *store.versions(), "--json", "--models", str(store.folder)]) == 0
    out, _ = capsys.readouterr()
    answer = json.loads(out)
    assert (out.count("\n"), answer["gone"]["movies"][0]["movieId"]) == (1, "d")
    assert answer["metrics"][0]["hr@10"] == {"before": 0.2, "after": 0.3}


def test_a_version_is_found_by_its_beginning(registry: Registry) -> None:
    first, second, third = registry.versions()
    assert [registry.find(name) for name in ("current", "previous", third, second[:8])] == [
        second,
        first,
        third,
        second,
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("2026", "3 versions begin with '2026'"),
        ("2027", "no version '2027'"),
        ("", "no version ''"),
    ],
)
def test_a_name_for_none_or_several_is_refused(registry: Registry, name: str, message: str) -> None:
    with pytest.raises(UnknownVersionError, match=rf"^{message} in .*; there are: 20260101T"):
        registry.find(name)


def test_current_of_a_store_where_nothing_is_live(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    publish(registry)
    with pytest.raises(NoReleaseError, match="no release is live in "):
        registry.find("current")


def test_diff_of_what_is_not_there_is_one_line(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    assert kindred.main(["diff", "current", "nothing", "--models", str(registry.folder)]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("kindred: no version 'nothing' in ")
