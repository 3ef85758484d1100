"""GET /explain/{movieId}/{otherId}: counts against plain Python, ranks against GET /similar."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.evidence import Margins, lift
from app.settings import Settings
from models import Catalogue, Evidence, Model, Registry, save
from tests.small import sequences_of
from training.cooccurrence import evidence, liked_together

IDS = ["1", "2", "592", "593", "318", "171749", "ü%", "a/b c"]
COUNTED = ("likes", "likedBoth", "transitions", "transitionProbability")
Serve = Callable[[Settings], AbstractContextManager[TestClient]]


def explain(client: TestClient, movie_id: str, other_id: str) -> Any:
    answer = client.get(f"/explain/{quote(movie_id, safe='')}/{quote(other_id, safe='')}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def viewers(catalogue: Catalogue) -> list[list[int]]:
    """Of each viewer the rows liked, oldest first; popular movies are liked by many, one by nobody."""
    random = np.random.default_rng(592)
    weights = np.where(np.arange(len(catalogue)) == catalogue.row_of["171749"], 0, catalogue.likes + 5.0)
    sizes = random.integers(1, 25, size=120)
    draws = (random.choice(len(weights), size, replace=False, p=weights / weights.sum()) for size in sizes)
    return [draw.tolist() for draw in draws]


def published(
    folder: Path, catalogue: Catalogue, models: dict[str, Model], kept: Evidence, viewers: list[list[int]]
) -> Path:
    likes = np.bincount(np.concatenate(viewers), minlength=len(catalogue)).astype(np.int32)
    registry, facts = Registry(folder), {"created_at": "2026-01-01T00:00:00Z", "settings": {}, "data": {}}
    liked = replace(catalogue, likes=likes)
    registry.promote(
        registry.add(lambda target: save(target, liked, models, default_model="item2vec", evidence=kept, **facts))
    )
    return folder


@pytest.fixture(scope="module")
def trained(make_model: Callable[..., Model]) -> dict[str, Model]:
    return {"item2vec": make_model(0), "deepwalk": make_model(1, 4, output=False)}


@pytest.fixture(scope="module")
def counting(
    tmp_path_factory: pytest.TempPathFactory,
    catalogue: Catalogue,
    trained: dict[str, Model],
    viewers: list[list[int]],
    serve: Serve,
) -> Iterator[TestClient]:
    """The service over a release with evidence."""
    kept = evidence(sequences_of(viewers), len(catalogue))
    folder = published(tmp_path_factory.mktemp("counting"), catalogue, trained, kept, viewers)
    with serve(Settings(models=folder)) as client:
        yield client


def test_the_whole_answer(counting: TestClient) -> None:
    body = explain(counting, "592", "593")
    assert list(body) == ["movie", "other", "release", "evidence", "sharedGenres", "models"]
    assert (body["movie"]["title"], body["other"]["title"]) == ("Batman", "Silence of the Lambs, The")
    assert body["release"] == counting.get("/readyz").json()["release"]
    assert body["sharedGenres"] == ["Crime", "Thriller"]
    assert list(body["evidence"]) == [
        *("viewers", "likes", "otherLikes", "likedBoth", "floor", "expected", "lift", "liftLow", "liftHigh"),
        *("confidence", "transitions", "transitionsBack", "transitionProbability", "transitionProbabilityBack"),
    ]
    assert [list(one) for one in body["models"]] == [["name", "relation", "source", "score", "rank", "total"]] * 3
    named = [(one["name"], one["relation"]) for one in body["models"]]
    assert named == [("item2vec", "similar"), ("item2vec", "next"), ("deepwalk", "similar")]


@pytest.mark.parametrize("movie_id", IDS)
def test_counts_are_those_of_plain_python(
    counting: TestClient, catalogue: Catalogue, viewers: list[list[int]], movie_id: str
) -> None:
    row = catalogue.row_of[movie_id]
    steps = [step for liked in viewers for step in pairwise(liked)]
    leaving = [there for here, there in steps if here == row]
    for other, other_id in enumerate(catalogue.ids):
        if other == row:
            continue
        found = explain(counting, movie_id, other_id)["evidence"]
        likes, other_likes = (sum(one in liked for liked in viewers) for one in (row, other))
        both = sum(row in liked and other in liked for liked in viewers)
        expected = likes * other_likes / 120
        assert (found["viewers"], found["floor"], found["confidence"]) == (120, 1, 0.95)
        assert (found["likes"], found["otherLikes"], found["likedBoth"]) == (likes, other_likes, both)
        assert found["expected"] == pytest.approx(expected, rel=5e-6)
        assert found["transitions"] == leaving.count(other)
        assert found["transitionsBack"] == steps.count((other, row))
        share = leaving.count(other) / len(leaving) if leaving else None
        assert found["transitionProbability"] == (pytest.approx(share, rel=5e-6) if leaving else None)
        limits = lift(Margins(120, likes, other_likes), both, 1)
        for key, value in zip(("lift", "liftLow", "liftHigh"), vars(limits).values(), strict=True):
            assert found[key] == (None if value is None else pytest.approx(value, rel=5e-6))
        assert found["lift"] == (pytest.approx(both / expected, rel=5e-6) if expected else None)


@pytest.mark.parametrize("looked_up", [1, 10, 100])
@pytest.mark.parametrize("movie_id", IDS)
def test_scores_and_ranks_are_those_of_similar(
    counting: TestClient,
    catalogue: Catalogue,
    trained: dict[str, Model],
    monkeypatch: pytest.MonkeyPatch,
    movie_id: str,
    looked_up: int,
) -> None:
    monkeypatch.setattr("app.ranks.MAX_NEIGHBOURS", looked_up)  # those behind are counted
    for name, relation in (("item2vec", "similar"), ("item2vec", "next"), ("deepwalk", "similar")):
        asked = f"/similar/{quote(movie_id, safe='')}?model={name}&relation={relation}&limit=1000"
        listed = counting.get(asked).json()
        places = {near["movieId"]: (near["score"], near["rank"]) for near in listed["similar"]}
        assert len(places) > 10
        for other_id in IDS:
            if other_id == movie_id:
                continue
            entries = explain(counting, movie_id, other_id)["models"]
            found = next(one for one in entries if (one["name"], one["relation"]) == (name, relation))
            assert found["total"] == listed["total"]
            if other_id in places:
                assert (found["score"], found["rank"]) == places[other_id]
            else:
                assert found["rank"] is None
            both_learned = all(trained[name].learned[catalogue.row_of[one]] for one in (movie_id, other_id))
            assert found["source"] == ("learned" if both_learned else "inferred")


def test_what_is_never_an_answer_has_a_score_and_no_rank(
    counting: TestClient, catalogue: Catalogue, trained: dict[str, Model]
) -> None:
    model = trained["item2vec"]
    other = int(np.flatnonzero(~model.learned)[0])
    found = explain(counting, "592", catalogue.ids[other])["models"][0]
    ours, theirs = (model.vectors[row].astype(float) for row in (catalogue.row_of["592"], other))
    cosine = ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs)
    assert (found["rank"], found["source"]) == (None, "inferred")
    assert found["score"] == pytest.approx(cosine, rel=5e-6)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_other_way_round_the_same_is_said(counting: TestClient, catalogue: Catalogue, data: st.DataObject) -> None:
    movie_id, other_id = data.draw(st.lists(st.sampled_from(catalogue.ids), min_size=2, max_size=2, unique=True))
    there, back = explain(counting, movie_id, other_id), explain(counting, other_id, movie_id)
    assert (there["movie"], there["other"]) == (back["other"], back["movie"])
    assert set(there["sharedGenres"]) == set(back["sharedGenres"])
    ours, theirs = there["evidence"], back["evidence"]
    for key in ("viewers", "likedBoth", "expected", "lift", "liftLow", "liftHigh"):
        assert ours[key] == theirs[key], key
    assert (ours["likes"], ours["otherLikes"]) == (theirs["otherLikes"], theirs["likes"])
    for key in ("transitions", "transitionProbability"):
        assert (ours[key], ours[f"{key}Back"]) == (theirs[f"{key}Back"], theirs[key])


def test_a_movie_that_nobody_liked(counting: TestClient) -> None:
    found = explain(counting, "592", "171749")["evidence"]
    assert (found["otherLikes"], found["likedBoth"], found["expected"]) == (0, 0, 0)
    assert [found[key] for key in ("lift", "liftLow", "liftHigh", "transitionProbabilityBack")] == [None] * 4
    assert found["transitionProbability"] == 0


def test_below_the_floor_no_count_is_made_up(
    tmp_path: Path, catalogue: Catalogue, trained: dict[str, Model], viewers: list[list[int]], serve: Serve
) -> None:
    sequences = sequences_of(viewers)
    together, floor = liked_together(sequences, len(catalogue), most=150)
    whole = evidence(sequences, len(catalogue))
    assert floor > 2
    kept = replace(whole, together=together, floor=floor)
    unknown = 0
    with serve(Settings(models=published(tmp_path, catalogue, trained, kept, viewers))) as client:
        for other, other_id in enumerate(catalogue.ids):
            if other_id in ("592", "171749"):
                continue
            found, count = (
                explain(client, "592", other_id)["evidence"],
                whole.liked_both(catalogue.row_of["592"], other),
            )
            assert found["floor"] == floor
            assert found["liftLow"] <= count / found["expected"] <= found["liftHigh"]
            if count >= floor:
                assert found["likedBoth"] == count
            else:
                unknown += 1
                assert (found["likedBoth"], found["lift"], found["liftLow"]) == (None, None, 0)
        nobody = explain(client, "592", "171749")["evidence"]
        assert (nobody["likedBoth"], nobody["lift"]) == (0, None)
    assert unknown > 5


def test_a_release_without_counts_says_so(client: TestClient) -> None:
    body = explain(client, "592", "593")
    assert body["evidence"] is None
    assert body["sharedGenres"] == ["Crime", "Thriller"]
    assert len(body["models"]) == 3


@pytest.mark.parametrize("path", ["a%2Fb%20c/592", "a/b%20c/592", "592/a%2Fb%20c", "592/a/b%20c"])
def test_ids_with_slashes_are_told_apart(counting: TestClient, path: str) -> None:
    body = counting.get(f"/explain/{path}").json()
    assert {body["movie"]["movieId"], body["other"]["movieId"]} == {"a/b c", "592"}
    assert body["movie"]["movieId"] == ("592" if path.startswith("592") else "a/b c")


@pytest.mark.parametrize("path", ["Batmn/593", "593/Batmn"])
def test_an_unknown_movie_on_either_side(counting: TestClient, path: str) -> None:
    answer = counting.get(f"/explain/{path}")
    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert body["type"] == "/problems/unknown-movie"
    assert body["detail"].startswith("no movie 'Batmn'")
    assert body["suggestions"][0] == {"movieId": "592", "title": "Batman", "year": 1989}


def test_a_parameter_that_is_none_of_its_own(counting: TestClient) -> None:
    answer = counting.get("/explain/592/593?model=x")
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == ["model"]


@pytest.mark.parametrize("movie_id", ["592", "5618", "a%2Fb%20c"])
def test_a_movie_is_liked_with_itself_by_all_who_like_it_and_never_in_its_own_list(
    counting: TestClient, movie_id: str
) -> None:
    body = counting.get(f"/explain/{movie_id}/{movie_id}").json()
    assert body["movie"] == body["other"]
    assert body["evidence"]["likedBoth"] == body["evidence"]["likes"] == body["movie"]["likes"]
    assert body["sharedGenres"] == body["movie"]["genres"]
    assert {one["rank"] for one in body["models"]} == {None}


def test_a_path_of_slashes_is_an_unknown_movie(counting: TestClient) -> None:
    assert counting.get("/explain/" + "/" * 5000).status_code == 404


def test_without_a_release_there_is_nothing_to_explain(empty: TestClient) -> None:
    assert empty.get("/explain/592/593").status_code == 503
    assert empty.get("/compare/592").status_code == 503
