"""GET /compare/{movieId}: the lists of GET /similar, and how much they agree."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.settings import Settings
from models import Catalogue, Model, Registry, save

Serve = Callable[[Settings], AbstractContextManager[TestClient]]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, make_model: Callable[..., Model]) -> Path:
    """A release of three models: two that are the same, one that is not and knows nothing of next."""
    folder, same = tmp_path_factory.mktemp("three"), make_model(0)
    models = {"item2vec": same, "deepwalk": same, "node2vec": make_model(5, 4, output=False)}
    registry, facts = Registry(folder), {"created_at": "2026-01-01T00:00:00Z", "settings": {}, "data": {}}
    registry.promote(registry.add(lambda target: save(target, catalogue, models, default_model="node2vec", **facts)))
    return folder


@pytest.fixture(scope="module")
def compare(three: Path, serve: Serve) -> Any:
    with serve(Settings(models=three)) as client:
        yield lambda path: client.get(path)


def agreement(left: list[str], right: list[str], p: float = 0.9) -> float:
    """Rank-biased overlap of two lists of one length, with the agreement at the end going on for ever."""
    seen = [len(set(left[:depth]) & set(right[:depth])) / depth for depth in range(1, len(left) + 1)]
    return (1 - p) * sum(value * p**place for place, value in enumerate([*seen, *[seen[-1]] * 500]))


@pytest.mark.parametrize("limit", [1, 5, 10, 30])
def test_the_lists_are_those_of_similar(compare: Any, limit: int) -> None:
    answer = compare(f"/compare/592?limit={limit}")
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["movie", "release", "relation", "limit", "lists", "pairs"]
    assert (body["movie"]["title"], body["relation"], body["limit"]) == ("Batman", "similar", limit)
    assert [one["model"] for one in body["lists"]] == ["item2vec", "deepwalk", "node2vec"]
    for one in body["lists"]:
        similar = compare(f"/similar/592?model={one['model']}&limit={limit}").json()
        assert (one["similar"], one["source"]) == (similar["similar"], similar["source"])
        assert body["release"] == similar["model"]["release"]


def test_each_two_are_compared_once(compare: Any) -> None:
    body = compare("/compare/592").json()
    lists = {one["model"]: [near["movieId"] for near in one["similar"]] for one in body["lists"]}
    pairs = {tuple(pair["models"]): pair for pair in body["pairs"]}
    assert list(pairs) == [("item2vec", "deepwalk"), ("item2vec", "node2vec"), ("deepwalk", "node2vec")]
    assert (pairs["item2vec", "deepwalk"]["overlap"], pairs["item2vec", "deepwalk"]["rbo"]) == (1, 1)
    for (left, right), pair in pairs.items():
        assert pair["overlap"] == len(set(lists[left]) & set(lists[right])) / 10
        assert pair["rbo"] == pytest.approx(agreement(lists[left], lists[right]), rel=5e-6)
    assert 0 < pairs["item2vec", "node2vec"]["overlap"] < 1


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", ["item2vec", "deepwalk", "node2vec"]),
        ("models=", ["item2vec", "deepwalk", "node2vec"]),
        ("models=,", ["item2vec", "deepwalk", "node2vec"]),
        ("models=node2vec,item2vec", ["node2vec", "item2vec"]),
        ("models=node2vec,%20item2vec,,node2vec", ["node2vec", "item2vec"]),
        ("models=deepwalk", ["deepwalk"]),
        # who cannot be asked for it is left out, unless named
        ("relation=next", ["item2vec", "deepwalk"]),
        ("relation=next&models=deepwalk", ["deepwalk"]),
    ],
)
def test_which_models_answer(compare: Any, asked: str, names: list[str]) -> None:
    body = compare(f"/compare/592?{asked}").json()
    assert [one["model"] for one in body["lists"]] == names
    assert len(body["pairs"]) == len(names) * (len(names) - 1) // 2
    assert body["relation"] == ("next" if "next" in asked else "similar")


def test_an_unknown_model_is_named_with_those_there_are(compare: Any) -> None:
    answer = compare("/compare/592?models=item2vec,word2vec")
    assert answer.status_code == 404
    assert answer.json()["models"] == ["item2vec", "deepwalk", "node2vec"]
    assert "'word2vec'" in answer.json()["detail"]


def test_an_unknown_movie_comes_with_suggestions(compare: Any) -> None:
    answer = compare("/compare/Batmn?models=word2vec")
    assert answer.status_code == 404
    assert answer.json()["suggestions"][0]["movieId"] == "592"


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("relation=before", "relation"),
        ("model=item2vec", "model"),
        ("relation=next&models=item2vec,node2vec", "relation"),
        (f"models={'x' * 1001}", "models"),
    ],
)
def test_what_cannot_be_asked(compare: Any, asked: str, parameter: str) -> None:
    answer = compare(f"/compare/592?{asked}")
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


def test_no_model_that_knows_what_is_next(
    tmp_path: Path, catalogue: Catalogue, without_output: Model, serve: Serve
) -> None:
    registry, facts = Registry(tmp_path), {"created_at": "2026-01-01T00:00:00Z", "settings": {}, "data": {}}
    models = {"item2vec": without_output}
    registry.promote(registry.add(lambda target: save(target, catalogue, models, default_model="item2vec", **facts)))
    with serve(Settings(models=tmp_path)) as client:
        answer = client.get("/compare/592?relation=next")
        assert answer.status_code == 422
        assert "output vectors" in answer.json()["detail"]
